"""The mails that the demo's customers, their mail systems and the SMS providers write, as bytes for a mailbox."""

from __future__ import annotations

import html
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.talks import Talk

_HTML = '<html><body><div style="font-family:Calibri">{said}</div>{quoted}</body></html>'
_BOUNCE = """\
From: Mail Delivery System <MAILER-DAEMON@{domain}>
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: {message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"

--=_report
Content-Type: text/plain; charset=us-ascii

This is the mail system of {domain}.
Your message could not be delivered to its recipient.

<{recipient}>: {words}

--=_report
Content-Type: message/delivery-status

Reporting-MTA: dns; {domain}

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--=_report
Content-Type: text/rfc822-headers

Message-ID: {letter_id}
To: {recipient}

--=_report--
"""
_QUOTED_HTML = '<div class="gmail_quote"><div>{intro}</div><blockquote>{said}</blockquote></div>'


@dataclass(frozen=True, slots=True)
class FromDesk:
    """A letter of the desk's, as its recipient keeps it."""

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    subject: str
    text: str
    automatic: bool
    at: datetime


def mail(sender: str, to: str, subject: str, text: str, *, answering: FromDesk | None = None) -> EmailMessage:
    """A plain mail with a Message-ID of its own; threaded under the letter it answers."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip(">"))
    if answering is not None:
        message["In-Reply-To"] = answering.message_id
        message["References"] = " ".join((*answering.references, answering.message_id))
    message.set_content(text)
    return message


def email(talk: Talk, sender: str, to: str, text: str, answering: FromDesk | None) -> EmailMessage:
    """What a person's mail program makes of `text` in this talk: history quoted, as HTML, with a file."""
    history = answering.text if answering is not None else talk.history
    when = answering.at if answering is not None else datetime.now(UTC)
    intro = f"On {when:%a, %d %b %Y at %H:%M}, Fernhill <{to}> wrote:"
    subject = f"Re: {talk.subject}" if answering is not None and not talk.subject.startswith("Re:") else talk.subject
    quoted = "\n\n" + intro + "\n" + "\n".join(f"> {line}" for line in history.splitlines()) if history else ""
    message = mail(sender, to, subject, text + quoted, answering=answering)
    if talk.html:
        quoted = _QUOTED_HTML.format(intro=html.escape(intro), said=_as_html(history)) if history else ""
        message.set_content(_HTML.format(said=_as_html(text), quoted=quoted), subtype="html")
    if talk.file and answering is None:
        message.add_attachment(photo(), "image", "png", filename=talk.file)
    return message


def away(talk: Talk, sender: str, to: str, answering: FromDesk) -> EmailMessage:
    """What a mail system sends while its user is out of the office (RFC 3834)."""
    message = mail(sender, to, f"Automatic reply: {answering.subject}", talk.away, answering=answering)
    message["Auto-Submitted"] = "auto-replied"
    return message


def bounce(domain: str, to: str, recipient: str, letter: FromDesk, words: str) -> bytes:
    """A delivery status notification (RFC 3464): the letter did not reach its recipient."""
    return (
        _BOUNCE.format(
            domain=domain,
            to=to,
            recipient=recipient,
            words=words,
            status=words.split()[1],
            date=format_datetime(datetime.now(UTC)),
            message_id=make_msgid(domain=domain),
            letter_id=letter.message_id,
        )
        .replace("\n", "\r\n")
        .encode("ascii")
    )


def photo() -> bytes:
    """A small picture (PNG, 64 by 64 grey pixels)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((3 * x + y) % 256 for x in range(64)) for y in range(64))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _as_html(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
