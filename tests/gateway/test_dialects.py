"""Dialects as data: which keys there are, the recipient rule, and a text written as each preset wants it."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import Wrong
from core.gateway.dialects import KEYS, SECRET_KEYS, TextOut, dialect, presets, write_text
from tests.gateway.dialect_mails import CREDENTIALS, write, wrong

GOLDEN: list[tuple[str, dict[str, object], TextOut]] = [
    ("plain", {}, TextOut("447700900123@sms.example", "", "Grüß dich\nto: all", "utf-8")),
    ("plain-receipts", {}, TextOut("447700900123@sms.example", "", "Grüß dich\nto: all", "utf-8")),
    (
        "smpp-receipts",
        {},
        TextOut(
            "447700900123@sms.example",
            "",
            "Grüß dich\nto: all",
            "utf-8",
            headers=(("X-SMS-Reference", "m5a5b"),),
        ),
    ),
    (
        "subject-number",
        {"recipient": "send@sms.example"},
        TextOut("send@sms.example", "447700900123", "Grüß dich\nto: all", "utf-8"),
    ),
    (
        "body-lines",
        {"recipient": "sms@messaging.example", **CREDENTIALS},
        TextOut(
            "sms@messaging.example",
            "",
            "api_id:3120\nuser:desk\npassword:s3cret\nto:447700900123\ntext:Grüß dich\ntext:to: all",
            "utf-8",
        ),
    ),
    ("form-reply", {}, TextOut("+447700900123@sms.example", "", "Grüß dich\nto: all", "utf-8")),
    ("header-number", {}, TextOut("447700900123@sms.example", "", "Grüß dich\nto: all", "utf-8")),
    ("display-name", {}, TextOut("447700900123@sms.example", "", "Grüß dich\nto: all", "utf-8")),
    ("carrier", {}, TextOut("07700900123@sms.example", "", "Grüß dich\nto: all", "utf-8")),
    ("text-in-subject", {}, TextOut("447700900123@sms.example", "Grüß dich to: all", "", "utf-8")),
    (
        "ucs2-hex",
        {},
        TextOut(
            "447700900123@sms.example",
            "",
            "0047007200FC00DF00200064006900630068000A0074006F003A00200061006C006C",
            "us-ascii",
        ),
    ),
]


@pytest.mark.parametrize(("name", "overrides", "expected"), GOLDEN, ids=[row[0] for row in GOLDEN])
def test_a_text_is_written_as_the_preset_wants_it(name: str, overrides: dict[str, object], expected: TextOut) -> None:
    assert write(dialect(name, {"recipient": "sms.example", **overrides}), "Grüß dich\r\nto: all") == expected


def test_every_preset_has_a_golden_mail() -> None:
    assert [row[0] for row in GOLDEN] == list(presets())


@pytest.mark.parametrize(
    ("recipient", "address"),
    [
        ("sms.example", "447700900123@sms.example"),
        ("@sms.example", "447700900123@sms.example"),
        ("{number}@sms.example", "447700900123@sms.example"),
        ("{number}.{reference}@sms.example", "447700900123.m5a5b@sms.example"),
        ("@{account_id}.sms.example", "447700900123@a7.sms.example"),
        ("{account_id}.sms.example", "447700900123@a7.sms.example"),
    ],
)
def test_the_number_is_put_before_a_destination_without_an_at_or_beginning_with_one(
    recipient: str, address: str
) -> None:
    d = dialect("plain", {"recipient": recipient, "values": {"account_id": "a7"}})
    assert write(d).recipient == address


def test_a_destination_with_an_at_elsewhere_is_used_as_it_is_and_the_number_goes_elsewhere() -> None:
    d = dialect("plain", {"recipient": "gateway@provider.example", "subject": "{number}"})
    assert (write(d).recipient, write(d).subject) == ("gateway@provider.example", "447700900123")
    said = wrong(dialect, "plain", {"recipient": "gateway@provider.example"}, where='desk.toml, [[gateway]] "main"')
    assert said.startswith('desk.toml, [[gateway]] "main": the recipient is a fixed address')


@pytest.mark.parametrize(
    ("spelling", "spelled"),
    [
        ("e164", "+447700900123"),
        ("digits", "447700900123"),
        ("00", "00447700900123"),
        ("national", "07700900123"),
    ],
)
def test_a_number_is_spelled_as_the_gateway_wants_it(spelling: str, spelled: str) -> None:
    d = dialect("plain", {"recipient": "x@sms.example", "subject": "{number}", "number_format": spelling})
    assert write(d).subject == spelled


def test_a_ten_digit_number_is_what_a_north_american_carrier_gets() -> None:
    d = dialect("carrier", {"recipient": "txt.example"})
    assert write(d, number="+14155550123", region="US").recipient == "4155550123@txt.example"


def test_a_short_code_is_written_as_it_came() -> None:
    assert write(dialect("plain", {"recipient": "sms.example"}), number="60777").recipient == "60777@sms.example"


@pytest.mark.parametrize(
    "number", ["", "07700900123", "Bank", "+", "+0", "+44770\n0900123", "a@b.example", "+" + "4" * 40]
)
def test_a_number_that_cannot_be_written_to_is_refused(number: str) -> None:
    assert "number" in wrong(write, dialect("plain", {"recipient": "sms.example"}), number=number)


def test_a_foreign_number_is_refused_where_only_national_ones_can_be_spelled() -> None:
    said = wrong(write, dialect("carrier", {"recipient": "txt.example"}), region="US")
    assert said == "+447700900123 is not a number of US, and this gateway takes national numbers only."


def test_a_text_with_too_many_parts_is_refused_before_it_is_sent() -> None:
    d = dialect("plain", {"recipient": "sms.example", "parts_allowed": 2})
    assert write(d, "x" * 306).body == "x" * 306
    assert wrong(write, d, "x" * 307) == "The text has 3 parts and this gateway takes 2: make it shorter."


@pytest.mark.parametrize("text", ["", " ", "\r\n\t"])
def test_an_empty_text_is_refused(text: str) -> None:
    assert "empty" in wrong(write, dialect("plain", {"recipient": "sms.example"}), text)


def test_a_gateway_without_recipient_or_credentials_says_what_to_set() -> None:
    assert "set `recipient`" in wrong(write, dialect("plain"))
    assert "set `values = { api_id" in wrong(write, dialect("body-lines", {"recipient": "sms@x.example"}))


@pytest.mark.parametrize("recipient", ["sms example", "sms.example>", "a b@sms.example{number}", "sms@a@b{number}"])
def test_a_recipient_that_makes_no_address_is_refused(recipient: str) -> None:
    assert "mend `recipient`" in wrong(write, dialect("plain", {"recipient": recipient}))


def test_a_text_cannot_add_a_line_of_its_own_where_lines_are_keys() -> None:
    d = dialect("body-lines", {"recipient": "sms@messaging.example", **CREDENTIALS})
    for end in "\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029":
        body = write(d, f"Hello{end}to:447700900999{end}").body
        assert [line for line in body.splitlines() if line.startswith("to:")] == ["to:447700900123"]


def test_line_breaks_can_become_spaces() -> None:
    d = dialect("plain", {"recipient": "sms.example", "line_breaks": "space"})
    assert write(d, "a\nb\r\nc").body == "a b c"


def test_a_text_in_braces_is_not_a_template() -> None:
    assert write(dialect("plain", {"recipient": "sms.example"}), "{number} {0} {{x}}").body == "{number} {0} {{x}}"


def test_subject_name_and_headers_stay_on_one_line() -> None:
    d = dialect(
        "text-in-subject",
        {"recipient": "sms.example", "sender_name": "{account}", "headers": {"X-Ref": "{reference}"}},
    )
    out = write_text(
        d, number="+447700900123", text="a\r\nBcc: b", account="a\r\nb", reference="r\nBcc: c", region="GB"
    )
    assert all(
        not {"\r", "\n"} & set(value) for value in (out.subject, out.sender_name, *(text for _, text in out.headers))
    )


def test_an_unknown_dialect_lists_those_that_exist() -> None:
    said = wrong(dialect, "plian")
    assert "did you mean 'plain'?" in said
    assert all(name in said for name in presets())


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"recipent": "x"}, "the key 'recipent' is not known; did you mean 'recipient'?"),
        ({"zzz": 1}, "the key 'zzz' is not known; the keys here are description, recipient,"),
        ({"receipt": {"when": "body", "raeson": "body"}},
         "the key 'receipt.raeson' is not known; did you mean 'reason'?"),
        ({"number": [{"place": "subject", "regexp": "x"}]},
         "the key 'number.0.regexp' is not known; did you mean 'regex'?"),
        ({"number": "somewhere"}, "number.0.place: Input should be 'body', 'subject', 'header'"),
        ({"number": {"place": "header"}}, "`header` names a header exactly where the place is \"header\""),
        ({"text": {"place": "subject", "after": "x"}}, "`after` and `before` go with the place \"body\""),
        ({"footer_regex": ["(a"]}, "The pattern '(a' cannot be used"),
        ({"number": {"place": "body", "regex": r"(a)\1"}}, "cannot be used (invalid escape sequence: \\1)"),
        ({"footer_regex": ["(.{0,30}x){0,30}y"]}, "is too large"),
        ({"body": "Hello"}, "{text} must stand in `body` or `subject`"),
        ({"body": "{text} {txet}"},
         "`body` asks for {txet}; what it may hold is {account}, {number}, {reference}, {text}"),
        ({"body": "{text.__class__}"}, "`body` asks for {text.__class__}"),
        ({"body": "{text"}, "a brace that does not close"),
        ({"encoding": "klingon"}, "'klingon' is not a character set"),
        ({"encoding": "hex"}, "'hex' is not a character set"),
        ({"parts_allowed": 0}, "parts_allowed: Input should be greater than or equal to 1"),
        ({"price_per_part": "0.04"}, "`price_per_part` and `currency` go together"),
        ({"currency": "pounds", "price_per_part": 1}, "currency: String should match pattern"),
        ({"headers": {"X Y": "z"}}, "'X Y' is not a header's name"),
        ({"values": {"text": "z"}}, "the value 'text' must be one line under a plain name of its own"),
        ({"values": {"user": "a\nto:1"}}, "the value 'user' must be one line"),
        ({"footer": [" "]}, "a footer must hold something"),
        ({"receipt": {"when": []}}, "receipt.when: Value should have at least 1 item"),
    ],
)  # fmt: skip
def test_a_wrong_override_names_the_place_and_the_key(overrides: dict[str, object], says: str) -> None:
    said = wrong(dialect, "plain", overrides, where='desk.toml, [[gateway]] "main"')
    assert said.startswith('desk.toml, [[gateway]] "main": ')
    assert says in said


def test_an_override_leaves_the_preset_as_it_was() -> None:
    changed = dialect("smpp-receipts", {"receipt": {"delivered": ["angekommen"]}, "headers": {"X-Two": "2"}})
    ours = dialect("smpp-receipts")
    assert changed.receipt is not None
    assert ours.receipt is not None
    assert (changed.receipt.delivered, changed.receipt.when) == (("angekommen",), ours.receipt.when)
    assert dict(changed.headers) == {"X-SMS-Reference": "{reference}", "X-Two": "2"}
    assert ours == presets()["smpp-receipts"] != changed


def test_a_price_is_exact() -> None:
    assert dialect("plain", {"price_per_part": 0.045, "currency": "GBP"}).price_per_part == Decimal("0.045")


def test_a_secret_is_never_shown() -> None:
    d = dialect("body-lines", {"recipient": "x@y.example", **CREDENTIALS})
    assert "s3cret" not in repr(d)
    assert set(KEYS) > SECRET_KEYS
    said = wrong(dialect, "body-lines", {"secrets": {"password": "s3cret", "text": "s3cret"}})
    assert "s3cret" not in said
    with pytest.raises(Wrong) as caught:
        dialect("body-lines", {"secrets": {"password": ["s3cret"]}})
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"


def test_the_page_for_people_names_every_key_and_its_examples_hold() -> None:
    page = (Path(__file__).parents[2] / "docs" / "gateways.md").read_text("utf-8")
    assert [key for key in KEYS if f"`{key}`" not in page and f"gateway.{key}" not in page] == ["description"]
    assert [name for name in presets() if f"| `{name}` |" not in page] == []
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        table = tomllib.loads(block)
        listed = table.pop("gateway", {})
        found = {**table, **(listed[0] if isinstance(listed, list) else listed)}
        dialect("plain", {key: value for key, value in found.items() if key not in ("name", "dialect")})
