"""The tree of a mail's parts, as places in its bytes: nothing is copied until a part is decoded.

The tree is walked here and not by `email.feedparser`, which asks every open boundary about every line: 290 nested
multiparts before 200 KB of empty lines keep it busy for five seconds, and 1,000 end in RecursionError. This walk
looks for each boundary with `bytes.find` and stops at fixed depths and numbers, so its time is bounded by the size.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

from core.mime.fields import Fields, base64_bytes, media_type, parameter, split_head
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 20
MOST_PARTS = 1000
_MOST_BOUNDARIES = 20_000
_EXTENSIONS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "text/vcard": ".vcf",
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "audio/amr": ".amr", "audio/mpeg": ".mp3",
    "video/mp4": ".mp4", "video/3gpp": ".3gp", "application/pdf": ".pdf", "application/zip": ".zip",
    "message/rfc822": ".eml",
}  # fmt: skip
_PATHS = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')


@dataclass(slots=True, eq=False)
class Part:
    """One part: its fields, its type, and where its body stands in the raw mail."""

    number: int
    fields: Fields
    kind: str
    start: int
    end: int
    children: list[Part] = field(default_factory=list)

    @property
    def disposition(self) -> str:
        """`attachment`, `inline` or ""."""
        return self.fields.get("content-disposition", "").partition(";")[0].strip().lower()

    @property
    def given_name(self) -> str:
        """The file name its sender gave it, not yet made safe; "" for none."""
        for header, name in (("content-disposition", "filename"), ("content-type", "name")):
            value = self.fields.get(header, "")
            if "name" in value.lower() and (given := parameter(value, name)):
                return given
        return ""

    @property
    def file_name(self) -> str:
        """A name that is safe to show and to save under: no path, no leading dot, at most 120 characters."""
        name = _PATHS.sub("_", one_line(self.given_name.replace("\\", "/").rpartition("/")[2], 1000)).strip(" ._")
        if not name:
            return f"part-{self.number}{_EXTENSIONS.get(self.kind, '.bin')}"
        stem, dot, ending = name.rpartition(".")
        return name if len(name) <= 120 else f"{stem[:100]}{dot}{ending[:19]}" if dot else name[:120]

    def walk(self) -> Iterator[Part]:
        """Itself and all below it, depth first: the order of the numbers."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree(raw: bytes, marks: list[str]) -> Part:
    """All parts of a mail; the root's number is 0. Never raises; what it could not follow is said in `marks`."""
    return _Walk(raw, marks).part(0, len(raw), 0)


def content(raw: bytes, part: Part, limit: int | None = None) -> bytes:
    """The decoded octets of a part, or about the first `limit` of them. Never raises."""
    encoding = part.fields.get("content-transfer-encoding", "").partition(";")[0].strip().lower()
    # Encoded text is at most three times (quoted-printable) as long, base64 4/3 and its line ends.
    end = part.end if limit is None else min(part.end, part.start + 3 * limit)
    data = raw[part.start : end]
    if encoding == "base64":
        data = base64_bytes(data)
    elif encoding == "quoted-printable":
        data = binascii.a2b_qp(data)
    elif encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        data = _uudecoded(data)
    return data if limit is None else data[:limit]


def decoded_size(raw: bytes, part: Part) -> int:
    """Octets after decoding, without decoding base64 to know."""
    if part.fields.get("content-transfer-encoding", "").strip().lower() == "base64":
        data = raw[part.start : part.end].translate(None, b"\r\n\t ")
        return len(data) * 3 // 4 - data[-2:].count(b"=")
    return len(content(raw, part))


class _Walk:
    """One walk over one mail: counts parts and boundary lines, and gives up politely."""

    def __init__(self, raw: bytes, marks: list[str]) -> None:
        self.raw, self.marks = raw, marks
        self.parts = self.boundaries = 0

    def part(self, start: int, end: int, depth: int) -> Part:
        fields, body = split_head(self.raw, start, end)
        kind = media_type(fields["content-type"]) if "content-type" in fields else "text/plain"
        part = Part(self.parts, fields, kind, min(body, end), end)
        self.parts += 1
        if kind.startswith("multipart/"):
            self._open(part, depth)
        return part

    def _open(self, part: Part, depth: int) -> None:
        boundary = parameter(part.fields["content-type"], "boundary").rstrip()
        if depth >= DEEPEST:
            self.marks.append(f"parts nested deeper than {DEEPEST} are left closed")
            part.kind = "application/octet-stream"
            return
        spans = self._spans(part, b"--" + boundary.encode("latin-1", "replace")) if boundary else []
        if not spans:
            # Broken or cut off: whatever stands there is better read as text than not at all.
            self.marks.append("a multipart without its boundary, read as text")
            part.kind = "text/plain"
            return
        for start, end in spans:
            if self.parts >= MOST_PARTS:
                self.marks.append(f"only the first {MOST_PARTS} parts are read")
                return
            part.children.append(self.part(start, end, depth + 1))

    def _spans(self, part: Part, line: bytes) -> list[tuple[int, int]]:
        """Where the children stand: between boundary lines (RFC 2046, 5.1.1), the last closing one may be missing."""
        raw, spans, opened, position = self.raw, [], -1, part.start
        while (at := raw.find(line, position, part.end)) >= 0:
            self.boundaries += 1
            if self.boundaries > _MOST_BOUNDARIES:
                self.marks.append("too many boundary lines, the rest is left closed")
                break
            position = at + len(line)
            line_end = raw.find(b"\n", position, position + 200)
            line_end = part.end if line_end < 0 or line_end > part.end else line_end + 1
            rest = raw[position : min(line_end, position + 200)].strip()
            if (at > part.start and raw[at - 1] != 0x0A) or rest not in (b"", b"--"):
                continue
            if 0 <= opened < at:
                spans.append((opened, max(opened, at - (2 if raw[at - 2 : at] == b"\r\n" else 1))))
            opened, position = line_end, line_end
            if rest == b"--":
                return spans
        if 0 <= opened < part.end:
            spans.append((opened, part.end))
        return spans


def _uudecoded(data: bytes) -> bytes:
    message = Message()
    message["Content-Transfer-Encoding"] = "x-uuencode"
    message.set_payload(data.decode("ascii", "surrogateescape"))
    try:
        decoded = message.get_payload(decode=True)
    except (ValueError, LookupError):
        return data
    return decoded if isinstance(decoded, bytes) else data
