"""Ringing customers: the next one, the number, what to say; then how it ended, and when to ring again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.clock import zone_named
from core.errors import PostroomError, Refused
from core.text import clip, harmless
from core.views.customers import CampaignRow, campaigns
from core.views.standing import outcomes
from tui.actions import ACTIONS, RINGING, bindings_of
from tui.ages import time_left
from tui.screens.campaign_columns import status_words
from tui.screens.campaign_screen import CampaignScreen
from tui.screens.ringing_words import customer_lines
from tui.widgets.listing import Caption
from tui.widgets.plate import Plate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from core.dialler import NextCustomer
    from tui.dialogs.form import Values

LONGEST = 10_000
RENEWED_BELOW = timedelta(minutes=9)
"""A customer who would go back sooner stays in hand while the screen is open."""
LONGEST_CALL = timedelta(hours=2)
"""Unless the screen is forgotten."""


@dataclass(frozen=True, slots=True)
class Found:
    """One reading."""

    campaign: CampaignRow | None


class Said(VerticalScroll, can_focus=True, inherit_bindings=False):
    """What to say, which scrolls."""

    BINDINGS: ClassVar = [ACTIONS[f"page.{one}"].binding() for one in ("up", "down", "page-up", "page-down")]


class RingingScreen(CampaignScreen[Found]):
    """One customer at a time."""

    CSS_PATH = "ringing.tcss"
    BINDINGS: ClassVar = bindings_of(RINGING)

    def __init__(self, campaign: str) -> None:
        super().__init__()
        self.campaign = campaign
        self.customer: NextCustomer | None = None
        self.since = datetime.min.replace(tzinfo=UTC)
        """When she was handed the customer."""
        self.looked = False
        """Whether somebody was asked for already."""
        self.caption, self.between = Caption(), Caption()
        self.who = Plate(name="ringing-who")
        self.said = Static("", id="ringing-said")

    def compose_work(self) -> Iterable[Widget]:
        """Who, and what to say."""
        yield self.caption
        yield self.who
        yield self.between
        yield Said(self.said)

    def on_mount(self) -> None:
        """The first one at once."""
        super().on_mount()
        self.query_one(Said).focus()
        self._show()
        self.action_next()

    async def read(self) -> Found:
        """How many there are."""
        return Found(next((one for one in await campaigns(self.office.database) if one.name == self.campaign), None))

    def paint(self, found: Found) -> None:
        """The head; whom she has in hand stays."""
        row = found.campaign
        left = f"{row.statuses['callback']:,} call-backs · {row.statuses['unused']:,} unused" if row is not None else ""
        self.caption.say(f"Ringing for {self.campaign}", left)
        self.tick()

    def tick(self) -> None:
        """How long the customer is hers; a call may be longer than that."""
        row, now = self.customer, self.house.now()
        if row is not None and now < row.until < now + RENEWED_BELOW and now < self.since + LONGEST_CALL:
            self._renew(row)
        self._show()

    @work(group="renewing", exclusive=True, exit_on_error=False)
    async def _renew(self, row: NextCustomer) -> None:
        until = await self.office.dialler.preview.renew(row.customer_id, login=self.login)
        if self.customer is row:
            self.customer = replace(row, until=until)
            self._show()

    def _show(self) -> None:
        row, now = self.customer, self.house.now()
        if row is None:
            words = "Nobody is to be rung now." if self.looked else "Looking for the next customer ..."
            self.who.say(Content(""), Content(words), Content(f"{self.key('ringing.next')} looks again."))
            self.between.say("", "")
            return
        self.who.say(*customer_lines(row, now, self.house.zone, self.house.region))
        left = max(0.0, (row.until - now).total_seconds())
        self.between.say("What to say", f"yours for {time_left(left)}" if left else "given back: n takes it again")

    def _hand(self, row: NextCustomer | None) -> None:
        self.customer, self.looked, self.since = row, True, self.house.now()
        words = clip(harmless(row.words), LONGEST) if row is not None else ""
        self.said.update(Content(words or ("The campaign has no words for this." if row is not None else "")))
        self.query_one(Said).scroll_home(animate=False)
        self._show()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody in hand has no outcome."""
        return self.customer is not None if action in ("outcome", "let_go") else True

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_next(self) -> None:
        """Whoever is next; whom she has in hand comes again."""
        if self.customer is not None and self.customer.until > self.house.now():
            raise Refused("say first how this call ended, or let the customer go")
        self._hand(await self.office.dialler.preview.next_customer(self.campaign, self.login))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_outcome(self) -> None:
        """How it ended; then the next one."""
        from core.desk.waking import wake_time
        from core.dialler import Told
        from tui.dialogs.ringing_form import OutcomeForm

        row = self.customer
        if row is None:
            return
        known = await outcomes(self.office.database)
        if not known:
            raise Refused("the desk has no outcomes yet: a supervisor names them first")
        zone = zone_named(row.zone)
        draft: Values | None = None
        reason = ""
        while True:
            form = OutcomeForm(row.name or row.reference, known, self.house.now(), zone, draft)
            form.because(reason)
            said = await self.app.push_screen_wait(form)
            if said is None:
                return
            draft = said.values
            at = str(draft["callback"])
            try:
                told = Told(
                    str(draft["outcome"]), terminate=draft["terminate"] is True,
                    callback=wake_time(at, self.house.now(), zone) if at else None,
                    personal=draft["personal"] is True and bool(at), note=str(draft["note"]),
                )  # fmt: skip
                verb = self.office.dialler.attempts.attempt_by_id
                done = await verb(self.campaign, row.customer_id, told, person=self.login)
            except PostroomError as error:  # what she typed comes again
                reason = str(error)
                continue
            break
        wrote = "; ".join(one.reason or f"{one.event.value}: written to" for one in done.letters)
        self.notify(f"{row.reference}: {status_words(done.status.value)}" + (f"; {wrote}" if wrote else ""))
        self._hand(await self.office.dialler.preview.next_customer(self.campaign, self.login))
        self.outdate()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_let_go(self) -> None:
        """Back as it was; the person chooses whether another one comes."""
        row = self.customer
        if row is not None:
            await self.office.dialler.preview.give_back(row.customer_id, login=self.login)
            self._hand(None)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_leave(self) -> None:
        """Back; whom she has in hand goes back too."""
        await self.leave()
        self.dismiss(None)

    async def leave(self) -> None:
        """Nobody stays in hand of somebody who has gone."""
        row, self.customer = self.customer, None
        if row is not None and row.until > self.house.now():
            try:
                await self.office.dialler.preview.give_back(row.customer_id, login=self.login)
            except Refused as error:
                self.house.complain(error)
