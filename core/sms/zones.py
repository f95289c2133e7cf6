"""The zone a customer lives in, as far as a telephone number tells."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

_USUALLY = 7
"""First figures of a number that tell its zone, but for some hundred."""
_A_DAY_IN_WINTER = datetime(2026, 1, 15, 12)


def zone_of(named: str, number: str, desk: str) -> str:
    """The zone's IANA name: the one that was `named`, else by an E.164 `number`, else the `desk`'s.

    Of several zones that a number may be in (phonenumbers' tables) it is the desk's, else the middle one.
    """
    return named if _offset(named) is not None else _zone_behind(_figures(number), desk)


def telling_figures(number: str) -> str:
    """As much of an E.164 number as tells its zone, so that many can be counted by it; `zone_of` takes it for one."""
    short = number[: _USUALLY + 1]
    return number[: _by_figures()[1] + 1] if short in _told_later() else short


@lru_cache(maxsize=10_000)
def _zone_behind(figures: str, desk: str) -> str:
    known, _ = _by_figures()
    # West to east; mobile numbers, too.
    found = sorted((offset, name) for name in known.get(figures, ()) if (offset := _offset(name)) is not None)
    if not found or desk in (name for _, name in found):
        return desk
    return found[len(found) // 2][1]


def _figures(number: str) -> str:
    """As many of a number's first figures as tell a zone; empty where none do."""
    if number.startswith("+"):
        known, longest = _by_figures()
        for end in range(longest + 1, 1, -1):
            if (figures := number[1:end]) in known:
                return figures
    return ""


@cache
def _by_figures() -> tuple[Mapping[str, tuple[str, ...]], int]:
    """First figures of numbers -> zones, and the most figures there are."""
    from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

    return TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX


@cache
def _told_later() -> frozenset[str]:
    """Beginnings of numbers whose zone only a later figure tells."""
    return frozenset(f"+{figures[:_USUALLY]}" for figures in _by_figures()[0] if len(figures) > _USUALLY)


@lru_cache(maxsize=1_000)
def _offset(name: str) -> timedelta | None:
    """In winter; None for a zone that is none here."""
    try:
        return ZoneInfo(name).utcoffset(_A_DAY_IN_WINTER) if name and name != "Etc/Unknown" else None
    except (KeyError, ValueError, OSError):
        return None
