"""No bytes may stop a mailbox: a corpus of nasty mails, whole and with bytes changed at random."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.mime import LONGEST_TEXT, attachment_bytes, read

if TYPE_CHECKING:
    from core.mail import InboundMail

HEAD = b"From: Jane <jane@example.org>\r\nTo: desk@example.net\r\nMessage-ID: <1@example.org>\r\n"


def _nested(depth: int, tail: bytes = b"", kind: bytes = b"mixed") -> bytes:
    levels = [b"Content-Type: multipart/%s; boundary=b%d\n\n--b%d\n" % (kind, i, i) for i in range(depth)]
    return HEAD + b"".join(levels) + tail


def _part(content_type: bytes, body: bytes, more: bytes = b"") -> bytes:
    return b"--B\r\nContent-Type: " + content_type + b"\r\n" + more + b"\r\n" + body + b"\r\n"


def _mixed(*parts: bytes, kind: bytes = b"mixed", end: bytes = b"--B--\r\n") -> bytes:
    return HEAD + b"Content-Type: multipart/" + kind + b'; boundary="B"\r\n\r\n' + b"".join(parts) + end


NASTY: dict[str, bytes] = {
    "empty": b"",
    "one line end": b"\r\n",
    "no header at all": b"just words\r\nand more\r\n",
    "only a header": b"Subject: x",
    "NULs everywhere": b"Sub\0ject: a\0b\r\nFrom: \0@\0\r\n\r\nbo\0dy",
    "raw 8-bit headers": "Subject: Grüße\r\nFrom: Jörg <jörg@exämple.org>\r\n\r\nhé".encode("latin-1"),
    "raw UTF-8 headers": "Subject: Grüße 日本\r\nFrom: Jörg <j@example.org>\r\n\r\nhé".encode(),
    "10,000-line header": b"Subject: a\r\n" + b" b\r\n" * 10_000 + b"\r\nbody",
    "10,000 headers": b"".join(b"X-%d: v\r\n" % i for i in range(10_000)) + b"\r\nbody",
    "a header of one megabyte": b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nbody",
    "a header name of 200 KB": b"x" * 200_000 + b": y\r\n\r\nbody",
    "bad encoded words": b"Subject: =?utf-8?b?!!!?= =?x?q?=ZZ?= =?utf-8?q?=C3?="
    b" =?idna?q?x?= =??q?a?= =?utf-8?x?a?=\r\n\r\n",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?a" * 20_000 + b"\r\n\r\nx",
    "encoded CR LF in a name": b"From: =?utf-8?q?a=0D=0ABcc:_evil=40x.org?= <a@b.org>\r\n"
    b"Subject: =?utf-8?q?a=0Ab?=\r\n\r\nx",
    "addresses of brackets": b"From: "
    + b"<" * 30_000
    + b"\r\nTo: "
    + b"(" * 30_000
    + b"\r\nCc: "
    + b'"' * 30_000
    + b"\r\n\r\n",
    "20,000 recipients": b"To: " + b", ".join(b"a%d@example.org" % i for i in range(20_000)) + b"\r\n\r\nx",
    "impossible dates": b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nx",
    "a date near the end of time": b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n\r\nx",
    "unknown charset": HEAD + b"Content-Type: text/plain; charset=x-klingon\r\n\r\nhello \xff\xfe",
    "charset that is no charset": HEAD + b'Content-Type: text/plain; charset="unicode_escape"\r\n\r\n\\x41',
    "charset with a NUL": HEAD + b'Content-Type: text/plain; charset="utf\0-8"\r\n\r\nx',
    "bad base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8=gd29y=bGQ\xff!!!",
    "bad quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=4 =\r\n=C3=C3=\r\n",
    "unknown transfer encoding": HEAD + b"Content-Transfer-Encoding: rot13\r\n\r\nuryyb",
    "broken uuencode": HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n\xff\xff\xff\r\nend",
    "multipart without a boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhello\r\n--x--",
    "multipart whose boundary never comes": HEAD + b"Content-Type: multipart/mixed; boundary=zz\r\n\r\nhello there",
    "multipart never closed": _mixed(_part(b"text/plain", b"hello"), end=b""),
    "multipart of nothing": _mixed(),
    "an empty boundary": HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nhello\r\n----',
    "boundary lines by the thousand": _mixed(*[b"--B\r\n"] * 50_000),
    "parts by the thousand": _mixed(*[_part(b"text/plain", b"p")] * 3_000),
    "400 nested multiparts": _nested(400, b"\nhello"),
    "3,000 nested multiparts": _nested(3_000, b"\nhello"),
    "290 nested before 200,000 empty lines": _nested(290, b"\n" * 200_000),
    "nested alternatives": _nested(30, b"\nhello", b"alternative"),
    "1,000 mails in mails": HEAD + b"Content-Type: message/rfc822\n\n" * 1_000,
    "RFC 2231 junk": _mixed(
        _part(
            b"text/plain; name*0*=x-y'';name*99999999999999999999=z; name*=utf-8''%ZZ",
            b"x",
            b"Content-Disposition: attachment; filename*0=a; filename*2=c; filename*1*=%FF\r\n",
        )
    ),
    "a file name with a path": _mixed(
        _part(
            b"application/pdf", b"x", b'Content-Disposition: attachment; filename="../../etc/.passwd\0\x1b[31m.pdf"\r\n'
        )
    ),
    "parameters by the thousand": HEAD + b"Content-Type: text/plain" + b'; a="b' * 30_000 + b"\r\n\r\nx",
    "HTML with an encoding declaration": HEAD
    + b'Content-Type: text/html\r\n\r\n<?xml version="1.0" encoding="utf-16"?><p>hello</p>',
    "HTML of one tag's attributes": HEAD
    + b"Content-Type: text/html\r\n\r\n<p "
    + b" ".join(b"a%d" % i for i in range(40_000))
    + b">hi",
    "HTML of open tags": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div><table><tr><td>" * 10_000 + b"deep",
    "HTML with padding": HEAD
    + b"Content-Type: text/html\r\n\r\n"
    + b'<p style="padding-left:99999em;margin-top:9999em">a' * 4_000,
    "HTML of one wide table": HEAD
    + b"Content-Type: text/html\r\n\r\n<table><tr><td>"
    + b"x" * 3_000
    + b"<tr><td>a" * 20_000,
    "HTML of style tags": HEAD + b"Content-Type: text/html\r\n\r\n<style>x" + b"</style " * 30_000,
    "HTML of scripts without end": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<script>" * 30_000,
    "HTML of quotes": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a x=\"'" * 30_000,
    "empty HTML": HEAD + b"Content-Type: text/html\r\n\r\n<!-- -->",
    "introductions by the thousand": HEAD
    + b"\r\n"
    + b"On On On On On On On On On On On On On On On On On On On On skrev x>:\n" * 3_000,
    "quotes by the thousand": HEAD + b"\r\n" + b"> > > On wrote:\n" * 15_000,
    "a quarter megabyte of stars": HEAD + b"\r\n" + b"* " * 120_000,
    "a line of a quarter megabyte": HEAD + b"\r\n" + b"On " * 80_000 + b"wrote:",
    "escape sequences": HEAD + "Subject: \x1b]0;owned\x07 \u202e\r\n\r\n\x1b[2J\u202eevil\u2066".encode(),
    "old Mac line ends": b"Subject: mac\rFrom: a@b.org\r\rhello\rthere",
    "mbox From line": b"From jane@example.org Mon Jan  1 00:00:00 2024\nSubject: x\n\nhello",
    "garbage in the header": b"Subject: x\nthis is no header\nFrom: a@b.org\n\nhello",
    "delivery status junk": HEAD
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
    + _part(
        b"message/delivery-status",
        b"\r\n\r\nFinal-Recipient\r\nAction: \xff\r\n" + b"\r\nFinal-Recipient: ;;;\r\n" * 5_000,
    )
    + b"--B--",
    "bounce of dashes": b"From: MAILER-DAEMON@x.org\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n"
    + b"-" * 100_000
    + b"<a@b>:\n" * 5_000,
}
SMALL = {name: raw for name, raw in NASTY.items() if len(raw) < 3_000}


def _checked(raw: bytes) -> InboundMail:
    mail = read(raw, own_token="ours")
    assert not any("could not be taken apart" in mark for mark in mail.marks), mail.marks
    assert len(mail.text) <= LONGEST_TEXT + 10
    shown = [
        mail.text,
        mail.quoted,
        mail.subject,
        mail.sender.name,
        mail.sender.email,
        *mail.marks,
        *mail.headers.values(),
    ]
    shown += [address.name + address.email for address in (*mail.to, *mail.cc)] + [
        file.name for file in mail.attachments
    ]
    for text in shown:
        text.encode()
        assert not set(text) & set("\x1b\x9b\0\u202e\u2066"), text
    for line in (
        mail.subject,
        mail.message_id,
        mail.sender.name,
        mail.sender.email,
        *(f.name for f in mail.attachments),
    ):
        assert "\n" not in line
        assert "\r" not in line
    for file in mail.attachments:
        attachment_bytes(raw, file.part)
        assert "/" not in file.name
        assert "\\" not in file.name
        assert not file.name.startswith(".")
    return mail


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_mail_is_read_in_bounded_time(name: str) -> None:
    _checked(b"From: a@b\r\nContent-Type: text/html\r\n\r\n<p>warm")  # the libraries are loaded on first use
    began = time.process_time()
    read(NASTY[name])
    # The worst takes 0.1 s alone; several of these take seconds to minutes with the usual libraries.
    assert time.process_time() - began < 2
    _checked(NASTY[name])


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("3,000 nested multiparts", "parts nested deeper than 20 are left closed"),
        ("parts by the thousand", "only the first 1000 parts are read"),
        ("boundary lines by the thousand", "too many boundary lines, the rest is left closed"),
        ("multipart without a boundary", "a multipart without its boundary, read as text"),
    ],
)
def test_what_was_not_followed_is_said(name: str, mark: str) -> None:
    assert mark in read(NASTY[name]).marks


@pytest.mark.parametrize("seed", range(20))
def test_mutated_mails_never_stop_it(seed: int) -> None:
    chance = random.Random(seed)
    for raw in SMALL.values():
        bent = bytearray(raw)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(bent) + 1)
            change = chance.randrange(4)
            if change == 0:
                bent[at : at + 1] = bytes([chance.randrange(256)])
            elif change == 1:
                del bent[at : at + chance.randint(1, 20)]
            elif change == 2:
                bent[at:at] = bent[chance.randrange(len(bent) + 1) :][: chance.randint(1, 60)]
            else:
                bent[at:at] = chance.choice(
                    [b"\r\n", b"\0", b"--B\r\n", b"=?utf-8?q?=", b";", b'"', b"<", b"\xff\xfe", b"\r"]
                )
        _checked(bytes(bent))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_bytes_in_any_place_are_read(data: st.DataObject) -> None:
    raw = SMALL[data.draw(st.sampled_from(sorted(SMALL)))]
    at = data.draw(st.integers(0, len(raw)))
    bent = raw[:at] + data.draw(st.binary(max_size=60)) + raw[data.draw(st.integers(at, len(raw))) :]
    _checked(bent)


@given(st.binary(max_size=400))
def test_noise_is_read(raw: bytes) -> None:
    _checked(raw)


def test_a_mail_cut_off_anywhere_is_read() -> None:
    whole = _mixed(
        _part(b"text/plain; charset=utf-8", "naïve ☃".encode()), _part(b"text/html", b"<p>x</p>"), kind=b"alternative"
    )
    for end in range(0, len(whole), 3):
        mail = read(whole[:end], size=len(whole), complete=False)
        assert not mail.complete
        assert mail.size == len(whole)
        assert not any("taken apart" in mark for mark in mail.marks)


def test_its_last_border_shows_the_mail_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("core.mime.reading._read", broken)
    mail = read(b"Subject: x\r\n\r\n\x1b[2Jhello")
    assert "␛[2Jhello" in mail.text
    assert mail.marks == ("could not be taken apart (RuntimeError), shown as it came",)
    assert mail.fingerprint


def test_a_25_megabyte_mail_costs_no_more_than_its_bytes() -> None:
    raw = _mixed(
        _part(b"text/plain", b"see attached"),
        _part(
            b"application/pdf",
            b"QUJD" * 19 + b"\r\n",
            b'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="a.pdf"\r\n',
        ),
    )
    raw = raw.replace(b"QUJD" * 19 + b"\r\n", (b"QUJD" * 19 + b"\r\n") * 320_000)
    began = time.process_time()
    mail = _checked(raw)
    assert time.process_time() - began < 5
    assert mail.text == "see attached"
    assert mail.attachments[0].size == 320_000 * 57
