"""Bytes to an `InboundMail`, whatever the bytes are."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.mail import Address, AttachedFile, Automatic, InboundMail
from core.mime.charsets import decode
from core.mime.fields import Fields, addresses, date, message_id, message_ids, parameter, words
from core.mime.layout import LONGEST_HTML, text_of_html
from core.mime.parts import Part, content, decoded_size, tree
from core.mime.quotes import cut_quote
from core.mime.reports import delivery_report
from core.mime.signs import LOOP_HEADER, STATUS_KINDS, automatic
from core.text import clip, harmless, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_TEXT = 256 * 1024
_MOST_MARKS = 12
_MOST_HEADERS = 200
_LONGEST_HEADER = 1000
# Transport's own business: long, many, and nothing a dialect could match on.
_UNSHOWN = frozenset(("received", "dkim-signature", "x-google-dkim-signature", "x-received", "authentication-results"))
_NOT_READING = frozenset(
    (
        "text/calendar",
        "text/csv",
        "text/vcard",
        "text/x-vcard",
        "text/rfc822-headers",
        "text/directory",
        "text/x-amp-html",
    )
)
_OLD_MAC = 2000


def read(raw: bytes, *, size: int | None = None, complete: bool = True, own_token: str = "") -> InboundMail:
    """One mail as the desk reads it. Never raises, and takes time in proportion to its size.

    `size` is that of the whole mail where `raw` is only its head (`complete=False`); a mail whose loop header holds
    `own_token` is known as our own. Above 256 KB call it in a thread.
    """
    marks: list[str] = []
    try:
        return _read(raw, len(raw) if size is None else size, complete, own_token, marks)
    except Exception as err:  # noqa: BLE001 - the border of one mail: no bytes may stop a mailbox
        marks.append(f"could not be taken apart ({type(err).__name__}), shown as it came")
        return _as_it_came(raw, len(raw) if size is None else size, complete, marks)


def attachment_bytes(raw: bytes, part: int) -> bytes:
    """The decoded octets of one attached file, by its `AttachedFile.part`. Raises NotFound when there is none."""
    raw = _with_line_feeds(raw)
    for each in tree(raw, []).walk():
        if each.number == part and not each.children:
            return content(raw, each)
    raise NotFound(f"This mail has no attached file number {part}: list its attachments again.")


def _read(raw: bytes, size: int, complete: bool, own_token: str, marks: list[str]) -> InboundMail:
    unix = _with_line_feeds(raw)
    root = tree(unix, marks)
    fields = root.fields
    given_id = message_id(fields.get("message-id", ""))
    senders = _addresses(fields, marks, "from", "sender", "return-path")
    sender = senders[0] if senders else Address("", words(fields.get("from", ""), marks, 200))
    subject = one_line(words(fields.get("subject", ""), marks), _LONGEST_HEADER)
    loop_token = words(fields.get(LOOP_HEADER.lower(), ""), None, 200)
    whole, read_parts = _text(unix, root, marks)
    kind, reason = automatic(fields, root, sender.email or sender.name, subject, loop_token, own_token)
    text, quoted = (whole.strip("\n"), "") if kind is Automatic.BOUNCE else cut_quote(whole)
    if not complete:
        marks.append("only the beginning was fetched, the mail is over the size limit")
    return InboundMail(
        message_id=given_id,
        in_reply_to=next(iter(message_ids(fields.get("in-reply-to", ""))), ""),
        references=message_ids(fields["references"]) if "references" in fields else (),
        sender=sender,
        reply_to=next(iter(_addresses(fields, marks, "reply-to")), None),
        to=_addresses(fields, marks, "to"),
        cc=_addresses(fields, marks, "cc"),
        subject=subject,
        date=date(fields["date"]) if "date" in fields else None,
        text=text,
        quoted=quoted,
        attachments=tuple(_attachments(unix, root, read_parts)),
        automatic=kind,
        auto_reason=reason,
        report=delivery_report(unix, root, fields, whole) if kind is Automatic.BOUNCE else None,
        marks=tuple(dict.fromkeys(marks))[:_MOST_MARKS],
        headers=_headers(fields),
        loop_token=loop_token,
        size=size,
        complete=complete,
        fingerprint=_fingerprint(raw, unix, root, given_id),
    )


def _with_line_feeds(raw: bytes) -> bytes:
    """The mail itself, unless its lines end in bare CR as on an old Mac."""
    return raw.replace(b"\r", b"\n") if b"\n" not in raw[:_OLD_MAC] and b"\r" in raw[:_OLD_MAC] else raw


def _addresses(fields: Fields, marks: list[str], *names: str) -> tuple[Address, ...]:
    """The addresses of the first of these fields that has any."""
    for name in names:
        if (value := fields.get(name)) and (found := addresses(value, marks)):
            return found
    return ()


def _headers(fields: Fields) -> dict[str, str]:
    shown = [name for name in fields if name not in _UNSHOWN and not name.startswith("arc-")][:_MOST_HEADERS]
    return {name: words(fields[name], None, _LONGEST_HEADER) for name in shown}


def _text(raw: bytes, root: Part, marks: list[str]) -> tuple[str, set[int]]:
    """The best body, harmless and at most `LONGEST_TEXT` long, and the numbers of the parts it came from."""
    chosen = list(_readable(raw, root))
    if not chosen:  # gateways like to send the one text as an attached file
        chosen = [part for part in root.walk() if part.kind == "text/plain" and not part.children][:1]
        if chosen:
            marks.append("the text stood in an attached file")
    texts: list[str] = []
    room = LONGEST_TEXT
    for part in chosen:
        if room <= 0:
            marks.append("not all of its texts are shown")
            break
        text = _part_text(raw, part, marks, room)
        if len(chosen) == 1:
            texts = [text]
        elif text.strip():
            texts.append(text.strip("\n"))
        room -= len(text)
    return "\n\n".join(texts), {part.number for part in chosen}


def _readable(raw: bytes, part: Part) -> Iterator[Part]:
    """The parts to read, in order: of alternatives the plain one unless it is blank, of related ones the first."""
    if part.children:
        if part.kind == "multipart/alternative":
            choices = [list(_readable(raw, child)) for child in part.children]
            plain = [c for c in choices if any(p.kind != "text/html" and raw[p.start : p.end].strip() for p in c)]
            other = [c for c in choices if c]
            yield from plain[0] if plain else other[-1] if other else ()
        elif part.kind in ("multipart/related", "multipart/signed"):
            yield from _readable(raw, part.children[0])
        else:
            for child in part.children:
                yield from _readable(raw, child)
    elif part.kind.startswith("text/") and part.kind not in _NOT_READING and part.disposition != "attachment":
        if part.number == 0 or not part.given_name:
            yield part


def _part_text(raw: bytes, part: Part, marks: list[str], room: int) -> str:
    declared = _charset(part.fields.get("content-type", ""))
    limit = 4 * (LONGEST_HTML if part.kind == "text/html" else room)
    data = content(raw, part, limit)
    text, mark = decode(data, declared, cut=len(data) == limit)
    if mark:
        marks.append(mark)
    if part.kind == "text/html":
        text = text_of_html(text, marks)
    text = harmless(text)
    if len(text) > room:
        marks.append(f"its text is cut at {LONGEST_TEXT // 1024} KB")
        text = clip(text, room)
    return text


@lru_cache(maxsize=256)
def _charset(content_type: str) -> str:
    return parameter(content_type, "charset") if "charset" in content_type.lower() else ""


def _attachments(raw: bytes, part: Part, read_parts: set[int], alternative: bool = False) -> Iterator[AttachedFile]:
    """Everything that was not read, save the other form of what was."""
    for child in part.children:
        yield from _attachments(raw, child, read_parts, part.kind == "multipart/alternative")
    if part.children or part.number in read_parts or part.kind in STATUS_KINDS:
        return
    if not (alternative and part.kind in ("text/plain", "text/html") and not part.given_name):
        yield AttachedFile(part.file_name, part.kind, decoded_size(raw, part), part.number)


def _fingerprint(raw: bytes, unix: bytes, root: Part, given_id: str) -> str:
    """Of Message-ID, Date and body: the trace headers and the line ends differ from one delivery to the next."""
    if not given_id:
        return hashlib.blake2b(raw, digest_size=16).hexdigest()
    digest = hashlib.blake2b(f"{given_id}\n{root.fields.get('date', '')}\n".encode("utf-8", "replace"), digest_size=16)
    digest.update(content(unix, root).replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()


def _as_it_came(raw: bytes, size: int, complete: bool, marks: list[str]) -> InboundMail:
    nobody = Address("")
    text = clip(harmless(raw[:LONGEST_TEXT].decode("utf-8", "replace")), LONGEST_TEXT)
    return InboundMail(
        message_id="", in_reply_to="", references=(), sender=nobody, reply_to=None, to=(), cc=(), subject="", date=None,
        text=text, quoted="", attachments=(), automatic=None, auto_reason="", report=None, marks=tuple(marks),
        headers={}, loop_token="", size=size, complete=complete,
        fingerprint=hashlib.blake2b(raw, digest_size=16).hexdigest(),
    )  # fmt: skip
