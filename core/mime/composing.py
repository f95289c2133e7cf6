"""An `OutboundMail` to the bytes that go over the wire: CRLF, seven bits, no line over 998 (RFC 5322, 2.1.1).

Built by hand from the standard library's encoders: an `EmailMessage` takes over a millisecond a letter, this a tenth.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import secrets
import time
from collections import deque
from email.header import Header
from email.utils import format_datetime, quote
from typing import TYPE_CHECKING
from urllib.parse import quote as percent

from core.clock import Clock
from core.errors import Wrong
from core.mime.charsets import codec_of
from core.mime.signs import LOOP_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.mail import Address, FileToSend, OutboundMail

Part = tuple[list[str], bytes]
"""Content headers and body."""
LONGEST_REFERENCES = 20
_WIDTH = 76
_LONGEST_WORD = 900
_CRLF = "\r\n"

_BREAKS = re.compile("[\r\n\0]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ATOM = r'[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f]'
_ADDRESS = re.compile(rf'(?:{_ATOM}{{1,64}}|"[ !#-\[\]-~]{{1,62}}")@{_ATOM}{{1,253}}')
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,76}")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60}")
_ID = re.compile(r"<[!-;=?-~]{1,500}>")
_CHARSET = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}")
_PERCENTED = re.compile(r"(?:%[0-9A-F]{2}|[^%]){1,20}")
_SEVEN_BIT = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_ASCII = bytes(range(0x80))
DRAWN_AT_ONCE = 100
_drawn: deque[str] = deque()
"""Each is taken once, whichever thread takes it."""
_RE = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|rv|res?p?|rép?|odp|ynt|vá|atb|hl|回复|回覆|答复|返信|답장)"
    r"(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})? ?[:：]\s*",
    re.IGNORECASE,
)
# What a dialect or a script may not set itself: it would be there twice, or undo what the body needs.
_OURS = frozenset(
    ("from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "in-reply-to", "references", "mime-version")
)


def new_message_id(domain: str) -> str:
    """A new Message-ID at `domain`; unique, and it tells nothing of the machine. Raises Wrong on a bad domain."""
    found = f"<{int(time.time() * 1000):x}.{_unguessable()}@{domain}>"
    if not _ID.fullmatch(found) or "@" in domain or not domain:
        raise Wrong(f"{domain!r} is no domain for a Message-ID: give one such as example.org.")
    return found


def _unguessable() -> str:
    """Twenty figures that nobody foretells, drawn for many letters at once: to ask the system costs more than they."""
    try:
        return _drawn.pop()
    except IndexError:
        drawn = secrets.token_hex(10 * DRAWN_AT_ONCE)
        _drawn.extend(drawn[start : start + 20] for start in range(20, len(drawn), 20))
        return drawn[:20]


def reply_subject(subject: str) -> str:
    """`Re: ` and the subject: one `Re: `, however many answers went before and whatever their language called it."""
    subject = subject.strip()[:2000]
    while match := _RE.match(subject):
        subject = subject[match.end() :]
    return f"Re: {subject}".rstrip()


def compose(mail: OutboundMail) -> bytes:
    """The letter as wire bytes. Raises Wrong when a field holds a line end or NUL, or an address is none.

    Text is made seven-bit (quoted-printable or base64) in the charset asked for, in UTF-8 where it does not fit.
    """
    lines = list(_head(mail))
    body_lines, body = _body(mail)
    lines += body_lines
    return (_CRLF.join(lines) + _CRLF + _CRLF).encode("ascii") + body


def _head(mail: OutboundMail) -> Iterator[str]:
    yield "From: " + _mailbox(mail.sender, "sender")
    if not mail.to and not mail.cc:
        raise Wrong("The mail has no recipient: give it at least one address in to or cc.")
    for name, each in (("To", mail.to), ("Cc", mail.cc)):
        if each:
            yield f"{name}: " + ",\r\n ".join(_mailbox(address, name) for address in each)
    yield "Subject: " + _unstructured(mail.subject, "subject", 9)
    yield "Date: " + format_datetime(mail.date or Clock().now())
    yield from _threading(mail)
    if mail.automatic:
        # RFC 3834, 5: auto-replied for an answer, auto-generated for what nobody's mail called forth.
        yield "Auto-Submitted: " + ("auto-replied" if mail.in_reply_to else "auto-generated")
        yield "X-Auto-Response-Suppress: All"
        yield "Precedence: " + ("auto_reply" if mail.in_reply_to else "bulk")
    if mail.loop_token:
        yield f"{LOOP_HEADER}: " + _unstructured(mail.loop_token, LOOP_HEADER, len(LOOP_HEADER) + 2)
    for name, value in mail.headers:
        yield _further(name, value)
    yield "MIME-Version: 1.0"


def _further(name: str, value: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("content-"):
        raise Wrong(f"The header {name!r} cannot be added to a mail: its name is not allowed or is the desk's own.")
    return f"{name}: " + _unstructured(value, name, len(name) + 2)


def _threading(mail: OutboundMail) -> Iterator[str]:
    """Message-ID, In-Reply-To and References (RFC 5322, 3.6.4)."""
    if not _ID.fullmatch(mail.message_id):
        raise Wrong(f"{mail.message_id[:100]!r} is no Message-ID: it should look like <something@example.org>.")
    yield "Message-ID: " + mail.message_id
    answered = _ids((mail.in_reply_to,) if mail.in_reply_to else (), "In-Reply-To")
    if answered:
        yield "In-Reply-To: " + answered[0]
    references = _ids(mail.references, "References")
    references += tuple(each for each in answered if each not in references)
    if references:
        # The first names the thread, the last are nearest (RFC 5322, 3.6.4): the middle is what can go.
        if len(references) > LONGEST_REFERENCES:
            references = (references[0], *references[1 - LONGEST_REFERENCES :])
        yield "References: " + "\r\n ".join(references)


def _body(mail: OutboundMail) -> Part:
    """The Content headers of the whole and its body."""
    _no_breaks(mail.charset, "charset")
    part = _text_part(mail.text, "plain", mail.charset)
    if not mail.html and not mail.attachments:
        return part
    if mail.html:
        part = _with_html(part, mail.text, mail.html, mail.charset, mail.message_id)
    if mail.attachments:
        boundary = _boundary(mail.message_id, mail.text, mail.html) + "m"
        part = _multipart("mixed", boundary, [part, *map(_attachment, mail.attachments)])
    return part


def _with_html(part: Part, text: str, html: str, charset: str, message_id: str) -> Part:
    """The text and its HTML: the plainest first (RFC 2046, 5.1.4)."""
    boundary = _boundary(message_id, text, html) + "a"
    return _multipart("alternative", boundary, [part, _text_part(html, "html", charset)])


def _boundary(message_id: str, text: str, html: str) -> str:
    seed = hashlib.blake2b(f"{message_id}\0{text}\0{html}".encode("utf-8", "replace"), digest_size=12)
    # "=_" cannot stand in quoted-printable or base64, and nobody can write the digest of his own text into it.
    return "=_" + seed.hexdigest()


def _multipart(kind: str, boundary: str, parts: list[Part]) -> Part:
    pieces: list[bytes] = []
    for head, body in parts:
        pieces.append(f"--{boundary}{_CRLF}{_CRLF.join(head)}{_CRLF}{_CRLF}".encode("ascii"))
        pieces.append(body if body.endswith(b"\r\n") else body + b"\r\n")
    pieces.append(f"--{boundary}--{_CRLF}".encode("ascii"))
    return [f'Content-Type: multipart/{kind}; boundary="{boundary}"'], b"".join(pieces)


def _text_part(text: str, subtype: str, charset: str) -> Part:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.endswith("\n"):
        text += "\n"
    charset, data = _encoded(text.replace("\n", _CRLF), charset)
    if not data.translate(None, _SEVEN_BIT) and max(map(len, data.split(b"\r\n"))) <= 998:
        transfer = "7bit"
    elif len(data.translate(None, _ASCII)) * 5 > len(data):
        transfer, data = "base64", _base64_lines(data)
    else:
        transfer, data = "quoted-printable", binascii.b2a_qp(data, istext=True)
    return [f'Content-Type: text/{subtype}; charset="{charset}"', f"Content-Transfer-Encoding: {transfer}"], data


def _encoded(text: str, charset: str) -> tuple[str, bytes]:
    """In the charset asked for when Python knows it and the text fits; else in UTF-8."""
    wanted = charset.strip().lower()
    usable = _CHARSET.fullmatch(wanted) and codec_of(wanted) and not wanted.startswith(("utf", "unicode"))
    if usable:
        try:
            return wanted, text.encode(wanted)
        except (UnicodeError, LookupError):
            pass
    return "utf-8", text.encode("utf-8", "replace")


def _base64_lines(data: bytes) -> bytes:
    encoded = binascii.b2a_base64(data, newline=False)
    return b"".join(encoded[at : at + 76] + b"\r\n" for at in range(0, len(encoded), 76))


def _attachment(file: FileToSend) -> Part:
    _no_breaks(file.name, "name of the attached file")
    _no_breaks(file.content_type, "type of the attached file")
    kind = file.content_type.lower() if _MEDIA_TYPE.fullmatch(file.content_type) else "application/octet-stream"
    name = file.name.strip()[-150:] or "file"
    shown = "attachment;\r\n filename"
    if name.isascii() and name.isprintable() and len(name) < 60:
        shown += f'="{quote(name)}"'
    else:  # RFC 2231, 3: in numbered pieces that keep their lines short
        coded = "utf-8''" + percent(name.encode("utf-8", "replace"), safe="")
        pieces = _PERCENTED.findall(coded)
        shown = "attachment" + "".join(
            f";\r\n filename*{n}*={piece}" if len(pieces) > 1 else f";\r\n filename*={piece}"
            for n, piece in enumerate(pieces)
        )
    data, transfer = file.content, "base64"
    if kind.startswith(("multipart/", "message/")):
        # RFC 2046, 5.2.1: a mail in a mail may not be encoded. One that is not seven-bit travels as plain octets.
        lines = re.split(rb"\r\n|\r|\n", data)
        if kind == "message/rfc822" and data.isascii() and b"\0" not in data and max(map(len, lines)) <= 998:
            data, transfer = _CRLF.encode().join(lines), "7bit"
        else:
            kind = "application/octet-stream"
    if transfer == "base64":
        data = _base64_lines(data)
    return [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {transfer}", f"Content-Disposition: {shown}"], data


def _mailbox(address: Address, where: str) -> str:
    _no_breaks(address.email, f"address in {where}")
    _no_breaks(address.name, f"name in {where}")
    email = address.email if address.email.isascii() else _with_ascii_domain(address.email)
    if not email.isascii() or not _ADDRESS.fullmatch(email):
        raise Wrong(f"{address.email[:100]!r} in {where} is no e-mail address: it should look like name@example.org.")
    name = address.name.strip()[:200]
    if not name:
        return email
    if len(name) > 60 or not name.isascii() or not name.isprintable() or "=?" in name:
        name = _words(name, 12)
    elif not _PLAIN_NAME.fullmatch(name):
        name = f'"{quote(name)}"'
    return f"{name}\r\n <{email}>" if len(name) + len(email) > 60 else f"{name} <{email}>"


def _with_ascii_domain(email: str) -> str:
    """RFC 5891: the domain can be written in ASCII, what stands before the @ cannot."""
    local, at, domain = email.rpartition("@")
    try:
        return local + at + domain[:253].encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _unstructured(value: str, where: str, used: int) -> str:
    """A header's value, folded at blanks; in encoded words (RFC 2047) where it is not plain ASCII."""
    _no_breaks(value, where)
    value = value.strip()
    if used + len(value) <= _WIDTH and value.isascii() and value.isprintable() and "=?" not in value:
        return value
    if not value.isascii() or not value.isprintable() or "=?" in value or "  " in value:
        return _words(value, used)
    folded, room = [], _WIDTH - used
    line = ""
    for word in value.split(" "):
        if len(word) > _LONGEST_WORD:
            return _words(value, used)
        if line and len(line) + 1 + len(word) > room:
            folded.append(line)
            line, room = word, _WIDTH
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*folded, line])


def _words(text: str, used: int) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return Header(text, "utf-8", maxlinelen=_WIDTH, header_name="x" * max(used - 2, 0)).encode(linesep=_CRLF)


def _ids(values: tuple[str, ...], where: str) -> tuple[str, ...]:
    """The ids that can be named in a header; a stranger's odd one is left out, for the answer must go all the same."""
    for value in values:
        _no_breaks(value, where)
    return tuple(value for value in values if _ID.fullmatch(value))


def _no_breaks(value: str, where: str) -> None:
    if _BREAKS.search(value):
        raise Wrong(f"The {where} of the mail holds a line end or a NUL: take it out, it could smuggle in a header.")
