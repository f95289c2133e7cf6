"""A template as real customers of a campaign or list would read it: the worst first, then one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.content import Content
from textual.widgets import Static

from core.campaigns import Audience
from core.errors import Refused
from core.scripts import MOST_SURVEYED, Preview, Survey, previewed_of, surveyed
from core.templates import TemplateWrong
from core.text import clip, harmless
from core.views.choices import prices
from core.views.customers import campaigns, customer_ids, customers_by_id, lists
from tui.actions import ACTIONS, TEMPLATE_PREVIEW, bindings_of
from tui.dialogs import ChoiceDialog, PageDialog, ask_number
from tui.screens.broadcast_entering import audience_choices
from tui.screens.script_screen import ScriptScreen
from tui.screens.template_preview_words import letter_lines, survey_lines
from tui.widgets.broadcast_steps import PreviewPage
from tui.widgets.listing import Caption
from tui.widgets.plate import Plate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from core.views.choices import Price
    from tui.screens.work import WorkScreen

LONGEST = 20_000
DRAFT = "template preview"
_KEYS = ("preview.next", "preview.last", "preview.on", "preview.back", "preview.first", "preview.end",
         "preview.number", "preview.worst", "page.up", "page.down")  # fmt: skip


class LetterPage(PreviewPage, inherit_bindings=False):
    """The text; keys turn to another customer."""

    BINDINGS: ClassVar = [
        replace(ACTIONS[name].binding(), show=name in ("preview.next", "preview.last", "preview.worst"))
        for name in _KEYS
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """One reading."""

    survey: Survey | None
    ids: Sequence[int]
    price: Price | None
    wrong: str
    """What is wrong with the template itself, for any of these customers."""


class TemplatePreviewScreen(ScriptScreen[Found]):
    """How many parts it takes for all of them, and each one's own text."""

    CSS_PATH = "template_preview.tcss"
    BINDINGS: ClassVar = bindings_of(TEMPLATE_PREVIEW)

    def __init__(self, template: str, audience: str) -> None:
        """`audience`: `campaign:NAME` or `list:NAME`."""
        super().__init__()
        self.template = template
        self.audience = audience
        self.number = 0
        self.found: Found | None = None
        self.caption = Caption()
        self.told = Plate(name="survey")
        self.head = Static("", id="letter-head")
        self.text = Static("", id="letter-text")
        self.page = LetterPage(self.text)

    def compose_work(self) -> Iterable[Widget]:
        """All of them in four lines, and one of them."""
        yield self.caption
        yield self.told
        yield self.head
        yield self.page

    def on_mount(self) -> None:
        """Turn at once."""
        super().on_mount()
        self.page.focus()

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """Everybody's, counted; which customers they are."""
        database = self.office.database
        kind, _, name = self.audience.partition(":")
        which = Audience(campaign=name) if kind == "campaign" else Audience(list=name)
        ids = await customer_ids(database, which, limit=MOST_SURVEYED)
        price = await self._price(kind, name)
        try:
            survey = await surveyed(database, self.template, list_name=which.list, campaign=which.campaign)
        except TemplateWrong as wrong:
            return Found(None, ids, price, str(wrong))
        return Found(survey, ids, price, "")

    async def _price(self, kind: str, name: str) -> Price | None:
        """Of a part, as the campaign's account sends it."""
        database = self.office.database
        if kind == "list":
            name = next((one.campaign for one in await lists(database) if one.name == name), "")
        account = next((one.sms_account for one in await campaigns(database) if one.name == name), "")
        return (await prices(database)).get(account)

    def paint(self, found: Found) -> None:
        """The count; the longest where nobody has turned the page yet."""
        self.found = found
        kind, _, name = self.audience.partition(":")
        self.caption.say(f"{self.template} as {kind} {name} would read it", f"{len(found.ids):,} customers")
        if found.survey is None:
            self.told.say(Content.styled("✖ It can be written to none of them: the template is wrong.", "$error"))
            self.head.update(Content(""))
            self.text.update(Content(clip(harmless(found.wrong), LONGEST)))
        else:
            self.told.say(*survey_lines(found.survey, found.price))
            self.show(self.number or found.survey.worst_number or 1)
        self.refresh_bindings()

    @work(group="preview", exclusive=True, exit_on_error=False)
    async def show(self, number: int) -> None:
        """The letter of this customer, or of the one that is nearest to it."""
        found = self.found
        if found is None or found.survey is None or not found.ids:
            self.head.update(Content("nobody is there to read it"))
            return
        self.number = max(1, min(number, len(found.ids)))
        customer_id, database = found.ids[self.number - 1], self.office.database
        row = (await customers_by_id(database, [customer_id])).get(customer_id)
        from core.mime import with_html

        said: Preview | None
        try:
            said = await previewed_of(database, self.template, customer_id)
            text = with_html(said.text, said.html)
        except TemplateWrong as wrong:
            said, text = None, f"✖ gets none: {wrong}"
        worst = self.number == found.survey.worst_number
        lines = letter_lines(row, said, f"{self.number:,} of {len(found.ids):,}", worst=worst, price=found.price)
        self.head.update(Content("\n").join(lines))
        self.text.update(Content(clip(harmless(text), LONGEST)))
        self.page.scroll_home(animate=False)

    # -- doing --------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what there is to be seen."""
        survey = self.found.survey if self.found is not None else None
        if action == "ucs2":
            return survey is not None and survey.ucs2 > 0
        return action != "left_out" or (survey is not None and survey.left_out_count > 0)

    @on(PreviewPage.Turned)
    def _turned(self, event: PreviewPage.Turned) -> None:
        found = self.found
        if found is None:
            return
        match event.what:
            case "turn":
                self.show(self.number + event.number)
            case "go":
                self.show(event.number or len(found.ids))
            case "ask":
                self._ask_number(len(found.ids))
            case "worst" if found.survey is not None:
                self.show(found.survey.worst_number or 1)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _ask_number(self, most: int) -> None:
        number = await ask_number(self.app, "Go to", "Which customer?", most)
        if number is not None:
            self.show(number)

    def action_ucs2(self) -> None:
        """The first that needs it."""
        if self.found is not None and self.found.survey is not None:
            self.show(self.found.survey.ucs2_number)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_left_out(self) -> None:
        """Whom it cannot be written to."""
        survey = self.found.survey if self.found is not None else None
        if survey is not None:
            more = survey.left_out_count - len(survey.left_out)
            lines = [f"{reference}: {reason}" for reference, reason in survey.left_out]
            lines += [f"and {more:,} more"] if more else []
            await self.app.push_screen_wait(PageDialog(f"{survey.left_out_count:,} would get none", "\n".join(lines)))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_audience(self) -> None:
        """As others would read it."""
        audience = await ask_audience(self)
        if audience is not None:
            self.audience, self.number = audience, 0
            self.refresh_soon()

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)


async def ask_audience(screen: WorkScreen[Any]) -> str | None:
    """Whose eyes it is read with: `campaign:NAME` or `list:NAME`. Raises Refused where there are no customers."""
    database = screen.office.database
    choices = [one for one in audience_choices(await campaigns(database), await lists(database)) if one[0]]
    if not choices:
        raise Refused("there are no customers to read it yet: import a list first (4, i)")
    drafts = screen.house.drafts.setdefault(DRAFT, {})
    choices.sort(key=lambda one: one[0] != drafts.get("audience"))
    chosen = await screen.app.push_screen_wait(ChoiceDialog("Who reads it?", choices))
    if chosen is not None:
        drafts["audience"] = chosen
    return chosen
