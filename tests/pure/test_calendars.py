"""Opening hours against the clock on the wall, minute by minute, in zones that set it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars import DAYS, Calendar, Exceptional, Hours, Span, days_off, in_zone, parse_closed, parse_hours
from core.errors import Wrong

ZONES = (
    *("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "Pacific/Apia"),
    *("America/St_Johns", "Africa/Casablanca", "Pacific/Chatham", "America/Sao_Paulo"),
)
OFFICE = ("mon-fri 09:00-17:30", "sat 10:00-14:00")


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-19T08:59:59", False),
        ("2026-11-19T09:00:00", True),
        ("2026-11-19T17:29:59", True),
        ("2026-11-19T17:30:00", False),
        ("2026-11-21T10:00:00", True),
        ("2026-11-21T14:00:00", False),
        ("2026-11-22T11:00:00", False),
        ("2026-07-20T09:00:00", True),
        ("2026-07-20T08:59:00", False),
    ],
)
def test_an_office_is_open_from_its_first_instant_to_just_before_its_last(at: str, is_open: bool) -> None:
    assert Calendar.of("Europe/London", OFFICE).is_open(london(at)) is is_open


def test_the_same_moment_is_open_in_one_zone_and_closed_in_another() -> None:
    at = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
    assert Calendar.of("Europe/London", OFFICE).is_open(at)
    assert not Calendar.of("America/New_York", OFFICE).is_open(at)


def test_a_closed_date_is_closed_from_midnight_to_midnight() -> None:
    night = Calendar.of("Europe/London", ["daily 22:00-06:00"], ["2026-12-25 Christmas Day"])
    assert night.is_open(london("2026-12-24T23:59:59"))
    assert not night.is_open(london("2026-12-25T00:00:00"))
    assert not night.is_open(london("2026-12-25T23:00:00"))
    assert not night.is_open(london("2026-12-26T05:00:00")), "these hours began on the closed date"
    assert night.is_open(london("2026-12-26T22:00:00"))


def test_special_hours_replace_those_of_the_week() -> None:
    office = Calendar.of("Europe/London", OFFICE, ["2026-12-24 09:00-12:00 Christmas Eve", "2026-12-27 10:00-11:00"])
    assert office.is_open(london("2026-12-24T11:59:00")) and not office.is_open(london("2026-12-24T12:00:00"))
    assert office.is_open(london("2026-12-27T10:30:00")), "a Sunday"


def test_where_two_exceptions_speak_of_a_date_what_one_opens_is_open() -> None:
    office = Calendar.of("Europe/London", OFFICE, ["2026-12-24", "2026-12-24 09:00-10:00"])
    assert office.is_open(london("2026-12-24T09:30:00")) and not office.is_open(london("2026-12-24T11:00:00"))


def test_a_range_of_dates_is_closed_on_each() -> None:
    office = Calendar.of("Europe/London", ["daily 09:00-17:00"], ["2026-12-24..2027-01-02 the holidays"])
    is_open = [
        office.is_open(london(f"{day}T12:00:00")) for day in ("2026-12-23", "2026-12-24", "2027-01-02", "2027-01-03")
    ]
    assert is_open == [True, False, False, True]


def test_what_opens_next_and_closes_next() -> None:
    office = Calendar.of("Europe/London", OFFICE, ["2026-11-20"])
    thursday = london("2026-11-19T12:00:00")
    assert office.next_closing(thursday) == london("2026-11-19T17:30:00")
    assert office.next_opening(thursday) == london("2026-11-21T10:00:00")
    assert office.next_opening(london("2026-11-21T10:00:00")) == london("2026-11-23T09:00:00")


def test_what_is_always_open_never_closes_and_what_is_never_open_never_opens() -> None:
    at = london("2026-11-19T12:00:00")
    always = Calendar.of("Europe/London", ["daily 00:00-24:00"])
    assert always.is_open(at) and always.next_closing(at) is None and always.next_opening(at) is None
    never = Calendar.of("Europe/London", [])
    assert not never.is_open(at) and never.next_opening(at) is None and never.next_closing(at) is None


def test_an_opening_behind_a_long_closure_is_found() -> None:
    months = ["2027-01-01..2027-12-31", "2028-01-01..2028-12-31"]
    office = Calendar.of("Europe/London", ["mon 09:00-10:00"], months)
    assert office.next_opening(london("2026-12-31T12:00:00")) == london("2029-01-01T09:00:00")


def test_a_wall_time_that_does_not_come_is_not_open_and_one_that_comes_twice_is_open_twice() -> None:
    early = Calendar.of("Europe/London", ["sun 01:15-01:45"])
    spring = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    assert early.next_opening(spring) == datetime(2026, 4, 5, 0, 15, tzinfo=UTC)
    autumn = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    assert early.next_opening(autumn) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert early.next_opening(autumn + timedelta(minutes=20)) == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


def test_hours_that_begin_in_the_hour_that_does_not_come_open_when_the_clock_has_been_set() -> None:
    early = Calendar.of("Europe/London", ["sun 01:30-05:00"])
    assert early.next_opening(datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    minute = st.integers(0, 1439)
    spans = (
        st.tuples(minute, st.integers(1, 1440))
        .map(lambda two: Span(two[0], two[0] + two[1]))
        .filter(lambda span: span.end <= 1440 or span.end - 1440 < span.start)
    )
    hours = st.builds(
        Hours, st.frozensets(st.integers(0, 6), min_size=1), st.lists(spans, min_size=1, max_size=2).map(tuple)
    )
    day = st.dates(date(2026, 3, 20), date(2026, 4, 10))
    closed = st.tuples(day, st.integers(0, 3), st.lists(spans, max_size=1).map(tuple)).map(
        lambda three: Exceptional(three[0], three[0] + timedelta(days=three[1]), three[2])
    )
    return Calendar(
        draw(st.sampled_from(ZONES)),
        draw(st.lists(hours, max_size=2).map(tuple)),
        draw(st.lists(closed, max_size=2).map(tuple)),
    )


def says_the_wall(calendar: Calendar, at: datetime) -> bool:
    """The rule said once more, the long way: what began today or yesterday and is not cut short."""
    local = at.astimezone(ZoneInfo(calendar.zone))

    def begun(day: date) -> list[Span]:
        special = [one for one in calendar.exceptions if one.first <= day <= one.last]
        if special:
            return [span for one in special for span in one.spans]
        return [span for one in calendar.hours if day.weekday() in one.days for span in one.spans]

    now = local.time()
    minute = now.hour * 60 + now.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    cut = any(one.first <= today <= one.last for one in calendar.exceptions)
    return any(span.start <= minute < span.end for span in begun(today)) or (
        not cut and any(span.start <= minute + 1440 < span.end for span in begun(yesterday))
    )


# Nights on which one of the zones sets its clock, and some on which none does.
MOMENTS = st.one_of(
    st.datetimes(datetime(2026, 3, 27), datetime(2026, 4, 7)),
    st.datetimes(datetime(2026, 3, 8), datetime(2026, 3, 9)),
    st.datetimes(datetime(2026, 10, 24), datetime(2026, 11, 2)),
).map(lambda naive: naive.replace(tzinfo=UTC, second=0, microsecond=0))


@settings(max_examples=150, deadline=None)
@given(calendars(), MOMENTS)
def test_it_is_open_when_the_clock_on_the_wall_says_so(calendar: Calendar, at: datetime) -> None:
    assert calendar.is_open(at) is says_the_wall(calendar, at)


@settings(max_examples=60, deadline=None)
@given(calendars(), MOMENTS)
def test_the_next_opening_and_closing_are_the_first_that_the_wall_shows(calendar: Calendar, at: datetime) -> None:
    found: dict[bool, datetime | None] = {True: None, False: None}
    before = says_the_wall(calendar, at)
    for minute in range(1, 4 * 1440):
        moment = at + timedelta(minutes=minute)
        now = says_the_wall(calendar, moment)
        if now is not before and found[now] is None:
            found[now] = moment
        before = now
    horizon = at + timedelta(days=4) - timedelta(minutes=1)
    for expected, given_back in ((found[True], calendar.next_opening(at)), (found[False], calendar.next_closing(at))):
        if expected is None:
            assert given_back is None or given_back > horizon
        else:
            assert given_back == expected


@given(st.integers(0, 6), st.integers(0, 6), st.times(), st.times())
def test_a_line_of_hours_says_its_days_and_times(first: int, last: int, start: time, end: time) -> None:
    if start.replace(second=0, microsecond=0) == end.replace(second=0, microsecond=0):
        return
    hours = parse_hours(f"{DAYS[first]}-{DAYS[last]} {start:%H:%M}-{end:%H:%M}")
    assert first in hours.days and last in hours.days and len(hours.days) == (last - first) % 7 + 1
    (span,) = hours.spans
    assert span.start == start.hour * 60 + start.minute and (span.end - end.hour * 60 - end.minute) % 1440 == 0
    assert 0 < span.end - span.start < 1440


@pytest.mark.parametrize(
    "line",
    [
        *(
            "",
            "mon",
            "09:00-17:00",
            "mon 9-17",
            "mon 25:00-26:00",
            "mon 09:00-09:00",
            "mon 09:60-10:00",
            "funday 9:00-10:00",
        ),
        *("mon-fri 09:00-12:00;13:00-14:00", "mon-tue-wed 09:00-10:00", "mon 24:00-25:00", "mon 09:00-10:00 lunch"),
    ],
)
def test_hours_that_cannot_be_read_are_named(line: str) -> None:
    with pytest.raises(Wrong, match="opening hours") as caught:
        Calendar.of("UTC", ["mon 09:00-10:00", line])
    assert repr(line) in str(caught.value)


@pytest.mark.parametrize(
    "line",
    ["", "tomorrow", "2026-13-01", "2026-02-30", "25.12.2026", "2026-12-25..", "2026-12-25..2026-12-24", "9999-01-01"],
)
def test_an_exception_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(Wrong, match="exception") as caught:
        Calendar.of("UTC", [], ["2026-12-25", line])
    assert repr(line) in str(caught.value)


@pytest.mark.parametrize("zone", ["Europe/Lundon", "", "../etc/passwd", "\x00", "Europe"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(Wrong, match="time zone"):
        Calendar.of(zone, OFFICE)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_one_sentence(line: str) -> None:
    for read in (parse_hours, parse_closed, in_zone):
        try:
            read(line)
        except Wrong as err:
            assert str(err).endswith(".")


def test_an_exception_keeps_its_words() -> None:
    assert parse_closed("2026-12-24  09:00-12:00, 13:00-15:00  Christmas Eve") == Exceptional(
        date(2026, 12, 24), date(2026, 12, 24), (Span(540, 720), Span(780, 900)), "Christmas Eve"
    )


def ics(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def test_days_off_come_from_an_icalendar_file() -> None:
    content = ics(
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nSUMMARY:Christmas",
        "DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20270101\nSUMMARY:New Year",
        "DTSTART;VALUE=DATE:20260501\nSUMMARY:May Day",
        "DTSTART;VALUE=DATE:20260502\nSTATUS:CANCELLED\nSUMMARY:Off",
        "DTSTART:20261224T120000Z\nDTEND:20261224T180000Z\nSUMMARY:A party",
    )
    assert days_off(content, FIRST, LAST) == {
        date(2026, 1, 1): "New Year",
        date(2026, 5, 1): "May Day",
        date(2026, 12, 25): "Christmas",
        date(2026, 12, 26): "Christmas",
        date(2028, 1, 1): "New Year",
    }


def test_the_last_weekday_of_a_month_is_found_each_year() -> None:
    content = ics("DTSTART;VALUE=DATE:20250526\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\nSUMMARY:Spring")
    assert list(days_off(content, FIRST, LAST)) == [date(2026, 5, 25), date(2027, 5, 31), date(2028, 5, 29)]


def test_one_repetition_that_was_moved_is_where_it_was_moved_to() -> None:
    yearly = "DTSTART;VALUE=DATE:20260601\nRRULE:FREQ=YEARLY\nSUMMARY:Founder"
    moved = "DTSTART;VALUE=DATE:20270604\nRECURRENCE-ID;VALUE=DATE:20270601\nSUMMARY:Founder"
    content = ics(yearly).replace(b"END:VCALENDAR", ics(moved).split(b"PRODID:-//test//\r\n")[1])
    assert list(days_off(content, FIRST, LAST)) == [date(2026, 6, 1), date(2027, 6, 4), date(2028, 6, 1)]


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART;VALUE=DATE:2026AB01\nSUMMARY:The bad one",
        "SUMMARY:The bad one",
        "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=NONSENSE\nSUMMARY:The bad one",
        "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=SECONDLY\nSUMMARY:The bad one",
        "DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20290101\nSUMMARY:The bad one",
    ],
)
def test_an_entry_that_cannot_be_read_is_named(event: str) -> None:
    with pytest.raises(Wrong, match='The entry "The bad one" cannot be read'):
        days_off(ics("DTSTART;VALUE=DATE:20261225\nSUMMARY:Christmas", event), FIRST, LAST)


@pytest.mark.parametrize("content", [b"hello", b"\xff\xfe", b"<html></html>"])
def test_what_is_no_icalendar_file_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(Wrong, match="no iCalendar file"):
        days_off(content, FIRST, LAST)


def test_the_words_of_a_file_are_made_harmless() -> None:
    content = ics("DTSTART;VALUE=DATE:20261225\nSUMMARY:\x1b[31mRed")
    assert list(days_off(content, FIRST, LAST).values()) == ["␛[31mRed"]
