"""Files at the desk: those that go with an e-mail, and those that came."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from platformdirs import user_downloads_path
from textual import work

from core.desk.files import free_place, is_program, write_file
from core.text import one_line, size_words
from core.views.files import FileRow, content_of
from tui.ages import day
from tui.dialogs import ChoiceDialog
from tui.dialogs.files import COMPLETES, FilesDialog, PathDialog
from tui.screens.desk_place import DeskPlace

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Sequence
    from pathlib import Path


class DeskFiles(DeskPlace):
    """Attach and save."""

    def action_attach(self) -> None:
        """Files to go with what is written."""
        if self.contact is not None:
            self._take_files(self.contact.id, self.ask(FilesDialog(self.editor.draft.files)))

    @work(group="asking", exit_on_error=False)
    async def _take_files(self, contact_id: int, answer: Future[tuple[str, ...] | None]) -> None:
        files = await answer
        if files is not None and self.editor.contact_id == contact_id:
            self.editor.change(replace(self.editor.draft, files=files))

    def action_save(self) -> None:
        """A file that came, to this machine's disk."""
        files = self.found.files if self.found is not None else ()
        if not files:
            self.notify("no file came with these messages", markup=False)
        elif len(files) == 1:
            self._save(files[0])
        else:
            choices = [(str(n), self._about(one)) for n, one in enumerate(files)]
            self._choose(files, self.ask(ChoiceDialog("Save a file", choices, "Which? The newest is first.")))

    @work(group="asking", exit_on_error=False)
    async def _choose(self, files: Sequence[FileRow], answer: Future[str | None]) -> None:
        said = await answer
        if said is not None:
            self._save(files[int(said)])

    @work(group="asking", exit_on_error=False)
    async def _save(self, file: FileRow) -> None:
        folder = await asyncio.to_thread(_downloads)
        place = await asyncio.to_thread(free_place, folder, file.name)
        warning = " It is a program: do not run it." if is_program(file.name) else ""
        question = f"{self._about(file)}\nA stranger sent it.{warning} Where to? {COMPLETES}"
        path = await self.ask(PathDialog("Save a file", question, str(place)))
        if path:
            content = (await content_of(self.office.database, file)).content
            written = await asyncio.to_thread(write_file, path, content)
            self.notify(f"saved as {one_line(str(written), 200)}", markup=False)

    def _about(self, file: FileRow) -> str:
        came = file.at.astimezone(self.house.zone)
        when = f"{day(came, self.house.now().astimezone(self.house.zone))} {came:%H:%M}"
        return f"{one_line(file.name, 60)}  {one_line(file.content_type, 40)}  {size_words(file.size)}  {when}"


def _downloads() -> Path:
    """Where this person's files usually go, else home."""
    folder = user_downloads_path()
    return folder if folder.is_dir() else folder.home()
