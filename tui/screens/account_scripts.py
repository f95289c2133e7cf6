"""What can be done from an account with the script that routes what arrives there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from core.errors import PostroomError, Refused, Wrong
from core.roles import supervisor_only
from core.scripts.turns import ROUTE
from core.views.scripts import account_settings, scripts
from tui.dialogs import ChoiceDialog
from tui.screens.work import WorkScreen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.views import AccountRow
    from core.views.panel import PlaceRow
    from tui.dialogs.form import Values

Found = TypeVar("Found")


class AccountScripts(WorkScreen[Found]):
    """Entries of the menu: `script_VERB` each."""

    async def script_edit(self, row: AccountRow, place: PlaceRow) -> None:
        """The workshop."""
        from tui.screens.workshop import WorkshopScreen

        self.app.push_screen(WorkshopScreen(_routing(row, place)))

    async def script_properties(self, row: AccountRow, place: PlaceRow) -> None:
        """Its name and what it is for."""
        from tui.screens.script_properties import ask_properties

        name = _routing(row, place)
        await supervisor_only(self.office.database, self.login, ROUTE)
        known = await scripts(self.office.database, self.house.now())
        await ask_properties(self, next(one for one in known if one.name == name))

    async def script_test(self, row: AccountRow, place: PlaceRow) -> None:
        """The workshop with its bench open, for this account."""
        from tui.screens.workshop import WorkshopScreen

        self.app.push_screen(WorkshopScreen(_routing(row, place), account=row.address))

    async def script_replay(self, row: AccountRow, place: PlaceRow) -> None:
        """Past contacts through the newest version."""
        from tui.screens.replay import ReplayScreen

        name = _routing(row, place)
        known = await scripts(self.office.database, self.house.now())
        newest = next((one.newest for one in known if one.name == name), None)
        self.app.push_screen(ReplayScreen(name, number=newest))

    async def script_versions(self, row: AccountRow, place: PlaceRow) -> None:
        """All versions of it."""
        from tui.screens.versions import VersionsScreen

        self.app.push_screen(VersionsScreen(_routing(row, place)))

    async def script_choose(self, row: AccountRow, place: PlaceRow) -> None:
        """Another script, or none."""
        await supervisor_only(self.office.database, self.login, ROUTE)
        known = await scripts(self.office.database, self.house.now())
        choices = [("", f"(none: everything waits in {row.queue})")]
        choices += [(one.name, f"{one.name}  {one.description}".strip()) for one in known if one.active is not None]
        if len(choices) == 1:
            raise Refused("no script has a version that decides: make one under 5 Scripts and publish it")
        name = await self.app.push_screen_wait(ChoiceDialog(f"What routes {row.address}?", choices))
        if name is not None and name != place.script:
            words = f"{row.address} is routed by {name}" if name else f"{row.address} is routed by no script"
            await self._set(row, name, None, place, words)

    async def script_settings(self, row: AccountRow, place: PlaceRow) -> None:
        """This account's own values for the script."""
        from tui.dialogs.form import Field
        from tui.dialogs.plain_form import PlainForm

        name = _routing(row, place)
        await supervisor_only(self.office.database, self.login, ROUTE)
        before = await account_settings(self.office.database, row.address)
        start = {
            "settings": "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in before.items())
        }
        field = Field(
            "settings", "Settings", 'One a line: greeting = "Hello"; the script reads settings.greeting', "lines"
        )
        said = await self.app.push_screen_wait(
            PlainForm(f"{row.address}: settings of {name}", [("Settings", [field])], start, _wrong)
        )
        if said is not None:
            words = f"{row.address}: settings of {name} are set"
            await self._set(row, name, _settings(str(said.values["settings"])), place, words)

    async def _set(
        self, row: AccountRow, name: str, settings: Mapping[str, object] | None, place: PlaceRow, words: str
    ) -> None:
        verbs, login, address = self.office.routing.scripts, self.login, row.address
        before = await account_settings(self.office.database, address)

        async def change() -> None:
            await verbs.set_on_account(address, name, settings, actor=login)

        async def back() -> None:
            await verbs.set_on_account(address, place.script, before, actor=login)

        self.house.do(change, words, back)


def _routing(row: AccountRow, place: PlaceRow) -> str:
    """The script's name. Raises Refused without one."""
    if not place.script:
        raise Refused(f"no script routes {row.address}: s, then r chooses one")
    return place.script


def _settings(text: str) -> dict[str, object]:
    """`name = value` lines; a value that is no JSON is a text. Raises Wrong for a line without a name."""
    from core.scripts.names import right_word
    from core.scripts.values import typed_value

    found: dict[str, object] = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise Wrong(f"{line.strip()[:40]}: write name = value")
        found[right_word(name, "setting")] = typed_value(value)
    return found


def _wrong(values: Values) -> dict[str, str]:
    try:
        _settings(str(values["settings"]))
    except PostroomError as error:
        return {"settings": str(error)}
    return {}
