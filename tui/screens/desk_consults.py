"""Colleagues at the desk: asking one, answering one, and what was said to this person alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from core.text import one_line
from tui.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.desk_place import DeskPlace, Found
from tui.telling import shown_address

if TYPE_CHECKING:
    from core.views import ContactRow
    from core.views.mine import QuestionRow


class DeskConsults(DeskPlace):
    """Questions, answers and whispers; and two contacts of one customer made one."""

    def __init__(self) -> None:
        super().__init__()
        self.said_after: int | None = None
        """The newest line that she has been told; None before the first reading."""
        self._unsaid: dict[int, str] = {}
        """By question: what was typed and not answered yet."""

    def tell_what_was_said(self, found: Found) -> None:
        """Answers and whispers, each once."""
        for one in found.said:
            if one.id <= (self.said_after or 0):
                continue
            self.said_after = one.id
            who, about = one_line(one.author, 24), one_line(shown_address(one.customer, self.house.region), 30)
            head = (
                f"{who} answers about {about}" if one.kind == "answer" else f"{who} whispers to you alone, on {about}"
            )
            self.notify(f"{head}: {one.text}", timeout=10.0)
            self.app.bell()

    def action_ask(self) -> None:
        """A colleague, who sees the thread and says what is to be done."""
        contact, found = self.before_me, self.found
        if contact is None or found is None:
            return
        from tui.dialogs.consulting import AskDialog

        people = [(one.login, f"{one.login}  {one.name}") for one in found.choices.people if one.login != self.login]
        self._ask(contact, AskDialog(self.question_on("Ask about", contact), people))

    @work(group="asking", exit_on_error=False)
    async def _ask(self, contact: ContactRow, dialog: ChoiceDialog) -> None:
        desk, login = self.office.desk, self.login
        whom = await self.ask(dialog)
        if whom is None:
            return
        question: str = getattr(dialog, "asked", "")
        self.house.do(lambda: desk.ask(contact.id, whom, question, login=login), f"{whom} is asked")

    @work(group="asking", exit_on_error=False)
    async def answer(self, row: QuestionRow) -> None:
        """Say something to the colleague who asks."""
        from tui.dialogs.consulting import AnswerDialog

        desk, login = self.office.desk, self.login
        title = f"{one_line(row.author, 24)} asks about contact {row.contact}"
        dialog = AnswerDialog(title, one_line(row.text, 300), value=self._unsaid.get(row.id, ""))
        said = await self.ask(dialog)
        self._unsaid[row.id] = dialog.typed
        if said and said.strip():
            self._unsaid.pop(row.id, None)
            self.house.do(
                lambda: desk.answer_question(row.id, said, login=login), f"{one_line(row.author, 24)} has your answer"
            )

    @work(group="asking", exit_on_error=False)
    async def action_merge(self) -> None:
        """Another contact of this customer becomes a part of this one."""
        from core.views.customer import of_one_customer

        contact, desk, login, region = self.contact, self.office.desk, self.login, self.house.region
        if contact is None:
            return
        rows = {str(row.id): row for row in await of_one_customer(self.office.database, contact.id)}
        if not rows:
            self.notify("this customer has no other contact that is not closed", markup=False)
            return
        choices = []
        for key, row in rows.items():
            why = "same address" if row.address == contact.address else "same name"
            where = f"with {row.agent}" if row.agent else row.queue
            who = shown_address(row.address, region)
            choices.append((key, f"{row.id}  {who}  {why}  {row.state} {where}  {one_line(row.text, 60)}"))
        question = "What is chosen is closed, and its messages and notes stand in this one."
        chosen = await self.ask(ChoiceDialog(self.question_on("Merge into", contact), choices, question))
        if chosen is None:
            return
        row = rows[chosen]
        words = (
            f"Make contact {row.id} of {row.name or row.address} a part of contact {contact.id}? It cannot be undone."
        )
        if await self.ask(ConfirmDialog("Merge", words, "Merge")):
            self.house.do(
                lambda: desk.merge(row.id, contact.id, login=login), f"contact {row.id} is a part of this one now"
            )
