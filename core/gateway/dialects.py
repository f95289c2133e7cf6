"""The dialects of SMS gateways: which there are, a text written as one wants it, a text read as one sends it.

A gateway turns an e-mail into a text and a text into an e-mail, and each provider has its own shape. Shapes
are data (`dialects.toml`); a desk starts from one and overrides what its provider does otherwise, as
docs/gateways.md tells.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.gateway.dialect_keys import KEYS, Dialect, Find, NumberFormat, ReceiptRules, dialect_from
from core.gateway.dialect_reading import Receipt, TextIn, read_text
from core.sms import count_parts
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KEYS", "SECRET_KEYS", "Dialect", "Find", "Receipt", "ReceiptRules", "TextIn", "TextOut", "dialect",
    "presets", "read_text", "write_text",
]  # fmt: skip

SECRET_KEYS = frozenset({"secrets"})
"""Override keys that are kept encrypted and are never shown or exported."""

_FILE = "dialects.toml"
_TABLES = ("headers", "values", "secrets", "receipt")
"""Keys whose table an override adds to, rather than takes the place of."""

_NOTHING: Mapping[str, object] = MappingProxyType({})
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]]+@[^\s@<>,;:\"\\()\[\]]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class TextOut:
    """The mail that a gateway turns into one text. Plain text, always: no gateway wants HTML."""

    recipient: str
    """One e-mail address."""
    subject: str
    body: str
    """Lines end with a line feed."""
    charset: str
    sender_name: str = ""
    """The name beside the account's address in From; empty for the account's own."""
    headers: tuple[tuple[str, str], ...] = ()
    parts: int = 1
    """That the text takes on the air."""


@cache
def presets() -> Mapping[str, Dialect]:
    """Every dialect that comes with Postroom, by its name, in the order of the file."""
    known = {name: dialect_from(table, f"{_FILE}, [{name}]") for name, table in _tables().items()}
    return MappingProxyType(known)


@cache
def _tables() -> Mapping[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = tomllib.loads((files("core.gateway") / _FILE).read_text("utf-8"))
    return MappingProxyType(found)


def dialect(name: str, overrides: Mapping[str, object] = _NOTHING, *, where: str = "") -> Dialect:
    """The preset `name` with some keys overridden; tables such as `receipt` are overridden key by key.

    `where` is the file and table that the overrides stand in, for errors. Raises Wrong for a dialect or key
    that is not known, and for a value that cannot be.
    """
    where = where or f"the overrides of dialect {name!r}"
    known = _tables()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}? There are" if near else "there are"
        raise Wrong(f"{where}: there is no dialect {name!r}; {hint} {', '.join(known)}.")
    if not overrides:
        return presets()[name]
    table = dict(known[name])
    for key, value in overrides.items():
        ours = table.get(key)
        both = key in _TABLES and isinstance(ours, dict) and isinstance(value, dict)
        table[key] = {**ours, **value} if both else value  # type: ignore[dict-item]
    return dialect_from(table, where)


def write_text(d: Dialect, *, number: str, text: str, account: str, reference: str, region: str) -> TextOut:
    """The mail that makes this gateway send `text` to `number` (E.164, or a short code as it came).

    Raises Wrong for an empty text, one that has more parts than the gateway takes, a number that its spelling
    cannot express, or a gateway whose recipient or credentials are not set.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Wrong("The text is empty: write something to send.")
    parts = count_parts(text).parts
    if parts > d.parts_allowed:
        raise Wrong(f"The text has {parts} parts and this gateway takes {d.parts_allowed}: make it shorter.")
    if unset := [name for table in (d.values, d.secrets) for name, value in table.items() if not value.strip()]:
        table = "secrets" if unset[0] in d.secrets else "values"
        raise Wrong(f"The gateway has no {unset[0]}: set `{table} = {{ {unset[0]} = ... }}`.")
    spelled = _spelled(number, d.number_format, region)
    filled = {**d.values, **d.secrets, "number": spelled, "account": account, "reference": reference}
    flat = {name: _flat(value) for name, value in filled.items()}
    lined = {**flat, "text": _encoded(d, _flat(text))}
    return TextOut(
        recipient=_recipient(d, lined),
        subject=_flat(d.subject.format_map(lined)) if d.subject else "",
        body=_body(d, flat, text),
        charset=d.encoding,
        sender_name=_flat(d.sender_name.format_map(lined)) if d.sender_name else "",
        headers=tuple((name, _flat(value.format_map(lined))) for name, value in d.headers.items()),
        parts=parts,
    )


def _recipient(d: Dialect, flat: Mapping[str, str]) -> str:
    template = d.recipient.strip()
    if not template:
        raise Wrong('The gateway has no recipient: set `recipient`, for example "{number}@sms.example".')
    # The rule people know: the number is put before a destination that has no @ or begins with one.
    if "{number}" not in template and template.find("@") <= 0:
        template = "{number}@" + template.removeprefix("@")
    address = template.format_map(flat)
    if not _ADDRESS.fullmatch(address):
        raise Wrong(f"The recipient {d.recipient!r} makes {address!r}, which is no address: mend `recipient`.")
    return address


def _body(d: Dialect, flat: Mapping[str, str], text: str) -> str:
    if d.line_breaks == "keep":
        return d.body.format_map({**flat, "text": _encoded(d, text)})
    if d.line_breaks == "space":
        return d.body.format_map({**flat, "text": _encoded(d, _flat(text))})
    # A provider that reads `key: value` lines would take a line of the customer's for a line of ours.
    written = []
    for line in d.body.split("\n"):
        pieces = _LINE_END.split(text) if "{text}" in line else [""]
        written += [line.format_map({**flat, "text": _encoded(d, piece)}) for piece in pieces]
    return "\n".join(written)


def _flat(value: str) -> str:
    """On one line and without control characters, otherwise as it was: a header or a line of keys."""
    if value.isprintable():
        return value.strip()
    return _CONTROL.sub("", _LINE_END.sub(" ", value)).strip()


def _encoded(d: Dialect, text: str) -> str:
    if d.encoding_out == "ucs2-hex":
        return text.encode("utf-16-be", "replace").hex().upper()
    return text


def _spelled(number: str, spelling: NumberFormat, region: str) -> str:
    """The number as the gateway wants it. Raises Wrong for what is neither E.164 nor a short code."""
    if _SHORT_CODE.fullmatch(number):
        return number
    if not _E164.fullmatch(number):
        raise Wrong(f"{one_line(number, 40)!r} is no number to write to: it must look like +447700900123.")
    if spelling == "e164":
        return number
    if spelling == "digits":
        return number[1:]
    if spelling == "00":
        return "00" + number[1:]
    return _national(number, region)


def _national(number: str, region: str) -> str:
    # Loaded on first use: its tables cost a tenth of a second.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException as err:
        raise Wrong(f"{number} is no number to write to: it does not begin with a country code.") from err
    if parsed.country_code != phonenumbers.country_code_for_region(region):
        raise Wrong(f"{number} is not a number of {region}, and this gateway takes national numbers only.")
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(character for character in national if character.isdigit())
