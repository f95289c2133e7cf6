"""A letter as SMTP carries it: what goes in, what is written on the envelope, what comes back. Pure.

RFC 5321 (envelope, dots, lines), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY_LINE = 998
"""Octets of one line of a letter without its CRLF (RFC 5321 4.5.3.1.6)."""

_LONE_END = re.compile(rb"\r\n|\r|\n")
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x1f\x7f<>]")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter ready to leave: its envelope, and its octets with CRLF lines and not yet dot-stuffed.

    An empty sender is the null reverse-path. A missing final CRLF is added and a lone CR or LF becomes CRLF
    (RFC 5321 2.3.8); a line over `MAX_BODY_LINE` octets gets the letter refused before anything is sent.
    """

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Verdict(StrEnum):
    """What became of a letter."""

    ACCEPTED = "accepted"
    """The server has taken it over for at least one recipient."""
    REFUSED = "refused"
    """No, for good: a 5xx, or it breaks a limit that the server has stated."""
    DEFERRED = "deferred"
    """Not now: a 4xx."""
    NOT_SENT = "not-sent"
    """The session broke before the final dot had left: certainly not accepted, safe to queue again."""
    IN_DOUBT = "in-doubt"
    """The session broke after the final dot had left: it may have been accepted."""


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one letter, and the words it rests on."""

    verdict: Verdict
    code: int
    """The reply's code; 0 where no reply of the server decided."""
    reply: str
    """The server's own words without the code, or ours where it gave none: harmless, one line, <= 500."""
    refused: tuple[tuple[str, str], ...] = ()
    """Of a letter accepted for others: each recipient refused, with code and words (`550 no such user`)."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What a server said in its answer to EHLO, as far as letters are concerned."""

    pipelining: bool
    states_size: bool
    max_size: int
    """Octets the server takes in one letter; 0 when it did not say."""
    eight_bit: bool
    utf8: bool

    @classmethod
    def of(cls, extensions: Mapping[str, str]) -> Offers:
        """From lower-case keyword -> parameters."""
        size = extensions.get("size", "")
        return cls(
            pipelining="pipelining" in extensions,
            states_size="size" in extensions,
            max_size=int(size) if size.isascii() and size.isdigit() and len(size) <= 20 else 0,
            eight_bit="8bitmime" in extensions,
            utf8="smtputf8" in extensions,
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter made ready for one server: MAIL, one RCPT for each recipient, DATA; and the stuffed body."""

    commands: list[bytes]
    recipients: tuple[str, ...]
    """Those asked for, in the order of their commands."""
    hopeless: tuple[tuple[str, str], ...]
    """Recipients that cannot be asked for at this server, and why."""
    body: bytes


def prepare(letter: Letter, offers: Offers, where: str) -> Envelope | str:
    """The envelope of a letter, or one sentence why this server cannot have it (nothing was sent then)."""
    raw = _with_whole_lines(letter.raw)
    problem = _address_problem(letter.sender, offers, where) or _line_problem(raw)
    if problem:
        return problem
    if offers.max_size and len(raw) > offers.max_size:
        return f"The letter has {len(raw)} octets and {where} takes no more than {offers.max_size}."
    recipients, hopeless = _sorted_out(letter.recipients, offers, where)
    if not recipients:
        return hopeless[0][1] if hopeless else "The letter has no recipient."
    mail = f"MAIL FROM:<{letter.sender}>"
    if offers.states_size:
        mail += f" SIZE={len(raw)}"
    # To a server without 8BITMIME the octets go as they are: refusing the letter would help nobody.
    if offers.eight_bit and not raw.isascii():
        mail += " BODY=8BITMIME"
    if offers.utf8 and not (letter.sender.isascii() and all(to.isascii() for to in recipients)):
        mail += " SMTPUTF8"
    asked = [f"RCPT TO:<{to}>\r\n".encode() for to in recipients]
    return Envelope([f"{mail}\r\n".encode(), *asked, b"DATA\r\n"], recipients, hopeless, stuffed(raw))


def stuffed(raw: bytes) -> bytes:
    """A body as DATA carries it: dots at line starts doubled, the final dot added (RFC 5321 4.5.2)."""
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _with_whole_lines(raw: bytes) -> bytes:
    """Every line ends with CRLF, also the last; a letter that is right already is not copied."""
    if not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
        raw = _LONE_END.sub(b"\r\n", raw)
    return raw if not raw or raw.endswith(b"\r\n") else raw + b"\r\n"


def _line_problem(raw: bytes) -> str:
    """Whether a line is longer than SMTP carries; looks from line end to line end, 1000 octets a step."""
    start, last = 0, len(raw)
    while last - start > MAX_BODY_LINE + 2:
        end = raw.rfind(b"\r\n", start, start + MAX_BODY_LINE + 2)
        if end < 0:
            length = raw.find(b"\r\n", start) - start
            return f"The letter has a line of {length} octets and SMTP carries {MAX_BODY_LINE}: encode it."
        start = end + 2
    return ""


def _sorted_out(
    recipients: tuple[str, ...], offers: Offers, where: str
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The recipients that can be asked for, and those that cannot with the reason."""
    judged = [(to, _address_problem(to, offers, where) if to else "A recipient is empty.") for to in recipients]
    hopeless = tuple((to, why) for to, why in judged if why)
    return (tuple(to for to, why in judged if not why), hopeless) if hopeless else (recipients, ())


def _address_problem(address: str, offers: Offers, where: str) -> str:
    """Why an address cannot stand on a command line, or nothing."""
    if _UNSAFE_IN_ADDRESS.search(address):
        return f"The address {one_line(address, 120)} holds a character that an address may not have."
    if address.isascii():
        return ""
    if not offers.utf8:
        return f"The address {one_line(address, 120)} is not ASCII and {where} has no SMTPUTF8."
    if not address.isprintable():
        return f"The address {one_line(address, 120)} holds a character that cannot be sent."
    return ""
