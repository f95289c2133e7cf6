"""Filters of our own: dates, times of day, money and names, for a reader. Each takes time in proportion to its text.

None makes more than some hundred characters of what it is given; what it cannot read it refuses with a ValueError.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import pass_context
from markupsafe import soft_str

from core.clock import zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2.runtime import Context

ZONE = " zone"
"""Where the context has the reader's zone: a name that no template can write."""
LONGEST_FORMAT = 50
MOST_PLACES = 6
DATE = "%-d %B %Y"
TIME = "%H:%M"
_CODES = frozenset("a A b B d e H I j m M p S y Y Z % -d -m -H -I".split())
_CODE = re.compile(r"%(-?.)")
_NAIVE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_AMOUNT = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,10})?")
_ROUNDING: Mapping[str, Callable[[float], float]] = {"common": round, "ceil": math.ceil, "floor": math.floor}
_TITLES = frozenset("mr mrs ms miss mx dr prof sir dame rev herr frau m mme mlle sr sra".split())
_LETTER_AFTER = re.compile(r"(?:^|(?<=[\s\-])|(?<=\b\w['’]))[^\W\d_]")


@pass_context
def said_date(context: Context, value: Any, written: str = DATE) -> str:
    """`2026-03-02` or `2026-03-02T09:30:00Z` as `2 March 2026`; a moment in the reader's zone."""
    return _said(_moment(value, context, "date"), written)


@pass_context
def said_time(context: Context, value: Any, written: str = TIME) -> str:
    """`2026-03-02T09:30:00Z` as `09:30` in the reader's zone; a time without a zone as it is."""
    return _said(_moment(value, context, "time"), written)


def money(value: Any, currency: str = "", places: int = 2) -> str:
    """`1234.5` as `1,234.50`; with a currency `£1,234.50` or `GBP 1,234.50`."""
    text = str(value).strip()
    if isinstance(value, bool) or not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no amount of money: write 1234.50")
    if not isinstance(places, int) or not 0 <= places <= 4 or len(str(currency)) > 10:
        raise ValueError('money has at most 4 places and a short currency: money("£", 2)')
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]!r} is no amount of money: write 1234.50") from error
    sign = "-" if amount < 0 else ""
    before = f"{currency} " if str(currency)[-1:].isalpha() else str(currency)
    return f"{sign}{before}{abs(amount):,.{places}f}"


def rounded(value: Any, precision: int = 0, method: str = "common") -> Any:
    """`2.345` as `2.35` with a precision of 2; the method is `common`, `ceil` or `floor`.

    Jinja's own reckons with ten to any power it is given, for as long as that takes.
    """
    if isinstance(precision, bool) or not isinstance(precision, int) or not 0 <= precision <= MOST_PLACES:
        raise ValueError(f"round has 0 to {MOST_PLACES} places: round(2)")
    if method not in _ROUNDING:
        raise ValueError(f"round goes by {', '.join(_ROUNDING)}: round(2, 'floor')")
    try:
        number = value if isinstance(value, int) else float(value)
        power = 10**precision
        found = round(number, precision) if method == "common" else _ROUNDING[method](number * power) / power
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{str(value)[:40]!r} is no number that can be rounded: write 1234.5") from error
    return found


def trimmed(value: Any, chars: str | None = None) -> str:
    """Without blanks, or these characters, at both ends."""
    if chars is not None and len(str(chars)) > LONGEST_FORMAT:
        raise ValueError(f"trim takes at most {LONGEST_FORMAT} characters away: trim('.,')")
    return soft_str(value).strip(chars)


def titlecase(value: Any) -> str:
    """`ADA O'NEILL-LOVELACE` and `ada o'neill-lovelace` as `Ada O'Neill-Lovelace`; mixed words as they are."""
    words = re.split(r"(\s+)", str(value))
    return "".join(_capital(word) if word.isupper() or word.islower() else word for word in words)


def first_name(value: Any) -> str:
    """`Ada` of `Ada Lovelace`, `Dr Ada Lovelace`, `Lovelace, Ada` and `ADA LOVELACE`; empty of nothing."""
    name = str(value)
    after = name.partition(",")[2].strip()
    words = [word for word in (after or name.replace(",", " ")).split() if word.strip(".").lower() not in _TITLES]
    return titlecase(words[0]) if words else ""


def urlencode(value: Any) -> str:
    """`a b&c` as `a%20b%26c`, to stand in a link's query (RFC 3986, 2.1)."""
    return quote(str(value), safe="", errors="replace")


def _capital(word: str) -> str:
    return _LETTER_AFTER.sub(lambda match: match.group().upper(), word.lower())


def _moment(value: Any, context: Context, what: str) -> datetime:
    text = str(value).strip()
    try:
        if what == "date" and _NAIVE_DATE.fullmatch(text):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        example = "2026-03-02" if what == "date" else "2026-03-02 09:30"
        raise ValueError(f"{text[:40]!r} is no {what}: it is written {example}") from error
    zone = zone_named(str(context.get(ZONE, "UTC")))
    try:
        return at.astimezone(zone) if at.tzinfo is not None else at.replace(tzinfo=zone)
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{text[:40]!r} is beyond the calendar") from error


def _said(at: datetime, written: str) -> str:
    if not isinstance(written, str) or len(written) > LONGEST_FORMAT:
        raise ValueError(f"a format has at most {LONGEST_FORMAT} characters, such as {DATE}")
    for code in _CODE.findall(written):
        if code not in _CODES:
            raise ValueError(f"%{code} is none of a format's codes: {' '.join(f'%{one}' for one in sorted(_CODES))}")
    # Code by code: strftime itself would take a width, as in %99999999d.
    return _CODE.sub(lambda match: at.strftime(match.group()), written)
