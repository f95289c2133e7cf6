"""Calendars: opening hours that scripts ask for; a change acts on the next contact."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.calendars import Calendar as OpeningHours
from core.calendars import Exceptional, in_zone, parse_closed
from core.errors import Refused, Wrong
from core.models import Calendar, Desk
from core.routing.values import dumped
from core.scripts.holidays import read_holidays
from core.scripts.names import missing, right_word, some
from core.scripts.turns import turn
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.clock import Clock
    from core.scripts.holidays import Holiday
    from core.scripts.uses import Uses
    from core.store import Database

KIND = "calendar"
AHEAD = timedelta(days=730)
"""How far holidays are read by themselves."""


@dataclass(frozen=True, slots=True)
class Hours:
    """What a calendar says, in the words of `core.calendars`."""

    open: tuple[str, ...] = ()
    """As `mon-fri 09:00-17:30`."""
    closed: tuple[str, ...] = ()
    """Exceptions, as `2026-12-25 Christmas Day` or `2026-12-24 09:00-12:00`."""
    timezone: str = ""
    """Empty = the desk's."""


@dataclass(frozen=True, slots=True)
class Holidays:
    """What an iCalendar file brings to a calendar."""

    added: tuple[str, ...]
    """Exceptions that the calendar has not yet."""
    known: int
    """Days of which it says something already; those stay as they are."""
    before: Hours
    """What the calendar said, for `change`."""


class Calendars:
    """Verbs on calendars; `actor` is a login or `roles.COMMAND`. Each raises Refused to an agent."""

    def __init__(self, database: Database, clock: Clock, uses: Uses) -> None:
        self.database = database
        self.clock = clock
        self.uses = uses

    async def add(self, name: str, hours: Hours, *, actor: str) -> None:
        """Make a calendar. Raises Wrong for hours that cannot be read, Refused when there is one of that name."""
        right_word(name, KIND)
        right_hours(hours)
        async with turn(self.database, self.clock, actor) as by:
            if name in await _names():
                raise Refused(f"there is a calendar {name} already: change that one")
            row = await Calendar.create(name=name, **_columns(hours))  # type: ignore[arg-type]
            await by.write("add", KIND, row.id, f"{name}: {_words(hours)}")

    async def change(self, name: str, hours: Hours, *, actor: str) -> Hours:
        """Give a calendar other hours; those it had. Raises Wrong, NotFound."""
        right_hours(hours)
        async with turn(self.database, self.clock, actor) as by:
            row = await _named(name)
            before = _hours(row)
            if hours != before:
                await Calendar.filter(id=row.id).update(**_columns(hours))
                await by.write("change", KIND, row.id, f"{name}: {_words(hours)}")
        return before

    async def delete(self, name: str, *, actor: str) -> Hours:
        """Delete a calendar; what it said, for `add`. Raises NotFound; Refused with the active scripts that ask it."""
        users = await self.uses.active(KIND, name)
        async with turn(self.database, self.clock, actor) as by:
            row = await _named(name)
            if users:
                raise Refused(f"calendar {name} is asked by {some(users)}: change that first")
            await row.delete()
            await by.write("delete", KIND, row.id, f"{name}, which was {_words(_hours(row))}")
        return _hours(row)

    async def holidays(
        self, name: str, content: bytes, *, first: date | None = None, last: date | None = None
    ) -> Holidays:
        """What the holidays of an iCalendar file would bring, from today or `first` on, two years or to `last`.

        Nothing is written. Raises NotFound, Wrong.
        """
        row = await _named(name)
        desk = await Desk.get(id=1)
        first = first or self.clock.now().astimezone(in_zone(row.timezone or desk.timezone)).date()
        found = await read_holidays(content, first=first, last=last or first + AHEAD)
        if not found:
            raise Wrong(f"there is no all-day event between {first} and {last or first + AHEAD} in that file")
        return _brought(_hours(row), found)

    async def import_holidays(
        self, name: str, content: bytes, *, actor: str, first: date | None = None, last: date | None = None
    ) -> Holidays:
        """Add those to the calendar's exceptions; what was added. Raises NotFound, Wrong."""
        found = await self.holidays(name, content, first=first, last=last)
        if found.added:
            after = replace(found.before, closed=(*found.before.closed, *found.added))
            right_hours(after)
            async with turn(self.database, self.clock, actor) as by:
                row = await _named(name)
                if _hours(row) != found.before:
                    raise Refused(f"calendar {name} was changed meanwhile: import again")
                await Calendar.filter(id=row.id).update(**_columns(after))
                await by.write("import", KIND, row.id, f"{name}: {len(found.added)} exceptions from an iCalendar file")
        return found


def right_hours(hours: Hours) -> None:
    """Raise Wrong for what cannot be read, naming the line."""
    OpeningHours.of(hours.timezone or "UTC", hours.open, hours.closed)


def _brought(before: Hours, found: Sequence[Holiday]) -> Holidays:
    exceptions = [parse_closed(line) for line in before.closed]
    fresh = [one for one in found if not any(known.first <= one.day <= known.last for known in exceptions)]
    return Holidays(tuple(_lines(fresh)), len(found) - len(fresh), before)


def _lines(found: Iterable[Holiday]) -> list[str]:
    """One exception for days of one name that follow each other."""
    spans: list[tuple[date, date, str]] = []
    for one in found:
        if spans and spans[-1][2] == one.name and spans[-1][1] + timedelta(days=1) == one.day:
            spans[-1] = (spans[-1][0], one.day, one.name)
        else:
            spans.append((one.day, one.day, one.name))
    return [_line(first, last, name) for first, last, name in spans]


def _line(first: date, last: date, name: str) -> str:
    dates = first.isoformat() if first == last else f"{first.isoformat()}..{last.isoformat()}"
    line = f"{dates} {one_line(name, 100)}".rstrip()
    # A name that reads like hours would open the desk on a holiday.
    return line if parse_closed(line) == Exceptional(first, last, (), line[len(dates) + 1 :]) else dates


async def _named(name: str) -> Calendar:
    row = await Calendar.get_or_none(name=name)
    if row is None:
        raise missing(KIND, name, await _names())
    return row


async def _names() -> list[str]:
    return [row.name for row in await Calendar.all().order_by("name")]


def _hours(row: Calendar) -> Hours:
    return Hours(tuple(json.loads(row.open)), tuple(json.loads(row.closed)), row.timezone)


def _columns(hours: Hours) -> dict[str, str]:
    return {"timezone": hours.timezone, "open": dumped(hours.open), "closed": dumped(hours.closed)}


def _words(hours: Hours) -> str:
    exceptions = f"; {len(hours.closed)} exceptions" if hours.closed else ""
    return one_line((", ".join(hours.open) or "never open") + exceptions, 200)
