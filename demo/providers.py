"""The demo's two SMS providers: mails of the desk's become texts, texts of the customers' become mails, in two shapes.

They are written from the other side of the wire and know nothing of `core.gateway.dialects`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from demo.letters import FromDesk, bounce, mail

if TYPE_CHECKING:
    from email.message import EmailMessage

NO_SUCH_NUMBER = "550 5.1.1 number is not in service"


@dataclass(frozen=True, slots=True)
class Provider:
    """What both do alike: a text is a mail to number@domain, its body the text."""

    domain: str
    account: str
    """The desk's address that texts go to."""
    reports: bool
    """Whether it tells what became of each text."""

    def number(self, recipient: str) -> str:
        """The number that a mail of the desk's is for, E.164; empty where it is for nobody here."""
        local, _, domain = recipient.rpartition("@")
        digits = local.lstrip("+")
        return f"+{digits}" if domain == self.domain and re.fullmatch("[0-9]{5,15}", digits) else ""

    def mail(self, number: str, text: str, answering: FromDesk | None) -> EmailMessage:
        """The mail that brings a text to the desk."""
        raise NotImplementedError

    def bounced(self, number: str, letter: FromDesk) -> bytes:
        """The letter back, because there is no such number."""
        return bounce(self.domain, self.account, f"{number.lstrip('+')}@{self.domain}", letter, NO_SUCH_NUMBER)


class TextLine(Provider):
    """From number@domain, the body is the text; and a mail for what became of each text (dialect `plain-receipts`)."""

    def mail(self, number: str, text: str, answering: FromDesk | None) -> EmailMessage:
        """The text as it is."""
        beginning = " ".join(text[:20].split())
        return mail(f"{number.lstrip('+')}@{self.domain}", self.account, f"{beginning}...", text)

    def receipt(self, number: str, letter: FromDesk, title: str, result: str) -> EmailMessage:
        """`Message to 447700900101 delivered`, and details; `title` is the last word of that."""
        digits, now = number.lstrip("+"), datetime.now(UTC)
        beginning = " ".join(letter.text[:26].replace('"', "'").split())
        text = f'You sent a text message beginning "{beginning}"\nTo:{digits}\nTime: {letter.at:%H:%M %d/%m/%Y}\n'
        subject = f"Message to {digits} {title}"
        text += f"Result: {result} at {now:%H:%M %d/%m/%Y}\n"
        return mail(f"{digits}@{self.domain}", self.account, subject, text, answering=letter)


class FormText(Provider):
    """A form with the text in it and what it answers after it (dialect `form-reply`)."""

    def mail(self, number: str, text: str, answering: FromDesk | None) -> EmailMessage:
        """The text in its form."""
        now = datetime.now(UTC)
        form = f"Sender: {number}\nDate: {now:%d/%m/%Y}\nApplication Ref: 8831-22\nTime: {now:%H:%M}\nBody: {text}\n"
        if answering is not None:
            form += f"Original message: {answering.text}\n"
        return mail(f"{number}@{self.domain}", self.account, "New SMS reply message", form)
