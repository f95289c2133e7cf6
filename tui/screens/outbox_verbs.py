"""What a person does with messages in the outbox: retry, cancel, settle; one or many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from core.errors import Refused
from core.outbox import Settlement
from core.roles import SETTLE, supervisor_only
from core.text import one_line
from core.views.outgoing import OutboxFilter, OutboxRow, Outgoing, outbox_rows
from tui.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from core.views.journal import Explanation
    from tui.widgets.listing import Listing

SETTLEMENTS = (
    (Settlement.SENT.value, "It went: the server has it. It counts as sent."),
    (Settlement.RESEND.value, "Send it again: the same letter. It may arrive twice."),
    (Settlement.FAIL.value, "Give it up: it counts as failed."),
)
SETTLED = {
    "sent": ("counts as sent", "count as sent"),
    "resend": ("is sent again", "are sent again"),
    "fail": ("is given up", "are given up"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    which: OutboxFilter
    server: Outgoing
    ids: list[int]
    rows: dict[int, OutboxRow]
    about: int | None
    told: Explanation | None
    """All about the message under the cursor, where there is room for it."""


class OutboxVerbs(WorkScreen[Found]):
    """The verbs; `OutboxScreen` shows what they are about."""

    listing: Listing
    state: str

    # -- doing --------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_retry(self) -> None:
        """Try again, after a question where they are many."""
        ids = self.listing.rows.chosen
        if ids and await self._sure(ids, "Retry", "Send them as soon as the server takes them?"):
            verb = partial(self.office.settling.retry, actor=self.login)
            self.house.do(partial(self._each, ids, verb), f"{_messages(ids)} to be tried again")

    @work(group="asking", exit_on_error=False)
    async def action_cancel(self) -> None:
        """Keep them from leaving; one can be taken back, many are asked about."""
        ids = self.listing.rows.chosen
        if ids and await self._sure(ids, "Cancel", "Keep them from leaving?"):
            settling, login = self.office.settling, self.login
            back = partial(self._each, ids, partial(settling.retry, actor=login))
            cancel = partial(self._each, ids, partial(settling.cancel, actor=login))
            self.house.do(cancel, f"{_messages(ids)} will not leave", back)

    @work(group="asking", exit_on_error=False)
    async def action_settle(self) -> None:
        """Say what became of messages in doubt."""
        rows = await outbox_rows(self.office.database, self.listing.rows.chosen)
        if not rows:
            return
        await supervisor_only(self.office.database, self.login, SETTLE)
        ids = [row.id for row in rows.values() if row.state == "unknown"]
        if not ids:
            one = next(iter(rows.values()))
            raise Refused(f"message {one.id} is {one.state}: only a message that is unknown is settled")
        question = "Nobody knows whether the server took it. What became of it?"
        words = one_line(rows[ids[0]].reply, 200)
        dialog = ChoiceDialog(f"Settle {_messages(ids)}", SETTLEMENTS, f"{question}\n{words}" if words else question)
        said = await self.app.push_screen_wait(dialog)
        if said is not None:
            settling, login, how = self.office.settling, self.login, Settlement(said)

            async def settle(message_id: int) -> None:
                await settling.settle(message_id, how, actor=login)

            self.house.do(partial(self._each, ids, settle), f"{_messages(ids)} {SETTLED[said][len(ids) > 1]}")

    async def _sure(self, ids: Sequence[int], verb: str, question: str) -> bool:
        if len(ids) == 1:
            return True
        dialog = ConfirmDialog(f"{verb} {_messages(ids)}", question, f"{verb} {len(ids):,}")
        said = await self.app.push_screen_wait(dialog)
        return said is True

    async def _each(self, ids: Sequence[int], verb: Callable[[int], Awaitable[None]]) -> None:
        """Do it to each; those that refuse are counted and do not hold up the others."""
        refused: list[Refused] = []
        done: list[int] = []
        for message_id in ids:
            try:
                await verb(message_id)
            except Refused as error:
                refused.append(error)
            else:
                done.append(message_id)
        self.listing.rows.selected.clear()
        if self.state:
            self.listing.rows.forget(*done)
        self.outdate()
        if refused:
            words = str(refused[0])
            raise Refused(words if len(ids) == 1 else f"{len(refused):,} of {len(ids):,} stay as they are: {words}")


def _messages(ids: Sequence[int]) -> str:
    return f"message {ids[0]}" if len(ids) == 1 else f"{len(ids):,} messages"
