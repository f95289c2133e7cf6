"""Mails that no person wrote: bounces, answers of machines, lists, our own words."""

from __future__ import annotations

import pytest

from core.mail import Address, Automatic, DeliveryReport, OutboundMail
from core.mime import compose, read

PERSON = "From: Jane <jane@example.org>\nTo: desk@example.net\nSubject: Hi\nMessage-ID: <1@example.org>\n"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Auto-Submitted: auto-replied", Automatic.AUTO_REPLY),
        ("Auto-Submitted: auto-replied (vacation); owner-email=x@y.org", Automatic.AUTO_REPLY),
        ("Auto-Submitted: Auto-Replied", Automatic.AUTO_REPLY),
        ("X-Autoreply: yes", Automatic.AUTO_REPLY),
        ("X-Autorespond: out of office", Automatic.AUTO_REPLY),
        ("Precedence: auto_reply", Automatic.AUTO_REPLY),
        ("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <x@y>", Automatic.AUTO_REPLY),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b", Automatic.AUTO_REPLY),
        ("Auto-Submitted: auto-generated", Automatic.BULK),
        ("Auto-Submitted: auto-notified", Automatic.BULK),
        ("Precedence: bulk", Automatic.BULK),
        ("Precedence: list", Automatic.BULK),
        ("Precedence: junk", Automatic.BULK),
        ("List-Id: <news.example.org>", Automatic.BULK),
        ("List-Unsubscribe: <mailto:x@example.org>", Automatic.BULK),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", Automatic.BULK),
        ("Return-Path: <>", Automatic.BULK),
        ("Auto-Submitted: no", None),
        ("X-Autoreply: no", None),
        ("Precedence: normal", None),
        ("Return-Path: <jane@example.org>", None),
        ("X-Auto-Response-Suppress: none", None),
        ("X-Postroom-Loop: another desk", None),
    ],
)
def test_a_header_says_that_no_person_wrote_it(header: str, kind: Automatic | None) -> None:
    mail = read(f"{PERSON}{header}\n\n--b\n\ntext\n--b--".encode())
    assert mail.automatic == kind
    assert bool(mail.auto_reason) == (kind is not None)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Automatic reply: your parcel", Automatic.AUTO_REPLY),
        ("Out of Office: your parcel", Automatic.AUTO_REPLY),
        ("=?utf-8?q?R=C3=A9ponse_automatique_=3A?= colis", Automatic.AUTO_REPLY),
        ("Automatische Antwort: Ihr Paket", Automatic.AUTO_REPLY),
        ("Re: Automatic reply: your parcel", None),
        ("I am out of the office chair you sold me", None),
        ("Delivery status of my parcel?", None),
        ("Undeliverable parcel", None),
    ],
)
def test_a_subject_says_out_of_office_only_where_machines_put_it(subject: str, kind: Automatic | None) -> None:
    assert read(f"From: jane@example.org\nSubject: {subject}\n\ntext".encode()).automatic == kind


def test_our_own_words_are_known_by_the_token_and_no_other() -> None:
    letter = OutboundMail(
        "<1@example.org>", Address("a@b.org"), (Address("c@d.org"),), "Hi", "text", loop_token="T1", automatic=True
    )
    raw = compose(letter)
    assert read(raw, own_token="T1").automatic == Automatic.OWN_LOOP
    assert read(raw, own_token="T2").automatic == Automatic.BULK
    assert read(raw).loop_token == "T1"
    assert read(b"Subject: x\n\n", own_token="").automatic is None


ORIGINAL = "Message-ID: <out1@desk.example>\nSubject: Your parcel\nTo: gone@example.org\n"
POSTFIX = f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: desk@example.net
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B/x"

--B/x
Content-Description: Notification

This is the mail system at host mx.example.org.
<gone@example.org>: host mail.example.org said: 550 5.1.1 User unknown

--B/x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon,  2 Nov 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; fine@example.org
Action: delivered
Status: 2.0.0

Final-Recipient: rfc822; gone@example.org
Original-Recipient: rfc822;gone+desk@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <gone@example.org>:
    User unknown \x1b[31m

--B/x
Content-Type: CHILD

{ORIGINAL}
text
--B/x--
"""


@pytest.mark.parametrize("child", ["message/rfc822", "text/rfc822-headers", "message/global-headers"])
def test_a_report_names_the_first_failed_recipient_and_our_message(child: str) -> None:
    mail = read(POSTFIX.replace("CHILD", child).replace("\n", "\r\n").encode())
    assert mail.automatic == Automatic.BOUNCE
    assert mail.report == DeliveryReport(
        original_message_id="<out1@desk.example>",
        recipient="gone+desk@example.org",
        action="failed",
        status="5.1.1",
        diagnostic="550 5.1.1 <gone@example.org>: User unknown ␛[31m",
    )
    assert mail.text.startswith("This is the mail system")


def test_a_report_may_tell_of_a_delay_or_a_delivery() -> None:
    delayed = POSTFIX.replace("Action: failed", "Action: delayed").replace("Action: delivered", "Action: expanded")
    report = read(delayed.replace("CHILD", "message/rfc822").encode()).report
    assert report is not None
    assert (report.action, report.recipient) == ("expanded", "fine@example.org")
    only = POSTFIX.replace("Action: failed", "Action: Delayed (comment)").replace("rfc822; fine@", "x; fine@")
    only = only.replace("Final-Recipient: x; fine@example.org\nAction: delivered\nStatus: 2.0.0\n\n", "")
    report = read(only.replace("CHILD", "message/rfc822").encode()).report
    assert report is not None
    assert (report.action, report.status) == ("delayed", "5.1.1")


def test_a_report_that_lost_its_outer_type_is_still_one() -> None:
    raw = POSTFIX.replace("CHILD", "message/rfc822").replace(
        "multipart/report; report-type=delivery-status;", "multipart/mixed;"
    )
    mail = read(raw.encode())
    assert mail.automatic == Automatic.BOUNCE
    assert mail.report
    assert mail.report.original_message_id == "<out1@desk.example>"


QMAIL = f"""Return-Path: <>
From: MAILER-DAEMON@qmail.example.org
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.

<gone@example.org>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 No such user here

--- Below this line is a copy of the message.

{ORIGINAL}
call 550 12 or write to other@example.org
"""
EXIM = f"""Return-path: <>
X-Failed-Recipients: gone@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@exim.example.org>
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered to one or more of its recipients.

  gone@example.org
    SMTP error from remote mail server after RCPT TO: 452 4.2.2 Mailbox full

------ This is a copy of the message, including all the headers. ------

{ORIGINAL}
"""
SENDMAIL = f"""From: Postmaster <postmaster@old.example.org>
Subject: Returned mail: User unknown

   ----- The following addresses had permanent fatal errors -----
<gone@example.org>

   ----- Transcript of session follows -----
550 5.1.1 gone@example.org... User unknown

   ----- Original message follows -----
> {ORIGINAL.replace(chr(10), chr(10) + "> ")}
"""


@pytest.mark.parametrize(
    ("raw", "status", "said"),
    [
        (QMAIL, "5.1.1", "550 5.1.1 No such user here"),
        (EXIM, "4.2.2", "452 4.2.2 Mailbox full"),
        (SENDMAIL, "5.1.1", "550 5.1.1 gone@example.org... User unknown"),
    ],
)
def test_a_bounce_from_before_the_standard_is_understood(raw: str, status: str, said: str) -> None:
    mail = read(raw.encode())
    assert mail.automatic == Automatic.BOUNCE
    assert mail.report == DeliveryReport("<out1@desk.example>", "gone@example.org", "failed", status, said)


def test_a_bounce_that_says_nothing_has_no_report() -> None:
    mail = read(b"From: mailer-daemon@x.org\nReturn-Path: <>\nSubject: failure notice\n\nSomething went wrong.")
    assert (mail.automatic, mail.report) == (Automatic.BOUNCE, None)


def test_a_person_called_postmaster_is_a_person() -> None:
    assert read(b"From: postmaster@example.org\nSubject: Our contract\n\nHello").automatic is None
    assert read(b"From: postmaster.jones@example.org\nSubject: failure notice\n\nHello").automatic is None
