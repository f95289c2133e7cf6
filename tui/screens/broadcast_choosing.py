"""The wizard's first two steps: what there is to choose from, and what of it was chosen before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content

from core.campaigns import Audience
from core.text import clip, harmless
from core.views import accounts
from core.views.calendars import templates
from core.views.customers import campaigns, count_customers, lists
from tui.screens.broadcast_entering import audience_choices, status_labels, what_choices
from tui.screens.broadcast_planning import WizardPlanning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.views import AccountRow
    from core.views.calendars import TemplateRow
    from core.views.customers import CampaignRow, ListRow
    from tui.widgets.fields import Fields
    from tui.widgets.plate import Plate

DRAFT = "broadcast"
"""Under which what was typed is kept."""
TEMPLATE_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to choose from."""

    campaigns: Sequence[CampaignRow]
    lists: Sequence[ListRow]
    accounts: Sequence[AccountRow]
    templates: Sequence[TemplateRow]


class WizardChoosing(WizardPlanning[Known]):
    """Reading and offering; `WizardScreen` has the steps."""

    audience: str
    """As the first step begins with it; empty: as it was left."""
    who: Fields
    who_told: Plate
    what: Fields
    what_text: Plate
    known: Known | None = None

    async def read(self) -> Known:
        """Campaigns, lists, accounts and templates: there are never many."""
        database = self.office.database
        return Known(
            await campaigns(database), await lists(database), await accounts(database, self.house.now()),
            await templates(database),
        )  # fmt: skip

    def paint(self, found: Known) -> None:
        """What can be chosen; what was chosen stays."""
        before, self.known = self.known, found
        self.who.offer("audience", audience_choices(found.campaigns, found.lists))
        if before is None:
            self._restore()
        self.offer()
        if before is None or before.lists != found.lists:
            self.count()

    def _restore(self) -> None:
        kept = self.house.drafts.pop(DRAFT, {})
        for fields in (self.who, self.what, self.when):
            for one in fields.fields:
                if one.key in kept:
                    fields.put(one.key, kept[one.key])
            if self.known is not None and fields is self.what:
                self.offer()
        if self.audience:
            self.who.put("audience", self.audience)

    def offer(self) -> None:
        """Accounts and templates of the channel, and what the template says."""
        if self.known is None:
            return
        channel = str(self.what.values["channel"])
        for key, choices in what_choices(channel, self.known.accounts, self.known.templates).items():
            self.what.offer(key, choices)
        name = self.what.values["template"]
        row = next((one for one in self.known.templates if one.name == name and one.channel == channel), None)
        words = f"{row.subject}\n\n{row.body}".strip() if row is not None else "There is no template yet: 5 Scripts, n."
        self.what_text.say(Content(clip(harmless(words), TEMPLATE_SHOWN)))

    @work(group="count", exclusive=True, exit_on_error=False)
    async def count(self) -> None:
        """How many of each status there are, and how many are ticked."""
        kind, _, name = str(self.who.values["audience"]).partition(":")
        if not name:
            self.who_told.say(Content("There is nobody to write to yet: import a list first (4, i)."))
            return
        words = str(self.who.values["words"])
        which = Audience(campaign=name, words=words) if kind == "campaign" else Audience(list=name, words=words)
        counts = await count_customers(self.office.database, which)
        for status, label in status_labels(counts).items():
            self.who.say(status, label)
        total = sum(number for status, number in counts.items() if self.who.values[status.replace(" ", "_")])
        self.who_told.say(Content(""), Content.styled(f"{total:,} customers, before anybody is left out", "bold"))
