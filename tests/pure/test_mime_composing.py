"""Mail to bytes: what goes over the wire, and that it comes back the same."""

from __future__ import annotations

import email
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import Wrong
from core.mail import Address, Automatic, FileToSend, OutboundMail
from core.mime import LOOP_HEADER, attachment_bytes, compose, new_message_id, read, reply_subject
from core.text import harmless

ID = "<1.a@desk.example>"


def letter(**changes: Any) -> OutboundMail:
    fields: dict[str, Any] = {
        "message_id": ID,
        "sender": Address("desk@example.net", "Desk"),
        "to": (Address("jane@example.org"),),
        "subject": "Your parcel",
        "text": "It is on its way.\n",
        "date": datetime(2026, 11, 2, 10, 0, tzinfo=UTC),
    }
    return OutboundMail(**{**fields, **changes})


def wire(mail: OutboundMail) -> EmailMessage:
    """Composed, checked to the letter of RFC 5322, and read with the strict parser of the standard library."""
    raw = compose(mail)
    assert re.search(rb"[\x80-\xff\0]", raw) is None
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", raw) is None
    assert raw.endswith(b"\r\n")
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert all(line.strip() for line in head)
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    for value in message.values():
        assert not getattr(value, "defects", ()), (value, value.defects)
    return message


def test_a_plain_letter_is_plain() -> None:
    assert compose(letter()) == (
        b"From: Desk <desk@example.net>\r\nTo: jane@example.org\r\nSubject: Your parcel\r\n"
        b"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1.a@desk.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 7bit\r\n\r\nIt is on its way.\r\n'
    )


# What fits a field: no line ends and no NUL; a lone surrogate is no text.
_field = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), max_size=120)
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
_local = st.text("abcXYZ0123456789.+_-", min_size=1, max_size=30).filter(lambda t: t.strip(".") == t and ".." not in t)
_address = st.builds(Address, st.builds(lambda local: f"{local}@example.org", _local), _field.map(str.strip))


@given(_field, _text, _address, st.lists(_address, min_size=1, max_size=4))
@example(
    "=?utf-8?q?x?=", "=?utf-8?q?x?=", Address("a@example.org", "=?utf-8?q?x?="), [Address("b@example.org", 'q"\\')]
)
@example("x" * 120, "x" * 3000, Address("a@example.org", "x" * 120), [Address("b@example.org", "a, b; c: <d> (e)")])
def test_what_is_composed_reads_back_the_same(subject: str, text: str, sender: Address, to: list[Address]) -> None:
    subject = subject.strip()
    mail = letter(subject=subject, text=text, sender=sender, to=tuple(to))
    wire(mail)
    back = read(compose(mail))
    folded = re.sub(r"\s+", " ", harmless(subject))
    assert re.sub(r"\s+", " ", back.subject) == folded.strip()
    given_text = harmless(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    whole = f"{back.text}\n{back.quoted}" if back.quoted else back.text
    assert sorted(whole.split()) == sorted(given_text.split())
    assert [a.email for a in (back.sender, *back.to)] == [a.email for a in (sender, *to)]
    for got, sent in zip((back.sender, *back.to), (sender, *to), strict=True):
        assert got.name == re.sub(r"\s+", " ", harmless(sent.name)).strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line",
        "two\nlines\n\n\n",
        "a\r\nb\rc",
        "x" * 998,
        "x" * 999,
        "é" * 5000,
        "naïve " * 50,
        "日本語\n" * 50,
        "trailing \n\tblanks \t\n",
        ".\n..\nFrom x\n",
        "=41 =\n",
        "tab\there",
        "nul\0\x1bescape",
        "\u2028sep\x0bv\x0cf\x1c",
        "--=_boundary\n--",
    ],
)
def test_every_text_arrives_as_it_was_written(text: str) -> None:
    body = wire(letter(text=text)).get_content()
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert body.replace("\r\n", "\n") == (expected if expected.endswith("\n") else expected + "\n")


@pytest.mark.parametrize(
    ("charset", "text", "used"),
    [
        ("iso-8859-1", "café", "iso-8859-1"),
        ("iso-8859-1", "☃", "utf-8"),
        ("us-ascii", "plain", "us-ascii"),
        ("us-ascii", "café", "utf-8"),
        ("windows-1252", "5 €", "windows-1252"),
        ("utf-16", "x", "utf-8"),
        ("x-klingon", "x", "utf-8"),
        ('"utf-8"', "é", "utf-8"),
        ("idna", "x", "utf-8"),
    ],
)
def test_the_charset_asked_for_is_used_when_the_text_fits(charset: str, text: str, used: str) -> None:
    message = wire(letter(text=text, charset=charset))
    assert message.get_content_charset() == used
    assert message.get_content().strip() == text


INJECTIONS: list[dict[str, Any]] = [
    {"subject": "x\r\nBcc: evil@example.org"},
    {"subject": "x\ny"},
    {"subject": "x\0"},
    {"subject": "x\r"},
    {"sender": Address("a@b.org\r\nBcc: e@f.org")},
    {"sender": Address("a@b.org", "x\nBcc: e@f.org")},
    {"to": (Address("a@b.org", "x\ry"),)},
    {"cc": (Address("a@b.org\n"),)},
    {"message_id": "<a@b>\r\nX: y"},
    {"in_reply_to": "<a@b>\nX: y"},
    {"references": ("<a@b>", "<c\r\n@d>")},
    {"loop_token": "a\nb"},
    {"charset": "utf-8\r\nX: y"},
    {"headers": (("X-A", "b\r\nBcc: e@f.org"),)},
    {"headers": (("X-A\r\nBcc", "e@f.org"),)},
    {"headers": (("X A", "b"),)},
    {"headers": (("Bcc", "e@f.org"),)},
    {"headers": (("from", "e@f.org"),)},
    {"headers": (("Content-Type", "x/y"),)},
    {"headers": (("", "x"),)},
    {"attachments": (FileToSend("a\r\nX: y.pdf", "application/pdf", b""),)},
    {"attachments": (FileToSend("a.pdf", "application/pdf\r\nX: y", b""),)},
    {"to": ()},
    {"to": (Address(""),)},
    {"to": (Address("no address"),)},
    {"to": (Address("a@b, c@d"),)},
    {"to": (Address("a@b> <c@d"),)},
    {"to": (Address("jörg@example.org"),)},
    {"message_id": ""},
    {"message_id": "a@b"},
    {"message_id": "<a b@c>"},
]


@pytest.mark.parametrize("changes", INJECTIONS, ids=str)
def test_no_field_can_smuggle_in_a_header_or_an_address(changes: dict[str, Any]) -> None:
    with pytest.raises(Wrong) as refused:
        compose(letter(**changes))
    assert "\n" not in str(refused.value)


@given(st.text(max_size=60), st.sampled_from(["subject", "loop_token", "name", "header", "file"]))
def test_whatever_stands_in_a_field_the_headers_stay_ours(value: str, where: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "subject": {"subject": value},
        "loop_token": {"loop_token": value},
        "name": {"sender": Address("a@b.org", value)},
        "header": {"headers": (("X-Extra", value),)},
        "file": {"attachments": (FileToSend(value, "text/plain", b"x"),)},
    }
    try:
        raw = compose(letter(**changes[where]))
    except Wrong:
        assert set(value) & set("\r\n\0")
        return
    message = email.message_from_bytes(raw, policy=policy.compat32)
    expected = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    ]
    extra = {"header": ["x-extra"], "loop_token": [LOOP_HEADER.lower()] if value else []}.get(where, [])
    found = [name.lower() for name in message]
    assert sorted(found) == sorted([*expected, *extra] if where != "file" else expected[:-1])


def test_an_automatic_mail_says_so_to_every_kind_of_machine() -> None:
    answer = wire(letter(automatic=True, in_reply_to="<q@example.org>", loop_token="T"))
    assert (answer["Auto-Submitted"], answer["X-Auto-Response-Suppress"], answer["Precedence"]) == (
        "auto-replied",
        "All",
        "auto_reply",
    )
    assert answer[LOOP_HEADER] == "T"
    assert wire(letter(automatic=True))["Auto-Submitted"] == "auto-generated"
    assert wire(letter(automatic=True))["Precedence"] == "bulk"
    assert wire(letter())["Auto-Submitted"] is None
    assert read(compose(letter(automatic=True, in_reply_to="<q@example.org>"))).automatic == Automatic.AUTO_REPLY
    assert read(compose(letter())).automatic is None


def test_an_answer_is_threaded_and_its_references_stay_short() -> None:
    old = tuple(f"<{n}@example.org>" for n in range(60))
    mail = wire(letter(in_reply_to="<60@example.org>", references=old))
    assert mail["In-Reply-To"] == "<60@example.org>"
    references = mail["References"].split()
    assert references == ["<0@example.org>", *(f"<{n}@example.org>" for n in range(42, 61))]
    assert wire(letter(in_reply_to="<a@b>", references=("<a@b>",)))["References"] == "<a@b>"
    assert read(compose(letter(in_reply_to="<a@b>", references=("<r@b>",)))).references == ("<r@b>", "<a@b>")


def test_a_strangers_odd_message_id_does_not_keep_the_answer_back() -> None:
    mail = wire(letter(in_reply_to="<⟨U+202E⟩x@b>", references=("<fine@b>", "<o dd@b>")))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<fine@b>"


def test_text_html_and_files_travel_together() -> None:
    files = (
        FileToSend("déjà vu, 100%.pdf", "application/pdf", bytes(range(256)) * 10),
        FileToSend('a"b\\c.txt', "TEXT/Plain", b""),
        FileToSend("x" * 80 + "é" * 60 + ".png", "image/png", b"\r\n\0"),
        FileToSend("odd", "no type", b"z"),
    )
    mail = letter(text="plain ☃", html="<p>rich ☃</p>", attachments=files)
    message = wire(mail)
    body = message.get_body(("html",))
    assert isinstance(body, EmailMessage)
    assert body.get_content().strip() == "<p>rich ☃</p>"
    attached = [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]
    assert [part.get_filename() for part in attached] == [file.name for file in files]
    assert [part.get_content_type() for part in attached] == [
        "application/pdf",
        "text/plain",
        "image/png",
        "application/octet-stream",
    ]
    assert [part.get_payload(decode=True) for part in attached] == [file.content for file in files]
    back = read(compose(mail))
    assert back.text == "plain ☃"
    assert [attachment_bytes(compose(mail), file.part) for file in back.attachments] == [file.content for file in files]
    assert compose(mail) == compose(mail)


def test_a_mail_in_a_mail_is_not_encoded_when_it_may_not_be() -> None:
    inner = b"Subject: inner\n\ntext\n"
    whole = wire(
        letter(
            attachments=(FileToSend("i.eml", "message/rfc822", inner), FileToSend("j.eml", "message/rfc822", b"\xff"))
        )
    )
    first, second = whole.iter_attachments()
    assert isinstance(first, EmailMessage)
    assert isinstance(second, EmailMessage)
    assert first.get_content_type() == "message/rfc822"
    assert first.get_content()["Subject"] == "inner"
    assert second.get_content_type() == "application/octet-stream"
    assert second.get_payload(decode=True) == b"\xff"


def test_a_domain_outside_ascii_is_written_in_ascii() -> None:
    to = wire(letter(to=(Address("jane@exämple.org"),)))["To"]
    assert isinstance(to, AddressHeader)
    assert to.addresses[0].addr_spec == "jane@xn--exmple-cua.org"


def test_a_message_id_is_new_each_time_and_tells_nothing() -> None:
    import socket

    ids = {new_message_id("desk.example") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"<[0-9a-f]+\.[0-9a-f]{20}@desk\.example>", each) for each in ids)
    assert not any(socket.gethostname() in each for each in ids)
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda _: new_message_id("desk.example").partition(".")[2], range(2000)))
    assert len({*drawn, *(each.partition(".")[2] for each in ids)}) == 3000, "what nobody foretells is taken once"
    for bad in ("", "a b", "a@b", "a>b", "a\r\nb"):
        with pytest.raises(Wrong):
            new_message_id(bad)


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Parcel", "Re: Parcel"),
        ("Re: Parcel", "Re: Parcel"),
        ("RE: re: AW: Parcel", "Re: Parcel"),
        ("Antw: Paket", "Re: Paket"),
        ("SV: VS: Paket", "Re: Paket"),
        ("Re[2]: Parcel", "Re: Parcel"),
        ("Re(3): Parcel", "Re: Parcel"),
        ("RE : Colis", "Re: Colis"),
        ("回复：包裹", "Re: 包裹"),
        ("Fwd: Parcel", "Re: Fwd: Parcel"),
        ("Regarding: x", "Re: Regarding: x"),
        ("Reply: x", "Re: Reply: x"),
        ("", "Re:"),
        ("Re:", "Re:"),
        ("  x ", "Re: x"),
        ("Res: Pacote", "Re: Pacote"),
        ("Odp: Paczka", "Re: Paczka"),
        ("Results: x", "Re: Results: x"),
    ],
)
def test_a_reply_has_one_re(subject: str, answer: str) -> None:
    assert reply_subject(subject) == answer
    assert reply_subject(answer) == answer
