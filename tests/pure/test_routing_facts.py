"""Facts and decisions: frozen, bounded, and the same after JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Wrong
from core.routing import decision as d
from core.routing.facts import (
    LONGEST_LINE,
    LONGEST_TEXT,
    CalendarFacts,
    ContactFacts,
    CustomerFacts,
    DeskFacts,
    Facts,
    PreviousFacts,
    QueueFacts,
    Received,
)
from core.routing.failure import Failure, Kind, Place
from core.routing.names import DeskNames, unknown
from core.routing.program import Program
from core.routing.run import Printed, Run, Trace
from core.routing.values import LONGEST_VALUE, value
from core.routing.wording import FIELDS
from tests.pure.routing_desk import CONTACT, CUSTOMER, DESK, NAMES, PREVIOUS, facts

TEXT = st.text(st.characters(), max_size=40)
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 62), 1 << 62), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
VALUE = st.one_of(PLAIN, st.lists(PLAIN, max_size=3))
TABLE = st.dictionaries(TEXT, VALUE, max_size=3)
NUMBER = st.integers(0, 1 << 40)

CONTACTS = st.builds(
    ContactFacts,
    channel=st.sampled_from(["sms", "email"]),
    **dict.fromkeys(("sender", "name", "to", "subject", "text", "account"), TEXT),
    **dict.fromkeys(("number", "class_", "queue"), st.none() | TEXT),
    received=st.builds(
        Received.at, st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1)), st.just("Asia/Kolkata")
    ),
    event=st.sampled_from(["route", "waited"]),
    priority=st.integers(-1_000, 1_000),
    waited=NUMBER,
    tags=st.lists(TEXT, max_size=3).map(tuple),
    customer=st.none() | st.builds(CustomerFacts, *[TEXT] * 5, owner=st.none() | TEXT, fields=TABLE),
    previous=st.none() | st.builds(PreviousFacts, st.none() | TEXT, NUMBER, TEXT, st.none() | TEXT),
)
FACTS = st.builds(
    Facts,
    CONTACTS,
    st.builds(
        DeskFacts,
        st.dictionaries(TEXT, st.builds(QueueFacts, NUMBER, NUMBER, NUMBER), max_size=3),
        st.dictionaries(TEXT, st.builds(CalendarFacts, st.booleans()), max_size=3),
        TABLE,
    ),
    TABLE,
)


@settings(max_examples=100, deadline=None)
@given(FACTS)
def test_facts_are_the_same_after_json(found: Facts) -> None:
    text = found.to_json()
    assert Facts.from_json(text) == found
    assert Facts.from_json(text).to_json() == text
    assert "\n" not in text and "\\u0000" not in text
    text.encode()


def test_facts_hold_what_the_specification_says() -> None:
    known = json.loads(Facts(replace(CONTACT, customer=CUSTOMER, previous=PREVIOUS), DESK, {"tone": "kind"}).to_json())
    assert {*known["contact"], "words", "lines"} == set(FIELDS["contact"])
    assert set(known["contact"]["received"]) == set(FIELDS["contact.received"])
    assert set(known["contact"]["customer"]) == set(FIELDS["contact.customer"])
    assert set(known["contact"]["previous"]) == set(FIELDS["contact.previous"])
    assert known["desk"]["queues"]["front"] == {"waiting": 14, "ready": 2, "oldest": 180}
    assert known["desk"]["calendars"] == {"office": {"open": True}}
    assert known["desk"]["variables"] == {"closed": False, "words": ["refund", "money back"]}
    assert known["settings"] == {"tone": "kind"}


def test_the_time_of_coming_is_broken_down_in_the_zone_of_the_desk() -> None:
    moment = datetime(2026, 7, 4, 23, 30, 15, tzinfo=UTC)
    assert Received.at(moment, "Europe/London") == Received(0, 30, "sun", "2026-07-05", "2026-07-05T00:30:15+01:00")


def test_texts_are_cut_to_their_bound() -> None:
    found = facts(text="x" * (LONGEST_TEXT + 1), subject="y" * (LONGEST_LINE + 1)).contact
    assert len(found.text) == LONGEST_TEXT and len(found.subject) == LONGEST_LINE
    customer = replace(CUSTOMER, fields={"story": "z" * (LONGEST_VALUE + 1)})
    assert len(str(customer.fields["story"])) == LONGEST_VALUE


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        CONTACT.text = "other"  # type: ignore[misc]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1 << 70, {"a": 1}, [[1]], object(), ["x"] * 501])
def test_a_value_that_json_or_a_script_cannot_hold_is_refused(bad: object) -> None:
    with pytest.raises(Wrong, match="The variable 'x'"):
        DeskFacts(variables={"x": bad})  # type: ignore[dict-item]


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(Wrong, match="'route' or 'waited'"):
        replace(CONTACT, event="arrived")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"contact":{},"desk":{},"settings":{}}', "\x00"])
def test_facts_that_were_not_written_by_us_are_refused(text: str) -> None:
    with pytest.raises(Wrong, match="cannot be read"):
        Facts.from_json(text)


PLACE = st.builds(Place, TEXT, st.integers(0, 999))
PLACINGS: list[st.SearchStrategy[Any]] = [
    st.builds(d.ToQueue, TEXT, st.integers(), st.lists(TEXT, max_size=2).map(tuple), st.none() | NUMBER, at=PLACE),
    st.builds(d.ToAgent, st.none() | TEXT, TEXT, at=PLACE),
    st.builds(d.Forward, TEXT, at=PLACE),
    st.builds(d.Close, TEXT, at=PLACE),
    st.builds(d.Stay, st.none() | NUMBER, at=PLACE),
]
SIDES: list[st.SearchStrategy[Any]] = [
    st.builds(d.Reply, TEXT, st.dictionaries(TEXT, TEXT, max_size=2), at=PLACE),
    st.builds(d.ReplyText, TEXT, at=PLACE),
    st.builds(d.SetClass, TEXT, at=PLACE),
    st.builds(d.Tag, st.lists(TEXT, max_size=2).map(tuple), at=PLACE),
    st.builds(d.Note, TEXT, at=PLACE),
    st.builds(d.OptOut, at=PLACE),
    st.builds(d.OptIn),
]
DECISIONS = st.builds(d.Decision, st.one_of(PLACINGS), st.lists(st.one_of(SIDES), max_size=4).map(tuple))
UTF8 = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=100, deadline=None)
@given(DECISIONS)
def test_decisions_are_the_same_after_json(found: d.Decision) -> None:
    again = d.Decision.from_json(found.to_json())
    assert again == found and again.to_json() == found.to_json()
    assert [one.at for one in (again.placing, *again.side)] == [one.at for one in (found.placing, *found.side)]


@settings(max_examples=100, deadline=None)
@given(DECISIONS, st.lists(st.builds(Printed, TEXT, PLACE), max_size=3).map(tuple), NUMBER)
def test_runs_are_the_same_after_json(found: d.Decision, printed: tuple[Printed, ...], dropped: int) -> None:
    good = Run(found, None, Trace(printed, dropped, 0.25))
    failed = Run(None, Failure(Kind.TIME, "it took too long.", "front-door", 3, 5, "    pass"), good.trace)
    for run in (good, failed):
        assert Run.from_json(run.to_json()) == run


def test_every_action_of_the_specification_is_there() -> None:
    placing = {word for word, kind in d.ACTIONS.items() if kind.placing}
    assert placing == {"queue", "assign", "forward", "close", "stay"}
    assert set(d.ACTIONS) - placing == {"reply", "reply_text", "set_class", "tag", "note", "opt_out", "opt_in"}
    assert all({one.name for one in fields(kind)} >= {"at"} for kind in d.ACTIONS.values())


def test_where_an_action_was_made_does_not_make_it_another() -> None:
    assert d.Close("spam", at=Place("a", 1)) == d.Close("spam", at=Place("b", 2))
    assert d.Close("spam") != d.Close("scam")


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"placing":{"action":"tag","tags":[]},"side":[]}', '{"placing":{"action":"fly"},"side":[]}',
     '{"placing":{"action":"close","reason":"x"},"side":[{"action":"close","reason":"y"}]}'],
)  # fmt: skip
def test_decisions_that_were_not_written_by_us_are_refused(text: str) -> None:
    with pytest.raises(Wrong, match="cannot be read"):
        d.Decision.from_json(text)


def test_the_names_of_a_desk_are_the_same_after_json() -> None:
    again = DeskNames.from_plain(json.loads(json.dumps(NAMES.to_plain())))
    assert again.to_plain() == json.loads(json.dumps(NAMES.to_plain()))


def test_an_unknown_name_is_answered_with_those_that_are_known() -> None:
    assert unknown("queue", "mornign", NAMES.queues) == (
        'there is no queue "mornign"; did you mean "morning"? There are: billing, front, morning, overflow.'
    )
    assert unknown("queue", "xyz", ["a"]) == 'there is no queue "xyz". There are: a.'
    assert unknown("queue", "xyz", []) == 'there is no queue "xyz": this desk has none.'
    assert unknown("queue", "x", map(str, range(30))).endswith("and 10 more.")


def test_a_program_knows_its_scripts_and_its_digest() -> None:
    one = Program("a", {"a": "x = 1\r\n", "b": ""})
    assert one.sources["a"] == "x = 1\n"
    assert one.digest == Program("a", {"a": "x = 1", "b": ""}).digest != Program("b", {"a": "x = 1", "b": ""}).digest
    with pytest.raises(Wrong, match='"c" is not among'):
        Program("c", {"a": ""})
    with pytest.raises(Wrong, match="no name for a script"):
        Program("a", {"a": "", 'b"': ""})


def test_lists_become_tuples() -> None:
    assert value(["a", 1, None], "x") == ("a", 1, None)
