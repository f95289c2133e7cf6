"""What people type as a time to come back at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.waking import wake_time
from core.errors import Wrong

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
"""A Wednesday; 10:00 in London."""


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("45 min", "2026-07-01 10:45"),
        ("45m", "2026-07-01 10:45"),
        ("1 minute", "2026-07-01 10:01"),
        ("2 h", "2026-07-01 12:00"),
        ("in 2 hours", "2026-07-01 12:00"),
        ("1h30", "2026-07-01 11:30"),
        ("1 h 30 min", "2026-07-01 11:30"),
        ("1 hour and 5 minutes", "2026-07-01 11:05"),
        ("3 days", "2026-07-04 10:00"),
        ("1 w", "2026-07-08 10:00"),
        ("14:30", "2026-07-01 14:30"),
        ("2.30pm", "2026-07-01 14:30"),
        ("2 pm", "2026-07-01 14:00"),
        ("at 12am", "2026-07-02 00:00"),
        ("9:00", "2026-07-02 09:00"),
        ("today 15:00", "2026-07-01 15:00"),
        ("today at 15", "2026-07-01 15:00"),
        ("Tomorrow", "2026-07-02 09:00"),
        ("tomorrow 7:15", "2026-07-02 07:15"),
        ("mon", "2026-07-06 09:00"),
        ("Monday 14:00", "2026-07-06 14:00"),
        ("wed 11:00", "2026-07-01 11:00"),
        ("wed", "2026-07-08 09:00"),
        ("wednesday, 8:00", "2026-07-08 08:00"),
        ("3 jul", "2026-07-03 09:00"),
        ("1 January 12:00", "2027-01-01 12:00"),
        ("2026-12-24 9:30", "2026-12-24 09:30"),
        ("2026-12-24T09:30", "2026-12-24 09:30"),
        ("2026-12-24", "2026-12-24 09:00"),
    ],
)
def test_a_time_is_understood(said: str, there: str) -> None:
    assert f"{wake_time(said, NOW, LONDON).astimezone(LONDON):%Y-%m-%d %H:%M}" == there


@pytest.mark.parametrize(
    "said",
    ["", "  ", "soon", "9", "25:00", "13 pm", "14:60", "0 min", "0h00", "2 h later", "h 2", "32 jan", "2026-13-01",
     "tomorrow soon", "monday 99:00", "99999 w " * 60, "\x1b[31m", "5 parsecs"],
)  # fmt: skip
def test_what_is_no_time_is_wrong_and_told_in_one_line(said: str) -> None:
    with pytest.raises(Wrong, match=r"is no time to come back at: say 45 min, 2 h, 14:30") as wrong:
        wake_time(said, NOW, LONDON)
    assert str(wrong.value).isprintable()


@pytest.mark.parametrize("said", ["today 9:00", "2026-07-01 9:59", "2020-01-01"])
def test_a_time_that_is_past_is_wrong(said: str) -> None:
    with pytest.raises(Wrong, match="is past: say"):
        wake_time(said, NOW, LONDON)


def test_an_hour_that_the_clocks_skip_comes_after_them() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert wake_time("2026-03-29 1:30", before, LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


WORDS = st.lists(
    st.sampled_from([*"0123456789:.h", "min", "day", "tomorrow", "mon", "jul", "pm", " ", " ", "2026-02-29", "-", "t"])
).map("".join)


@given(said=WORDS | st.text(max_size=30), now=st.datetimes(datetime(1990, 1, 1), datetime(2190, 1, 1)))
def test_any_words_are_a_time_to_come_or_wrong(said: str, now: datetime) -> None:
    now = now.replace(tzinfo=UTC)
    try:
        at = wake_time(said, now, LONDON)
    except Wrong:
        return
    assert at > now and at.utcoffset() == timedelta(0)
