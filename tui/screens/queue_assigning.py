"""Giving contacts that wait to one agent: one at once, many after a question that counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.views.choices import room_taken
from core.views.standing import people
from tui import dialogs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.office import Office
    from tui.app import PostroomApp


async def whom_to_assign(house: PostroomApp, ids: Sequence[int]) -> str | None:
    """Ask for the agent, and once more where it is many; None where the person thinks better of it."""
    has = await room_taken(house.office.database)
    choices = [
        (one.login, f"{one.login}  {one.name}  {has.get(one.login, 0)} open")
        for one in await people(house.office.database)
    ]
    many = f"contact {ids[0]}" if len(ids) == 1 else f"{len(ids):,} contacts"
    agent = await house.push_screen_wait(dialogs.ChoiceDialog(f"Assign {many}", choices, "To whom?"))
    if agent is None or len(ids) == 1:
        return agent
    question = f"Assign {many} to {agent}, who has {has.get(agent, 0)} open? They are hers at once, whatever her room."
    sure = await house.push_screen_wait(dialogs.ConfirmDialog("Assign", question, f"Assign {len(ids):,}"))
    return agent if sure else None


async def assign(office: Office, ids: Sequence[int], agent: str, login: str) -> list[int]:
    """Give them to an agent; those that were given. Raises Refused where none could be."""
    done: list[int] = []
    refused: Refused | None = None
    for contact_id in ids:
        try:
            await office.desk.transfer(contact_id, agent=agent, login=login)
        except Refused as error:  # somebody was quicker, or this person may not
            refused = error
        else:
            done.append(contact_id)
    if refused is not None and not done:
        raise refused
    return done
