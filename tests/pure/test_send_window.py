"""The send window: never outside it, and at its next opening, whatever the zone, the moment and the night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from core.consent import free_until, held, right_send_hours
from core.errors import Wrong

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("Europe/London", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Asia/Kathmandu",
         "America/Sao_Paulo", "Pacific/Chatham")  # fmt: skip
QUARTER = timedelta(minutes=15)
Line = tuple[frozenset[int], int, int]
"""Days, and from which minute to which; what ends before it begins ends on the next day."""

quarters = st.integers(0, 95).map(lambda number: number * 15)
lines = st.lists(st.tuples(st.frozensets(st.integers(0, 6), min_size=1), quarters, quarters), min_size=1, max_size=3)
nights = st.none() | st.tuples(quarters, quarters)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def clock(minute: int) -> str:
    """`09:15`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def written(window: list[Line]) -> str:
    """As a person types it."""
    return ", ".join(
        f"{','.join(DAYS[day] for day in sorted(days))} {clock(start)}-{clock(end)}" for days, start, end in window
    )


def is_within(line: Line, wall: datetime) -> bool:
    """What the clock on the wall says of one line."""
    days, start, end = line
    minute, today = wall.hour * 60 + wall.minute, wall.weekday()
    if start < end:
        return today in days and start <= minute < end
    return (today in days and minute >= start) or ((today - 1) % 7 in days and minute < end)


def may_go(at: datetime, zone: str, window: list[Line], night: tuple[int, int] | None) -> bool:
    """The same of all of them, and of quiet hours."""
    wall = at.astimezone(ZoneInfo(zone))
    asleep = night is not None and is_within((frozenset(range(7)), *night), wall)
    return any(is_within(line, wall) for line in window) and not asleep


@settings(deadline=None)
@given(st.sampled_from(ZONES), moments, lines, nights)
@example("Europe/London", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), [(frozenset({6}), 60, 120)], None)
@example("Europe/London", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), [(frozenset({6}), 60, 120)], (90, 105))
@example("America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), [(frozenset({6}), 60, 120)], None)
@example("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC), [(frozenset({6}), 90, 120)], None)
def test_nothing_leaves_outside_its_window_and_it_leaves_at_the_next_opening(
    zone: str, at: datetime, window: list[Line], night: tuple[int, int] | None
) -> None:
    assume(all(start != end for _, start, end in window) and (night is None or night[0] != night[1]))
    quiet_hours = f"{clock(night[0])}-{clock(night[1])}" if night else ""
    try:
        hours = right_send_hours(written(window), quiet_hours)
    except Wrong:
        week = [datetime(2026, 6, 1, tzinfo=UTC) + number * QUARTER for number in range(7 * 96)]
        assert not any(may_go(one, "UTC", window, night) for one in week), "only what has no hour is refused"
        return
    verdict = held(at, quiet_hours, hours, zone)
    if verdict is None:
        assert may_go(at, zone, window, night)
        ends = free_until(at, quiet_hours, hours, zone)
        assert ends is None or not may_go(ends, zone, window, night)
        return
    assert not may_go(at, zone, window, night)
    assert may_go(verdict.until, zone, window, night), "when its time has come it leaves"
    local = verdict.until.astimezone(ZoneInfo(zone))
    assert f"{local:%H:%M} {zone} (" in verdict.why
    # Zones and hours are whole quarters: no other moment begins anything.
    step = at - timedelta(minutes=at.minute % 15) + QUARTER
    while step < verdict.until:
        assert not may_go(step, zone, window, night), "it could have left sooner"
        step += QUARTER


@pytest.mark.parametrize(
    ("zone", "evening", "morning"),
    [
        # The nights in which the clock is set: nine o'clock is nine o'clock on the wall.
        ("Europe/London", "2026-03-28T23:00Z", "2026-03-29T08:00Z"),
        ("Europe/London", "2026-10-24T22:00Z", "2026-10-25T09:00Z"),
        ("America/New_York", "2026-03-08T04:00Z", "2026-03-08T13:00Z"),
        ("America/New_York", "2026-11-01T03:00Z", "2026-11-01T14:00Z"),
        ("Australia/Sydney", "2026-10-03T13:00Z", "2026-10-03T22:00Z"),
        ("Australia/Sydney", "2026-04-04T12:00Z", "2026-04-04T23:00Z"),
    ],
)
def test_complaint_14_a_window_opens_by_the_clock_on_the_customers_wall(zone: str, evening: str, morning: str) -> None:
    opens = datetime.fromisoformat(morning)
    for at in (datetime.fromisoformat(evening), opens - timedelta(seconds=1)):
        verdict = held(at, "", "09:00-17:00", zone)
        assert verdict is not None and verdict.until == opens
        assert verdict.why == f"held until 09:00 {zone} (send window)"
    assert held(opens, "", "09:00-17:00", zone) is None


def test_what_waits_for_both_waits_for_the_later_and_says_which() -> None:
    night, hours = datetime(2026, 3, 2, 3, tzinfo=UTC), "mon-fri 07:00-17:00"
    assert held(night, "20:00-08:00", hours, "UTC").why == "held until 08:00 UTC (quiet hours)"  # type: ignore[union-attr]
    late = held(night, "20:00-08:00", "09:00-17:00", "UTC")
    assert late is not None and late.why == "held until 09:00 UTC (send window)"
    friday = held(datetime(2026, 3, 6, 18, tzinfo=UTC), "20:00-08:00", hours, "UTC")
    assert friday is not None and friday.why == "held until Mon 08:00 UTC (quiet hours)"


def test_where_quiet_hours_leave_no_hour_after_all_it_is_asked_again_after_a_day() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    verdict = held(now, "08:00-20:00", "09:00-17:00", "UTC")
    assert verdict is not None and verdict.until == now + timedelta(days=1)
    assert verdict.why == "held back: the quiet hours 08:00-20:00 leave the send window 09:00-17:00 no hour"


@pytest.mark.parametrize(("said", "stored"), [
    ("", ""), ("  ", ""), ("9:00 - 17:00", "09:00-17:00"), ("daily 09:00\u201317:00", "09:00-17:00"),
    ("Mon-Fri 09:00-17:00, Sat 10:00-12:00", "mon-fri 09:00-17:00, sat 10:00-12:00"),
    ("sat, sun 10:00-12:00,13:00-16:00; mon 9:00-9:30", "sat,sun 10:00-12:00, 13:00-16:00, mon 09:00-09:30"),
])  # fmt: skip
def test_a_window_is_written_as_calendars_are_and_stored_in_one_way(said: str, stored: str) -> None:
    assert right_send_hours(said) == stored
    assert right_send_hours(stored) == stored


@pytest.mark.parametrize(("said", "words"), [
    ("fun 09:00-17:00", "'fun' is no day of the week"), ("9-17", "'9-17' is not from one time to another"),
    ("09:00-09:00", "has no length"), ("09:00-25:00", "is beyond the clock"), ("mon", "is not from one time"),
    ("09:00-10:00, " * 30, "more than 200 characters"), ("always", "write 09:00-17:00, or mon-fri 09:00-17:00"),
])  # fmt: skip
def test_a_window_that_cannot_be_read_is_refused_in_one_sentence(said: str, words: str) -> None:
    with pytest.raises(Wrong) as caught:
        right_send_hours(said)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("hours", ["20:00-08:00", "21:00-07:00", "sat 05:00-06:00, 22:00-23:00", "20:00-24:00"])
def test_a_window_within_the_quiet_hours_is_refused(hours: str) -> None:
    with pytest.raises(Wrong, match=r"^the send window .* lies wholly within the campaign's quiet hours 20:00-08:00"):
        right_send_hours(hours, "20:00-08:00")
    assert right_send_hours(hours), "without quiet hours it may be at night"
    assert right_send_hours(hours.replace("08:00", "08:15") + ", mon 19:45-20:00", "20:00-08:00")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_typed_as_a_window_is_read_or_refused(said: str) -> None:
    try:
        stored = right_send_hours(said)
    except Wrong as error:
        assert "\n" not in str(error)
    else:
        assert right_send_hours(stored) == stored
        held(datetime(2026, 3, 2, tzinfo=UTC), "", stored, "Europe/London")
