"""What a supervisor does with do-not-contact lists and opt-outs: adds, removes, brings a file, writes one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.donotcontact import DEED
from core.errors import PostroomError, Refused
from core.reach import typed
from core.text import one_line
from core.views.barred import barred_lines, barred_rows
from tui import dialogs
from tui.dialogs.form import Field
from tui.dialogs.plain_form import PlainForm
from tui.screens.barred_words import DESK, OUT, filter_of, key_of, list_words
from tui.screens.campaign_screen import CampaignScreen
from tui.telling import shown_address

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from textual.worker import Worker

    from core.donotcontact import TakenIn
    from core.views.barred import BarredFilter, BarredRow
    from tui.dialogs.form import Values
    from tui.widgets.listing import Listing

Found = TypeVar("Found")
MOST_BY_HAND = 1000
MOST_SHOWN = 200
"""Bad lines of a file that are shown; the file itself has the others."""


class BarredVerbs(CampaignScreen[Found]):
    """The verbs; `BarredScreen` shows what they are about."""

    listing: Listing
    which: BarredFilter
    campaigns: tuple[str, ...] = ()
    _going: Worker[None] | None = None

    def say_far(self, rows: int) -> None:
        """How far a file is."""
        raise NotImplementedError

    @property
    def is_going(self) -> bool:
        """Whether a file is being read."""
        return self._going is not None and self._going.is_running

    # -- by hand ------------------------------------------------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_add(self) -> None:
        """An address onto a list; what was typed comes again where it is not taken."""
        await self.need_right(DEED)
        draft: Values | None = None
        reason = ""
        while (said := await self.app.push_screen_wait(self._form(draft, reason))) is not None:
            draft = said.values
            address, known_by = str(draft["address"]), str(draft["reason"]) or "recorded by hand"
            place = filter_of(str(draft["list"]))
            try:
                if place.kind == "opted out":
                    done = await self.office.optouts.add(address, by=self.login, reason=known_by)
                else:
                    verb = self.office.donotcontact.add
                    done = await verb(address, actor=self.login, campaign=place.campaign, reason=known_by)
                if not done:
                    raise Refused(f"{address} is on that list already: {list_words(place)}")
            except PostroomError as error:
                reason = str(error)
                continue
            self.house.do(self._nothing, f"{address}: {list_words(place)}", partial(self._not_so, address, place))
            return

    async def _nothing(self) -> None:
        """It is done already; what is left is to say so."""

    async def _not_so(self, address: str, place: BarredFilter) -> None:
        if place.kind == "opted out":
            done = await self.office.optouts.remove(address, by=self.login, reason="taken back")
        else:
            remove = self.office.donotcontact.remove
            done = await remove(address, actor=self.login, campaign=place.campaign, reason="taken back")
        if not done:
            raise Refused(f"{address} is on that list no more: {list_words(place)}")

    def _form(self, draft: Values | None, reason: str) -> PlainForm:
        here = self.which if self.which.kind != "ended" else OUT
        lists = [DESK, *(filter_of(f"campaign:{one}") for one in self.campaigns), OUT]
        fields = [
            Field("address", "Who", "A number, or an e-mail address."),
            Field("list", "List", "The desk, or one campaign, writes no more; or they said so themselves.", "choice",
                  tuple((key_of(one), list_words(one)) for one in lists)),
            Field("reason", "How you know", "Kept with the address, with your login."),
        ]  # fmt: skip

        def wrong(values: Values) -> Mapping[str, str]:
            return {} if values["address"] else {"address": "type a number or an e-mail address"}

        form = PlainForm("Do not contact", [("Address", fields)], {"list": key_of(here)}, wrong, draft=draft)
        form.because(reason)
        return form

    def action_remove(self) -> None:
        """Those that are selected off this list, for a reason that the journal keeps."""
        self._remove(self.which, self.listing.rows.chosen)  # as they stand now: another list may come meanwhile

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _remove(self, which: BarredFilter, ids: list[int]) -> None:
        await self.need_right(DEED)
        rows = await self._there(which, ids)
        who = f"{len(rows):,} addresses" if len(rows) != 1 else shown_address(rows[0].address, self.house.region)
        question = f"Why may {one_line(who, 60)} be written to again? The journal keeps it."
        if which.kind == "opted out":
            question = f"{one_line(who, 60)} asked for no more. Who says that this has ended? The journal keeps it."
        title = f"Off the list: {list_words(which)}"
        said = await self.app.push_screen_wait(dialogs.TextDialog(title, question, check=_needed))
        if said is not None:
            self.house.do(partial(self._take_off, rows, which, said.strip(), who))

    async def _there(self, which: BarredFilter, ids: list[int]) -> list[BarredRow]:
        """These, as they stand on the list now. Raises Refused."""
        if which.kind == "ended":
            raise Refused("this opt-out has ended; its evidence stays")
        if len(ids) > MOST_BY_HAND:
            raise Refused(f"{len(ids):,} are selected, and by hand go {MOST_BY_HAND:,} at most")
        rows = list((await barred_rows(self.office.database, which, ids)).values())
        if not rows:
            raise Refused("that is not on this list any more")
        return rows

    async def _take_off(self, rows: list[BarredRow], which: BarredFilter, reason: str, who: str) -> None:
        """All or none; then say how many stood there still, for which alone there is a way back."""
        ids = [row.id for row in rows]
        back: Callable[[], Awaitable[int]]
        if which.kind == "opted out":
            ended = await self.office.optouts.end(ids, by=self.login, reason=reason)
            gone, back = len(ended), partial(self.office.optouts.restore, ended, by=self.login)
        else:
            entries = await self.office.donotcontact.take_off(ids, actor=self.login, reason=reason)
            gone, back = len(entries), partial(self.office.donotcontact.put_back, entries, actor=self.login)
        if self.which == which:
            self.listing.rows.selected.clear()
        self.outdate()
        if not gone:
            raise Refused(f"{one_line(who, 60)}: no longer on that list, so nothing was changed")

        async def put_back() -> None:
            if not await back():
                raise Refused(f"{one_line(who, 60)}: on that list again already")

        who = who if gone == len(ids) else f"{gone:,} of {who}"
        self.house.do(self._nothing, f"{who} may be written to again", put_back)

    # -- files --------------------------------------------------------------------------------------------------------

    def action_import(self) -> None:
        """Every address of a file onto this list."""
        self._import(self.which)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _import(self, which: BarredFilter) -> None:
        from tui.dialogs.files import OpenDialog

        await self.need_right(DEED)
        if which.kind not in ("desk", "campaign"):
            raise Refused("a file goes onto a do-not-contact list: choose the desk's or a campaign's first")
        if self.is_going:
            raise Refused("a file is being read already")
        question = f"One address a line, or a table with a column number or email, for {list_words(which)}."
        said = await self.app.push_screen_wait(OpenDialog("Do not contact: a file", question))
        if said:
            self._going = self._take_in(said, which)

    @work(group="import", exclusive=True, exit_on_error=False)
    async def _take_in(self, said: str, which: BarredFilter) -> None:
        verb = self.office.donotcontact.take_in
        try:
            found = await verb(typed(said), actor=self.login, campaign=which.campaign, progress=self.say_far)
        finally:
            self.say_far(0)
            self.outdate()
        sums = f"{found.added:,} added, {found.known:,} were on it"
        if not found.bad_count:
            self.notify(sums, markup=False)
            return
        page = f"{sums}, {found.bad_count:,} cannot be read:\n\n{_bad(found)}"
        await self.app.push_screen_wait(dialogs.PageDialog("Lines that cannot be read", page))

    def action_export(self) -> None:
        """This list into a file, however long it is."""
        self._export(self.which)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _export(self, which: BarredFilter) -> None:
        from tui.screens.campaign_export import write_csv

        await self.need_right("export do-not-contact lists")
        usual = "".join(char if char.isalnum() or char in "-_" else "-" for char in f"no-contact-{key_of(which)}")
        lines = barred_lines(self.office.database, which)
        await write_csv(self.house, f"Export: {list_words(which)}", f"{usual[:60]}.csv", lines)


def _needed(text: str) -> str:
    return "" if text.strip() else "say why in a few words"


def _bad(found: TakenIn) -> str:
    lines = [f"line {line:,}: {reason}" for line, reason in found.bad[:MOST_SHOWN]]
    left = found.bad_count - len(lines)
    return "\n".join([*lines, f"and {left:,} more"] if left else lines)
