"""The zone a customer lives in, as far as a telephone number tells."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import timedelta

_A_DAY_IN_WINTER = datetime(2026, 1, 15, 12)


@lru_cache(maxsize=20_000)
def zone_of(named: str, number: str, desk: str) -> str:
    """The zone's IANA name: the one that was `named`, else by an E.164 `number`, else the `desk`'s.

    Of several zones that a number may be in (phonenumbers' tables) it is the desk's, else the middle one.
    """
    if _offset(named) is not None:
        return named
    found = _zones(number)
    if not found or desk in found:
        return desk
    return found[len(found) // 2]


def _zones(number: str) -> list[str]:
    """Those a number may be in, west to east; none where it does not tell."""
    if not number.startswith("+"):
        return []
    import phonenumbers as pn
    from phonenumbers import timezone

    try:
        # It knows mobile numbers, too; the other function gives up on every one whose area it does not know.
        names = timezone.time_zones_for_geographical_number(pn.parse(number, None))
    except pn.NumberParseException:
        return []
    offsets = [(offset, name) for name in names if (offset := _offset(name)) is not None]
    return [name for _, name in sorted(offsets)]


@lru_cache(maxsize=1_000)
def _offset(name: str) -> timedelta | None:
    """In winter; None for a zone that is none here."""
    try:
        return ZoneInfo(name).utcoffset(_A_DAY_IN_WINTER) if name and name != "Etc/Unknown" else None
    except (KeyError, ValueError, OSError):
        return None
