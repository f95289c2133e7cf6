"""Completion while a script is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.routing.completion import completions
from core.routing.names import DeskNames

NAMES = DeskNames(
    queues=frozenset({"front", "billing", "morning"}),
    classes=frozenset({"Billing", "Enquiry"}),
    templates=frozenset({"closed"}),
    users=frozenset({"ann", "bo"}),
    calendars=frozenset({"office"}),
    skills=frozenset({"refunds", "french"}),
    variables={"closed": False},
    settings={"greeting": "Hello"},
)


@pytest.mark.parametrize(
    ("before", "typed", "some"),
    [
        ('    return queue("', "", ("billing", "front", "morning")),
        ('    return queue("mo', "mo", ("morning",)),
        ("    return [set_class('B", "B", ("Billing",)),
        ('    return [reply("', "", ("closed",)),
        ('    return assign("a', "a", ("ann",)),
        ('    return assign(contact.customer.owner, otherwise = "f', "f", ("front",)),
        ('    return queue("billing", priority = 7, skills = ["re', "re", ("refunds",)),
        ('    return queue("billing", skills = ["refunds", "fr', "fr", ("french",)),
        ('load("', "", ("keywords",)),
        ("    if not calendars.", "", ("office",)),
        ("    if not calendars.office.o", "o", ("open",)),
        ("    if queues.front.", "", ("oldest", "ready", "waiting")),
        ("    if variables.c", "c", ("closed",)),
        ("    x = settings.", "", ("greeting",)),
        ("    if contact.customer.st", "st", ("status",)),
        ("    if contact.received.week", "week", ("weekday",)),
        ("    if contact.wo", "wo", ("words",)),
        ("    return que", "que", ("queue(", "queues")),
    ],
)
def test_what_fits_is_offered(before: str, typed: str, some: tuple[str, ...]) -> None:
    found = completions(before, NAMES, ["keywords"])
    assert found.typed == typed
    assert found.choices == some


@pytest.mark.parametrize(
    "before",
    ["", "    ", '    note("fr', "    # return que", '    print("contact.', 'queue("front", "', 'queue("front")', "x."],
)
def test_nothing_is_offered_where_nothing_is_known(before: str) -> None:
    assert completions(before, NAMES, ["keywords"]).choices == ()


@given(st.text(alphabet="ab \"'()[].,=#\tqueue", max_size=200))
def test_any_line_is_taken_and_every_choice_goes_on_with_what_is_typed(before: str) -> None:
    found = completions(before, NAMES)
    assert before.endswith(found.typed)
    assert all(choice.casefold().startswith(found.typed.casefold()) for choice in found.choices)


def test_a_long_line_costs_no_time() -> None:
    """The patterns must not run away on what a person pastes."""
    assert completions("queue(" + "(,'\"" * 20_000, NAMES).choices is not None
