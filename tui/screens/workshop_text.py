"""The text in the workshop: loaded, judged as it is typed, kept as it is typed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work

from core.errors import NotFound, PostroomError, Refused
from core.routing.problem import Severity
from core.scripts.names import desk_names
from core.text import harmless
from core.views.scripts import ScriptRow, VersionRow, script_source, script_versions, scripts
from tui.screens.script_screen import ScriptScreen
from tui.script_drafts import DraftPlace, ScriptDraft
from tui.widgets.bench import Bench
from tui.widgets.listing import Caption
from tui.widgets.script_editor import ScriptEditor, Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.routing.names import DeskNames
    from core.routing.problem import Problem

PAUSE = 0.25
"""Seconds without a key after which what is typed is judged."""
KEEP_SECONDS = 0.1
"""The longest that what is typed is not kept yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the screen."""

    script: ScriptRow | None
    """None where it is no longer there."""
    newest: VersionRow | None
    names: DeskNames
    scripts: tuple[str, ...]
    """The others."""
    forbidden: str
    """Why this person may only read."""


class WorkshopText(ScriptScreen[Found]):
    """One script and what is typed of it."""

    def __init__(self, name: str, version: int | None = None) -> None:
        """`version`: the one to begin with, else what was typed last, else the newest."""
        super().__init__()
        self.script_name = name
        self.version = version
        """Of which the text was loaded; None: the newest that this person knows."""
        self.caption = Caption()
        self.editor = ScriptEditor(name="script")
        self.bench = Bench(name)
        self.saved = ""
        """What the version says that was loaded or saved last."""
        self.known = 0
        """The newest version that this person has seen."""
        self.found: Found | None = None
        self.draft: DraftPlace | None = None
        self._is_loaded = False
        self._kept = ""
        self._found_again = ""
        """What was typed before and not saved, as it was loaded."""
        self._keeping = False
        self._complained = ""

    @property
    def is_changed(self) -> bool:
        """Whether something is typed that no version says."""
        return self._is_loaded and self.editor.text.rstrip("\n") != self.saved.rstrip("\n")

    # -- loading ------------------------------------------------------------------------------------------------------

    async def load_text(self) -> None:
        """Once, at the beginning. What others do meanwhile is only told."""
        versions = await self._versions()
        self.known = max((one.number for one in versions), default=0)
        number = self.version if self.version is not None else self.known
        self.saved = await self._source_of(number) if versions else ""
        kept = None
        if not await self.why_not():
            self.draft = DraftPlace(self.office.settings.db, self.login, self.script_name)
            kept = self.draft.open()
        if kept is not None and kept.text.rstrip("\n") == self.saved.rstrip("\n"):
            kept = None
        self.editor.load(kept.text if kept is not None else self.saved)
        self._is_loaded = True
        if kept is not None and self.version is not None:
            self.editor.put(self.saved)
            self.notify("Ctrl+Z brings back what you had typed", markup=False)
        elif kept is not None:
            self.known = min(kept.known, self.known)
            self._found_again = kept.text  # the caption says it: a toast would lie over what is read next
        elif self.draft is not None and self.draft.is_shared:
            self.notify("you have this script open elsewhere too: what you type here is kept beside that", markup=False)
        self.set_focus(self.editor.source)
        self.judge()

    async def _source_of(self, number: int) -> str:
        """What a version says. The verbs take nothing that steers a terminal; whoever else wrote it is not trusted."""
        return harmless((await script_source(self.office.database, self.script_name, number)).source)

    async def _versions(self) -> list[VersionRow]:
        try:
            return await script_versions(self.office.database, self.script_name)
        except NotFound:
            return []

    @work(group="loading", exit_on_error=False)
    async def open_version(self, number: int) -> None:
        """Another version in the place of what is written; Ctrl+Z brings that back."""
        was_changed = self.is_changed
        source = await self._source_of(number)
        self.version, self.saved = number, source
        self.known = max((one.number for one in await self._versions()), default=self.known)
        self.editor.put(source)
        self.tick()
        words = f"this is v{number}" + ("; Ctrl+Z brings back what you had typed" if was_changed else "")
        self.notify(words, markup=False)

    # -- keeping ------------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Write down what is typed and not saved. Raises Refused where that cannot be."""
        if self.draft is None or not self._is_loaded:
            return
        if not self.is_changed:
            self.draft.drop()
            self._kept = ""
        elif self.editor.text != self._kept:
            self.draft.keep(ScriptDraft(self.editor.text, self.known))
            self._kept = self.editor.text

    def keep_quietly(self) -> None:
        """The same; where it cannot be that is said once."""
        self._keeping = False
        try:
            self.keep()
        except Refused as refusal:
            if str(refusal) != self._complained:
                self._complained = str(refusal)
                self.house.complain(refusal)

    async def leave(self) -> None:
        """The app ends: what is typed is kept."""
        self.keep()

    def on_unmount(self) -> None:
        """Another terminal may go on with it."""
        if self.draft is not None:
            try:
                self.keep()
            except PostroomError:
                pass  # it was said when it was typed
            self.draft.close()

    # -- judging ------------------------------------------------------------------------------------------------------

    @on(ScriptEditor.Changed)
    def _typed(self) -> None:
        self.tick()
        self.bench.outdate()
        if not self._keeping:
            self._keeping = True
            self.set_timer(KEEP_SECONDS, self.keep_quietly)
        self.judge()

    @work(group="judging", exclusive=True, exit_on_error=False)
    async def judge(self) -> None:
        """Say what is wrong with what is typed, once the keys rest."""
        await asyncio.sleep(PAUSE)
        text = self.editor.text
        problems = await self.office.routing.checking.check(text, name=self.script_name)
        if text == self.editor.text:
            self.editor.show_troubles(troubles(problems, self.script_name, text))

    # -- fresh --------------------------------------------------------------------------------------------------------

    async def read(self) -> Found:
        """How the script stands, and every name that may be typed."""
        database = self.office.database
        known = await scripts(database, self.house.now())
        row = next((one for one in known if one.name == self.script_name), None)
        newest = next(iter(await self._versions()), None) if row is not None else None
        others = tuple(one.name for one in known if one.name != self.script_name)
        return Found(row, newest, await desk_names(database), others, await self.why_not())

    def paint(self, found: Found) -> None:
        """The caption, and what the editor offers."""
        before, self.found = self.found, found
        self.editor.names, self.editor.scripts = found.names, found.scripts
        self.editor.forbid(found.forbidden)
        if before is not None and (before.names, before.scripts) != (found.names, found.scripts):
            self.judge()  # a queue, a variable, ... came or went
        self.tick()

    def tick(self) -> None:
        """Which version this is, and which one decides."""
        if self.found is None:
            return
        row = self.found.script
        if row is None:
            self.caption.say(f"{self.script_name} · not there any more: deleted, or renamed", "")
            return
        decides = f"v{row.active} decides" if row.active else "no version decides"
        runs = f"{row.runs:,} runs today" if row.runs != 1 else "1 run today"
        errors = f"✖ {row.errors:,} failed" if row.errors else ""
        self.caption.say(f"{self.script_name} · {self._state()}", " · ".join(filter(None, [decides, runs, errors])))

    def _state(self) -> str:
        newest = self.found.newest if self.found is not None else None
        if newest is not None and newest.number > self.known:
            return f"{newest.author or 'the command'} saved v{newest.number} meanwhile: {self.key('workshop.versions')}"
        if self.is_changed:
            made_of = f" made of v{self.version}" if self.version else ""
            again = ", as you left it" if self.editor.text == self._found_again else ""
            return f"v{self.known + 1} draft{made_of}{again}"
        return f"v{self.version or self.known}"


def troubles(problems: Sequence[Problem], name: str, text: str) -> list[Trouble]:
    """Problems of the text itself; one of a script that it loads stands where it is loaded."""
    found = []
    for one in problems:
        is_own = one.script in (name, "this script")
        line = one.line if is_own else _loaded_in(text, one.script)
        words = one.message if is_own else f"in {one.sentence}"
        found.append(Trouble(line, one.column if is_own else 1, words, one.severity is Severity.ERROR))
    return found


def _loaded_in(text: str, script: str) -> int:
    found = re.search(rf"""^\s*load\(\s*["']{re.escape(script)}["']""", text, re.MULTILINE)
    return text.count("\n", 0, found.start(0) + len(found[0]) - len(found[0].lstrip())) + 1 if found else 1
