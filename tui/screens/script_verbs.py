"""What a person does with scripts from their list."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual import work

from core.errors import Refused
from core.routing.ready_made import ready_made
from core.text import one_line
from core.views import accounts
from core.views.runs import script_runs
from core.views.scripts import ScriptRow, script_source, scripts
from tui.dialogs import ChoiceDialog, ConfirmDialog, PageDialog, TextDialog
from tui.dialogs.form import Field, FormDialog
from tui.screens.replay import ReplayScreen
from tui.screens.shelf_verbs import ShelfVerbs
from tui.screens.versions import VersionsScreen
from tui.screens.workshop import WorkshopScreen
from tui.widgets.picture import picture

if TYPE_CHECKING:
    from core.routing.values import Value
    from core.scripts.removing import KeptScript

Found = TypeVar("Found")
EMPTY = 'def route(contact):\n    return queue("{queue}")\n'
SHELF = (("calendar", "a calendar: opening hours"), ("variable", "a variable: a value that all scripts read"),
         ("template", "a template: a text that scripts send"))  # fmt: skip


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
            raise Refused("there is no script here: n makes one")
        return self.script

    def open_workshop(self, name: str) -> None:
        """Write at a script."""
        self.app.push_screen(WorkshopScreen(name))

    # -- making -------------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_new(self) -> None:
        """A script, or something for the shelf."""
        row = self.script
        choices = [("empty", "an empty script"), *([("copy", f"a copy of {row.name}")] if row is not None else [])]
        choices += [(f"made:{one.name}", f"{one.name}: {one.description}") for one in ready_made()]
        choices += SHELF
        kind = await self.app.push_screen_wait(ChoiceDialog("What is to be made?", choices))
        if kind in dict(SHELF):
            self.make_shelved(str(kind))
        elif kind is not None:
            await self._new_script(kind, row)

    async def _new_script(self, kind: str, row: ScriptRow | None) -> None:
        usual = kind.removeprefix("made:").replace("_", "-") if kind.startswith("made:") else ""
        name = await self.app.push_screen_wait(TextDialog("A new script", "What is it called?", value=usual))
        if not name:
            return
        verbs = self.office.routing.scripts
        if kind == "copy" and row is not None:
            await verbs.copy(row.name, name, actor=self.login)
        elif kind == "empty":
            await verbs.create(name, EMPTY.format(queue=await self._a_queue()), actor=self.login)
        else:
            await verbs.create_from(kind.removeprefix("made:"), name, actor=self.login)
        self.outdate()
        self.open_workshop(name)

    async def _a_queue(self) -> str:
        rows = await accounts(self.office.database, self.house.now())
        return rows[0].queue if rows else "front"

    # -- looking ------------------------------------------------------------------------------------------------------

    def action_versions(self) -> None:
        """All versions of it."""
        self.app.push_screen(VersionsScreen(self.chosen.name))

    def action_replay(self) -> None:
        """Past contacts through its newest version."""
        row = self.chosen
        self.app.push_screen(ReplayScreen(row.name, number=row.newest or None))

    @work(group="asking", exit_on_error=False)
    async def action_picture(self) -> None:
        """The version that decides, as a tree."""
        row = self.chosen
        source = await script_source(self.office.database, row.name)
        nodes = await self.office.routing.checking.draw(source.source, name=row.name)
        await self.app.push_screen_wait(PageDialog(f"{row.name} v{source.number}", picture(nodes)))

    @work(group="asking", exit_on_error=False)
    async def action_runs(self) -> None:
        """The newest runs: one is opened on the desk."""
        row, zone = self.chosen, self.house.zone
        found = [
            *await script_runs(self.office.database, row.name, errors=True),
            *await script_runs(self.office.database, row.name),
        ]
        known = {one.id: one for one in found}
        choices = []
        for one in list(known.values())[:200]:
            what = f"✖ line {one.line}: {one.error}" if one.error else f"v{one.version}, {one.took_ms:.1f} ms"
            choices.append((str(one.contact), f"{one.at.astimezone(zone):%H:%M:%S}  contact {one.contact}  {what}"))
        if not choices:
            raise Refused(f"{row.name} has not run yet")
        chosen = await self.app.push_screen_wait(ChoiceDialog(f"Runs of {row.name}", choices))
        if chosen is not None:
            await self.house.open_contact(int(chosen))

    # -- setting up ---------------------------------------------------------------------------------------------------

    @work(group="asking", exit_on_error=False)
    async def action_properties(self) -> None:
        """Its name and what it is for."""
        row, verbs, login = self.chosen, self.office.routing.scripts, self.login
        fields = [
            Field("name", "Name", "Others load it by this name; so it cannot change while one does."),
            Field("description", "What for", "One line for the list."),
        ]
        said = await self.app.push_screen_wait(
            FormDialog(row.name, [("Properties", fields)], {"name": row.name, "description": row.description},
                       lambda values: {} if values["name"] else {"name": "a script has a name"})
        )  # fmt: skip
        if said is None:
            return
        name, words = str(said.values["name"]), str(said.values["description"])

        async def change() -> None:
            await verbs.describe(row.name, words, actor=login)
            if name != row.name:
                await verbs.rename(row.name, name, actor=login)

        async def back() -> None:
            if name != row.name:
                await verbs.rename(name, row.name, actor=login)
            await verbs.describe(row.name, row.description, actor=login)

        self.house.do(change, f"{name} is changed", back)

    @work(group="asking", exit_on_error=False)
    async def action_accounts(self) -> None:
        """Which accounts it routes."""
        row = self.chosen
        known = await accounts(self.office.database, self.house.now())
        routed = {
            address: one.name
            for one in await scripts(self.office.database, self.house.now())
            for address in one.accounts
        }
        choices = []
        for one in known:
            script = routed.get(one.address)
            mark = "●" if script == row.name else "○"
            choices.append((one.address, f"{mark} {one.address}  {script or f'no script: to queue {one.queue}'}"))
        address = await self.app.push_screen_wait(
            ChoiceDialog(f"Which account does {row.name} route, or no longer?", choices)
        )
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

    def action_back(self) -> None:
        """The version that decided before."""
        row, verbs, login = self.chosen, self.office.routing.scripts, self.login

        async def roll_back() -> None:
            await verbs.roll_back(row.name, actor=login)

        async def back() -> None:
            if row.active is not None:
                await verbs.activate(row.name, row.active, actor=login)

        self.house.do(roll_back, f"{row.name}: the version before decides again", back)

    def action_switch(self) -> None:
        """No version decides, or the newest one."""
        row, verbs, login = self.chosen, self.office.routing.scripts, self.login

        async def switch() -> None:
            if row.active is None:
                await verbs.activate(row.name, row.newest, actor=login)
            else:
                await verbs.deactivate(row.name, actor=login)

        async def back() -> None:
            if row.active is None:
                await verbs.deactivate(row.name, actor=login)
            else:
                await verbs.activate(row.name, row.active, actor=login)

        said = f"v{row.newest} of {row.name} decides" if row.active is None else f"{row.name} decides nothing"
        self.house.do(switch, said, back)

    @work(group="asking", exit_on_error=False)
    async def action_delete(self) -> None:
        """Delete a script, or what is under the cursor of the shelf."""
        if self.shelved is not None:
            self.delete_shelved(self.shelved)
            return
        row, verbs, login = self.chosen, self.office.routing.scripts, self.login
        question = f"{row.name} goes with its {row.versions} versions; what it decided stays in the journal."
        if not await self.app.push_screen_wait(ConfirmDialog("Delete a script", one_line(question, 300), "Delete")):
            return
        kept: list[KeptScript] = []

        async def delete() -> None:
            kept.append(await verbs.delete(row.name, actor=login))

        async def back() -> None:
            await verbs.put_back(kept[0], actor=login)

        self.house.do(delete, f"script {row.name} is deleted", back)
