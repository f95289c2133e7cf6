"""The workshop: one script is written, judged as it is typed, tried beside it, saved and published."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Container

from core.errors import PostroomError
from core.routing.problem import Severity
from core.scripts.names import desk_names
from core.views import accounts
from core.views.scripts import ScriptRow, VersionRow, script_source, script_versions, scripts
from tui.actions import WORKSHOP, bindings_of
from tui.dialogs import ConfirmDialog, PageDialog
from tui.screens.work import WorkScreen
from tui.script_drafts import ScriptDraft, draft_path, drop_draft, keep_draft, kept_draft
from tui.widgets.bench import Bench
from tui.widgets.listing import Caption
from tui.widgets.picture import picture
from tui.widgets.script_editor import ScriptEditor, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from textual.widget import Widget

    from core.routing.names import DeskNames
    from core.routing.problem import Problem
    from core.scripts.newcomers import Letter, Typed
    from core.scripts.trying import Past, Trial

PAUSE = 0.25
"""Seconds without a key after which what is typed is judged and kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    script: ScriptRow | None
    versions: list[VersionRow]
    names: DeskNames
    scripts: tuple[str, ...]


class WorkshopScreen(WorkScreen[Found]):
    """One script."""

    AREA = "scripts"
    CSS_PATH = "workshop.tcss"
    BINDINGS: ClassVar = bindings_of(WORKSHOP)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual declares it so

    def __init__(self, name: str, version: int | None = None, *, account: str = "") -> None:
        """`version`: the one to begin with, else what was typed last or the newest; `account`: to be tried for it."""
        super().__init__()
        self.script_name = name
        self.version = version
        self.account = account
        self.caption = Caption()
        self.editor = ScriptEditor(name="script")
        self.bench = Bench(name, self._try)
        self.saved = ""
        """What the version says that was loaded or saved last."""
        self.known = 0
        """The newest version that this person has seen."""
        self.found: Found | None = None

    def compose_work(self) -> Iterable[Widget]:
        """Caption, and editor with the bench below or beside it."""
        yield self.caption
        yield Container(self.editor, self.bench, id="workshop")

    def on_mount(self) -> None:
        """Load the text once; what others do meanwhile is only told."""
        super().on_mount()
        self.bench.display = False
        self.load()

    # -- the text -----------------------------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """Where what is typed is kept."""
        return draft_path(self.office.settings.db, self.login, self.script_name)

    async def _try(self, given: Typed | Letter | Past, account: str) -> Trial:
        return await self.office.routing.bench.test(self.editor.text, given, name=self.script_name, account=account)

    @work(group="loading", exit_on_error=False)
    async def load(self) -> None:
        """What was typed and not saved, else the version that is asked for, else the newest."""
        versions = await script_versions(self.office.database, self.script_name)
        self.known = max((one.number for one in versions), default=0)
        number = self.version if self.version is not None else self.known
        self.saved = (await script_source(self.office.database, self.script_name, number)).source if versions else ""
        kept = kept_draft(self.path)
        if kept is not None and self.version is None and kept.text != self.saved:
            self.editor.load(kept.text)
            self.notify("here is what you had typed and not saved; Ctrl+Z does not undo that", markup=False)
            self.known = kept.known
        else:
            self.editor.load(self.saved)
        self.editor.source.focus()
        self.refresh_soon()
        self.judge()
        first = [self.account] if self.account else list(await self._routed())
        others = [one.address for one in await accounts(self.office.database, self.house.now())]
        self.bench.offer([*first, *(one for one in others if one not in first)])
        if self.account:
            self.action_test()

    async def _routed(self) -> tuple[str, ...]:
        known = await scripts(self.office.database, self.house.now())
        return next((one.accounts for one in known if one.name == self.script_name), ())

    @property
    def is_changed(self) -> bool:
        """Whether something is typed that no version says."""
        return self.editor.text.rstrip("\n") != self.saved.rstrip("\n")

    @on(ScriptEditor.Changed)
    def _typed(self) -> None:
        self.tick()
        self.judge()

    @work(group="judging", exclusive=True, exit_on_error=False)
    async def judge(self) -> None:
        """Keep what is typed, and say what is wrong with it, once the keys rest."""
        await asyncio.sleep(PAUSE)
        self._keep()
        text = self.editor.text
        problems = await self.office.routing.checking.check(text, name=self.script_name)
        if text == self.editor.text:
            self.editor.show_troubles(_troubles(problems, self.script_name))

    def _keep(self) -> None:
        if self.is_changed:
            keep_draft(self.path, ScriptDraft(self.editor.text, self.known))
        else:
            drop_draft(self.path)

    async def leave(self) -> None:
        """The app ends: what is typed is kept."""
        self._keep()

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """Versions, and every name that may be typed."""
        database = self.office.database
        known = await scripts(database, self.house.now())
        row = next((one for one in known if one.name == self.script_name), None)
        versions = await script_versions(database, self.script_name) if row is not None else []
        names = await desk_names(database)
        return Found(row, versions, names, tuple(one.name for one in known if one.name != self.script_name))

    def paint(self, found: Found) -> None:
        """The caption, and what the editor offers."""
        self.found = found
        self.editor.names, self.editor.scripts = found.names, found.scripts
        self.tick()

    def tick(self) -> None:
        """Which version this is, and which one decides."""
        row = self.found.script if self.found is not None else None
        newest = row.newest if row is not None else self.known
        if newest > self.known:
            state = f"v{newest} was saved meanwhile: F7"
        elif self.is_changed:
            state = f"v{self.known + 1} draft"
        else:
            state = f"v{self.known}"
        active = f"v{row.active} decides" if row is not None and row.active else "no version decides"
        runs = f"{row.runs:,} runs today" if row is not None else ""
        self.caption.say(f"{self.script_name} · {state}", " · ".join(filter(None, [active, runs])))

    # -- doing --------------------------------------------------------------------------------------------------------

    @work(group="verbs", exit_on_error=False)
    async def action_save(self) -> None:
        """A new version."""
        before = self.known
        number = await self._save()
        if number != before:
            self.notify(f"saved as v{number}; F6 lets it decide", markup=False)

    async def _save(self) -> int:
        scripts_, text = self.office.routing.scripts, self.editor.text
        if not self.is_changed and self.version in (None, self.known):
            self.notify(f"v{self.known} says the same: nothing was saved", markup=False)
            return self.known
        number = await scripts_.save(self.script_name, text, actor=self.login, known=self.known)
        self.known, self.saved, self.version = number, text, None
        self._keep()
        self.outdate()
        return number

    @work(group="verbs", exit_on_error=False)
    async def action_publish(self) -> None:
        """Save, and let it decide, once the person has seen what would change."""
        problems = await self.office.routing.checking.activation(self.script_name, self.editor.text)
        if problems:
            self.editor.show_troubles(_troubles(problems, self.script_name))
            first = problems[0]
            self.editor.source.go_to(first.line, first.column)
            self.notify(f"line {first.line}: {first.message}", severity="error", markup=False)
            return
        name, active = self.script_name, self.found.script.active if self.found and self.found.script else None
        uses = self.found.script.accounts if self.found and self.found.script else ()
        question = (
            f"It decides from the next contact on, for {', '.join(uses) or 'no account yet'}."
            f" {f'v{active} decides now; F9 goes back to it.' if active else 'None decides now.'}"
            " F5 shows first what past contacts would have done."
        )
        if not await self.app.push_screen_wait(ConfirmDialog(f"Publish {name}?", question, "Publish")):
            return
        scripts_, login = self.office.routing.scripts, self.login

        async def publish() -> None:
            await scripts_.activate(name, await self._save(), actor=login)

        async def back() -> None:
            if active is None:
                await scripts_.deactivate(name, actor=login)
            else:
                await scripts_.activate(name, active, actor=login)

        self.house.do(publish, f"{name}: what is written decides now", back)

    @work(group="asking", exit_on_error=False)
    async def action_picture(self) -> None:
        """What is written, as a tree."""
        nodes = await self.office.routing.checking.draw(self.editor.text, name=self.script_name)
        await self.app.push_screen_wait(PageDialog(self.script_name, picture(nodes)))

    def action_replay(self) -> None:
        """Past contacts through what is written."""
        from tui.screens.replay import ReplayScreen

        self.app.push_screen(ReplayScreen(self.script_name, source=self.editor.text, publish=self.action_publish))

    def action_versions(self) -> None:
        """All versions of it."""
        from tui.screens.versions import VersionsScreen

        self.app.push_screen(VersionsScreen(self.script_name))

    def action_test(self) -> None:
        """Open the bench; where it is open, try what is written; from it, the same."""
        if not self.bench.display:
            self.bench.display = True
            self.bench.begin()
        else:
            self.bench.run()

    async def action_leave(self) -> None:
        """Close the bench, or go back to the list; what is typed is kept."""
        if self.bench.display and self.bench.has_focus_within:
            self.bench.display = False
            self.editor.source.focus()
            return
        try:
            self._keep()
        except PostroomError as error:
            self.house.complain(error)
            return
        if self.is_changed:
            self.notify("not saved, but kept for you: open the script again to go on", markup=False)
        self.dismiss(None)


def _troubles(problems: Sequence[Problem], name: str) -> list[Trouble]:
    """Problems of the text itself; those of a script it loads stand on its first line."""
    return [
        Trouble(one.line, one.column, one.message, one.severity is Severity.ERROR)
        if one.script in (name, "this script")
        else Trouble(1, 1, one.sentence, one.severity is Severity.ERROR)
        for one in problems
    ]
