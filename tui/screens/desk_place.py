"""What every part of the desk screen shares: one reading of it, the contact before the person, when a key works."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from core.drafts import KeptDraft
from core.errors import Refused
from core.text import one_line
from core.views.choices import Choices
from tui.screens.work import WorkScreen
from tui.telling import shown_address

if TYPE_CHECKING:
    from datetime import datetime

    from core.drafts import SeatDraft
    from core.views import ContactRow, MessageRow, NoteRow
    from core.views.customer import CustomerRow
    from core.views.files import FileRow
    from core.views.mine import QuestionRow, SaidRow
    from tui.dialogs import Dialog
    from tui.widgets.editor import Editor

Result = TypeVar("Result")

ALWAYS_FOR_ONE = {"note", "explain", "read", "customer", "save"}
"""What can be done with any contact, whoever has it and however it stands."""
IN_HAND = {"send", "forward", "close", "transfer", "hold", "plain", "reply_all", "heading", "attach", "retry", "drafts",
           "canned", "ask", "class", "merge"}  # fmt: skip
FOR_EMAILS = {"heading", "attach", "reply_all"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What this person has typed for a contact, as it was read."""

    draft: KeptDraft = field(default_factory=KeptDraft)
    adopted: SeatDraft | None = None
    """The draft of another seat, where the one to show is that one."""
    beside: tuple[SeatDraft, ...] = ()
    """What was typed at other seats and says something else."""
    own: bool = False
    """Whether this seat has a draft in the database."""
    at: datetime | None = None
    """When it was typed last."""


@dataclass(frozen=True, slots=True)
class Found:
    """One reading of the desk."""

    mine: list[ContactRow]
    contact: ContactRow | None = None
    messages: tuple[MessageRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    """What colleagues ask this person."""
    said: tuple[SaidRow, ...] = ()
    """What was said to this person alone since she was told last."""
    words: tuple[str, ...] = ()
    """Of canned replies that may be written here."""
    customer: CustomerRow | None = None
    others: tuple[str, ...] = ()
    """Who else got the customer's newest e-mail."""
    files: tuple[FileRow, ...] = ()
    """What came with the messages, the newest first."""
    choices: Choices = field(default_factory=Choices)
    kept: Kept = field(default_factory=Kept)
    typed: int = 0
    """How often something had been typed here when it was read."""


class DeskPlace(WorkScreen[Found]):
    """The desk before anything is done at it."""

    editor: Editor
    found: Found | None = None
    contact: ContactRow | None = None
    """The contact before the person."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_here: dict[int, list[int]] = {}
        """By contact: ids of the messages that were sent from this screen."""
        self.expected: set[int] = set()
        """Contacts that this person brings to herself: nobody need tell her."""
        self.sending: asyncio.Future[bool] | None = None
        """What is being sent just now; it will say whether it was."""

    @property
    def before_me(self) -> ContactRow | None:
        """The contact that a verb is about: the one under the cursor, though its thread may be read only just now."""
        return self.contact

    def question_on(self, verb: str, contact: ContactRow) -> str:
        """The title of a question: whom it is about."""
        who = one_line(contact.name or shown_address(contact.address, self.house.region), 40)
        return f"{verb} {who} · contact {contact.id}"

    def seen_of(self, contact: ContactRow, found: Found | None) -> int:
        """How many messages this person has seen: those that stood there, and her own that are not shown yet."""
        if found is None or found.contact is None or found.contact.id != contact.id:
            return contact.messages
        newest = max((message.id for message in found.messages), default=0)
        return contact.messages + sum(sent > newest for sent in self.sent_here.get(contact.id, ()))

    async def after_sending(self, contact_id: int) -> None:
        """Whatever was sent before comes first. Raises Refused where it could not be sent."""
        if self.sending is not None and not await self.sending:
            raise Refused(f"contact {contact_id} stays as it is, since your answer to it was not sent")

    def ask(self, dialog: Dialog[Result]) -> asyncio.Future[Result | None]:
        """Open a dialog this instant, so that whatever is typed next goes into it; what it will give back."""
        answer: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()

        def give(result: Result | None) -> None:
            self.remove_class("-over-strip")
            if not answer.done():
                answer.set_result(result)

        if dialog.LOW:
            self.add_class("-over-strip")  # the end of the thread stays in sight above it
            dialog.add_class("-low")
        self.app.push_screen(dialog, give)
        return answer

    def let_go(self, contact_id: int) -> None:
        """It leaves this person's list."""
        raise NotImplementedError

    def look_at(self, contact_id: int) -> None:
        """Show a contact, whoever has it."""
        raise NotImplementedError

    @property
    def is_mine(self) -> bool:
        """Whether this person has the contact in hand."""
        row = self.contact
        return row is not None and row.agent == self.login and row.state not in ("closed", "offered")

    @property
    def supervises(self) -> bool:
        """Whether this person may do with other people's contacts what those may."""
        return self.house.person is not None and self.house.person.role != "agent"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that cannot work now are not shown."""
        row = self.contact
        if action in ALWAYS_FOR_ONE:
            return row is not None
        if action == "take":
            return row is not None and (not self.is_mine or row.state == "held")
        if action in {"accept", "refuse", "refuse_why"}:
            return row is not None and row.state == "offered" and row.agent == self.login
        return action not in IN_HAND or self._may_now(action)

    def _may_now(self, action: str) -> bool:
        """Whether what is done with a contact in hand can be done with this one."""
        row = self.contact
        if row is None or row.state in ("closed", "offered"):
            return False
        if action in FOR_EMAILS and row.channel != "email":
            return False
        if action == "plain" and row.channel != "sms":
            return False
        if action in {"close", "transfer", "class"}:
            return self.is_mine or self.supervises
        if action == "hold":
            return row.state in ("open", "held") and (self.is_mine or self.supervises)
        return self.is_mine or (action == "retry" and self.supervises)
