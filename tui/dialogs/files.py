"""Files: which go out with an e-mail, and where one that came is saved. Paths complete themselves."""

from __future__ import annotations

import asyncio
import mimetypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from core.desk.files import LIMIT, file_wrong, place_wrong
from core.reach import typed, wrong_to_read
from core.text import one_line, size_words
from tui.actions import FILES, bindings_of
from tui.dialogs.asking import TextDialog
from tui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

LOOKED_AT = 5_000
"""Entries of a folder among which a path is completed."""
COMPLETES = "→ completes what stands in grey."


class Paths(Suggester):
    """Completes a path by what is in its folder."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first path that begins with `value`, with a slash behind a folder."""
        return await asyncio.to_thread(completed, value) if value else None


def completed(value: str) -> str | None:
    """The first path in order that begins with `value`; hidden ones only where a dot was typed. None for none."""
    folder, _, begun = value.rpartition("/")
    try:
        place = Path(folder + "/" if "/" in value else ".").expanduser()
        found = []
        with os.scandir(place) as entries:
            for number, entry in enumerate(entries):
                if number >= LOOKED_AT:
                    break
                fits = entry.name.startswith(begun) and (begun.startswith(".") or not entry.name.startswith("."))
                if fits and entry.name.isprintable():
                    found.append(entry.name + ("/" if entry.is_dir() else ""))
    except (OSError, RuntimeError, ValueError):
        return None
    return value + min(found)[len(begun) :] if found else None


class PathDialog(TextDialog):
    """One path of a file that is not there yet."""

    def __init__(self, title: str, question: str, value: str) -> None:
        super().__init__(title, question, value=value, check=place_wrong)
        self._input.suggester = Paths()

    def on_mount(self) -> None:
        """The cursor stands before the ending, where one types."""
        super().on_mount()
        self._input.select_on_focus = False
        self._input.cursor_position = len(self._input.value)


class OpenDialog(TextDialog):
    """One path of a file to be read, which completes itself."""

    def __init__(self, title: str, question: str) -> None:
        super().__init__(title, f"{question} {COMPLETES}", placeholder="path of a file", check=_open_wrong)
        self._input.suggester = Paths()


def _open_wrong(text: str) -> str:
    return wrong_to_read(typed(text)) if text.strip() else "name a file"


class FilesDialog(Dialog[tuple[str, ...]]):
    """The files that go with an e-mail: add by path, take out. Gives back their paths."""

    BINDINGS: ClassVar = bindings_of(FILES)
    BUTTONS = (("accept", "Done", "primary"), ("remove", "Take out", "default"), ("cancel", "Cancel", "default"))

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__("Files that go with it")
        self.files = list(files)
        self._list = OptionList(markup=False, id="attached")
        self._input = Input(placeholder="path of a file to add", id="path", suggester=Paths())
        self._sum = Static("", classes="told")

    def body(self) -> Iterable[Widget]:
        """What is attached, how much it is, and a line for one more."""
        yield self._list
        yield self._sum
        yield self._input
        yield Static(Content(f"Enter adds it. {COMPLETES}"), classes="told")

    def on_mount(self) -> None:
        """Type at once."""
        self._tell()
        self._input.focus()

    def _tell(self) -> None:
        at = self._list.highlighted
        self._list.clear_options()
        total = 0
        for path in self.files:
            words, size = _about(path)
            total += size
            self._list.add_option(Option(Content(words)))
        self._list.display = bool(self.files)
        self.query_one("#remove", Button).disabled = not self.files
        self._list.highlighted = min(at or 0, len(self.files) - 1) if self.files else None
        many = f"{len(self.files)} file{'s' if len(self.files) > 1 else ''}, {size_words(total)}"
        room = f"a mail holds {size_words(LIMIT)}"
        self._sum.update(Content(f"{many} of {size_words(LIMIT)}" if self.files else f"No file yet; {room}."))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        said = event.value.strip()
        self.mistake(self._wrong(said) if said and not said.endswith("/") else "")

    def _wrong(self, said: str) -> str:
        return "it is attached already" if said in self.files else file_wrong(said, self.files)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self.accept()
        elif self._add():
            self._tell()

    def _add(self) -> bool:
        said = self._input.value.strip()
        wrong = self._wrong(said)
        self.mistake(wrong)
        if not wrong:
            self.files.append(said)
            self._input.value = ""
        return not wrong

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take out beside what every dialog has."""
        if event.button.id == "remove":
            event.stop()
            self.action_remove()
        else:
            super().on_button_pressed(event)

    def action_remove(self) -> None:
        """The file under the cursor goes."""
        if self._list.highlighted is not None and not self._input.value:
            del self.files[self._list.highlighted]
            self._tell()
            if not self.files:
                self._input.focus()

    def accept(self) -> None:
        """All of them, and one that is typed and not added yet."""
        if not self._input.value.strip() or self._add():
            self.dismiss(tuple(self.files))


def _about(path: str) -> tuple[str, int]:
    """Name, type and size of a file to send, as words, and its octets."""
    file = Path(path)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    try:
        size = file.expanduser().stat().st_size
    except (OSError, RuntimeError, ValueError):
        return f"✖ {one_line(path, 120)}  is not there any more", 0
    return f"{one_line(file.name, 80)}  {kind}  {size_words(size)}", size
