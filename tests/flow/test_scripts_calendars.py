"""Calendars: set up, changed back, deleted; holidays from iCalendar files, also from hostile ones."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from core.calendars import parse_closed
from core.errors import NotFound, Refused, Wrong
from core.models import Calendar, Desk, Journal
from core.scripts.calendars import Calendars, Hours
from core.scripts.holidays import Holiday, read_holidays
from core.views.calendars import calendars as calendar_rows
from tests.flow.conftest import ONLY_SQLITE

if TYPE_CHECKING:
    from core.office import Office

OFFICE = Hours(("mon-fri 09:00-17:30", "sat 10:00-14:00"), ("2026-04-06 Easter Monday",))
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)


def ics(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//tests"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}", *event.split("|"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


CHRISTMAS = "DTSTART;VALUE=DATE:20241225|DTEND;VALUE=DATE:20241227|RRULE:FREQ=YEARLY|SUMMARY:Christmas"
EASTER = "DTSTART;VALUE=DATE:20260406|SUMMARY:Easter Monday"
MEETING = "DTSTART:20260407T090000Z|DTEND:20260407T100000Z|SUMMARY:A meeting"


@pytest.fixture
def calendars(office: Office) -> Calendars:
    return office.routing.calendars


async def stored(name: str = "office") -> Hours:
    row = await Calendar.get(name=name)
    return Hours(tuple(json.loads(row.open)), tuple(json.loads(row.closed)), row.timezone)


async def test_a_calendar_is_added_changed_and_changed_back(calendars: Calendars) -> None:
    await calendars.add("office", OFFICE, actor="sue")
    assert await stored() == OFFICE
    later = Hours(("daily 22:00-06:00",), (), "Asia/Tokyo")
    assert await calendars.change("office", later, actor="sue") == OFFICE
    assert await stored() == later
    assert await calendars.change("office", OFFICE, actor="sue") == later
    assert await calendars.delete("office", actor="sue") == OFFICE
    await calendars.add("office", OFFICE, actor="sue")
    assert [f"{line.verb}: {line.text}" for line in await Journal.filter(kind="calendar").order_by("id")] == [
        "add: office: mon-fri 09:00-17:30, sat 10:00-14:00; 1 exceptions",
        "change: office: daily 22:00-06:00",
        "change: office: mon-fri 09:00-17:30, sat 10:00-14:00; 1 exceptions",
        "delete: office, which was mon-fri 09:00-17:30, sat 10:00-14:00; 1 exceptions",
        "add: office: mon-fri 09:00-17:30, sat 10:00-14:00; 1 exceptions",
    ]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (Hours(("mon 25:00-26:00",)), "The opening hours 'mon 25:00-26:00' cannot be read"),
        (Hours((), ("christmas",)), "The exception 'christmas' cannot be read"),
        (Hours((), (), "Moon/Base"), "There is no time zone 'Moon/Base'"),
    ],
)
async def test_hours_that_cannot_be_read_are_refused_with_the_line(
    calendars: Calendars, hours: Hours, words: str
) -> None:
    with pytest.raises(Wrong, match=words):
        await calendars.add("office", hours, actor="sue")
    await calendars.add("office", OFFICE, actor="sue")
    with pytest.raises(Wrong, match=words):
        await calendars.change("office", hours, actor="sue")
    assert await stored() == OFFICE


async def test_names_are_words_that_scripts_can_say_and_are_there_once(calendars: Calendars) -> None:
    for name in ("my office", "1st", "in", "", "of-fice"):
        with pytest.raises(Wrong, match="the name of a calendar"):
            await calendars.add(name, OFFICE, actor="sue")
    await calendars.add("office", OFFICE, actor="sue")
    with pytest.raises(Refused, match="there is a calendar office already"):
        await calendars.add("office", OFFICE, actor="sue")
    with pytest.raises(NotFound, match='there is no calendar "ofice"; did you mean "office"'):
        await calendars.change("ofice", OFFICE, actor="sue")
    with pytest.raises(Refused, match="ann is an agent"):
        await calendars.change("office", Hours(), actor="ann")


async def test_a_calendar_that_an_active_script_asks_is_not_deleted(office: Office, calendars: Calendars) -> None:
    await calendars.add("office", OFFICE, actor="sue")
    source = 'def route(contact):\n    return queue("front" if calendars.office.open else "billing")\n'
    await office.routing.scripts.publish("door", source, actor="sue")
    with pytest.raises(Refused, match=r"calendar office is asked by door v1 \(line 2\): change that first"):
        await calendars.delete("office", actor="sue")
    await office.routing.scripts.deactivate("door", actor="sue")
    await calendars.delete("office", actor="sue")


async def test_the_rows_say_whether_it_is_open_and_until_when(office: Office, calendars: Calendars) -> None:
    await Desk.filter(id=1).update(timezone="Europe/Berlin")
    await calendars.add("office", OFFICE, actor="sue")
    await calendars.add("night", Hours(("daily 22:00-06:00",), (), "Asia/Tokyo"), actor="sue")
    await calendars.add("never", Hours(), actor="sue")
    await Calendar.create(name="odd", open='["nonsense"]')
    never, night, odd, office_row = await calendar_rows(office.database, datetime(2026, 3, 2, 14, 0, tzinfo=UTC))
    assert (never.is_open, never.next_change, never.error) == (False, None, "")
    assert (night.is_open, night.next_change) == (True, datetime(2026, 3, 2, 21, 0, tzinfo=UTC))
    assert (office_row.is_open, office_row.zone) == (True, "Europe/Berlin")
    assert office_row.next_change == datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    assert (odd.is_open, odd.next_change) == (False, None)
    assert "nonsense" in odd.error


# -- holidays ------------------------------------------------------------------------------------------------------


async def test_holidays_become_exceptions_and_what_is_known_stays(calendars: Calendars) -> None:
    await calendars.add("office", OFFICE, actor="sue")
    found = await calendars.import_holidays(
        "office", ics(CHRISTMAS, EASTER, MEETING), first=FIRST, last=LAST, actor="sue"
    )
    assert found.added == ("2026-12-25..2026-12-26 Christmas", "2027-12-25..2027-12-26 Christmas")
    assert (found.known, found.before) == (1, OFFICE)
    assert (await stored()).closed == (*OFFICE.closed, *found.added)
    again = await calendars.import_holidays("office", ics(CHRISTMAS, EASTER), first=FIRST, last=LAST, actor="sue")
    assert (again.added, again.known) == ((), 5)
    await calendars.change("office", found.before, actor="sue")
    assert await stored() == OFFICE


async def test_what_would_be_added_is_told_and_not_written(calendars: Calendars) -> None:
    await calendars.add("office", OFFICE, actor="sue")
    found = await calendars.holidays("office", ics(CHRISTMAS))
    assert found.added == ("2026-12-25..2026-12-26 Christmas", "2027-12-25..2027-12-26 Christmas")
    assert await stored() == OFFICE


async def test_a_file_without_a_holiday_is_told(calendars: Calendars) -> None:
    await calendars.add("office", OFFICE, actor="sue")
    for content in (ics(), ics(MEETING), b""):
        with pytest.raises(Wrong, match="there is no all-day event between 2026-03-02 and"):
            await calendars.holidays("office", content)
    with pytest.raises(Wrong, match="This is no iCalendar file"):
        await calendars.holidays("office", b"hello")


async def test_a_name_that_reads_like_hours_opens_nothing(calendars: Calendars) -> None:
    await calendars.add("office", OFFICE, actor="sue")
    event = "DTSTART;VALUE=DATE:20260501|SUMMARY:09:00-17:00 opening party"
    found = await calendars.import_holidays("office", ics(event), first=FIRST, last=LAST, actor="sue")
    assert found.added == ("2026-05-01",)
    assert parse_closed(found.added[0]).spans == ()


async def test_text_from_a_file_steers_no_terminal(calendars: Calendars) -> None:
    await calendars.add("office", OFFICE, actor="sue")
    event = "DTSTART;VALUE=DATE:20260501|SUMMARY:May\x1b[2J\\nDay"
    found = await calendars.import_holidays("office", ics(event), first=FIRST, last=LAST, actor="sue")
    assert found.added == ("2026-05-01 May␛[2J Day",)


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (ics("DTSTART:20260101T000000Z|RRULE:FREQ=SECONDLY"), "it repeats within a day"),
        (ics("DTSTART;VALUE=DATE:20260101|DTEND;VALUE=DATE:99991231"), "cannot be read"),
        (ics("SUMMARY:x"), "it does not say when it begins"),
        (b"\x00" * 1000, "This is no iCalendar file"),
        (b"x" * (2**21 + 1), "larger than 2 MB"),
    ],
)
async def test_a_hostile_file_ends_in_a_sentence_and_in_time(office: Office, content: bytes, words: str) -> None:
    with pytest.raises(Wrong, match=words):
        await read_holidays(content, first=FIRST, last=LAST)


@ONLY_SQLITE
async def test_a_file_that_repeats_itself_without_end_is_given_up(office: Office) -> None:
    endless = ics("DTSTART;VALUE=DATE:20260101|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=1")
    with pytest.raises(Wrong, match="took longer than 1 s to read: it repeats itself too often"):
        await read_holidays(endless, first=FIRST, last=LAST, seconds=1.0)


async def test_days_beyond_the_stretch_are_left_out(calendars: Calendars) -> None:
    found = await read_holidays(ics(CHRISTMAS), first=date(2026, 12, 26), last=date(2026, 12, 31))
    assert found == [Holiday(date(2026, 12, 26), "Christmas")]
    with pytest.raises(Wrong, match="at most ten years on"):
        await read_holidays(ics(CHRISTMAS), first=date(2026, 1, 1), last=date(2046, 1, 1))
