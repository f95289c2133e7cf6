"""Canned replies in the editor: `/word` and Tab, or a list to choose from."""

from __future__ import annotations

from textual import on, work

from core.text import one_line
from tui.dialogs import ChoiceDialog
from tui.screens.desk_place import DeskPlace
from tui.widgets.editor import AnswerArea


class DeskCanned(DeskPlace):
    """Puts what a reply says into the answer; the undo of the editor takes it out again."""

    @on(AnswerArea.Canned)
    @work(group="canned", exclusive=True, exit_on_error=False)
    async def _typed_word(self, event: AnswerArea.Canned) -> None:
        fitting = [word for word in self.editor.area.words if word.startswith(event.word)]
        if event.word in fitting or len(fitting) == 1:
            await self._put(event.word if event.word in fitting else fitting[0], f"/{event.word}")
        else:
            await self._choose_reply(event.word)

    @work(group="canned", exclusive=True, exit_on_error=False)
    async def action_canned(self) -> None:
        """All of them, with a filter."""
        if self.contact is not None:
            await self._choose_reply("")

    async def _choose_reply(self, typed: str) -> None:
        contact = self.contact
        if contact is None:
            return
        replies = await self.office.canned.every(channel=contact.channel)
        if not replies:
            self.notify("this desk has no canned replies: a supervisor sets them up with 'postroom canned add'")
            return
        choices = [(one.word, f"/{one.word}  {one_line(one.text, 120)}") for one in replies]
        title = self.question_on("Canned reply to", contact)
        said = await self.ask(ChoiceDialog(title, choices, value=f"/{typed}" if typed else ""))
        if said is not None and self.contact is not None and self.contact.id == contact.id:
            await self._put(said, f"/{typed}" if typed else "")

    async def _put(self, word: str, typed: str) -> None:
        """`typed` gives way to it, if it still stands before the cursor."""
        contact, area = self.contact, self.editor.area
        if contact is None or self.editor.contact_id != contact.id:
            return
        text = await self.office.canned.rendered(word, contact.id, self.login)
        if self.editor.contact_id == contact.id:
            area.put(text, typed)
            area.focus()
