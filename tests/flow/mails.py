"""Mails as a mailbox gives them, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from core.intake import FetchedMail

_numbers = count(1)
ARRIVED = datetime(2026, 3, 2, 9, 55, tzinfo=UTC)


def text_mail(number: str, words: str, *, message_id: str | None = None, headers: str = "") -> bytes:
    """A text as the plain gateway brings it."""
    n = next(_numbers)
    letter_id = f"<{n}@gate.example>" if message_id is None else message_id
    identity = f"Message-ID: {letter_id}\r\n" if letter_id else ""
    return (
        f"From: {number.lstrip('+')}@sms.example\r\nTo: texts@acme.example\r\n{identity}"
        f"Date: Mon, 02 Mar 2026 09:55:{n % 60:02} +0000\r\nSubject: SMS\r\n{headers}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    ).encode()


def email(sender: str, subject: str, words: str, *, headers: str = "") -> bytes:
    """A plain e-mail to the help account."""
    n = next(_numbers)
    return (
        f"From: {sender}\r\nTo: help@acme.example\r\nMessage-ID: <{n}@mail.example>\r\n"
        f"Date: Mon, 02 Mar 2026 09:55:{n % 60:02} +0000\r\nSubject: {subject}\r\n{headers}\r\n{words}\r\n"
    ).encode()


def fetched(raw: bytes, uid: int, *, after: float = 0.0, size: int | None = None, complete: bool = True) -> FetchedMail:
    """The mail at a UID, arrived so many seconds after the first."""
    return FetchedMail(uid, raw, len(raw) if size is None else size, ARRIVED + timedelta(seconds=after), complete)
