"""A form shown until what it gives is taken, or the person leaves it; nothing typed is lost to an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import PostroomError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.blueprint import Change, Stored
    from tui.app import PostroomApp
    from tui.dialogs.form import Entered, FormDialog, Values


async def fill_in(
    house: PostroomApp,
    key: str,
    form: Callable[[Stored, Values | None], FormDialog],
    save: Callable[[Values], Awaitable[list[Change]]],
    drafts: dict[str, Values] | None = None,
    *,
    tell: bool = True,
) -> Entered | None:
    """What was entered and saved; None where the person left. Call it in a worker.

    `form` makes the form of what is stored and of what was typed before. `drafts`: where what was typed is kept,
    under `key`, when the person leaves; forgotten once it is saved. `tell`: whether what was changed is said.
    """
    from core.blueprint import stored_desk

    drafts, reason = {} if drafts is None else drafts, ""
    while True:
        dialog = form(await stored_desk(house.office.database), drafts.get(key))
        if reason:
            dialog.because(reason)
        entered = await house.push_screen_wait(dialog)
        drafts[key] = dialog.typed()
        if entered is None or entered.then == "delete":
            return entered
        try:
            changes = await save(entered.values)
        except PostroomError as error:
            reason = str(error)
            continue
        del drafts[key]
        if tell:
            house.notify("; ".join(change.words for change in changes) or "nothing was changed", markup=False)
        return entered
