"""Name and description of a script: asked from the list of scripts, and from the menu of an account's script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import Wrong
from core.scripts.names import right_script_name, right_words
from tui.dialogs.form import Field, Values
from tui.dialogs.plain_form import PlainForm

if TYPE_CHECKING:
    from core.views.scripts import ScriptRow
    from tui.screens.work import WorkScreen

FIELDS = (
    Field("name", "Name", "Others load it by this name, so it cannot change while one does."),
    Field("description", "What for", "One line for the list."),
)


async def ask_properties(screen: WorkScreen[Any], row: ScriptRow) -> str | None:
    """Ask, and change what is said; the name it has then, None where nothing is changed."""
    start = {"name": row.name, "description": row.description}
    said = await screen.app.push_screen_wait(PlainForm(row.name, [("Properties", FIELDS)], start, _wrong))
    if said is None or said.values == start:
        return None
    name, words = str(said.values["name"]), str(said.values["description"])
    verbs, login = screen.office.routing.scripts, screen.login

    async def change() -> None:
        if name != row.name:
            await verbs.rename(row.name, name, actor=login)
        if words != row.description:
            await verbs.describe(name, words, actor=login)

    async def back() -> None:
        if words != row.description:
            await verbs.describe(name, row.description, actor=login)
        if name != row.name:
            await verbs.rename(name, row.name, actor=login)

    screen.house.do(change, f"{name} is changed", back)
    return name


def _wrong(values: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, judge in (("name", right_script_name), ("description", lambda words: right_words(words, "description"))):
        try:
            judge(str(values[key]))
        except Wrong as wrong:
            found[key] = str(wrong)
    return found
