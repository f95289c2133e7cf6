"""What a campaign's letter says of its customer: fields, filters for a reader, headers that stay as they are."""

from __future__ import annotations

import email
import email.policy
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.campaign_fields import Agent, LetterFields, customer_fields, write, written_name
from core.clock import to_moment
from core.mail import Address, OutboundMail
from core.mime import compose
from core.sms import zone_of
from core.templates import BLANK, LONGEST_TEXT, TemplateText, TemplateWrong, first_name, render

DESK = {"name": "Acme", "region": "GB", "timezone": "Europe/London"}


def fields(**columns: object) -> LetterFields:
    row: dict[str, object] = {
        "reference": "R1", "name": "Ada Lovelace", "number": "+447700900123", "email": "", "zone": "",
        "status": "callback", "callback_at": to_moment(datetime(2026, 7, 1, 13, 30, tzinfo=UTC)), "tries": 2,
        "outcome": "busy", "own_fields": '{"Order no.": "4711", "due": "2026-03-02", "owed": 1234.5}',
        "list_fields": '["Order no.", "due", "owed", "city"]',
    }  # fmt: skip
    return customer_fields(row | columns, "Spring", DESK, Agent("ann", "Ann Lee"))


def said(body: str, when_missing: str | None = None, **columns: object) -> str:
    return write(TemplateText("letter", body, when_missing=when_missing), fields(**columns)).text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{{ customer.first_name }} {{ customer.number }} {{ customer.reference }}", "Ada 07700 900123 R1"),
        ("{{ campaign.name }} {{ agent.first_name }} {{ agent.login }} {{ desk.name }}", "Spring Ann ann Acme"),
        ("{{ customer.order_no }} {{ customer['Order no.'] }}", "4711 4711"),
        ("{{ customer.due|date }}, {{ customer.due|date('%d/%m/%Y') }}", "2 March 2026, 02/03/2026"),
        ("{{ customer.callback|date('%A') }} at {{ customer.callback|time }}", "Wednesday at 14:30"),
        ("{{ customer.callback|time('%-I:%M %p') }}", "2:30 PM"),
        ("{{ customer.owed|money('£') }} {{ customer.owed|money('GBP', 0) }}", "£1,234.50 GBP 1,234"),
        ("{{ '-5'|money }} {{ '1,234,567'|money('€', 1) }}", "-5.00 €1,234,567.0"),
        ("{{ 'ADA O\\'NEILL-LEE of McDonald'|titlecase }}", "Ada O'Neill-Lee Of McDonald"),
        ("{{ 'Dr. Ada Lovelace'|firstname }} {{ 'LOVELACE, ada m.'|firstname }} {{ 'Prof'|firstname }}", "Ada Ada "),
        ("{% if customer.city %}in {{ customer.city }}{% else %}there{% endif %}", "there"),
        ("{{ customer.city|default('there') }} {{ customer.city is defined }}", "there False"),
        ("{{ customer.city == '' }} {{ customer.city == 'York' }} {{ customer.city|length }}", "True False 0"),
    ],
)  # fmt: skip
def test_what_it_says(body: str, text: str) -> None:
    assert said(body) == text.rstrip()


def test_times_are_said_in_the_customers_zone() -> None:
    body = "{{ customer.callback|time('%H:%M %Z') }}"
    assert said(body) == "14:30 BST"
    assert said(body, number="+12125550123") == "09:30 EDT"
    assert said(body, zone="Asia/Tokyo") == "22:30 JST"


def test_a_field_that_is_empty_leaves_the_customer_out_or_has_the_templates_word() -> None:
    with pytest.raises(TemplateWrong, match=r"letter, body line 2: the field customer\.city is empty") as found:
        said("Dear\n{{ customer.city }}")
    assert found.value.blank and found.value.field == "customer.city"
    assert said("In {{ customer.city|upper }}, {{ customer.city|default('x') }}", "town") == "In TOWN, x"
    assert said("In {{ customer.city }}!", "") == "In !"


@pytest.mark.parametrize("when_missing", [None, "?"])
def test_a_field_that_there_is_not_is_the_templates_fault(when_missing: str | None) -> None:
    with pytest.raises(TemplateWrong, match=r"there is no field customer\.ctiy, did you mean customer\.city") as found:
        said("{{ customer.ctiy }}", when_missing)
    assert not found.value.blank


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{{ 'soon'|date }}", "'soon' is no date"),
        ("{{ customer.reference|money }}", "'R1' is no amount"),
        ("{{ '1e9999999'|money }}", "is no amount"),
        ("{{ 1|money('£', 99999999) }}", "at most 4 places"),
        ("{{ customer.due|date('%99999999d') }}", "is none of a format's codes"),
        ("{{ customer.due|date('%c') }}", "is none of a format's codes"),
        ("{{ customer.due|date('" + "%B" * 40 + "') }}", "a format has at most 50 characters"),
        ("{{ '0001-01-01T00:00:00+14:00'|time }}", "beyond the calendar"),
        ("{{ customer.due|date(customer) }}", "a format has at most"),
    ],
)
def test_what_a_filter_cannot_read_is_named_with_its_line(body: str, words: str) -> None:
    with pytest.raises(TemplateWrong, match=r"^template letter, body line 2: ") as found:
        said("a\n" + body)
    assert words in str(found.value)


@given(st.text(max_size=60), st.sampled_from(["date", "time", "money", "firstname", "titlecase"]))
def test_any_text_through_any_filter_is_filled_in_or_wrong_in_a_sentence(value: str, name: str) -> None:
    try:
        found = render(TemplateText("any", "{{ a|" + name + " }}"), {"a": value})
    except TemplateWrong as error:
        assert str(error).startswith("template any, body line 1: ")
    else:
        assert len(found.text) <= 4 * len(value) + 40


def test_filters_end_on_what_is_long() -> None:
    began = time.process_time()
    for name, value in (("titlecase", "A-'" * 3_300), ("firstname", "mr " * 3_300), ("money", "1," * 5_000)):
        try:
            found = render(TemplateText("long", "{{ a|" + name + " }}" * 1), {"a": value})
        except TemplateWrong:
            continue
        assert len(found.text) <= LONGEST_TEXT
    assert time.process_time() - began < 2


@given(
    st.text(max_size=80), st.text(max_size=40), st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=3)
)
def test_no_field_can_add_a_header_to_an_e_mail(name: str, city: str, own: dict[str, str]) -> None:
    """Whatever a spreadsheet holds: the subject stays one line, and the headers those that we wrote."""
    import json

    hostile = f"{name}\r\nBcc: eve@x.example\r\n\r\n{city}"
    found = fields(name=hostile, own_fields=json.dumps({**own, "city": city + "\nBcc: eve@x.example", "x": "y"}))
    template = TemplateText("letter", "Dear {{ customer.name }}", "{{ customer.city }} {{ customer.name }}", "?")
    rendered = write(template, found)
    assert "\n" not in rendered.subject and "\r" not in rendered.subject
    mail = OutboundMail(
        "<1@x.example>", Address("a@x.example"), (Address("b@x.example"),), rendered.subject, rendered.text
    )
    plain = OutboundMail("<1@x.example>", Address("a@x.example"), (Address("b@x.example"),), "x", "x")
    parsed = email.message_from_bytes(compose(mail), policy=email.policy.compat32)
    expected = email.message_from_bytes(compose(plain), policy=email.policy.compat32)
    assert sorted(key.lower() for key in parsed) == sorted(key.lower() for key in expected)
    assert parsed["Bcc"] is None and parsed["To"] == expected["To"]


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.text(max_size=20), st.integers(), st.none(), st.booleans())))
def test_any_own_fields_are_fields(own: dict[str, object]) -> None:
    import json

    found = fields(own_fields=json.dumps(own)).fields["customer"]
    assert isinstance(found, dict) and found["first_name"] == "Ada", "and never hide what every customer has"
    for stored in ("", "[]", "nonsense", "{", None):
        assert fields(own_fields=stored).fields["customer"]["city"] is BLANK  # type: ignore[index]


def test_of_two_fields_with_one_written_name_the_one_with_something_in_it_is_said() -> None:
    own = '{"City ": "York", "city": "", "Town": "Ely", "town": "Hull", "name": "Eve"}'
    assert said("{{ customer.city|default('-') }} {{ customer.town }} {{ customer.name }}", own_fields=own) == (
        "- Hull Ada Lovelace"
    )


def test_names_of_fields_after_a_dot() -> None:
    assert [written_name(name) for name in ("Order no.", "city", "Straße 1", "--")] == [
        "order_no",
        "city",
        "straße_1",
        "",
    ]


@pytest.mark.parametrize(
    ("named", "number", "zone"),
    [
        ("Asia/Tokyo", "+447700900123", "Asia/Tokyo"),
        ("Moon/Base", "+4915112345678", "Europe/Berlin"),
        ("", "+447700900123", "Europe/London"),
        ("", "+12125550123", "America/New_York"),
        ("", "+61412345678", "Australia/Sydney"),
        ("", "+34600123456", "Europe/Madrid"),
        ("", "+870772001234", "Europe/London"),
        ("", "someone@mail.example", "Europe/London"),
        ("", "", "Europe/London"),
    ],
)
def test_the_zone_is_the_customers_own_else_the_numbers_else_the_desks(named: str, number: str, zone: str) -> None:
    assert zone_of(named, number, "Europe/London") == zone


def test_of_many_zones_it_is_the_desks_or_the_middle_one() -> None:
    assert zone_of("", "+18005550123", "America/Chicago") == "America/Chicago"
    assert zone_of("", "+18005550123", "Europe/London").startswith("America/")


def test_a_first_name_of_nothing_is_nothing() -> None:
    assert [first_name(name) for name in ("", "  ", "Mr", ",")] == ["", "", "", ""]


def test_the_letter_of_the_manual_is_filled_in() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "letters.md").read_text("utf-8")
    body = manual.split("```")[1].strip()
    found = fields(own_fields='{"Order no": "4711", "ordered": "2026-03-02", "owed": "12.5"}')
    assert write(TemplateText("letter", body), found).text == (
        "Dear Ada, your order 4711 of 2 March 2026 is ready.\nPlease bring £12.50."
    )
