"""Delivery reports: RFC 3464 and the bounces of servers that came before it (qmail, old Exim)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.mail import DeliveryReport
from core.mime.charsets import decode
from core.mime.fields import Fields, addresses, message_id, split_head, words
from core.mime.parts import content
from core.mime.signs import STATUS_KINDS
from core.text import one_line

if TYPE_CHECKING:
    from core.mime.parts import Part

_ORIGINAL_KINDS = frozenset(("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"))
_ACTIONS = frozenset(("failed", "delayed", "delivered", "relayed", "expanded"))
_READ = 64 * 1024
_MOST_RECIPIENTS = 200

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<!\d)[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3}[ -])?[^\n]{3,300}")
_QUOTED_ID = re.compile(
    r"^[> \t]{0,8}Message-ID:[ \t]*(?:\n[ \t])?[ \t]*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE
)
_NAMED = re.compile(r"^[ \t]{0,4}<?([^\s<>@,;:()\"]{1,100}@[^\s<>@,;:()\"]{1,200}?)>?:?[ \t]{0,8}$", re.MULTILINE)
_LATE = re.compile(r"\b(?:delayed|will (?:be retried|keep trying)|not yet (?:been )?delivered|warning:)", re.IGNORECASE)


def delivery_report(raw: bytes, root: Part, fields: Fields, text: str) -> DeliveryReport | None:
    """What a bounce says of one message: its first failed recipient, else its first. None when it says nothing."""
    status = next((part for part in root.walk() if part.kind in STATUS_KINDS), None)
    original = _original_id(raw, root)
    if status is not None:
        recipient = _first_failed(content(raw, status, _READ))
        if recipient is not None:
            return _reported(recipient, original or _id_in(text))
    return _old_style(fields, text, original)


def _first_failed(data: bytes) -> Fields | None:
    """The block of the first failed recipient (RFC 3464, 2.3); blocks are set apart by empty lines."""
    first, position = None, 0
    for _ in range(_MOST_RECIPIENTS):
        while data[position : position + 1] in (b"\r", b"\n"):
            position += 1
        block, end = split_head(data, position, len(data))
        if end <= position:
            break
        position = end
        if "final-recipient" in block or "original-recipient" in block:
            if block.get("action", "").strip().lower() == "failed":
                return block
            first = first or block
    return first


def _reported(block: Fields, original: str) -> DeliveryReport:
    named = block.get("original-recipient") or block.get("final-recipient", "")
    diagnostic = words(block.get("diagnostic-code", ""))
    kind, semicolon, said = diagnostic.partition(";")
    diagnostic = one_line(said if semicolon and len(kind) < 20 else diagnostic, 500)
    action = block.get("action", "").partition("(")[0].strip().lower()
    code = _CODE.search(block.get("status", "")) or _CODE.search(diagnostic)
    return DeliveryReport(
        original_message_id=original,
        recipient=_address(named.partition(";")[2] or named),
        action=action if action in _ACTIONS else "failed",
        status=code[1] if code else "",
        diagnostic=diagnostic,
    )


def _old_style(fields: Fields, text: str, original: str) -> DeliveryReport | None:
    shown = text[:_READ]
    # Above the copy of our own mail: its text must not be taken for the server's words.
    words_of_server = re.split(
        r"^-{2,} ?(?:This is a copy|Below this line|Original message)", shown, maxsplit=1, flags=re.M
    )[0]
    named = _NAMED.search(words_of_server)
    recipient = fields.get("x-failed-recipients", "").partition(",")[0] or (named[1] if named else "")
    original = original or _id_in(shown)
    reply = _REPLY.search(words_of_server)
    code = _CODE.search(words_of_server)
    if not (recipient or original or reply):
        return None
    return DeliveryReport(
        original_message_id=original,
        recipient=_address(recipient),
        action="delayed" if _LATE.search(words_of_server[:2000]) else "failed",
        status=code[1] if code else "",
        diagnostic=one_line(reply.group() if reply else "", 500),
    )


def _original_id(raw: bytes, root: Part) -> str:
    """The Message-ID of the mail a report carries, whole or as its head."""
    for part in root.walk():
        if part.kind in _ORIGINAL_KINDS and part.number:
            data = content(raw, part, _READ)
            fields, _ = split_head(data, 0, len(data))
            if found := message_id(fields.get("message-id", "")) or _id_in(decode(data, None)[0]):
                return found
    return ""


def _id_in(text: str) -> str:
    found = _QUOTED_ID.search(text[:_READ])
    return one_line(found[1], 510) if found else ""


def _address(value: str) -> str:
    found = addresses(value)
    return found[0].email if found else one_line(words(value, None, 300).strip("<> "), 320)
