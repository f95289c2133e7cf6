"""What a script may read: one contact and the desk around it, as they were at one moment.

Facts are frozen and JSON, so that a run can be kept, explained and replayed. Durations are whole seconds. Texts are cut
to a bound when the facts are made, never later: what is kept is what the script saw.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast
from zoneinfo import ZoneInfo

from core.errors import Wrong
from core.routing.values import MOST_VALUES, Value, clean, dumped, values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_TEXT = 65_536
"""Characters of a contact's text that a script sees; the longest text message there can be has 39,015."""

LONGEST_LINE = 1_000
"""Characters of any other text in a contact: a name, a subject, an address."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Event = Literal["route", "waited"]


@dataclass(frozen=True, slots=True)
class Received:
    """When the contact came, on the desk's own clock."""

    hour: int
    minute: int
    weekday: str
    """`mon` to `sun`."""
    date: str
    """`2026-11-19`."""
    iso: str
    """The whole of it with the zone's offset: `2026-11-19T14:02:11+00:00`."""

    @classmethod
    def at(cls, moment: datetime, zone: str) -> Received:
        """A moment (aware) broken down in the desk's zone."""
        local = moment.astimezone(ZoneInfo(zone))
        return cls(
            local.hour,
            local.minute,
            WEEKDAYS[local.weekday()],
            local.date().isoformat(),
            local.isoformat(timespec="seconds"),
        )


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """The customer whose address this is."""

    name: str
    reference: str
    status: str
    """`unused`, `callback`, `in progress`, `contacted` or `terminated`."""
    campaign: str
    list: str
    owner: str | None
    """The login of the agent the customer belongs to."""
    fields: Mapping[str, Value] = field(default_factory=dict)
    """What else the list knows: `contact.customer.fields["vip"]`."""

    def __post_init__(self) -> None:
        _bound(self, LONGEST_LINE, "name", "reference", "status", "campaign", "list", "owner")
        object.__setattr__(self, "fields", values(self.fields, "field"))


@dataclass(frozen=True, slots=True)
class PreviousFacts:
    """The last closed contact with the same address."""

    agent: str | None
    """The login of who closed it; None where no agent did."""
    closed_ago: int
    """Seconds from its end to this contact's coming."""
    outcome: str
    class_: str | None

    def __post_init__(self) -> None:
        _bound(self, LONGEST_LINE, "agent", "outcome", "class_")


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """One contact. `words` and `lines` are made from `text` where the script runs."""

    channel: str
    """`sms` or `email`."""
    sender: str
    """The address it came from, as it is written."""
    number: str | None
    """The same as an E.164 number, None for an e-mail."""
    name: str
    to: str
    """The address it was sent to."""
    subject: str
    text: str
    account: str
    class_: str | None
    received: Received
    event: Event = "route"
    queue: str | None = None
    """Where it waits; None until it waits somewhere."""
    priority: int = 0
    waited: int = 0
    """Seconds it has been waiting in this queue."""
    tags: tuple[str, ...] = ()
    customer: CustomerFacts | None = None
    previous: PreviousFacts | None = None

    def __post_init__(self) -> None:
        if self.event not in ("route", "waited"):
            raise Wrong(f"A contact's event is 'route' or 'waited', not {self.event!r}.")
        _bound(self, LONGEST_LINE, "channel", "sender", "number", "name", "to", "subject", "account", "class_", "queue")
        _bound(self, LONGEST_TEXT, "text")
        object.__setattr__(self, "tags", tuple(clean(tag, LONGEST_LINE) for tag in self.tags[:MOST_VALUES]))


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """One queue: contacts waiting, agents ready for it, seconds its oldest contact has waited."""

    waiting: int = 0
    ready: int = 0
    oldest: int = 0


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """One calendar at this moment."""

    open: bool = False


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """The desk around the contacts of one batch: share one object among them, it crosses to the worker once."""

    queues: Mapping[str, QueueFacts] = field(default_factory=dict)
    calendars: Mapping[str, CalendarFacts] = field(default_factory=dict)
    variables: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("queues", "calendars"):
            cleaned = {clean(key, LONGEST_LINE): one for key, one in getattr(self, name).items()}
            object.__setattr__(self, name, cleaned)
        object.__setattr__(self, "variables", values(self.variables, "variable"))


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one run sees."""

    contact: ContactFacts
    desk: DeskFacts = field(default_factory=DeskFacts)
    settings: Mapping[str, Value] = field(default_factory=dict)
    """This account's own values for the script."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", values(self.settings, "setting"))

    def to_json(self) -> str:
        """One line of JSON, the same for the same facts."""
        return joined(contact_json(self.contact), desk_json(self.desk), dumped(self.settings))

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """What `to_json` wrote. Raises Wrong where it did not."""
        try:
            found = json.loads(text)
            return cls(_contact(found["contact"]), _desk(found["desk"]), found["settings"])
        except (ValueError, KeyError, TypeError, AttributeError) as err:
            raise Wrong(f"These facts cannot be read ({err}): they were not written by this version.") from err


def joined(contact: str, desk: str, settings: str) -> str:
    """The JSON of facts from the JSON of their three parts."""
    return f'{{"contact":{contact},"desk":{desk},"settings":{settings}}}'


def contact_json(contact: ContactFacts) -> str:
    """One contact as one line of JSON."""
    known = {name: getattr(contact, name) for name in _CONTACT_PLAIN}
    known["received"] = _parts(contact.received)
    known["customer"] = None if contact.customer is None else _parts(contact.customer)
    known["previous"] = None if contact.previous is None else _parts(contact.previous)
    return dumped(known)


def desk_json(desk: DeskFacts) -> str:
    """The desk as one line of JSON."""
    return dumped(
        {
            "queues": {name: _parts(queue) for name, queue in desk.queues.items()},
            "calendars": {name: _parts(calendar) for name, calendar in desk.calendars.items()},
            "variables": desk.variables,
        }
    )


_PARTS: dict[type, tuple[str, ...]] = {
    kind: tuple(kind.__slots__) for kind in (Received, CustomerFacts, PreviousFacts, QueueFacts, CalendarFacts)
}
_CONTACT_PLAIN = tuple(name for name in ContactFacts.__slots__ if name not in ("received", "customer", "previous"))


def _parts(thing: object) -> dict[str, object]:
    return {name: getattr(thing, name) for name in _PARTS[type(thing)]}


def _contact(found: dict[str, Any]) -> ContactFacts:
    customer, previous = found.pop("customer"), found.pop("previous")
    return ContactFacts(
        **{**found, "tags": tuple(found["tags"]), "received": Received(**found["received"])},
        customer=None if customer is None else CustomerFacts(**customer),
        previous=None if previous is None else PreviousFacts(**previous),
    )


def _desk(found: dict[str, Any]) -> DeskFacts:
    return DeskFacts(
        queues={name: QueueFacts(**one) for name, one in found["queues"].items()},
        calendars={name: CalendarFacts(**one) for name, one in found["calendars"].items()},
        variables=cast("dict[str, Value]", found["variables"]),
    )


def _bound(thing: object, limit: int, *names: str) -> None:
    """Cut the texts of a frozen thing to their bound, while it is being made."""
    for name in names:
        text = getattr(thing, name)
        if text is not None and (len(text) > limit or not text.isascii() or "\x00" in text):
            object.__setattr__(thing, name, clean(text, limit))
