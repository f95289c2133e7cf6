"""The zone that a number tells is the one that phonenumbers says, and its first figures tell as much."""

from __future__ import annotations

import phonenumbers as pn
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from core.sms import telling_figures, zone_of

FIGURES = st.text("0123456789", min_size=7, max_size=13)
NUMBERS = st.one_of(
    st.builds("+{}{}".format, st.sampled_from(sorted(TIMEZONE_DATA)), FIGURES).map(lambda said: said[:16]),
    st.builds("+1{}".format, FIGURES.map(lambda said: said[:10])),
)
DESKS = st.sampled_from(["Europe/London", "America/Chicago", "UTC"])


@settings(deadline=None, max_examples=300)
@given(NUMBERS, DESKS)
def test_a_number_is_in_a_zone_that_the_library_says(number: str, desk: str) -> None:
    try:
        parsed = pn.parse(number, None)
    except pn.NumberParseException:
        return
    assume(pn.format_number(parsed, pn.PhoneNumberFormat.E164) == number)
    known = timezone.time_zones_for_geographical_number(parsed)
    found = zone_of("", number, desk)
    if desk in known or known == ("Etc/Unknown",):
        assert found == desk
    else:
        assert found in known


@settings(deadline=None, max_examples=300)
@given(NUMBERS, DESKS)
def test_what_is_left_of_a_number_to_count_it_by_tells_the_same_zone(number: str, desk: str) -> None:
    assert zone_of("", telling_figures(number), desk) == zone_of("", number, desk)
    assert len(telling_figures(number)) <= 10


def test_no_number_tells_no_zone() -> None:
    assert zone_of("", telling_figures(""), "Europe/London") == "Europe/London"
    assert zone_of("Asia/Tokyo", "", "Europe/London") == "Asia/Tokyo"
