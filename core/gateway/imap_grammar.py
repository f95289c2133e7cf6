"""IMAP's grammar (RFC 3501): cutting a stream into replies, reading a FETCH, names and sets as the wire wants them.

Nothing here reads or writes a socket. A *reply* is one response of the server with its literals cut out: a list that
alternates text and literal, `[text, literal, text, ...]`, and always begins and ends with text.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Reply: TypeAlias = "list[bytes]"

MAX_SET_LENGTH = 7_000
"""Octets of one sequence set. RFC 7162 section 4 asks servers to take command lines of 8,192 octets."""

_LITERAL = re.compile(rb"\{(\d{1,20})\+?\}\Z")
_STATUS = re.compile(rb"\* (?:OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)
_TOKEN = re.compile(
    rb"""\ * (?: (?P<quoted> "(?:[^"\\]|\\.)*" )
           | (?P<open> \( ) | (?P<close> \) )
           | (?P<word> [^\s()"\[]+ (?: \[ [^\]]* \] (?: <\d+> )? )? | \[ ) )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_DATE = re.compile(r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_STATUS_PARTS = re.compile(rb"([A-Za-z]+)(?: \[([^\] ]+)(?: ([^\]]*))?\])? ?(.*)", re.DOTALL)
_LIST = re.compile(rb"\* LIST \(([^)]*)\) (?:\"(?:[^\"\\]|\\.)*\"|NIL) (.*)", re.IGNORECASE | re.DOTALL)


class TooMuch(Exception):
    """The server sent, or announced, more octets than the reader was told to take."""


class ReplyReader:
    """Cuts what arrives into replies, in time linear in the octets and without recursion.

    `allowance` is how many octets it still takes; whoever asks the server something sets it.
    """

    __slots__ = ("_chunks", "_line", "_missing", "_parts", "allowance")

    def __init__(self, allowance: int) -> None:
        self.allowance = allowance
        self._line = bytearray()
        self._parts: Reply = []
        self._chunks: list[bytes] = []
        self._missing = 0

    @property
    def in_midst(self) -> bool:
        """Whether something was read that is no whole reply yet."""
        return bool(self._line or self._parts or self._missing)

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that these octets complete. Raises TooMuch."""
        position, end = 0, len(data)
        self.allowance -= end
        if self.allowance < 0:
            raise TooMuch
        while position < end:
            if self._missing:
                position = self._take_literal(data, position)
                continue
            stop = data.find(b"\n", position)
            if stop < 0:
                self._line += data[position:]
                return
            line = data[position:stop]
            if self._line:
                line = bytes(self._line) + line
                self._line.clear()
            position = stop + 1
            reply = self._take_line(line.removesuffix(b"\r"), end - position)
            if reply is not None:
                yield reply

    def _take_literal(self, data: bytes, position: int) -> int:
        chunk = data[position : position + self._missing]
        self._missing -= len(chunk)
        if self._missing:
            self._chunks.append(chunk)
        elif self._chunks:
            self._chunks.append(chunk)
            self._parts.append(b"".join(self._chunks))
            self._chunks = []
        else:
            self._parts.append(chunk)
        return position + len(chunk)

    def _take_line(self, line: bytes, at_hand: int) -> Reply | None:
        self._parts.append(line)
        # Only data may hold literals; `{5}` at the end of a status is a person's words.
        if line.endswith(b"}") and self._parts[0].startswith(b"* ") and not _STATUS.match(self._parts[0]):
            announced = _LITERAL.search(line)
            if announced is not None:
                self._missing = int(announced[1])
                if self._missing > self.allowance + at_hand:
                    raise TooMuch
                if not self._missing:
                    self._parts.append(b"")
                return None
        whole, self._parts = self._parts, []
        return whole


# -- what a reply says ---------------------------------------------------------------------------------------------


class Status(NamedTuple):
    """`OK`, `NO`, `BAD`, `BYE` or `PREAUTH` in its parts, as in `NO [TRYCREATE] No such folder`."""

    word: str
    """Upper case; empty when it is no status."""
    code: str
    """The response code's name (RFC 5530) in upper case; empty without one."""
    arguments: str
    """What stood behind the code's name."""
    text: str
    """The server's words, not yet made harmless."""


def read_status(line: bytes) -> Status:
    """Read a status without its tag or asterisk."""
    found = _STATUS_PARTS.fullmatch(line)
    if found is None:
        return Status("", "", "", line.decode("utf-8", "replace"))
    word, code, arguments, text = ((part or b"").decode("utf-8", "replace") for part in found.groups())
    return Status(word.upper(), code.upper(), arguments, text)


def fetched(reply: Reply) -> dict[bytes, bytes]:
    """The items of one `* n FETCH (...)` with upper-case names, such as `UID`, `RFC822.SIZE`, `BODY[]`.

    Values lose their quotes; NIL and lists (FLAGS) are left out. What cannot be read ends the reading quietly.
    """
    items: dict[bytes, bytes] = {}
    name: bytes | None = None
    depth = 0
    for kind, value in _tokens(reply):
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            name = None if depth == 1 else name
        elif depth != 1:
            continue
        elif name is None:
            name = value.upper()
        else:
            if kind != "word" or value.upper() != b"NIL":
                items[name] = value
            name = None
    return items


def _tokens(reply: Reply) -> Iterator[tuple[str, bytes]]:
    for index, part in enumerate(reply):
        if index % 2:
            yield "literal", part
            continue
        position = 0
        if index + 1 < len(reply):
            part = part[: part.rindex(b"{")]  # the literal itself comes next
        while (token := _TOKEN.match(part, position)) is not None:
            kind = token.lastgroup or ""
            text = token[kind]
            yield kind, _unescaped(text[1:-1]) if kind == "quoted" else text
            position = token.end()


def _unescaped(text: bytes) -> bytes:
    return _ESCAPED.sub(rb"\1", text) if b"\\" in text else text


def read_date(text: bytes) -> datetime | None:
    """An INTERNALDATE (`17-Jul-1996 02:44:25 -0700`) in UTC; None when it is none."""
    found = _DATE.fullmatch(text.decode("ascii", "replace"))
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        return datetime(
            int(year),
            _MONTHS[month.lower()],
            int(day),
            int(hour),
            int(minute),
            min(int(second), 59),  # a leap second
            tzinfo=timezone(-offset if sign == "-" else offset),
        ).astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        return None


def searched(replies: Sequence[Reply]) -> set[int]:
    """The numbers in `* SEARCH` replies."""
    words = (word for reply in replies for word in reply[0].split()[2:])
    return {int(word) for word in words if word.isdigit() and len(word) <= 10}


def listed_mailbox(reply: Reply) -> str | None:
    """The name in one `* LIST` reply; None where it is no folder that can be selected."""
    found = _LIST.match(reply[0])
    if found is None:
        return None
    attributes = found[1].lower()
    if b"\\noselect" in attributes or b"\\nonexistent" in attributes:
        return None
    name = found[2]
    if len(reply) > 1:
        name = reply[1]
    elif name.startswith(b'"'):
        name = _unescaped(name.strip()[1:-1])
    return decode_mailbox(name.strip())


# -- how the wire wants it -----------------------------------------------------------------------------------------


def quote(text: str) -> str:
    """A quoted string (RFC 3501 section 9). The caller sees to it that there is no CR, LF or NUL in it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def encode_mailbox(name: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501 section 5.1.3): `Entwürfe` is `Entw&APw-rfe`."""
    pieces: list[str] = []
    for plain, other in re.findall(r"([\x20-\x7e]+)|([^\x20-\x7e]+)", name):
        if plain:
            pieces.append(plain.replace("&", "&-"))
        else:
            octets = other.encode("utf-16-be", "surrogatepass")
            pieces.append("&" + base64.b64encode(octets, b"+,").decode().rstrip("=") + "-")
    return "".join(pieces)


def decode_mailbox(name: bytes) -> str:
    """The folder's name out of modified UTF-7; a name that is no such thing is read as UTF-8."""
    text = name.decode("utf-8", "replace")

    def plain(shift: re.Match[str]) -> str:
        if not shift[1]:
            return "&"
        try:
            return base64.b64decode(shift[1] + "=" * (-len(shift[1]) % 4), b"+,", validate=True).decode("utf-16-be")
        except (binascii.Error, UnicodeDecodeError):
            return shift[0]

    return re.sub(r"&([A-Za-z0-9+,]*)-", plain, text)


def uid_sets(uids: Sequence[int], per_set: int) -> Iterator[str]:
    """The UIDs as sequence sets (`1:5,9`), ascending, of at most `per_set` UIDs and MAX_SET_LENGTH octets each."""
    pieces: list[str] = []
    length = count = 0
    for first, last in _ranges(sorted(set(uids)), per_set):
        piece = str(first) if first == last else f"{first}:{last}"
        if pieces and (count + last - first + 1 > per_set or length + len(piece) > MAX_SET_LENGTH):
            yield ",".join(pieces)
            pieces, length, count = [], 0, 0
        pieces.append(piece)
        length += len(piece) + 1
        count += last - first + 1
    if pieces:
        yield ",".join(pieces)


def _ranges(uids: Sequence[int], longest: int) -> Iterator[tuple[int, int]]:
    first = last = 0
    for uid in uids:
        if first and uid == last + 1 and uid - first < longest:
            last = uid
            continue
        if first:
            yield first, last
        first = last = uid
    if first:
        yield first, last
