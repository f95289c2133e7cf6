"""A small desk for the tests of routing: its names, its facts, and a script's program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.routing.facts import (
    CalendarFacts,
    ContactFacts,
    CustomerFacts,
    DeskFacts,
    Facts,
    PreviousFacts,
    QueueFacts,
    Received,
)
from core.routing.names import DeskNames
from core.routing.program import Program

if TYPE_CHECKING:
    from core.routing.run import Run
    from core.routing.sandbox import Sandbox

KEYWORDS = """\
def mentions(text, words):
    text = text.lower()
    return any([word in text for word in words])
"""

NAMES = DeskNames(
    queues=frozenset({"front", "billing", "morning", "overflow"}),
    classes=frozenset({"Billing", "Enquiry"}),
    templates=frozenset({"closed", "thanks"}),
    users=frozenset({"ann", "bob"}),
    calendars=frozenset({"office"}),
    skills=frozenset({"refunds", "french"}),
    variables={"closed": False, "words": ("refund", "money back")},
)

DESK = DeskFacts(
    queues={
        "front": QueueFacts(14, 2, 180),
        "billing": QueueFacts(2, 1, 40),
        "morning": QueueFacts(),
        "overflow": QueueFacts(),
    },
    calendars={"office": CalendarFacts(open=True)},
    variables=NAMES.variables,
)

CUSTOMER = CustomerFacts("Ann Lee", "C-1", "callback", "spring", "A", "ann", {"vip": True, "town": "Leeds"})
PREVIOUS = PreviousFacts("bob", 3_600, "answered", "Billing")
CONTACT = ContactFacts(
    channel="sms",
    sender="07700 900123",
    number="+447700900123",
    name="Ann Lee",
    to="texts@acme.example",
    subject="",
    text="I want a refund please,\nit arrived BROKEN.",
    account="texts@acme.example",
    class_="Enquiry",
    received=Received(13, 56, "thu", "2026-11-19", "2026-11-19T13:56:00+00:00"),
    tags=("web",),
)


def facts(desk: DeskFacts = DESK, settings: dict[str, Any] | None = None, **contact: Any) -> Facts:
    """Facts of the sample contact, with what is given changed in it."""
    return Facts(replace(CONTACT, **contact), desk, settings or {})


def program(source: str, name: str = "front-door", **others: str) -> Program:
    """A script, the keywords beside it, and others by name."""
    return Program(name, {name: source, "keywords": KEYWORDS, **others})


def route(*lines: str) -> str:
    """A script whose function `route` has these lines: the first of them is line 2."""
    return "def route(contact):\n" + "".join(f"    {line}\n" for line in lines)


async def run_one(sandbox: Sandbox, source: str, given: Facts | None = None, **others: str) -> Run:
    """One contact through one script."""
    (run,) = await sandbox.run(program(source, **others), [given or facts()], NAMES)
    return run
