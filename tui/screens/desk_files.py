"""Files at the desk: those that go with an e-mail, and those that came."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from platformdirs import user_downloads_path
from textual import work

from core.desk.files import free_place, is_program, size_words, write_file
from core.text import one_line
from core.views.files import FileRow, content_of, files_that_came
from tui.ages import day
from tui.dialogs import ChoiceDialog
from tui.dialogs.files import COMPLETES, FilesDialog, PathDialog
from tui.screens.desk_place import DeskPlace

if TYPE_CHECKING:
    from pathlib import Path


class DeskFiles(DeskPlace):
    """Attach and save."""

    @work(group="asking", exit_on_error=False)
    async def action_attach(self) -> None:
        """Files to go with what is written."""
        contact = self.contact
        if contact is None:
            return
        files = await self.app.push_screen_wait(FilesDialog(self.editor.draft.files))
        if files is not None and self.editor.contact_id == contact.id:
            self.editor.change(replace(self.editor.draft, files=files))

    @work(group="asking", exit_on_error=False)
    async def action_save(self) -> None:
        """A file that came, to this machine's disk."""
        contact, database = self.contact, self.office.database
        if contact is None:
            return
        files = await files_that_came(database, contact.id)
        if not files:
            self.notify("no file came with these messages", markup=False)
            return
        file = files[0]
        if len(files) > 1:
            choices = [(str(n), self._about(one)) for n, one in enumerate(files)]
            said = await self.app.push_screen_wait(ChoiceDialog("Save a file", choices, "Which? The newest is first."))
            if said is None:
                return
            file = files[int(said)]
        folder = await asyncio.to_thread(_downloads)
        place = await asyncio.to_thread(free_place, folder, file.name)
        warning = " It is a program: do not run it." if is_program(file.name) else ""
        question = f"{self._about(file)}\nA stranger sent it.{warning} Where to? {COMPLETES}"
        path = await self.app.push_screen_wait(PathDialog("Save a file", question, str(place)))
        if path:
            content = (await content_of(database, file)).content
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
