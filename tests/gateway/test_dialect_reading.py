"""What comes in: sample mails of every preset, the rules for number and text, and receipts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.gateway.dialects import Receipt, TextIn, dialect, presets, read_text
from core.mail import Address
from core.mime import read
from tests.gateway.dialect_mails import mail

SAMPLES = Path(__file__).parent / "samples"


CLICKLINE: dict[str, object] = {"footer": ["Sent via ClickLine. Reply to this mail to answer."]}
LINE_MOBILITY: dict[str, object] = {"footer_regex": [r"^--[ \t]*\nLine Mobility AS"]}
HEXGATE: dict[str, object] = {"footer": ["Delivered by HexGate"]}

TEXTS: list[tuple[str, dict[str, object], str, str]] = [
    ("plain-history", {}, "+447700900123", "Yes please, tomorrow at ten is fine.\nNumber 14, the blue door."),
    ("plain-umlauts", {}, "+447700900123", "Grüße aus Köln – das kostet 15 €? 😀"),
    ("plain-footer", CLICKLINE, "+447700900123", "Running late, be there in 20"),
    (
        "plain-receipts-reply",
        {},
        "+447807908266",
        "This is the reply to the test message that was sent earlier.",
    ),
    (
        "plain-receipts-polish",
        {},
        "+48512345678",
        "Dziękuję, delivered jest OK, do zobaczenia za pół godziny",
    ),
    ("smpp-receipts-text", {}, "+447700900456", "Has my parcel been delivered? id:12 it says"),
    ("smpp-receipts-greek", {}, "+306912345678", "Καλημέρα, πότε ανοίγετε;"),
    ("subject-number-history", {}, "+447700900789", "Hi, I'm looking to move 12 numbers over."),
    ("subject-number-french", {}, "+33612345678", "Déjà reçu, merci à vous"),
    ("body-lines-norwegian", {}, "+4791234567", "Hei, jeg har ikke fått ølmøtet\nKan dere ringe?"),
    ("body-lines-footer", LINE_MOBILITY, "+4791234567", "Please call me back\nafter four"),
    ("form-reply-form", {}, "+447836123456", "Yes, move it to Friday\nbut after lunch"),
    ("form-reply-spanish", {}, "+34612345678", "¿Mañana a las 9? Son 20 €"),
    ("header-number-history", {}, "+14155554567", "Is the shop open on Sunday?"),
    ("header-number-base64", {"encoding_in": "base64"}, "+447700900321", "Zoë here – is the café open? ☕"),
    ("display-name-history", {}, "+447700900111", "OK thanks"),
    ("display-name-turkish", {}, "+905321234567", "Teşekkürler, yarın görüşelim"),
    ("carrier-footer", {}, "+14155550123", "On my way, ETA 6pm"),
    ("carrier-subject-only", {}, "+14155550123", "Café at noon?"),
    ("text-in-subject-history", {}, "+61412345678", "Please cancel my booking for tonight"),
    ("text-in-subject-japanese", {}, "+819012345678", "明日行きます"),
    ("ucs2-hex-cyrillic", {}, "+79161234567", "Привет, как дела? 😀"),
    ("ucs2-hex-footer", HEXGATE, "+447700900222", "Hi\nthere!"),
]

RECEIPTS: list[tuple[str, Receipt]] = [
    (
        "plain-receipts-delivered",
        Receipt("delivered", "Delivered at 17:08 08/01/2026", ("<pr.77ab@desk.example>",), "+447807908266", ""),
    ),
    (
        "plain-receipts-expired",
        Receipt("failed", "Expired at 17:08 10/01/2026, handset switched off", (), "+447807908266", ""),
    ),
    (
        "smpp-receipts-delivered",
        Receipt(
            "delivered",
            "stat:DELIVRD err:000",
            ("<pr.5a5b@desk.example>", "<pr.5a5a@desk.example>"),
            "+447700900456",
            "m5a5b",
        ),
    ),
    (
        "smpp-receipts-undeliverable",
        Receipt("failed", "stat:UNDELIV err:027", (), "+447700900456", "0000000012345679"),
    ),
    (
        "smpp-receipts-enroute",
        Receipt("delayed", "stat:ENROUTE err:000", (), "+447700900456", "0000000012345680"),
    ),
]


def preset_of(sample: str) -> str:
    return max((name for name in presets() if sample.startswith(name + "-")), key=len)


def region_of(sample: str) -> str:
    return "US" if sample.startswith("carrier") else "GB"


@pytest.mark.parametrize(("sample", "overrides", "number", "text"), TEXTS, ids=[row[0] for row in TEXTS])
def test_a_sample_mail_gives_its_number_and_text(
    sample: str, overrides: dict[str, object], number: str, text: str
) -> None:
    found = read_text(
        dialect(preset_of(sample), overrides),
        read((SAMPLES / f"{sample}.eml").read_bytes()),
        region_of(sample),
    )
    assert found == TextIn(number, text)


@pytest.mark.parametrize(("sample", "receipt"), RECEIPTS, ids=[row[0] for row in RECEIPTS])
def test_a_sample_receipt_says_what_became_of_which_text(sample: str, receipt: Receipt) -> None:
    assert read_text(dialect(preset_of(sample)), read((SAMPLES / f"{sample}.eml").read_bytes()), "GB") == receipt


def test_every_preset_has_samples_and_every_sample_is_used() -> None:
    used = [row[0] for row in TEXTS] + [row[0] for row in RECEIPTS]
    assert sorted(used) == sorted(path.stem for path in SAMPLES.glob("*.eml"))
    for name, preset in presets().items():
        mine = [sample for sample in used if preset_of(sample) == name]
        texts = [row[0] for row in TEXTS if row[0] in mine]
        assert len(texts) >= 2, name
        assert (len(mine) > len(texts)) == (preset.receipt is not None), name


@pytest.mark.parametrize("name", ["plain-receipts", "smpp-receipts"])
def test_a_receipt_is_never_taken_for_a_text_by_a_dialect_that_knows_it(name: str) -> None:
    for sample, _ in RECEIPTS:
        if preset_of(sample) == name:
            raw = (SAMPLES / f"{sample}.eml").read_bytes()
            assert not isinstance(read_text(dialect(name), read(raw), "GB"), TextIn)


@pytest.mark.parametrize(
    ("local_part", "number"),
    [
        ("447700900123", "+447700900123"),
        ("+447700900123", "+447700900123"),
        ("00447700900123", "+447700900123"),
        ("07700900123", "+447700900123"),
        ("15551234567", "+15551234567"),
        ("4791234567", "+4791234567"),
        ("60777", "60777"),
    ],
)
def test_a_number_is_read_however_it_is_spelled(local_part: str, number: str) -> None:
    assert read_text(dialect("plain"), mail(f"{local_part}@sms.example", "Hi"), "GB") == TextIn(number, "Hi")


def test_two_noughts_before_a_country_code_are_a_plus_wherever_the_desk_is() -> None:
    m = mail("00447700900123@sms.example", "Hi")
    assert read_text(dialect("plain"), m, "US") == TextIn("+447700900123", "Hi")


@pytest.mark.parametrize(
    "sender", ["", "noreply@sms.example", "anna.1990@mail.example", "mailer-daemon@x.example", "@"]
)
def test_a_mail_without_a_number_is_no_text(sender: str) -> None:
    assert read_text(dialect("plain"), mail(sender, "Our new prices"), "GB") is None


def test_an_alphanumeric_sender_is_believed_where_a_rule_names_it() -> None:
    d = dialect(
        "plain",
        {"number": [{"place": "body", "regex": "^From: (.+)$"}], "text": {"place": "body", "after": "Text:"}},
    )
    assert read_text(d, mail("sms@x.example", "From: MyBank\nText: Your code"), "GB") == TextIn("MyBank", "Your code")


def test_rules_for_the_number_are_tried_in_their_order() -> None:
    d = dialect(
        "plain",
        {"number": [{"place": "header", "header": "X-From"}, "reply_to_local_part", "from_local_part"]},
    )
    m = mail(
        "447700900001@x.example",
        "Hi",
        reply_to=Address("447700900002@x.example"),
        headers={"x-from": "+447700900003"},
    )
    assert read_text(d, m, "GB") == TextIn("+447700900003", "Hi")
    assert read_text(d, replace(m, headers={}), "GB") == TextIn("+447700900002", "Hi")
    assert read_text(d, replace(m, headers={}, reply_to=None), "GB") == TextIn("+447700900001", "Hi")


def test_a_form_is_read_even_where_a_mail_reader_took_it_for_quoted_history() -> None:
    quoted = "Sender: +447836123456\nBody: Yes\nOriginal message: Coming?"
    m = mail("+447836123456@textform.example", "", quoted=quoted)
    assert read_text(dialect("form-reply"), m, "GB") == TextIn("+447836123456", "Yes")


def test_a_text_without_words_is_still_a_text() -> None:
    assert read_text(dialect("plain"), mail("447700900123@x.example", " \n"), "GB") == TextIn("+447700900123", "")


def test_a_subject_counts_as_the_first_line_only_where_it_should() -> None:
    m = mail("447700900123@x.example", "second", subject="first")
    assert read_text(dialect("plain"), m, "GB") == TextIn("+447700900123", "second")
    both = dialect("plain", {"ignore_subject": False})
    assert read_text(both, m, "GB") == TextIn("+447700900123", "first\nsecond")
    assert read_text(both, replace(m, subject="sec..."), "GB") == TextIn("+447700900123", "second")


@pytest.mark.parametrize(
    ("encoding", "came", "text"),
    [
        ("ucs2-hex", "00480069", "Hi"),
        ("ucs2-hex", "0031 0032\n0033", "123"),
        ("ucs2-hex", "feff0048", "H"),
        ("ucs2-hex", "Hello", "Hello"),
        ("ucs2-hex", "004", "004"),
        ("ucs2-hex", "202E0041", "\u202e"),
        ("ucs2-hex-mixed", "12345678", "12345678"),
        ("ucs2-hex-mixed", "043C0438", "ми"),
        ("quoted-printable", "caf=C3=A9 15 =E2=82=\n=AC =3D 1=2", "café 15 € = 1=2"),
        ("quoted-printable", "caf=E9", "café"),
        ("base64", "Y2Fmw6k=", "café"),
        ("base64", "not base64!", "not base64!"),
        ("html-entities", "Tom &amp; J&eacute;r&ocirc;me &#8364;5", "Tom & Jérôme €5"),
        ("percent", "caf%C3%A9 100% ok", "café 100% ok"),
    ],
)
def test_a_gateways_own_escapes_are_undone(encoding: str, came: str, text: str) -> None:
    found = read_text(dialect("plain", {"encoding_in": encoding}), mail("447700900123@x.example", came), "GB")
    assert isinstance(found, TextIn)
    if text == "\u202e":
        assert "\u202e" not in found.text, "what was decoded must be made harmless again"
    else:
        assert found.text == text


def test_a_footer_is_cut_and_its_words_alone_are_not() -> None:
    d = dialect("plain", {"footer": ["--\nSent with  care"], "footer_regex": ["^Ticket [0-9]+ at", "sent by acme"]})

    def left(text: str) -> str:
        found = read_text(d, mail("447700900123@x.example", text), "GB")
        assert isinstance(found, TextIn)
        return found.text

    assert left("Hi\n-- \n  SENT WITH  CARE \nAcme") == "Hi"
    assert left("Hi\n\nTicket 55 at Acme\nbye") == "Hi"
    assert left("Hi\n--\nAnna") == "Hi\n--\nAnna"
    assert left("I got Ticket 55 at noon") == "I got Ticket 55 at noon"
    assert left("--\nSent with care\nAcme") == ""
    assert left("Sent with care") == "Sent with care"
    assert left("Hi\n(this was sent by Acme)") == "Hi", "the whole line is the provider's"
    assert left("Hi\nTicket 55 at Acme\nsent by Acme\n--\nSent with care") == "Hi", "from the first one on"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Your message was delivered", "delivered"),
        ("Status: NOT  DELIVERED (absent)", "failed"),
        ("undelivered", "failed"),
        ("Could not be delivered", "failed"),
        ("not yet delivered", "delayed"),
        ("queued", "delayed"),
        ("gnarfed", "delayed"),
        ("undeliveredish, redelivered", "delayed"),
    ],
)
def test_the_words_of_a_receipt_decide_its_status(said: str, status: str) -> None:
    d = dialect("plain", {"receipt": {"when": {"place": "subject", "regex": "^receipt$"}, "status": "body"}})
    found = read_text(d, mail("x@y.example", f"Hello,\n{said}\nbye", subject="Receipt"), "GB")
    assert isinstance(found, Receipt)
    assert found.status == status
    if status != "delayed" or said in ("queued", "not yet delivered"):
        assert found.reason == " ".join(said.split())


def test_receipt_words_may_be_in_any_language() -> None:
    rules = {"when": "subject", "delivered": ["доставлено"], "failed": ["не доставлено"]}
    found = read_text(dialect("plain", {"receipt": rules}), mail(subject="SMS не доставлено"), "GB")
    assert isinstance(found, Receipt)
    assert found.status == "failed"


def test_the_longer_of_two_words_that_begin_together_counts() -> None:
    rules = {"when": "subject", "delivered": ["sent"], "failed": ["sent back"]}
    found = read_text(dialect("plain", {"receipt": rules}), mail(subject="SMS sent back"), "GB")
    assert isinstance(found, Receipt)
    assert found.status == "failed"


def test_a_customer_who_writes_delivered_has_not_sent_a_receipt() -> None:
    for name in "plain-receipts", "smpp-receipts":
        m = mail(
            "447700900123@x.example",
            "Message to 447700900123 delivered",
            subject="Delivered? stat:DELIVRD err:000",
        )
        assert isinstance(read_text(dialect(name), m, "GB"), TextIn)


def test_message_ids_come_from_every_place_once_and_the_likeliest_first() -> None:
    rules = {"when": "subject", "reference": {"place": "body", "regex": "^ref: (.+)$"}}
    m = mail(subject="Receipt", text="ref: <r@d.example>", in_reply_to="<a@d.example>")
    more = {"x-original-message-id": "<o@d.example>"}
    m = replace(m, references=("<0@d.example>", "<1@d.example>", "<a@d.example>"), headers=more)
    found = read_text(dialect("plain", {"receipt": rules}), m, "GB")
    assert isinstance(found, Receipt)
    assert found.message_ids == tuple(f"<{name}@d.example>" for name in ("a", "r", "1", "0", "o"))
    assert (found.reference, found.number) == ("<r@d.example>", "")
