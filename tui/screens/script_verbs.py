"""What a person does with scripts from their list."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.errors import Refused
from core.routing.ready_made import ready_made
from core.scripts.names import right_script_name
from core.scripts.wording import decision_words
from core.text import one_line
from core.views import accounts
from core.views.runs import script_runs
from core.views.scripts import ScriptRow, script_source, scripts
from core.views.waiting import contacts_by_id
from tui.dialogs import ChoiceDialog, ConfirmDialog, PageDialog, TextDialog
from tui.dialogs.page import room_of
from tui.screens.replay import ReplayScreen
from tui.screens.script_properties import ask_properties
from tui.screens.shelf_verbs import ShelfVerbs
from tui.screens.versions import VersionsScreen
from tui.screens.workshop import WorkshopScreen
from tui.widgets.picture import picture

if TYPE_CHECKING:
    from core.routing.values import Value
    from core.scripts.removing import KeptScript

Found = TypeVar("Found")
EMPTY = "def route(contact):\n    return queue({queue})\n"
SHELF = (("calendar", "calendar: opening hours"), ("variable", "variable: a value that all scripts read"),
         ("template", "template: a text that scripts send"))  # fmt: skip
MOST_RUNS = 200


class ScriptVerbs(ShelfVerbs[Found]):
    """Verbs of the list of scripts; whoever shows it says which script is meant."""

    @property
    def script(self) -> ScriptRow | None:
        """The script under the cursor."""
        raise NotImplementedError

    @property
    def chosen(self) -> ScriptRow:
        """The script under the cursor. Raises Refused where there is none."""
        if self.script is None:
            raise Refused(f"there is no script here: {self.key('scripts.new')} makes one")
        return self.script

    def open_workshop(self, name: str) -> None:
        """Write at a script."""
        self.app.push_screen(WorkshopScreen(name))

    # -- making -------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_new(self) -> None:
        """A script, or something for the shelf."""
        await self.need_right()
        row = self.script
        choices = [(f"made:{one.name}", f"script, ready-made: {one.name}. {_first(one.description)}")
                   for one in ready_made()]  # fmt: skip
        choices += [("copy", f"script: a copy of {row.name}")] if row is not None else []
        choices += [("empty", "script: an empty one"), *SHELF]
        kind = await self.app.push_screen_wait(ChoiceDialog("What is to be made?", choices))
        if kind in dict(SHELF):
            self.make_shelved(str(kind))
        elif kind is not None:
            await self._new_script(kind, row)

    async def _new_script(self, kind: str, row: ScriptRow | None) -> None:
        usual = kind.removeprefix("made:") if kind.startswith("made:") else ""
        there = {one.name for one in await scripts(self.office.database, self.house.now())}
        name = await self.app.push_screen_wait(
            TextDialog(
                "A new script", "What is it called?", value="" if usual in there else usual,
                check=lambda said: _name_wrong(said, there),
            )
        )  # fmt: skip
        if not name:
            return
        verbs = self.office.routing.scripts
        if kind == "copy" and row is not None:
            await verbs.copy(row.name, name, actor=self.login)
        elif kind == "empty":
            queue = json.dumps(await self._a_queue(), ensure_ascii=False)
            await verbs.create(name, EMPTY.format(queue=queue), actor=self.login)
        else:
            await verbs.create_from(kind.removeprefix("made:"), name, actor=self.login)
        self.show_thing(name)
        self.outdate()
        self.open_workshop(name)

    async def _a_queue(self) -> str:
        rows = await accounts(self.office.database, self.house.now())
        return rows[0].queue if rows else "front"

    # -- looking ------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_versions(self) -> None:
        """All versions of it."""
        self.app.push_screen(VersionsScreen(self.chosen.name))

    @work(group="asking", exit_on_error=False)
    async def action_replay(self) -> None:
        """Past contacts through its newest version."""
        row = self.chosen
        self.app.push_screen(ReplayScreen(row.name, number=row.newest or None))

    @work(group="asking", exit_on_error=False)
    async def action_picture(self) -> None:
        """The version that decides, as a tree."""
        row = self.chosen
        source = await script_source(self.office.database, row.name)
        nodes = await self.office.routing.checking.draw(source.source, name=row.name)
        page = picture(nodes, room_of(self.app.size.width))
        await self.app.push_screen_wait(PageDialog(f"{row.name} v{source.number}", page))

    @work(group="asking", exit_on_error=False)
    async def action_runs(self) -> None:
        """The newest runs, those that failed first: one is opened on the desk."""
        row, database = self.chosen, self.office.database
        found = [*await script_runs(database, row.name, errors=True), *await script_runs(database, row.name)]
        runs = list({one.id: one for one in found}.values())[:MOST_RUNS]
        if not runs:
            raise Refused(f"{row.name} has not run yet")
        known = await contacts_by_id(database, list({one.contact for one in runs}))
        rows = []
        for one in runs:
            if one.contact in known:
                ended = (
                    f"✖ line {one.line}: {one.error}" if one.decision is None else f"→ {decision_words(one.decision)}"
                )
                rows.append((known[one.contact], f"v{one.version} {one_line(ended, 60)} "))
        chosen = await self.choose_contact(f"Runs of {row.name}, those that failed first", rows)
        if chosen is not None:
            await self.house.open_contact(chosen)

    # -- setting up ---------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_properties(self) -> None:
        """Its name and what it is for."""
        await self.need_right()
        name = await ask_properties(self, self.chosen)
        if name is not None:
            self.show_thing(name)

    @work(group="asking", exit_on_error=False)
    async def action_accounts(self) -> None:
        """Which accounts it routes."""
        await self.need_right()
        row = self.chosen
        now = self.house.now()
        routed = {address: one.name for one in await scripts(self.office.database, now) for address in one.accounts}
        choices = []
        for one in await accounts(self.office.database, now):
            script = routed.get(one.address)
            routes = (
                "routed by it" if script == row.name else f"routed by {script}" if script else "routed by no script"
            )
            choices.append((one.address, f"{'●' if script == row.name else '○'} {one.address}  {routes}"))
        if not choices:
            raise Refused("there is no account yet: 1 Accounts, then n, makes one")
        question = f"An account that {row.name} routes is routed by it no longer; any other one is from now on."
        address = await self.app.push_screen_wait(ChoiceDialog(f"Accounts of {row.name}", choices, question))
        if address is not None:
            await self.route(address, "" if routed.get(address) == row.name else row.name)

    async def route(self, address: str, name: str) -> None:
        """Let a script route an account, or none."""
        verbs, login = self.office.routing.scripts, self.login
        before: list[tuple[str, dict[str, Value]]] = []

        async def change() -> None:
            was = await verbs.set_on_account(address, name, actor=login)
            before.append((was.script, dict(was.settings)))

        async def back() -> None:
            await verbs.set_on_account(address, before[0][0], before[0][1], actor=login)

        self.house.do(change, f"{address}: {f'routed by {name}' if name else 'routed by no script'}", back)

    @work(group="asking", exit_on_error=False)
    async def action_back(self) -> None:
        """The version that decided before."""
        self.roll_back(self.chosen.name)

    @work(group="asking", exit_on_error=False)
    async def action_switch(self) -> None:
        """No version decides, or the newest one by way of a replay."""
        await self.need_right()
        row, verbs, login = self.chosen, self.office.routing.scripts, self.login
        if row.active is None:
            self.app.push_screen(ReplayScreen(row.name, number=row.newest, publishing=True))
            return
        active = row.active

        async def switch() -> None:
            await verbs.deactivate(row.name, actor=login)

        async def back() -> None:
            await verbs.activate(row.name, active, actor=login)

        self.house.do(switch, f"{row.name} decides nothing: contacts go to their account's own queue", back)

    @work(group="asking", exit_on_error=False)
    async def action_delete(self) -> None:
        """Delete a script, or what is under the cursor of the shelf."""
        await self.need_right()
        if self.shelved is not None:
            self.delete_shelved(self.shelved)
            return
        row, verbs, login = self.chosen, self.office.routing.scripts, self.login
        versions = "its one version" if row.versions == 1 else f"its {row.versions} versions"
        question = f"{row.name} goes with {versions}; what it decided stays in the journal."
        if not await self.app.push_screen_wait(ConfirmDialog("Delete a script", question, "Delete")):
            return
        kept: list[KeptScript] = []

        async def delete() -> None:
            kept.append(await verbs.delete(row.name, actor=login))

        async def back() -> None:
            await verbs.put_back(kept[0], actor=login)

        self.house.do(delete, f"script {row.name} is deleted", back)


def _first(description: str) -> str:
    """The first sentence."""
    return re.split(r"(?<=\.)\s", description, maxsplit=1)[0]


def _name_wrong(name: str, there: set[str]) -> str:
    from core.errors import Wrong

    try:
        right_script_name(name)
    except Wrong as wrong:
        return str(wrong)
    return f"there is a script {name} already" if name in there else ""
