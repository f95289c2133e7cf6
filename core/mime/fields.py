"""The head of a mail or part: its fields, encoded words (RFC 2047), addresses, dates and parameters (RFC 2231).

Every length is capped before any expression or library looks at it, so no head costs more than some milliseconds.
"""

from __future__ import annotations

import binascii
import inspect
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from core.mail import Address
from core.mime.charsets import decode
from core.text import harmless, one_line

LONGEST_HEAD = 256 * 1024
LONGEST_FIELD = 2000
LONGEST_ADDRESS_FIELD = 16 * 1024
MOST_ADDRESSES = 100

# Newer Pythons refuse a whole list for one stray comma unless told not to be strict.
_LENIENT = {"strict": False} if "strict" in inspect.signature(getaddresses).parameters else {}
_HEAD = re.compile(rb">?From [^\n]*\n|(?:[!-9;-~]+[ \t]*:[^\n]*(?:\n|\Z)|[ \t][^\n]*(?:\n|\Z))++")
_FIELD = re.compile(r"^([!-9;-~]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_PLAIN_ADDRESS = re.compile(
    r'(?:"([^"\\<>]*)"|([^"<>,;:()@\\\[\]]*))[ \t]*<[ \t]*([^\s<>@,;:()"\\\[\]]+@[^\s<>@,;:()"\\\[\]]+)[ \t]*>\s*'
)
_BARE_ADDRESS = re.compile(r'[^\s<>@,;:()"\\\[\]]+@[^\s<>@,;:()"\\\[\]]+')
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")

Fields = dict[str, str]
"""Raw values by lower-case name, the first of each; 8-bit bytes stand as surrogates (PEP 383)."""


def split_head(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    """The fields of `raw[start:end]` and where its body begins. Linear; a head too long is read in part."""
    first = _HEAD.match(raw, start, end)
    stop = first.end() if first else start
    if first and raw[start : start + 6].lstrip(b">").startswith(b"From "):
        first = _HEAD.match(raw, stop, end)
        start, stop = stop, first.end() if first else stop
    head = raw[start : min(stop, start + LONGEST_HEAD)].replace(b"\r\n", b"\n").decode("ascii", "surrogateescape")
    fields: Fields = {}
    for name, value in _FIELD.findall(head):
        if (name := name.lower()) not in fields:
            fields[name] = (" ".join(map(str.strip, value.split("\n"))) if "\n" in value else value).rstrip()
    if raw.startswith(b"\r\n", stop, end):
        return fields, stop + 2
    return fields, stop + 1 if raw.startswith(b"\n", stop, end) else stop


def words(value: str, marks: list[str] | None = None, limit: int = LONGEST_FIELD) -> str:
    """A raw value as harmless text on one line, encoded words decoded. `marks` gathers what had to be mended."""
    if len(value) <= limit and value.isascii() and "=?" not in value and value.isprintable():
        return value
    value = _unescaped(value[:limit], marks)
    return harmless(_decode_words(value, marks), lines=False).strip() if "=?" in value else harmless(value, lines=False)


def addresses(value: str, marks: list[str] | None = None) -> tuple[Address, ...]:
    """The addresses of a raw To, Cc, From...; groups are opened, what is no address is left out."""
    value = value.strip()[:LONGEST_ADDRESS_FIELD]
    if not value:
        return ()
    if len(value) < 500 and (whole := _BARE_ADDRESS.fullmatch(value) or _PLAIN_ADDRESS.fullmatch(value)):
        if whole.re is _BARE_ADDRESS:
            return (_address("", value, marks),)
        return (_address(whole[1] or (whole[2] or "").strip(), whole[3], marks),)
    try:
        pairs = getaddresses([value], **_LENIENT)
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        pairs = [("", found) for found in _BARE_ADDRESS.findall(value[:LONGEST_FIELD])]
    return tuple(_address(name, email, marks) for name, email in pairs[:MOST_ADDRESSES] if "@" in email)


def date(value: str) -> datetime | None:
    """The Date field in UTC; None when it cannot be read. Without a zone it counts as UTC (RFC 5322, 3.3: -0000)."""
    try:
        when = parsedate_to_datetime(value[:200])
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def message_id(value: str) -> str:
    """The Message-ID in its angle brackets, given some even where the sender forgot them; "" for none."""
    value = value.strip()[:LONGEST_FIELD]
    if found := _MESSAGE_ID.search(value):
        return one_line(found.group(), 510)
    bare = one_line(value.strip("<> "), 500).replace(" ", "_")
    return f"<{bare}>" if bare else ""


def message_ids(value: str) -> tuple[str, ...]:
    """The ids of a References or In-Reply-To field in their order: the first and the last 50 at most."""
    ids = [one_line(found, 510) for found in _MESSAGE_ID.findall(value[: 4 * LONGEST_ADDRESS_FIELD])]
    return tuple(ids[:1] + ids[1:][-49:])


def media_type(value: str) -> str:
    """`text/plain` and so on, in lower case; what cannot be read is text/plain (RFC 2045, 5.2)."""
    kind = value.partition(";")[0].strip().lower()
    main, slash, sub = kind.partition("/")
    return (
        kind if slash and main and sub and len(kind) < 128 and kind.isascii() and kind.isprintable() else "text/plain"
    )


def parameter(value: str, name: str, marks: list[str] | None = None) -> str:
    """One parameter of a Content-Type or Content-Disposition, RFC 2231 and RFC 2047 both undone; "" for none."""
    message = Message()
    message["Content-Type"] = _unescaped(value[: 2 * LONGEST_FIELD], marks)
    try:
        found = message.get_param(name)
    except (ValueError, TypeError, IndexError, LookupError, UnicodeError):
        return ""
    if isinstance(found, tuple):
        charset, _, text = found
        try:
            return decode(text.encode("latin-1"), charset or "us-ascii")[0]
        except UnicodeEncodeError:
            return text
    return words(found, marks) if isinstance(found, str) else ""


def base64_bytes(data: bytes) -> bytes:
    """Decoded, however badly it is padded or littered. Never raises."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        data = _NOT_BASE64.sub(b"", data)
        return binascii.a2b_base64(data[: len(data) - (len(data) % 4 == 1)] + b"==")


def _unescaped(value: str, marks: list[str] | None) -> str:
    """A raw value with its 8-bit bytes read as UTF-8, else cp1252."""
    if value.isascii():
        return value
    try:
        value, mark = decode(value.encode("ascii", "surrogateescape"), None)
    except UnicodeEncodeError:  # letters, not bytes: it has been through here before
        return value
    if mark and marks is not None:
        marks.append("raw 8-bit header: " + mark)
    return value


def _address(name: str, email: str, marks: list[str] | None) -> Address:
    local, _, domain = one_line(words(email, None, 400), 320).rpartition("@")
    return Address(f"{local}@{domain.lower()}", one_line(words(name, marks, 400), 200) if name else "")


def _decode_words(text: str, marks: list[str] | None) -> str:
    """RFC 2047: blanks between two encoded words vanish, and a character may be split over words of one charset."""
    pieces: list[str] = []
    pending, pending_charset, position = b"", "", 0

    def flush() -> None:
        if pending:
            decoded, mark = decode(pending, pending_charset)
            pieces.append(decoded)
            if mark and marks is not None:
                marks.append(mark)

    for match in _WORD.finditer(text):
        gap, charset = text[position : match.start()], match[1].lower()
        if gap.strip() or position == 0 or charset != pending_charset:
            flush()
            pending = b""
            if gap.strip() or position == 0:
                pieces.append(gap)
        data = match[3].encode("ascii", "replace")
        pending += base64_bytes(data) if match[2] in "bB" else binascii.a2b_qp(data, header=True)
        pending_charset, position = charset, match.end()
    flush()
    return "".join(pieces) + text[position:]
