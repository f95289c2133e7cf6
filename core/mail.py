"""Frozen values of a mail: what came in, what is to go out. No bytes are read or written here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """One e-mail address and the name that stood beside it (may be empty)."""

    email: str
    """Lower-case domain, local part as it came; empty when it could not be read."""
    name: str = ""
    """Harmless text: control and bidi characters already made visible."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that came with a mail; its bytes stay in the raw mail and are read with `mime.attachment_bytes`."""

    name: str
    content_type: str
    size: int
    """Octets after decoding."""
    part: int
    """Which part of the mail it is: its place in the depth-first walk."""


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A file to go out with a mail."""

    name: str
    content_type: str
    content: bytes


class Automatic(StrEnum):
    """Why a mail is not a person's (RFC 3834 and what else the world does)."""

    AUTO_REPLY = "auto-reply"
    """Out of office and the like."""
    BOUNCE = "bounce"
    """A delivery status notification or an old-style bounce."""
    BULK = "bulk"
    """Mailing lists and newsletters: a person's text all the same, but nothing automatic may answer it."""
    OWN_LOOP = "own-loop"
    """It carries our own desk's loop header: we wrote it."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a delivery status notification (RFC 3464) or an old-style bounce says of one of our messages."""

    original_message_id: str
    """Message-ID of the mail it speaks of, with its angle brackets; empty when it could not be found."""
    recipient: str
    action: str
    """`failed`, `delayed`, `delivered`, `relayed` or `expanded`."""
    status: str
    """Enhanced status code such as `5.1.1`; empty when unknown."""
    diagnostic: str
    """The remote server's own words, harmless and on one line."""


@dataclass(frozen=True, slots=True)
class InboundMail:
    """One mail as the desk reads it. Every text in it is harmless (see `core.text`)."""

    message_id: str
    """With angle brackets; empty when the mail has none."""
    in_reply_to: str
    references: tuple[str, ...]
    sender: Address
    """From, else Sender, else Return-Path."""
    reply_to: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    """The Date header in UTC; None when missing or unreadable."""
    text: str
    """What the agent reads: the best body as plain text, quoted history cut off."""
    quoted: str
    """The quoted history that was cut, empty when none."""
    attachments: tuple[AttachedFile, ...]
    automatic: Automatic | None
    auto_reason: str
    """The header or rule that made it automatic, for the journal."""
    report: DeliveryReport | None
    marks: tuple[str, ...]
    """What had to be mended to read it, in words: `charset x-foo unknown, read as cp1252`."""
    headers: Mapping[str, str]
    """The decoded headers a dialect may match on, by lower-case name; the first of each."""
    loop_token: str
    """The value of our own loop header, empty when it is not there."""
    size: int
    """Octets of the raw mail (of the whole mail even where only its head was fetched)."""
    complete: bool
    """False where only the head was fetched because the mail is over the size limit."""
    fingerprint: str
    """Same for the same mail fetched or delivered twice: hex of a hash over Message-ID, Date and body."""


@dataclass(frozen=True, slots=True)
class OutboundMail:
    """Everything that makes one letter; `mime.compose` turns it into bytes."""

    message_id: str
    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    cc: tuple[Address, ...] = ()
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[FileToSend, ...] = ()
    automatic: bool = False
    """Adds Auto-Submitted (auto-replied to a mail, else auto-generated) and what else keeps machines from answering."""
    loop_token: str = ""
    """Goes into our own loop header when not empty."""
    date: datetime | None = None
    """Now when None."""
    charset: str = "utf-8"
    """What the gateway wants the text in; a text that does not fit falls back to UTF-8."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers a dialect asks for; values may not hold CR or LF."""
