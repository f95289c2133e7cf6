"""From a gateway's mail to the text or the receipt in it, by its dialect's rules. Nothing here raises."""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from core.errors import Wrong
from core.gateway import patterns
from core.sms import sender_address, to_e164
from core.text import harmless, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from core.gateway.dialect_keys import Dialect, Find, NumberFormat, ReceiptRules
    from core.mail import InboundMail

Status = Literal["delivered", "failed", "delayed"]

_LINE_LENGTH = 200
_NUMBER_LENGTH = 64
_GUESSED = ("from_local_part", "from_display_name", "reply_to_local_part")
_MOST_IDS = 50
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_NUMBERISH = re.compile(r"\+?[0-9][0-9 ().\-/]{0,24}")
_PLAIN_DIGITS = re.compile(r"[1-9][0-9]{7,14}")


@dataclass(frozen=True, slots=True)
class TextIn:
    """A text that came in."""

    number: str
    """E.164, a short code, or an alphanumeric sender."""
    text: str
    """Harmless, without the provider's footer; at most `patterns.LONGEST` characters; may be empty."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says became of a text of ours."""

    status: Status
    """`delayed` is also what an unknown word means: nothing is settled by it."""
    reason: str
    """The provider's words on one line."""
    message_ids: tuple[str, ...]
    """Message-IDs it may speak of, with angle brackets, the likeliest first."""
    number: str
    """Whom the text was for, E.164 or short code; empty when it does not say."""
    reference: str
    """What the dialect's `reference` rules found; empty when nothing."""


def read_text(d: Dialect, mail: InboundMail, region: str) -> TextIn | Receipt | None:
    """The text or the receipt in a mail; None where no number can be found: it is no text of this gateway.

    `region` is the ISO 3166 country whose national numbers are meant where a number has no country code.
    """
    if d.receipt is not None and all(_found(find, mail) is not None for find in d.receipt.when):
        return _receipt(d, d.receipt, mail, region)
    number = _number(d.number, d.number_format_in or d.number_format, mail, region)
    return TextIn(number, _text(d, mail)) if number else None


def _places(find: Find, mail: InboundMail) -> Iterator[str]:
    """What may stand at the place, the likeliest first."""
    match find.place:
        case "subject":
            yield mail.subject
        case "header":
            yield mail.headers.get(find.header.lower(), "")
        case "from_address":
            yield mail.sender.email
        case "from_local_part":
            yield _local_part(mail.sender.email)
        case "from_display_name":
            yield mail.sender.name
        case "reply_to_local_part":
            yield _local_part(mail.reply_to.email) if mail.reply_to else ""
        case "body":
            yield mail.text
            # What looks like quoted history to a mail reader ("Sender: ...", "Original message:") can be the
            # very form a provider fills in.
            if mail.quoted:
                yield f"{mail.text}\n{mail.quoted}"


def _local_part(address: str) -> str:
    return address.rpartition("@")[0].strip('"')


def _found(find: Find, mail: InboundMail) -> str | None:
    """What the rule finds, stripped and not empty, or None."""
    for place in _places(find, mail):
        text = _between(find, place[: patterns.LONGEST])
        if text is not None and find.regex:
            text = patterns.pattern(find.regex).find(text)
        if text is not None and text.strip():
            return text.strip()
    return None


def _between(find: Find, text: str) -> str | None:
    if find.after:
        span = patterns.line_beginning(find.after).span(text)
        if span is None:
            return None
        text = text[span[1] :]
    if find.before:
        span = patterns.line_beginning(find.before).span(text)
        text = text if span is None else text[: span[0]]
    return text


def _number(finds: Iterable[Find], spelling: NumberFormat, mail: InboundMail, region: str) -> str:
    """The first number that is one, or an empty string."""
    for find in finds:
        raw = _found(find, mail)
        if raw is None or len(raw) > _NUMBER_LENGTH:
            continue
        # An address such as noreply@ must not become a sender named "noreply": letters count only where a
        # header, the body or a pattern says that this is the sender.
        if not find.regex and find.place in _GUESSED and not _NUMBERISH.fullmatch(raw):
            continue
        number = _read_number(raw, spelling, region)
        if number:
            return number
    return ""


def _read_number(raw: str, spelling: NumberFormat, region: str) -> str:
    bare = re.sub(r"[ ().\-/]", "", raw)
    if bare.startswith("00") and spelling != "national":
        bare = "+" + bare[2:]
    elif spelling == "digits" and _PLAIN_DIGITS.fullmatch(bare):
        # Read at home, 15551234567 could be a national number somewhere: this gateway leaves the plus out.
        bare = "+" + bare
    try:
        return to_e164(bare, region) if bare.startswith("+") else sender_address(raw, region)
    except Wrong:
        pass
    try:
        return sender_address(raw, region)
    except Wrong:
        return ""


def _text(d: Dialect, mail: InboundMail) -> str:
    text = next(filter(None, (_own_words(d, _found(find, mail) or "") for find in d.text)), "")
    subject = mail.subject.strip()
    if not d.ignore_subject and subject and not text.startswith(subject.rstrip(". …")):
        text = f"{subject}\n{text}".strip()
    return text


def _own_words(d: Dialect, found: str) -> str:
    """What the customer wrote of what was found: decoded, harmless, and without the provider's footer."""
    text = _without_footer(d, found.replace("\r\n", "\n").replace("\r", "\n"))
    if d.encoding_in != "none":
        text = _without_footer(d, harmless(_DECODERS[d.encoding_in](text)))
    return text.strip()


def _without_footer(d: Dialect, text: str) -> str:
    """Everything from the first line on that belongs to a footer is the provider's."""
    known = (*map(patterns.lines, d.footer), *map(patterns.pattern, d.footer_regex))
    starts = [span[0] for footer in known if (span := footer.span(text)) is not None]
    if not starts:
        return text
    return text[: text.rfind("\n", 0, min(starts)) + 1].rstrip()


def _receipt(d: Dialect, rules: ReceiptRules, mail: InboundMail, region: str) -> Receipt:
    status, said = _status(rules, mail)
    reason = next(filter(None, (_found(find, mail) for find in rules.reason)), said)
    reference = next(filter(None, (_found(find, mail) for find in rules.reference)), "")
    number = _number((*rules.number, *d.number), d.number_format_in or d.number_format, mail, region)
    original = mail.headers.get("x-original-message-id", "")
    named = " ".join((mail.in_reply_to, reference, *reversed(mail.references), original))
    ids = dict.fromkeys(match.group() for match in islice(_MESSAGE_ID.finditer(named), _MOST_IDS))
    return Receipt(status, one_line(reason, _LINE_LENGTH), tuple(ids), number, one_line(reference, _LINE_LENGTH))


def _status(rules: ReceiptRules, mail: InboundMail) -> tuple[Status, str]:
    """The status, and the line that said so."""
    said = ""
    for find in rules.status:
        text = _found(find, mail)
        if text is None:
            continue
        said = said or text
        either = _words((*rules.delivered, *rules.failed, *rules.delayed))
        word, span = either.find(text), either.span(text)
        if not word or span is None:
            continue
        line = text[text.rfind("\n", 0, span[0] + 1) + 1 :].partition("\n")[0]
        word = " ".join(word.lower().split())
        if word in map(str.lower, rules.failed):
            return "failed", line
        return ("delivered" if word in map(str.lower, rules.delivered) else "delayed"), line
    return "delayed", said


@lru_cache(maxsize=64)
def _words(words: tuple[str, ...]) -> patterns.Pattern:
    """A pattern that finds the first of these words, whole, the longest where several begin at one place."""
    either = "|".join(patterns.literal(word) for word in sorted(words, key=len, reverse=True))
    return patterns.pattern(rf"(?:^|[^\pL\pN])({either})(?:$|[^\pL\pN])")


def _from_ucs2_hex(text: str) -> str:
    """`00480069` -> `Hi`: each four hex digits one UTF-16 unit. What does not look so stays as it is."""
    digits = "".join(text.split())
    if len(digits) % 4 or not re.fullmatch(r"[0-9A-Fa-f]+", digits):
        return text
    return bytes.fromhex(digits).decode("utf-16-be", "replace").removeprefix("\ufeff")


def _from_ucs2_hex_mixed(text: str) -> str:
    """The same for a gateway that sends most texts as they are: digits alone are a number somebody wrote."""
    return text if text.strip().isdecimal() else _from_ucs2_hex(text)


def _from_quoted_printable(text: str) -> str:
    """`caf=C3=A9` and a `=` at the end of a line, left over by a gateway that encoded twice."""
    joined = re.sub(r"=[ \t]*\n", "", text)
    return re.sub(r"(?:=[0-9A-F]{2})+", lambda run: _utf8(bytes.fromhex(run[0].replace("=", ""))), joined)


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text


def _from_percent(text: str) -> str:
    return unquote(text, errors="replace")


def _utf8(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


_DECODERS: dict[str, Callable[[str], str]] = {
    "ucs2-hex": _from_ucs2_hex,
    "ucs2-hex-mixed": _from_ucs2_hex_mixed,
    "quoted-printable": _from_quoted_printable,
    "base64": _from_base64,
    "html-entities": html.unescape,
    "percent": _from_percent,
}
