"""Telephone numbers as people and gateways write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Wrong
from core.sms import national, sender_address, to_e164


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("07700 900123", "GB", "+447700900123"),
        ("(07700) 900-123", "GB", "+447700900123"),
        ("+44 7700 900123", "GB", "+447700900123"),
        ("+44 (0)7700 900123", "GB", "+447700900123"),
        ("0044 7700 900123", "GB", "+447700900123"),
        ("447700900123", "GB", "+447700900123"),
        ("447700900123", "US", "+447700900123"),
        ("7700900123", "GB", "+447700900123"),
        ("tel:+44-7700-900123;phone-context=x", "GB", "+447700900123"),
        ("０７７００９００１２３", "GB", "+447700900123"),
        ("2025550123", "US", "+12025550123"),
        ("12025550123", "US", "+12025550123"),
        ("0151 12345678", "DE", "+4915112345678"),
        ("4915112345678", "DE", "+4915112345678"),
        ("4915112345678", "GB", "+4915112345678"),
        ("47901234", "NO", "+4747901234"),
        ("612345678", "es", "+34612345678"),
    ],
)
def test_a_number_becomes_e164_however_it_is_written(raw: str, region: str, number: str) -> None:
    assert to_e164(raw, region) == number
    assert sender_address(raw, region) == number
    assert to_e164(number, "FR") == number


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "60777",
        "12345678",
        "MyBank",
        "+",
        "+999123456789",
        "07700",
        "1" * 30,
        "1" * 100_000,
        "+44 7700 900123 ext 5",
        "07700900123x",
        "07700 900123\x1b[2J",
        "--",
        "+44+44",
        "\ud800",
    ],
)
def test_what_is_no_number_is_refused_in_one_clear_sentence(raw: str) -> None:
    with pytest.raises(Wrong) as refused:
        to_e164(raw, "GB")
    message = str(refused.value)
    assert message.endswith(".")
    assert len(message) < 160
    assert message.isprintable()


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(Wrong, match="in XX"):
        to_e164("7700900123", "XX")


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("60777", "60777"),
        ("607 77", "60777"),
        ("123", "123"),
        ("12345678", "12345678"),
        ("MyBank", "MyBank"),
        (" My Bank ", "My Bank"),
        ("O2-UK", "O2-UK"),
        ("2FA", "2FA"),
        ("+447700900123", "+447700900123"),
        ("sms:60777", "60777"),
    ],
)
def test_a_sender_may_be_a_short_code_or_a_name(raw: str, address: str) -> None:
    assert sender_address(raw, "GB") == address


@pytest.mark.parametrize("raw", ["", "12", "a" * 17, "My\x1bBank", "<script>", "Bank\n", "🏦 Bank", "é"])
def test_what_is_no_sender_is_refused(raw: str) -> None:
    if raw == "Bank\n":
        assert sender_address(raw, "GB") == "Bank"
        return
    with pytest.raises(Wrong):
        sender_address(raw, "GB")


def test_a_number_is_shown_as_people_there_write_it() -> None:
    assert national("+447700900123", "GB") == "07700 900123"
    assert national("+447700900123", "DE") == "+44 7700 900123"
    assert national("60777", "GB") == "60777"
    assert national("MyBank", "GB") == "MyBank"
    assert national("+9", "GB") == "+9"


@given(st.text(max_size=40), st.sampled_from(["GB", "US", "DE", "NO", ""]))
def test_any_text_is_a_number_or_wrong(raw: str, region: str) -> None:
    for reading in (to_e164, sender_address):
        try:
            found = reading(raw, region)
        except Wrong:
            continue
        assert found.isprintable()
        assert found.isascii()
        assert reading is sender_address or (found[0] == "+" and found[1:].isdigit())
        assert national(found, region).isprintable()


@given(st.integers(900000, 900999), st.sampled_from(["0{}", "+44{}", "0044 {}", "44{}", "{}", "+44 (0) {}"]))
def test_every_way_to_write_a_number_is_the_same_number(last: int, way: str) -> None:
    assert to_e164(way.format(f"7700{last}"), "GB") == f"+447700{last}"
