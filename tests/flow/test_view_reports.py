"""Reports: what they count, in which step, and how they are written down."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import to_moment
from core.desk import Answer
from core.errors import Wrong
from core.models import Contact, Desk, Event, NotReadyReason, Person, Queue
from core.views.agents import Span, split
from core.views.figures import Figures, added
from core.views.report_files import csv_lines, json_of, plain_contact, plain_rows
from core.views.reports import contact_report, report
from core.views.stepping import LENGTHS, Range, Steps, range_of
from tests.flow.conftest import NOW, ONLY_SQLITE
from tests.flow.test_distribution import arrive

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


async def a_day(office: Office, clock: FrozenClock) -> list[int]:
    """Four texts: one answered in time and closed, one late and wrapped up, one closed by sue, one that waits."""
    await Queue.filter(name="front").update(wrap_up_seconds=60)
    await NotReadyReason.create(name="lunch")
    ids = await arrive(office, 4)
    start = (await Contact.get(id=ids[0])).received_at
    clock.advance(seconds=(start - clock.now()).total_seconds() + 30)
    await office.presence.ready("ann")
    await office.desk.take(ids[0], login="ann")
    await office.desk.reply(ids[0], Answer("On its way"), login="ann")
    clock.advance(seconds=60)
    await office.desk.close(ids[0], "done", login="ann")
    clock.advance(minutes=20)
    await office.desk.take(ids[1], login="ann")
    await office.desk.reply(ids[1], Answer("It comes on Friday"), login="ann")
    await office.desk.reply(ids[1], Answer("In the morning"), login="ann")
    clock.advance(seconds=30)
    await office.desk.wrap_up(ids[1], login="ann")
    clock.advance(seconds=70)
    await office.desk.end_wrap_ups()
    await office.presence.not_ready("ann", "lunch")
    await office.waiting.close([ids[2]], "spam", login="sue")
    clock.advance(minutes=30)
    return ids


async def test_the_numbers_of_a_day_by_queue_agent_class_and_account(office: Office, clock: FrozenClock) -> None:
    await a_day(office, clock)
    today = range_of("today", clock.now(), LONDON)
    front, none = (await report(office.database, "queue", today, clock.now())).rows
    assert (none.name, none.figures.arrived) == ("(none)", 4)  # no contact arrives in a queue
    one = front.figures
    assert front.name == "front"
    assert (one.arrived, one.entered, one.taken, one.answered, one.in_time) == (0, 4, 2, 2, 1)
    assert (one.replies, one.handled, one.closed, one.unserved) == (3, 2, 3, 1)
    assert one.service_level == 50.0
    assert one.open_time == 90_000_000
    assert one.wrap_time == 70_000_000
    assert one.average_handling == 80.0
    assert one.longest_wait is not None and 1270 < one.longest_wait < 1330
    for by, name in (("class", "Enquiry"), ("account", "texts@acme.example")):
        told = await report(office.database, by, today, clock.now())
        assert [row.name for row in told.rows if row.figures.answered] == [name]
        assert told.total.answered == 2 and told.total.arrived == 4
    (ann, *_) = (await report(office.database, "agent", today, clock.now())).rows
    assert (ann.name, ann.figures.handled, ann.figures.replies) == ("ann", 2, 3)
    assert ann.presence is not None
    assert ann.presence.not_ready == {"lunch": 1800.0}
    assert ann.presence.ready == 60 + 1200 + 30 + 70
    assert ann.presence.signed_in == ann.presence.ready + 1800


async def test_the_same_numbers_folded_or_not_and_after_all_is_counted_anew(office: Office, clock: FrozenClock) -> None:
    await a_day(office, clock)
    today = range_of("today", clock.now(), LONDON)
    before = [await report(office.database, by, today, clock.now(), "quarter") for by in ("queue", "agent")]
    await office.tallies.fold()
    assert [await report(office.database, by, today, clock.now(), "quarter") for by in ("queue", "agent")] == before
    await office.tallies.make_anew()
    assert [await report(office.database, by, today, clock.now(), "quarter") for by in ("queue", "agent")] == before


async def test_steps_add_up_to_the_total(office: Office, clock: FrozenClock) -> None:
    await a_day(office, clock)
    week = range_of("last 7 days", clock.now(), LONDON)
    whole = await report(office.database, "queue", week, clock.now())
    for step in ("quarter", "hour", "day"):
        told = await report(office.database, "queue", week, clock.now(), step)
        assert told.total == whole.total == added(row.figures for row in told.rows)
        assert all(row.since < row.until for row in told.rows)
    agents = await report(office.database, "agent", week, clock.now())
    quarters = await report(office.database, "agent", week, clock.now(), "quarter")
    assert len(quarters.rows) > 2
    total = sum(row.presence.signed_in for row in agents.rows if row.presence)
    assert sum(row.presence.signed_in for row in quarters.rows if row.presence) == pytest.approx(total)
    assert all(row.presence.signed_in <= 900 for row in quarters.rows if row.presence)


async def test_the_night_in_which_clocks_go_back_has_25_hours_and_the_other_one_23(office: Office) -> None:
    queue = await Queue.get(name="front")
    for day, hours in ((datetime(2026, 10, 25, tzinfo=UTC), 25), (datetime(2026, 3, 29, tzinfo=UTC), 23)):
        within = range_of(f"{day:%Y-%m-%d}", day, LONDON)
        assert within.until - within.since == timedelta(hours=hours)
        at = within.since - timedelta(hours=1)
        while at < within.until + timedelta(hours=1):
            await Event.create(at=at + timedelta(minutes=1), verb="arrived", state="new", contact_id=1,
                               queue_id=queue.id, channel="sms")  # fmt: skip
            at += timedelta(hours=1)
        for step, count, each in (("hour", hours, 1), ("day", 1, hours), ("total", 1, hours)):
            told = await report(office.database, "queue", within, within.until, step)
            assert [row.figures.arrived for row in told.rows] == [each] * count, step
        both = range_of(f"{day - DAY:%Y-%m-%d} to {day + DAY:%Y-%m-%d}", day, LONDON)
        told = await report(office.database, "queue", both, both.until, "day")
        assert [row.figures.arrived for row in told.rows] == [1, hours, 1]
        assert [row.since.hour for row in told.rows] == [0, 0, 0]


ZONES = ("Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "UTC")


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES), step=st.sampled_from(("quarter", "hour", "day")),
    start=st.dates(datetime(2020, 1, 1).date(), datetime(2030, 1, 1).date()), days=st.integers(1, 9),
)  # fmt: skip
def test_steps_follow_one_another_without_a_gap_in_any_zone(zone: str, step: str, start: object, days: int) -> None:
    where = ZoneInfo(zone)
    assert hasattr(start, "isoformat")
    within = range_of(f"{start} to {start + timedelta(days=days - 1)}", NOW, where)  # type: ignore[operator]
    steps = Steps(step, within, where)
    found = steps.all(within.until)
    assert len({key for key, _ in found}) == len(found)
    assert [one.since for _, one in found[1:]] == [one.until for _, one in found[:-1]]
    assert (found[0][1].since, found[-1][1].until) == (within.since, within.until)
    for key, bounds in found:
        assert steps.key(to_moment(bounds.since)) == key == steps.key(to_moment(bounds.until) - 1)
        if step == "day":
            assert (
                bounds.since.astimezone(where).date() == (bounds.until - timedelta(seconds=1)).astimezone(where).date()
            )
        else:
            assert to_moment(bounds.until) - to_moment(bounds.since) <= LENGTHS[step]
    if step == "day":
        assert len(found) == days


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 5000)), max_size=8))
def test_spans_lose_nothing_where_they_are_split(pairs: list[tuple[int, int]]) -> None:
    base = to_moment(NOW)
    within = Range(NOW, NOW + timedelta(hours=3))
    steps = Steps("quarter", within, UTC).all(within.until)
    spans = [Span(1, "ready", "", base + s * 10**6, base + (s + long) * 10**6) for s, long in pairs]
    found = split(spans, steps)
    assert sum(one.ready for one in found.values()) == pytest.approx(sum(long for _, long in pairs))
    assert all(one.ready <= 900 * len(pairs) for one in found.values())


@pytest.mark.parametrize("words", ["", "tomorrow", "2026-02-30", "2026-03-02 to 2026-03-01", "1 to 2 to 3",
                                   "0001-01-01", "2020-01-01 to 2026-01-01", "9999-12-31", "x" * 500])  # fmt: skip
def test_what_is_no_range_is_refused_with_those_there_are(words: str) -> None:
    with pytest.raises(Wrong, match="is no range: write today, yesterday") as said:
        range_of(words, NOW, LONDON)
    assert len(str(said.value)) < 300


def test_ranges_are_days_of_the_desk() -> None:
    at = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight on 1 July in London
    assert range_of("today", at, LONDON).since == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert range_of("Yesterday", at, LONDON).until == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert range_of("this week", at, LONDON).since == datetime(2026, 6, 28, 23, tzinfo=UTC)
    assert range_of("2026-06-01..2026-06-02", at, LONDON) == range_of("2026-06-01 to 2026-06-02", at, LONDON)


@ONLY_SQLITE
async def test_a_kind_or_a_step_that_is_not_there_is_refused(office: Office) -> None:
    today = range_of("today", NOW, LONDON)
    with pytest.raises(Wrong, match="there are: queue, agent"):
        await report(office.database, "moon", today, NOW)
    with pytest.raises(Wrong, match="there are: quarter, hour"):
        await report(office.database, "queue", today, NOW, "week")


async def test_contacts_one_by_one(office: Office, clock: FrozenClock) -> None:
    ids = await a_day(office, clock)
    today = range_of("today", clock.now(), LONDON)
    rows = await contact_report(office.database, today, clock.now())
    assert [row.contact for row in rows] == ids
    assert [row.outcome for row in rows] == ["done", "not given", "spam", ""]
    assert [row.replies for row in rows] == [1, 2, 0, 0]
    assert [row.handled for row in rows] == [60, 100, 0, 0]
    assert [row.waited is None for row in rows] == [False, False, True, True]
    assert (rows[0].queue, rows[0].agent, rows[0].class_, rows[0].state) == ("front", "ann", "Enquiry", "closed")
    assert await contact_report(office.database, today, clock.now(), after=ids[0], limit=2) == rows[1:3]


@ONLY_SQLITE
async def test_what_comes_from_outside_becomes_no_formula(office: Office, clock: FrozenClock) -> None:
    ids = await a_day(office, clock)
    evil = '=HYPERLINK("http://x","a")'
    await Contact.filter(id=ids[0]).update(outcome=evil, address="@x")
    await Queue.filter(name="front").update(name="-front")
    today = range_of("today", clock.now(), LONDON)
    rows = await contact_report(office.database, today, clock.now())
    lines = list(csv.reader(io.StringIO("".join(csv_lines([plain_contact(row) for row in rows])))))
    first = dict(zip(lines[0], lines[1], strict=True))
    assert (first["outcome"], first["address"], first["queue"]) == (f"'{evil}", "'@x", "'-front")
    told = await report(office.database, "queue", today, clock.now(), "hour")
    lines = list(csv.reader(io.StringIO("".join(csv_lines(plain_rows(told))))))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert {line[2] for line in lines[1:]} == {"'-front", "(none)"}
    assert json.loads(json_of(told))["rows"][0]["queue"] == "-front"


@ONLY_SQLITE
async def test_json_and_csv_say_the_same(office: Office, clock: FrozenClock) -> None:
    await a_day(office, clock)
    told = await report(office.database, "agent", range_of("today", clock.now(), LONDON), clock.now())
    document = json.loads(json_of(told))
    lines = list(csv.DictReader(io.StringIO("".join(csv_lines(plain_rows(told))))))
    assert [list(line) for line in lines] == [list(row) for row in document["rows"]]
    assert document["total"]["answered"] == 2
    assert lines[0]["not_ready_s (lunch)"] == "1800.0"


async def test_the_time_before_a_range_counts_from_its_beginning(office: Office, clock: FrozenClock) -> None:
    await office.presence.ready("ann")
    clock.advance(days=1)
    told = await report(office.database, "agent", range_of("today", clock.now(), LONDON), clock.now())
    assert [row.presence.ready for row in told.rows if row.presence] == [10 * 3600]
    assert (await Desk.get(id=1)).timezone == "Europe/London"
    await Person.filter(login="ann").update(login="anna")
    told = await report(office.database, "agent", range_of("today", clock.now(), LONDON), clock.now())
    assert [row.name for row in told.rows] == ["anna"]


def test_figures_add_up_and_the_longest_stays_the_longest() -> None:
    assert Figures(answered=1, longest=5) + Figures(answered=2, longest=3) == Figures(answered=3, longest=5)
    assert Figures().service_level is None and Figures().average_handling is None
