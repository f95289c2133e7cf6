"""Which column of a file is which field of a customer: guessed by names, as the last import had it, or as is said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIELDS = ("reference", "name", "number", "email", "zone", "owner", "status", "callback")
"""Every customer's; any other field is the list's own."""
_SPELLINGS = {
    "reference": "reference ref customerreference customerref customerid customerno customernumber id clientid"
    " accountnumber accountno accountid account externalid key kundennummer",
    "name": "name fullname customername customer contactname displayname",
    "number": "number phone phonenumber mobile mobilenumber mobilephone cell cellphone telephone telephonenumber tel"
    " msisdn sms smsnumber handy mobil telefon",
    "email": "email emailaddress mail mailaddress emails",
    "zone": "zone timezone tz",
    "owner": "owner agent accountmanager",
    "status": "status customerstatus",
    "callback": "callback callbackat callbacktime callbackdate",
}
_HALVES = (("firstname", "givenname", "forename", "vorname"), ("lastname", "surname", "familyname", "nachname"))
EXPORTED = ("list", "tries", "tried_at", "outcome")
"""Columns of an export that are no fields of a customer to be set: a guess passes them over."""
_ODD = re.compile(r"[\W_]+")
LONGEST_FIELD = 60


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Field -> column, and where each column stands in a row."""

    columns: Mapping[str, str]
    """Field -> name of its column; `First name + Last name` = both, with a blank between."""
    places: Mapping[str, tuple[int, ...]]

    @property
    def own_fields(self) -> tuple[str, ...]:
        """Fields that only this list has."""
        return tuple(field for field in self.columns if field not in FIELDS)


def mapped(columns: Sequence[str], remembered: Mapping[str, str], said: Mapping[str, str]) -> ColumnMap:
    """The mapping of a file with these columns: what is `said` first, then what is `remembered`, then a guess.

    A field that is mapped to nothing is left out, and its column with it where nobody else takes it. Raises Wrong for a
    column that is not there, and where there is nothing a customer could be known by.
    """
    found: dict[str, str] = {}
    left_out: set[str] = set()
    for field, column in said.items():
        field = _right_field(field)
        if not column:
            left_out.add(field)
            continue
        if _places(columns, column) is None:
            raise Wrong(f"there is no column {one_line(column, 80)}; there are: {', '.join(columns)[:1000]}")
        found[field] = column
    for field, column in remembered.items():
        if field not in found and field not in left_out and column and _places(columns, column) is not None:
            found[field] = column
    _guess(columns, found, left_out)
    places = {field: _places(columns, column) or () for field, column in found.items()}
    if not places.keys() & {"reference", "number", "email"}:
        raise Wrong(
            "there is no column with a reference, a number or an e-mail address: say which it is, as in"
            f" number=COLUMN; there are: {', '.join(columns)[:1000]}"
        )
    return ColumnMap(found, places)


def _guess(columns: Sequence[str], found: dict[str, str], left_out: set[str]) -> None:
    taken = {place for column in found.values() for place in _places(columns, column) or ()}
    free = {_plain(name): name for at, name in reversed(list(enumerate(columns))) if at not in taken}
    for field, spellings in _SPELLINGS.items():
        if field in found:
            continue
        column = next((free[spelling] for spelling in spellings.split() if spelling in free), None)
        if column is not None:
            del free[_plain(column)]
            if field not in left_out:
                found[field] = column
    if "name" not in found and "name" not in left_out:
        halves = [next((free[spelling] for spelling in half if spelling in free), "") for half in _HALVES]
        if any(halves):
            found["name"] = " + ".join(half for half in halves if half)
    # First and last name stay fields of their own, beside the name that is made of them.
    spoken = {*EXPORTED, *found, *left_out}
    found |= {name: name for name in columns if free.get(_plain(name)) == name and name not in spoken}


def _places(columns: Sequence[str], wanted: str) -> tuple[int, ...] | None:
    if wanted in columns:
        return (columns.index(wanted),)
    lower = [column.lower() for column in columns]
    if wanted.strip().lower() in lower:
        return (lower.index(wanted.strip().lower()),)
    halves = [half.strip().lower() for half in wanted.split("+")]
    if len(halves) > 1 and all(half in lower for half in halves):
        return tuple(lower.index(half) for half in halves)
    return None


def _right_field(field: str) -> str:
    cleaned = one_line(field, LONGEST_FIELD)
    if not cleaned or cleaned != field:
        shown = one_line(field, 80) or "(nothing)"
        raise Wrong(f"{shown} is no name for a field: give one line, {LONGEST_FIELD} characters at most")
    return field


def _plain(name: str) -> str:
    return _ODD.sub("", name.lower())
