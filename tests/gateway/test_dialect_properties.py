"""Any text comes back as it went out; no mail makes reading fail or last."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from core.errors import Wrong
from core.gateway import patterns
from core.gateway.dialects import Receipt, TextIn, TextOut, dialect, presets, read_text
from core.mail import Address, InboundMail, OutboundMail
from core.mime import compose, read
from core.text import harmless
from tests.gateway.dialect_mails import CREDENTIALS, mail, write


def answer(name: str, out: TextOut, number: str, text: str) -> InboundMail:
    """The mail of this shape that a provider makes of a handset's reply."""
    digits = number[1:]
    own = f"{digits}@sms.example"
    match name:
        case "subject-number":
            return mail("sms@sms.example", text, subject=f"SMS from {number}")
        case "body-lines":
            return mail("sms@sms.example", f"Receiver=26112\nSender={digits}\nText={text}")
        case "form-reply":
            form = f"Sender: {number}\nTime: 12:00\nBody: {text}\nOriginal message: {out.body}"
            return mail(f"{number}@sms.example", form)
        case "header-number":
            return mail("sms@sms.example", text, headers={"x-sms-from": digits})
        case "display-name":
            return mail("replies@sms.example", text, name=number)
        case "carrier":
            footer = "--\n" + "=" * 66 + "\nThis mobile text message is brought to you by AT&T\n"
            return mail(f"{digits[1:]}@sms.example", f"{text}\n\n{footer}")
        case "text-in-subject":
            return mail(own, "sent by SMS", subject=text)
        case "ucs2-hex":
            return mail(own, text.encode("utf-16-be").hex())
        case _:
            return mail(own, text + "\n")


@pytest.mark.parametrize("name", list(presets()))
@given(
    text=st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"], include_characters="\n")
    ),
    national=st.integers(min_value=2_000_000, max_value=9_999_999),
)
@example(text="to:447700900999\ntext:x", national=5_550_123)
@example(text="0048", national=5_550_123)
@settings(max_examples=60, deadline=None)
def test_a_text_written_and_answered_comes_back_as_it_was(name: str, text: str, national: int) -> None:
    text = text.strip()
    assume(text and harmless(text) == text)
    assume("original message:" not in text.lower())
    if name == "text-in-subject":
        text = " ".join(text.split())
    number = f"+1415{national}"
    overrides = {"recipient": "sms@sms.example" if name in ("subject-number", "body-lines") else "sms.example"}
    d = dialect(name, {**overrides, **(CREDENTIALS if name == "body-lines" else {}), "parts_allowed": 255})
    try:
        out = write(d, text, number, "US")
    except Wrong as err:
        assume("parts" not in str(err))
        raise
    assert number[2:] in out.recipient + out.subject + out.body
    carried = bytes.fromhex(out.body).decode("utf-16-be") if name == "ucs2-hex" else out.body + out.subject
    assert text.replace("\n", "\ntext:" if name == "body-lines" else "\n") in carried
    assert read_text(d, answer(name, out, number, text), "US") == TextIn(number, text)


HEADERS = ["x-sms-from", "x-sms-reference", "x-sms-to", "x-original-message-id"]

anything = st.text(max_size=400) | st.text("<>@+=-: \n\t0123456789abcdefSMSfromTextidstaterr&;%", max_size=400)
mails = st.builds(
    lambda sender, name, subject, text, quoted, references, header: mail(
        sender, text, name=name, subject=subject, quoted=quoted, references=tuple(references),
        in_reply_to=header, headers=dict.fromkeys(HEADERS, header), reply_to=Address(sender),
    ),
    anything, anything, anything, anything, anything, st.lists(anything, max_size=3), anything,
)  # fmt: skip

ENCODINGS = ["none", "ucs2-hex", "ucs2-hex-mixed", "quoted-printable", "base64", "html-entities", "percent"]

EVERYTHING: dict[str, object] = {
    "number": [
        "from_local_part", "from_display_name", "reply_to_local_part", {"place": "subject", "regex": "(.+)"},
        {"place": "header", "header": "X-SMS-From"}, {"place": "body", "regex": "(?s)(.*)"},
    ],
    "ignore_subject": False,
}  # fmt: skip


@pytest.mark.parametrize("name", list(presets()))
@given(any_mail=mails, encoding=st.sampled_from(ENCODINGS))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mail_makes_reading_fail(name: str, any_mail: InboundMail, encoding: str) -> None:
    for d in (presets()[name], dialect(name, {**EVERYTHING, "encoding_in": encoding})):
        found = read_text(d, any_mail, "GB")
        if found is not None:
            assert isinstance(found, TextIn | Receipt)
            assert found.number or isinstance(found, Receipt)


HOSTILE = ["a" * 1_000_000, "=" * 1_000_000, "--\n" * 300_000, "<" * 1_000_000, "Sender: " * 100_000,
           "\n" * 1_000_000, "&" * 1_000_000, "%" * 1_000_000,
           "id:1 " + "stat:AAAA " * 100_000, "0" * 1_000_000, "\ud800" * 100_000]  # fmt: skip


@pytest.mark.parametrize("name", list(presets()))
def test_reading_takes_bounded_time_and_memory_whatever_the_mail(name: str) -> None:
    for text in HOSTILE:
        for encoding in "none", "ucs2-hex", "quoted-printable", "html-entities", "percent", "base64":
            given = mail(
                "447700900123@x.example", text, subject=text[:100_000], quoted=text, name=text[:100_000],
                in_reply_to=text[:10_000], headers={"x-sms-from": text[:100_000]},
            )  # fmt: skip
            began = time.process_time()
            found = read_text(dialect(name, {"encoding_in": encoding}), given, "GB")
            assert time.process_time() - began < 1.0
            assert not isinstance(found, TextIn) or len(found.text) <= 2 * patterns.LONGEST


@pytest.mark.parametrize("evil", ["(a+)+$", "(a|a)*$", "(.*a){20}$", "(?:x+x+)+y"])
def test_a_pattern_that_would_never_end_elsewhere_ends_here(evil: str) -> None:
    d = dialect(
        "plain",
        {"footer_regex": [evil + "nothing"], "receipt": {"when": {"place": "body", "regex": evil + "b"}}},
    )
    began = time.process_time()
    found = read_text(d, mail("447700900123@x.example", "ax" * 50_000 + "!"), "GB")
    assert time.process_time() - began < 1.0
    assert isinstance(found, TextIn)


def test_a_pattern_looks_no_further_than_its_window() -> None:
    far = "a" * patterns.LONGEST + "b"
    assert (patterns.pattern("b").find(far), patterns.pattern("b").span(far)) == (None, None)
    assert patterns.pattern("a(b)").find("\ud800ab") == "b"


@given(
    text=st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"], include_characters="\n")
    ),
    charset=st.sampled_from(["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii", "utf-16"]),
)
@settings(max_examples=150, deadline=None)
def test_a_text_comes_back_through_real_mail_in_any_character_set(text: str, charset: str) -> None:
    text = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    assume(text and harmless(text) == text and not any(line.lstrip().startswith(">") for line in text.split("\n")))
    out = write(dialect("plain", {"recipient": "sms.example", "encoding": charset, "parts_allowed": 255}), text)
    # The handset sends the same words back: recipient and sender change places.
    reply = OutboundMail(
        message_id="<a1@sms.example>",
        sender=Address(out.recipient),
        to=(Address("texts@desk.example"),),
        subject=out.subject,
        text=out.body,
        charset=out.charset,
    )
    assert read_text(dialect("plain"), read(compose(reply)), "GB") == TextIn("+447700900123", text)
