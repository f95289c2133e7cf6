"""Mails that no sensible program writes and every mailbox gets some day; each names what must become of it."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from itertools import count

_numbers = count(100)


@dataclass(frozen=True)
class Nasty:
    """One mail. `outcome` is what becomes of it in an account for texts; `words` stand in its text, if any do."""

    name: str
    raw: bytes
    outcome: str
    words: str = ""


def _head(name: str, more: bytes = b"") -> bytes:
    """The usual headers of a text from a customer of its own."""
    return (
        f"From: 4477008{next(_numbers):05d}@sms.example\r\nTo: texts@desk.example\r\nSubject: SMS\r\n"
        f"Message-ID: <{name}.{next(_numbers)}@gate.example>\r\nDate: Mon, 02 Mar 2026 09:55:00 +0000\r\n"
    ).encode() + more


def huge(megabytes: int = 30) -> Nasty:
    """A good text with an attachment so large that only the head of the mail may be fetched."""
    line = base64.b64encode(os.urandom(57)) + b"\r\n"
    raw = (
        _head("huge", b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n')
        + b"--b\r\nContent-Type: text/plain\r\n\r\nsee my film\r\n--b\r\nContent-Type: video/mp4\r\n"
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + line * (megabytes * 2**20 // len(line))
        + b"--b--\r\n"
    )
    return Nasty("huge", raw, "contact", "over the size limit")


def small_hell() -> list[Nasty]:
    """All the others; some ten megabytes together."""
    multipart = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{}"\r\n'
    nested = b"".join(
        b'--%d\r\nContent-Type: multipart/mixed; boundary="%d"\r\n\r\n' % (depth, depth + 1) for depth in range(400)
    )
    return [
        Nasty("empty", b"", "quarantine"),
        Nasty("one line end", b"\r\n", "quarantine"),
        Nasty("only NULs", b"\0" * 5000, "quarantine"),
        Nasty("noise", bytes(range(256)) * 300, "quarantine"),
        Nasty("no headers", b"just words, a From: nowhere\r\nand more words\r\n", "quarantine"),
        Nasty("no number", b"From: The Gateway <noreply@sms.example>\r\nX-SMS-From: +447700800001\r\nSubject: SMS\r\n"
              b"Message-ID: <nonumber@gate.example>\r\n\r\nwho am I\r\n", "quarantine", "who am I"),
        Nasty("broken tree", _head("tree", multipart.replace(b"{}", b"outer"))
              + b"\r\n--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\n"
              b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!not base64!!\r\n--outer\r\n"
              b"Content-Type: text/plain; charset=klingon\r\n\r\nbroken but here\r\n--inner--\r\n", "contact"),
        Nasty("tree without a boundary", _head("noboundary", b"Content-Type: multipart/mixed\r\n")
              + b"\r\n--x\r\n\r\nstill words\r\n", "contact", "still words"),
        Nasty("8-bit headers", _head("raw", "X-Größe: ü\r\n".encode("latin-1") + "Comments: \xff\xfe€\r\n".encode())
              + b"Subject: caf\xe9 \xff\xfe \xc3\x28\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
              b"caf\xe9 et cr\xc3\xa8me\r\n", "contact", "et cr"),
        Nasty("NULs", _head("nuls", b"X-Odd: a\0b\r\n") + b"\r\nbefore\0after\r\n", "contact", "before"),
        Nasty("10,000 header lines", _head("long", b"X-Hop: on and on and on\r\n" * 10_000) + b"\r\nat last\r\n",
              "contact", "at last"),
        Nasty("one header of 10,000 lines", _head("folded", b"References: <0@x>\r\n"
              + b"".join(b" <%d@references.example>\r\n" % n for n in range(10_000))) + b"\r\nunfolded\r\n",
              "contact", "unfolded"),
        Nasty("400 nested multiparts", _head("nested", multipart.replace(b"{}", b"0")) + b"\r\n" + nested
              + b"--400\r\nContent-Type: text/plain\r\n\r\nat the bottom\r\n", "contact"),
        Nasty("a line of a megabyte", _head("line") + b"\r\nlong " + b"x" * 2**20 + b"\r\nend\r\n", "contact",
              "long x"),
        Nasty("10,000 parts", _head("parts", multipart.replace(b"{}", b"p")) + b"\r\n"
              + b"--p\r\nContent-Type: text/plain\r\n\r\npart\r\n" * 10_000 + b"--p--\r\n", "contact", "part"),
        Nasty("mail in mail in mail", _head("russian")
              + b"Content-Type: message/rfc822\r\n\r\n" * 200 + b"Subject: doll\r\n\r\ninmost\r\n", "contact"),
        Nasty("line ends of all kinds", _head("ends") + b"\r\none\rtwo\nthree\r\r\nfour\x0bfive\x85six\r\n", "contact",
              "four"),
        Nasty("escapes", _head("escapes") + b"Content-Type: text/plain; charset=utf-8\r\n\r\n\x1b]0;owned\x07"
              b"\x1b[2Jred \xe2\x80\xaeesrever\r\n", "contact", "red"),
        Nasty("bad date", _head("date").replace(b"Mon, 02 Mar 2026", b"Foo, 99 Bar 99999") + b"\r\nwhen\r\n",
              "contact", "when"),
        Nasty("HTML that never closes", _head("html") + b"Content-Type: text/html\r\n\r\n" + b"<div><table><td>" * 3000
              + b"deep\r\n", "contact"),
    ]  # fmt: skip
