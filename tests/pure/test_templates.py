"""Templates: what they fill in, what they may not do, and the sentence about each that is wrong."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.templates import LONGEST_FIELD, LONGEST_TEXT, Fields, TemplateText, TemplateWrong, check, fields_of, render

FIELDS: Fields = {"order": "4711", "late": True, "days": 3, "empty": None,
          "contact": {"name": "Ada", "number": "+447700900123"}, "desk": {"name": "Acme"}}  # fmt: skip


def said(body: str, subject: str = "") -> str:
    """The text of a template filled in."""
    return render(TemplateText("closed", body, subject), FIELDS).text


def wrong(body: str, subject: str = "") -> TemplateWrong:
    """Why it cannot be filled in."""
    with pytest.raises(TemplateWrong) as found:
        render(TemplateText("closed", body, subject), FIELDS)
    return found.value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Dear {{ contact.name }}, {{ order }}.", "Dear Ada, 4711."),
        ("{% if late %}\nSorry.\n{% else %}\nGood.\n{% endif %}\nBye", "Sorry.\nBye"),
        ("{{ 'a' if days > 2 and not missing is defined else 'b' }}", "a"),
        ("{{ empty }}|{{ missing|default('there') }}|{{ empty|default('you', true) }}", "|there|you"),
        ("{{ contact.name|upper }} {{ contact['number'] }} {{ desk.name ~ '!' }}", "ADA +447700900123 Acme!"),
        ("{{ order|truncate(3, true, '') }} {{ days|round(1) }} {# nobody reads this #}", "471 3"),
        ("{% raw %}{{ order }}{% endraw %} & <b>", "{{ order }} & <b>"),
    ],
)  # fmt: skip
def test_fields_ifs_and_filters_are_filled_in(body: str, text: str) -> None:
    assert said(body) == text


def test_a_subject_is_one_line() -> None:
    assert render(TemplateText("closed", "x", " Your\n order {{ order }}"), FIELDS).subject == "Your order 4711"


@pytest.mark.parametrize(
    ("body", "line", "field", "sentence"),
    [
        ("Dear\n\n{{ contact.nmae }}", 3, "contact.nmae", "there is no field contact.nmae, did you mean contact.name"),
        ("{{ ordre.x }}", 1, "ordre", "there are: contact.name, contact.number, days, desk.name, empty, late, order"),
        ("a\n{{ contact }}", 2, "", "contact is a group of fields: write contact.name"),
        ("a\n{% if contact.name > 3 %}x{% endif %}", 2, "", "it cannot be filled in"),
        ("a\n{{ order|truncate('x') }}", 2, "", "it cannot be filled in"),
        ("a\n\n{{ order", 3, "", "it cannot be read"),
        ("{{ order.__class__ }}", 1, "__class__", "there is no field __class__"),
        ("{{ contact.__init__ }}", 1, "contact.__init__", "there is no field contact.__init__"),
    ],
)
def test_what_is_wrong_is_said_with_template_line_and_field(body: str, line: int, field: str, sentence: str) -> None:
    found = wrong(body)
    assert (found.template, found.part, found.line, found.field) == ("closed", "body", line, field)
    assert str(found).startswith(f"template closed, body line {line}: ") and sentence in str(found)


def test_a_wrong_subject_says_so() -> None:
    found = wrong("fine", "{{ ordre }}")
    assert (found.part, found.field) == ("subject", "ordre")
    assert str(found).startswith("template closed, subject: there is no field ordre, did you mean order;")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{% for c in order %}{% endfor %}", "a loop"),
        ("{% set x = 1 %}", "an assignment"),
        ("{{ range(10) }}", "a call"),
        ("{{ order.upper() }}", "a call"),
        ("{{ 10 ** 10 ** 10 }}", "a calculation"),
        ("{{ 'x' * 1000000000 }}", "a calculation"),
        ("{% macro m() %}{% endmacro %}", "a macro"),
        ("{% include 'x' %}", "another template"),
        ("{{ [order] }}", "a list"),
        ("{{ {'a': 1} }}", "a table"),
        ("{{ order[0:1] }}", "that"),
        ("{% block a %}{% endblock %}", "that"),
        ("{% filter upper %}x{% endfilter %}", "that"),
        ("{% with x = 1 %}{% endwith %}", "that"),
        ("{{ self }}", "self"),
        ("{{ order|replace('4', '44444') }}", "replace"),
        ("{{ order|attr('upper') }}", "attr"),
        ("{{ order|center(1000000000) }}", "center"),
        ("{{ order is callable }}", "callable"),
    ],
)
def test_whatever_could_run_for_long_or_reach_into_python_is_refused_before_it_runs(body: str, words: str) -> None:
    with pytest.raises(TemplateWrong, match="template closed, body line 3: ") as found:
        check(TemplateText("closed", "a\n\n" + body))
    assert words in str(found.value)


@pytest.mark.parametrize(
    "body",
    [
        "{{ " + "(" * 40_000,
        "{{ " + "9" * 6_000 + " }}",
        "{% if order %}" * 300 + "x" + "{% endif %}" * 300,
        "{{ " + " and ".join(["order"] * 900) + " }}",
        "{{ order" + "|upper" * 10_000 + " }}",
        "{{ order }}" * 5_000,
        "{{ " + "~".join(["long"] * 1_900) + " }}",
        "{{ long|title|upper }}" * 600,
        "x" * 100_001,
    ],
)
def test_what_is_too_large_or_nests_too_deeply_is_refused_in_time(body: str) -> None:
    began = time.process_time()
    with pytest.raises(TemplateWrong, match=r"^template big, body"):
        render(TemplateText("big", body), {"order": "1", "long": "x y " * (LONGEST_FIELD // 4)})
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "said",
    [
        "customer", "customer|upper", "customer ~ ''", "customer|length", "customer|truncate(9)", "customer|trim",
        "customer|urlencode", "customer|title", "'a' ~ customer",
    ],
)  # fmt: skip
def test_a_group_says_none_of_its_fields_by_itself(said: str) -> None:
    with pytest.raises(TemplateWrong, match=r"customer is a group of fields: write customer\.name"):
        render(TemplateText("t", "{{ " + said + " }}"), {"customer": {"name": "Ann", "secret": "4711"}})


@pytest.mark.parametrize(
    "body",
    [
        "{{ 1|round(999999999, 'ceil') }}",
        "{{ tries|round(999999999, 'floor') }}",
        "{{ tries|round(tries|int(base=36)) }}",
        "{{ order|truncate(999999999) }}{{ order|int(7, 999999999) }}{{ order|default(order, 999999999) }}",
        "{{ order|trim('" + "x" * 40_000 + "4') }}",
        "{{ order|money('£', 999999999) }}",
        "{{ ('9' ~ order)|int(0, 16)|round(6, 'ceil') }}",
    ],
)
def test_no_argument_of_a_filter_keeps_anybody_waiting(body: str) -> None:
    began = time.monotonic()
    try:
        render(TemplateText("t", body), {"order": "4" * LONGEST_FIELD, "tries": "999999999"})
    except TemplateWrong as error:
        assert len(str(error)) < 400
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{{ amount|round(2) }} {{ amount|round }}", "1234.57 1235.0"),
        ("{{ amount|round(1, 'floor') }} {{ amount|round(1, 'ceil')|int }}", "1234.5 1234"),
        ("{{ '..x,'|trim('.,') }}", "x"),
    ],
)
def test_numbers_are_rounded_and_ends_trimmed(body: str, text: str) -> None:
    assert render(TemplateText("t", body), {"amount": "1234.567"}).text == text


@pytest.mark.parametrize(("body", "words"), [("{{ 1|round(7) }}", "0 to 6 places"), ("{{ 1|round(1, 'up') }}", "ceil")])
def test_a_rounding_that_cannot_be_is_refused_in_a_sentence(body: str, words: str) -> None:
    with pytest.raises(TemplateWrong, match=words):
        render(TemplateText("t", body), {})


def test_a_field_that_is_too_long_is_named() -> None:
    with pytest.raises(TemplateWrong, match=r"the field contact\.name has 10,001 characters") as found:
        render(TemplateText("big", "x"), {"contact": {"name": "x" * (LONGEST_FIELD + 1)}})
    assert found.value.field == "contact.name"


def test_its_fields_are_known_before_it_is_filled_in() -> None:
    template = TemplateText("closed", "{% if late %}{{ order|upper }}{% endif %}{{ contact.name }}", "{{ days }}")
    assert fields_of(template) == {"late", "order", "contact.name", "days"}


@given(st.text(alphabet="{}%#| abxyz.'()~+-*[]0\n\\", max_size=60), st.text(max_size=20))
def test_any_template_is_either_filled_in_or_wrong_in_a_sentence(body: str, value: str) -> None:
    try:
        found = render(TemplateText("any", "{{ a }} " + body), {"a": value, "b": {"x": value}, "x": 1})
    except TemplateWrong as error:
        assert str(error).startswith("template any, body")
    else:
        assert len(found.text) <= LONGEST_TEXT


@given(st.text(max_size=200))
def test_what_a_field_holds_is_never_read_as_a_template(value: str) -> None:
    assert render(TemplateText("any", "[{{ a }}]"), {"a": value}).text == f"[{value}]"
