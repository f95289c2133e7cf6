"""What a person does with a broadcast that runs: failures, those in doubt, replies, the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from core.errors import Refused
from core.outbox import Settlement
from core.roles import SETTLE
from core.text import one_line
from core.views.broadcasts import LiveRow, ledger, ledger_csv, reply_ids
from core.views.waiting import contacts_by_id
from tui.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.campaign_screen import CampaignScreen
from tui.telling import shown_address

if TYPE_CHECKING:
    from core.views.broadcasts import LedgerRow

LISTED = 500
"""Recipients, or contacts, of one list; where there are more, it says so."""
RETRY, ALL = "retry", "all"


class BroadcastVerbs(CampaignScreen[LiveRow]):
    """The verbs; `LiveScreen` shows what they are about."""

    broadcast_id: int
    found: LiveRow | None

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_failures(self) -> None:
        """By the server's words; those of one sentence, or all of them again."""
        if self.found is None:
            return
        failed = self.found.row.failed
        choices = [(RETRY, f"Try all {failed:,} again")]
        choices += [(f"{at}", f"{number:,} × {words}") for at, (words, number) in enumerate(self.found.failures)]
        chosen = await self.app.push_screen_wait(
            ChoiceDialog("Failed", choices, "Enter on a sentence shows whom it is about.")
        )
        if chosen is None:
            return
        if chosen != RETRY:
            await self._whom(*self.found.failures[int(chosen)])
            return
        verbs, login = self.office.broadcasts, self.login
        question = f"Send it again to the {failed:,} for whom it failed?"
        if await self.app.push_screen_wait(ConfirmDialog("Try again", question, "Try again")):
            self.house.do(lambda: verbs.retry_failed(self.broadcast_id, actor=login), "those that failed wait again")

    async def _whom(self, reason: str, number: int) -> None:
        from tui.dialogs.rows_page import RowsDialog
        from tui.screens.broadcast_columns import LEDGER_COLUMNS, ledger_cells

        found = await ledger(self.office.database, self.broadcast_id, state="failed", reason=reason, limit=LISTED)
        dialog: RowsDialog[LedgerRow] = RowsDialog(
            one_line(reason, 60) or "Failed",
            LEDGER_COLUMNS,
            ledger_cells,
            {row.id: row for row in found},
            caption=of_all(len(found), number),
            whole=lambda row: row.reason,
        )
        await self.app.push_screen_wait(dialog)

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_unknown(self) -> None:
        """One by one, or all alike."""
        from tui.screens.outbox_verbs import SETTLEMENTS

        await self.need_right(SETTLE)
        rows = [
            row
            for row in await ledger(self.office.database, self.broadcast_id, state="unknown", limit=LISTED)
            if row.message is not None
        ]
        if not rows:
            raise Refused("nobody is in doubt any more")
        number = self.found.row.unknown if self.found is not None else 0
        choices = [(ALL, f"all that are listed: {of_all(len(rows), number)}")] if len(rows) > 1 else []
        choices += [(str(row.message), f"{row.reference}  {row.name}  {row.address}  {row.reason}") for row in rows]
        which = await self.app.push_screen_wait(ChoiceDialog("In doubt", choices, "Whose message is settled?"))
        if which is None:
            return
        question = "Nobody knows whether the server took it. What became of it?"
        said = await self.app.push_screen_wait(ChoiceDialog("Settle", SETTLEMENTS, question))
        if said is None:
            return
        chosen = [row.message for row in rows if which in (ALL, str(row.message))]
        settling, login, how = self.office.settling, self.login, Settlement(said)

        async def settle() -> None:
            for message_id in chosen:
                assert message_id is not None
                await settling.settle(message_id, how, actor=login)

        many = "1 message is settled" if len(chosen) == 1 else f"{len(chosen):,} messages are settled"
        self.house.do(settle, f"{many}: {said}")

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_replies(self) -> None:
        """The contacts that answer it; one of them opens on the desk."""
        database = self.office.database
        known = await contacts_by_id(database, await reply_ids(database, self.broadcast_id, LISTED))
        if not known:
            raise Refused("nobody has answered yet")
        region = self.house.region
        choices = [
            (str(row.id), f"{shown_address(row.address, region)}  {row.name}  {row.state}  {row.subject} {row.text}")
            for row in sorted(known.values(), key=lambda row: -row.id)
        ]
        number = self.found.replies if self.found is not None else 0
        words = (
            f"The newest is first: {of_all(len(choices), number)}." if number > len(choices) else "The newest is first."
        )
        chosen = await self.app.push_screen_wait(ChoiceDialog("Replies", choices, words))
        if chosen is not None:
            await self.house.open_contact(int(chosen))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_ledger(self) -> None:
        """What became of each, into a file."""
        from tui.screens.campaign_export import write_csv

        if self.found is not None:
            name = f"broadcast-{self.broadcast_id}.csv"
            await write_csv(self.house, "Ledger", name, ledger_csv(self.office.database, self.broadcast_id))


def of_all(listed: int, number: int) -> str:
    """How many there are: `12`, or where not all are listed `500 of 1,234`."""
    return f"{listed:,} of {number:,}" if number > listed else f"{listed:,}"
