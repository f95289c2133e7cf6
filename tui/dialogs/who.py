"""Who sits here: one of the desk's people, or somebody new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.views.standing import people
from tui.dialogs.asking import ChoiceDialog

if TYPE_CHECKING:
    from tui.app import PostroomApp

NEW = "+"
"""No login begins so."""


async def who_sits_here(house: PostroomApp) -> str | None:
    """The login of whoever says who it is; None where nobody does. Call it in a worker, on a desk that has people."""
    known = await people(house.office.database)
    strange = house.login not in {one.login for one in known}
    choices = [(one.login, f"{one.login}  {one.name}  {one.role}") for one in known]
    question = f"{house.login} is not known at this desk: choose who you are, or come to it anew." if strange else ""
    chosen = await house.push_screen_wait(ChoiceDialog("Who sits here?", [*choices, (NEW, "+ somebody new")], question))
    return await _somebody_new(house) if chosen == NEW else chosen


async def _somebody_new(house: PostroomApp) -> str | None:
    from core.blueprint import join
    from tui.dialogs.filling import fill_in
    from tui.dialogs.first_run_forms import newcomer_form

    database, vault = house.office.database, house.office.vault
    entered = await fill_in(
        house,
        "user",
        lambda stored, draft: newcomer_form(stored, house.login, draft),
        lambda values: join(database, vault, values),
        house.drafts,
    )
    return str(entered.values["login"]) if entered is not None else None
