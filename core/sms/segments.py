"""How many parts a text takes (3GPP TS 23.038 and 23.040), and which characters make it dear.

GSM-7: 160 septets alone, 153 in a row of parts; the ten extension characters take two and are never split. Anything
else is UCS-2: 70 UTF-16 units alone, 67 in a row, a surrogate pair never split.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from gsm0338 import Codec

_ESCAPE = b"\x1b"
_CODEC = Codec()


def _alphabet(prefix: bytes) -> frozenset[str]:
    """What the codec makes of each septet, alone or after the escape to the extension table."""
    found = set()
    for code in range(128):
        if code != _ESCAPE[0]:  # the codec takes the escape itself for a character
            with suppress(UnicodeDecodeError):
                found.add(_CODEC.decode(prefix + bytes((code,)))[0])
    return frozenset(found)


_BASIC = _alphabet(b"")
_EXTENDED = _alphabet(_ESCAPE)
_GSM = _BASIC | _EXTENDED

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_TWINS = {
    **dict.fromkeys("‘’‚‛′‵ʼʹ`´＇", "'"), **dict.fromkeys("“”„‟″«»＂", '"'), **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys(_SPACES, " "), **dict.fromkeys("•·∙●▪‣", "*"), **dict.fromkeys("✓✔☑", "x"),
    **dict.fromkeys("‹〈", "<"), **dict.fromkeys("›〉", ">"), "…": "...", "\t": " ", "\u2028": "\n", "\u2029": "\n\n",
    "⁄": "/", "×": "x", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=",
    "→": "->", "←": "<-", "™": "(TM)", "®": "(R)", "©": "(C)", "№": "No", "°": " deg", "¢": "c", "ç": "c", "₤": "£",
    "ı": "i", "İ": "I", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "œ": "oe",
    "Œ": "OE", "ŋ": "n", "ħ": "h", "Ħ": "H", "ĸ": "k", "ẞ": "SS", "¬": "-", "¦": "|", "¨": '"', "¸": ",", "¯": "-",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "", "\u200e": "", "\u200f": "",
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P",
    "Τ": "T", "Υ": "Y", "Χ": "X",
}  # fmt: skip
# A twin of "" is a real twin for what cannot be seen, and means "none" for all else.
_INVISIBLE = frozenset(char for char, twin in _TWINS.items() if not twin)


@dataclass(frozen=True, slots=True)
class PartCount:
    """What a text takes on the air."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    """Septets in GSM-7, UTF-16 units in UCS-2."""
    parts: int
    """At least 1: an empty text is still one message."""
    per_part: int
    """Units that fit each part at this length: 160 or 153, 70 or 67."""
    left: int
    """Units that still fit the last part."""
    forcing: tuple[tuple[str, str], ...]
    """The characters that force UCS-2, in the order they come, each with its plain twin ("" for none)."""


def count_parts(text: str) -> PartCount:
    """Parts, units and what forces UCS-2. Linear, microseconds for a text: it runs on every key."""
    present = set(text)
    if present <= _GSM:
        doubles = present & _EXTENDED
        units = len(text) + sum(map(text.count, doubles))
        parts, last = _packed(text, units, 160, 153, doubles)
        per_part = 160 if parts == 1 else 153
        return PartCount("GSM-7", units, parts, per_part, per_part - last, ())
    doubles = {char for char in present if char > "\uffff"}
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    parts, last = _packed(text, units, 70, 67, doubles)
    per_part = 70 if parts == 1 else 67
    forcing = dict.fromkeys(filter((present - _GSM).__contains__, text))
    return PartCount("UCS-2", units, parts, per_part, per_part - last, tuple((char, twin_of(char)) for char in forcing))


def split_parts(text: str) -> list[str]:
    """The text as its parts will carry it; joined they are the text again. One empty part for an empty text."""
    count = count_parts(text)
    if count.parts == 1:
        return [text]
    doubles = _EXTENDED if count.encoding == "GSM-7" else None
    pieces, start, filled = [], 0, 0
    for at, char in enumerate(text):
        cost = 2 if (char > "\uffff" if doubles is None else char in doubles) else 1
        if filled + cost > count.per_part:
            pieces.append(text[start:at])
            start, filled = at, 0
        filled += cost
    return [*pieces, text[start:]]


def plain_twin(text: str) -> str:
    """The text in GSM-7 as far as it goes: curly quotes, dashes, accents made plain; what has no twin stays."""
    present = set(text) - _GSM
    if not present:
        return text
    text = unicodedata.normalize("NFC", text)
    table = {ord(char): twin for char in set(text) - _GSM if (twin := twin_of(char)) or char in _INVISIBLE}
    return text.translate(table)


@lru_cache(maxsize=4096)
def twin_of(char: str) -> str:
    """The GSM-7 twin of one character, "" when it has none (or is invisible and needs none)."""
    if char in _TWINS:
        return _TWINS[char]
    bare = "".join(each for each in unicodedata.normalize("NFKD", char) if not unicodedata.combining(each))
    bare = "".join(_TWINS.get(each, each) for each in bare)
    return bare if bare and bare != char and all(each in _GSM for each in bare) else ""


def _packed(text: str, units: int, alone: int, each: int, doubles: set[str] | frozenset[str]) -> tuple[int, int]:
    """How many parts, and how many units the last one holds."""
    if units <= alone:
        return 1, units
    if not doubles:
        return -(-units // each), (units - 1) % each + 1
    parts, filled = 1, 0
    for char in text:
        cost = 2 if char in doubles else 1
        if filled + cost > each:
            parts, filled = parts + 1, 0
        filled += cost
    return parts, filled
