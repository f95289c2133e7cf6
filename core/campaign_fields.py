"""What a campaign's letter may say of its customer: the fields of the groups customer, campaign, agent and desk."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from core.clock import from_moment
from core.sms import national, zone_of
from core.templates import BLANK, Rendered, TemplateText, TemplateWrong, fields_of, first_name, render
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from core.templates import Fields, Plain

COLUMNS = (
    "reference", "name", "number", "email", "zone", "status", "callback_at", "tries", "outcome", "own_fields",
)  # fmt: skip
"""Of `customer`: what `customer_fields` reads of its row. With `list_fields`, its list's `own_fields`, it also knows
which fields of the list this customer has nothing for.
"""
DESK_COLUMNS = ("name", "region", "timezone")
STANDARD = ("reference", "name", "first_name", "number", "email", "status", "callback", "tries", "outcome")
"""Fields of every customer; the list's own ones stand beside them."""
GROUPS = {
    "customer": STANDARD,
    "campaign": ("name",),
    "agent": ("name", "first_name", "login"),
    "desk": ("name",),
}
"""What may be written as `{{ customer.first_name }}`; an agent is known only where one writes or rings."""
_ODD = re.compile(r"\W+")
LONGEST_LINE = 1_000


@dataclass(frozen=True, slots=True)
class LetterFields:
    """All that a template is filled in with for one customer."""

    fields: Fields
    zone: str
    """The customer's, in which times are said."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who writes or rings."""

    login: str = ""
    name: str = ""


def customer_fields(
    customer: Mapping[str, Any],
    campaign: str,
    desk: Mapping[str, Any],
    agent: Agent | None = None,
    *,
    used: Set[str] | None = None,
) -> LetterFields:
    """The fields of one customer: a row with `COLUMNS`, a campaign's name, the desk's row with `DESK_COLUMNS`.

    What is empty is BLANK; a moment is ISO 8601 in UTC, for the filters `date` and `time`. Own fields whose names hold
    more than letters and digits can be written both ways: `customer["Order no"]` and `customer.order_no`.
    `used`, where one template is written to many (`fields_of` knows it), spares what is dear and not asked for.
    """
    number, due = str(customer["number"] or ""), customer["callback_at"]
    if number and (used is None or used & {"customer", "customer.number"}):
        shown = national(number, desk["region"])
    else:
        shown = number
    known: dict[str, Plain] = {
        "reference": customer["reference"],
        "name": _line(customer["name"]),
        "first_name": first_name(customer["name"] or ""),
        "number": shown,
        "email": customer["email"],
        "status": str(customer["status"]),
        "callback": from_moment(due).isoformat() if due is not None else "",
        "tries": customer["tries"],
        "outcome": customer["outcome"],
    }
    own: dict[str, Plain] = dict.fromkeys(listed_fields(customer.get("list_fields")), "")
    own |= own_fields(customer["own_fields"])
    groups: dict[str, Mapping[str, Plain]] = {
        "customer": _blanked({**with_written_names(own), **known}),
        "campaign": _blanked({"name": campaign}),
        "agent": _blanked(
            {"name": agent.name, "first_name": first_name(agent.name), "login": agent.login}
            if agent
            else dict.fromkeys(GROUPS["agent"], "")
        ),
        "desk": _blanked({"name": desk["name"]}),
    }
    return LetterFields(groups, zone_of(customer["zone"] or "", number, desk["timezone"]))


def write(template: TemplateText, found: LetterFields) -> Rendered:
    """A template filled in for that customer. Raises TemplateWrong; with `.blank` for this customer alone."""
    return render(template, found.fields, zone=found.zone)


def nobody_has(used: Iterable[str], lists: Iterable[str | None]) -> list[str]:
    """Of a template's fields (`fields_of`) those that no customer can have, in order; `lists`: `own_fields` of all."""
    own: set[str] = set()
    for stored in lists:
        for field in listed_fields(stored):
            own |= {field, written_name(field)}
    return [
        name
        for name in sorted(used)
        if (group := name.partition(".")[0]) in GROUPS
        and (field := name.partition(".")[2])
        and field not in GROUPS[group]
        and not (group == "customer" and field in own)
    ]


def nobody_has_words(template: TemplateText, lists: Iterable[str | None]) -> str:
    """A warning of fields that no customer can have, most likely a slip; empty where there is none.

    A template that is broken has its own sentence, and no warning. `lists`: as for `nobody_has`.
    """
    try:
        unknown = nobody_has(fields_of(template), lists)
    except TemplateWrong:
        return ""
    if not unknown:
        return ""
    known = [f"customer.{field}" for field in STANDARD]
    near = [close for field in unknown for close in get_close_matches(field, known, 1, 0.8)]
    meant = f", did you mean {near[0]}" if near else ""
    return f"no list has {', '.join(unknown)}{meant}: as it is, a campaign's customer gets no such letter"


def own_fields(stored: str | None) -> dict[str, Plain]:
    """The own fields of a customer, as stored (JSON): each a text on one line, a number, or nothing."""
    try:
        found = json.loads(stored or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): value if isinstance(value, (int, float)) else _line(value) for name, value in found.items()}


def with_written_names(own: Mapping[str, Plain]) -> dict[str, Plain]:
    """Own fields by their names and, where no other has that name, as they are written after a dot."""
    also: dict[str, Plain] = {}
    for field, value in own.items():
        if also.get(written_name(field), "") == "":
            also[written_name(field)] = value
    return {**also, **own}


def listed_fields(stored: str | None) -> list[str]:
    """The names of a list's own fields, as stored (JSON)."""
    try:
        found = json.loads(stored or "[]")
    except ValueError:
        return []
    return [str(name) for name in found] if isinstance(found, list) else []


def written_name(field: str) -> str:
    """`order_no` of `Order no.`: how a field of any name can be written after a dot."""
    return _ODD.sub("_", field.lower()).strip("_")


def _line(value: object) -> str:
    return one_line(str(value), LONGEST_LINE) if value is not None else ""


def _blanked(fields: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: BLANK if value is None or value == "" else value for name, value in fields.items()}
