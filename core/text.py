"""Text from outside made harmless: the one function that stands between a stranger's bytes and a terminal.

What it makes visible: control characters, ESC, bidi controls (Unicode UAX #9), zero-width and tag characters, lone
surrogates and noncharacters. Of a pile of marks on one letter it leaves 30 (UAX #15, Stream-Safe Text). What it leaves
alone: letters of every script, emoji with their joiners and variation selectors (UTS #51), joiners between letters
that need them (Persian, the Indic scripts), private-use characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_ASCII_FINE = bytes(range(0x20, 0x7F)) + b"\n\t"

# Bases of emoji, loosely: a joiner or selector beside one of these draws a picture and hides nothing.
_EMOJI = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
_EMOJI += "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_TONE = "\U0001f3fb-\U0001f3ff"
# Letters whose shape a joiner changes: Arabic and its kin, the Indic scripts, Tibetan, Myanmar, Khmer, Mongolian.
_CURSIVE = "\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1820-\u18aa"
_CURSIVE += "\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
# Only the three subdivision flags that RGI emoji has: any other run of tag characters is hidden text.
_FLAGS = "|".join(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in code) + "\U000e007f" for code in ("gbeng", "gbsct", "gbwls")
)
_KEEP = (
    f"{_FLAGS}"
    f"|[{_EMOJI}](?:[\ufe0e\ufe0f][{_TONE}]?|[{_TONE}])?(?:\u200d[{_EMOJI}](?:[\ufe0e\ufe0f][{_TONE}]?|[{_TONE}])?)*"
    f"|[0-9#*]\ufe0f"
    f"|[{_CURSIVE}](?:[\u200c\u200d][{_CURSIVE}])+"
    f"|[{_HAN}][\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    f"|[\u1820-\u18aa][\u180b-\u180d]"
)
_BAD_BELOW = (
    "\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
)
_BAD_ABOVE = "\U0001d173-\U0001d17a\U000e0000-\U000e0fff" + "".join(
    f"{chr((plane << 16) | 0xFFFE)}{chr((plane << 16) | 0xFFFF)}" for plane in range(1, 17)
)
# One class with a single range beyond the BMP is forty times as fast as the whole expression: most text needs no more.
_ANYTHING = re.compile(f"[{_BAD_BELOW}\x85\u2028\u2029\U0001d173-\U0010ffff]")
# Letters, blanks, punctuation and pictures end a pile of marks: this finds where one may be, `_calmed` looks closer.
_PILE = re.compile("[^\\w\\s\x00-\u02ff\u2010-\u20cf\u2100-\u2cee\u2e00-\u3029\U0001f000-\U0001faff]{31,}")
_MOST_MARKS = 30
_BLANKS = re.compile(r"[\t\n]+")
# What may not stand at the end of a cut text: it belonged to something that was cut off.
_DANGLING = "\u200c\u200d\U0001f3f4" + "".join(map(chr, range(0xE0000, 0xE0080)))


@cache
def _suspect() -> re.Pattern[str]:
    # Dear to compile, and most texts never need it.
    return re.compile(f"({_KEEP})|([\x85\u2028\u2029])|([{_BAD_BELOW}{_BAD_ABOVE}])\\3*")


def harmless(text: str, *, lines: bool = True) -> str:
    """`text` with everything that could steer a terminal or hide in it made visible, as ␛ or ⟨U+202E⟩.

    Line ends become `\\n`. With `lines=False` line ends and tabs become one space. Linear, and a second pass
    changes nothing.
    """
    if text.isascii():
        if text.isprintable():
            return text
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if text.encode().translate(None, _ASCII_FINE):
            text = _suspect().sub(_visible, text)
    else:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = text.removeprefix("\ufeff")
        if _ANYTHING.search(text):
            text = _suspect().sub(_visible, text)
        text = _PILE.sub(_calmed, text)
    return text if lines else _BLANKS.sub(" ", text)


def one_line(text: str, limit: int) -> str:
    """Harmless, on one line, runs of blanks folded, at most `limit` characters; a cut shows as `…`."""
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    # Nothing past this window can be seen, and a stranger decides how long the rest is.
    text = " ".join(harmless(text[: 8 * limit + 64], lines=False).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip(_DANGLING).rstrip() + "…"


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of `text`; when something is cut, the end says how much."""
    if len(text) <= limit:
        return text
    if limit < 80:
        return text[: max(limit - 1, 0)].rstrip(_DANGLING) + "…"[:limit]
    kept = text[: limit - 40].rstrip(_DANGLING)
    return f"{kept}\n[… {len(text) - len(kept):,} more characters]"


def _visible(match: re.Match[str]) -> str:
    """A kept sequence as it is; a line separator as a line end; a run of one bad character as its name."""
    if match.group(1):
        return match.group()
    if match.group(2):
        return "\n"
    code, times = ord(match.group(3)), len(match.group())
    shown = chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
    return shown * times if times < 4 else f"{shown}×{times}"


def _calmed(match: re.Match[str]) -> str:
    """Of more than 30 marks on one letter the first 30, and how many were left out."""
    kept: list[str] = []
    marks = 0
    for char in match.group() + "\0":
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            if marks <= _MOST_MARKS:
                kept.append(char)
            continue
        if marks > _MOST_MARKS:
            kept.append(f"⟨+{marks - _MOST_MARKS:,} marks⟩")
        marks = 0
        kept.append(char)
    return "".join(kept[:-1])


def size_words(octets: int) -> str:
    """`812 bytes`, `48 kB`, `1.2 MB`."""
    if octets < 1000:
        return f"{octets} bytes"
    return f"{octets / 1000:.0f} kB" if octets < 999_500 else f"{octets / 1_000_000:.1f} MB"
