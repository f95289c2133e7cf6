"""The corridor from end to end: real Postfix to real Dovecot, the real command, and back out through Postfix."""

from __future__ import annotations

import email
import email.policy
import time
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.stories.running import RunningDesk, account_toml, bare_toml, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stories.conftest import PostOffice

pytestmark = pytest.mark.xdist_group("corridor")

TEXTS = "texts@desk.example"
HELP = "help@desk.example"
PHOTO = bytes(range(256)) * 40
INVOICE = b"%PDF-1.4\r\n" + bytes(reversed(range(256))) * 20


@dataclass(frozen=True)
class Corridor:
    """A desk that runs: texts go to the queue front, e-mails to billing."""

    desk: RunningDesk
    post: PostOffice

    def text_in(self, number: str, words: str, letter_id: str) -> None:
        """A customer sends a text, and the gateway makes a mail of it."""
        mail = EmailMessage()
        sender = f"{number.lstrip('+')}@sms.example"
        mail["From"], mail["To"], mail["Subject"] = sender, TEXTS, "SMS"
        mail["Message-ID"], mail["Date"] = letter_id, "Mon, 02 Mar 2026 09:55:00 +0000"
        mail.set_content(words)
        self.post.send(sender, TEXTS, mail.as_bytes(policy=email.policy.SMTP))

    def take(self, queue: str, login: str) -> int:
        """The next contact of a queue, by the command."""
        said = self.desk.run("contact", "take", "--queue", queue, "--as", login)
        assert said.startswith("contact ") and said.endswith(" is yours\n")
        return int(said.split()[1])

    def waits(self, address: str, seconds: float = 5.0) -> int:
        """The contact of that address, once it waits in a queue."""
        sql = f"SELECT id FROM contact WHERE address = '{address}' AND state = 'queued'"
        until(f"{address} waits in a queue", lambda: self.desk.query(sql), seconds)
        return int(self.desk.query(sql)[0][0])

    def said_to(self, number: str) -> list[EmailMessage]:
        """The letters that the gateway got for that number."""
        recipient = f"{number.lstrip('+')}@sms.example"
        return [mail for mail in self.letters("handset") if mail["To"] == recipient]

    def letters(self, user: str) -> list[EmailMessage]:
        """What Postfix delivered to a user, oldest first."""
        return [parsed(raw) for raw in self.post.postfix.mails(user)]


def parsed(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).strip()


@pytest.fixture(scope="module")
def corridor(tmp_path_factory: pytest.TempPathFactory, post_office: PostOffice) -> Iterator[Corridor]:
    for name in ("texts", "help", "clara", "carl"):
        post_office.add_mailbox(name)
    dovecot = post_office.dovecot
    account = partial(account_toml, password=dovecot.password, imap_port=dovecot.port)
    with RunningDesk(tmp_path_factory.mktemp("corridor")) as desk:
        desk.apply(
            bare_toml(smtp_port=post_office.postfix.port)
            + account(TEXTS, user="texts")
            + account(HELP, user="help", kind="email", queue="billing")
        )
        engine = desk.start()
        until("both mailboxes are looked after", lambda: {desk.mailbox(a).health for a in (TEXTS, HELP)} == {"ok"})
        yield Corridor(desk, post_office)
        desk.stop(engine)


def test_a_text_is_in_its_queue_at_once_and_its_answer_arrives_once_and_threaded(corridor: Corridor) -> None:
    number = "+447700900123"
    corridor.text_in(number, "Is my order ready?", "<in-1@gate.example>")
    delivered = time.monotonic()
    corridor.waits(number)
    assert time.monotonic() - delivered < 2.5  # Dovecot itself takes a fifth of a second to tell
    contact = corridor.take("front", "ann")
    corridor.desk.run("contact", "reply", str(contact), "Yes, come and get it ✓", "--as", "ann")
    until("the answer is delivered", lambda: corridor.said_to(number), 10)
    corridor.post.postfix.wait_for_empty_queue()
    (answer,) = corridor.said_to(number)
    assert answer["From"] == TEXTS
    assert answer["Return-Path"] == f"<{TEXTS}>"
    assert answer["Message-ID"].endswith("@desk.example>")
    assert answer["In-Reply-To"] == answer["References"] == "<in-1@gate.example>"
    assert answer["Auto-Submitted"] is None
    assert body(answer) == "Yes, come and get it ✓"

    (row,) = corridor.desk.json("message", "list", "--to", number)
    assert (row["state"], row["attempts"], row["parts"]) == ("sent", 1, 1)
    assert row["message_id"] == answer["Message-ID"]
    steps = corridor.desk.json("message", "explain", str(row["id"]))["steps"]
    assert [step["who"] for step in steps] == ["outbox", "outbox", "outgoing server"]
    assert steps[0]["what"] == "put as reply"
    assert "queued as" in steps[2]["what"]

    steps = [(step["who"], step["what"]) for step in corridor.desk.json("contact", "explain", str(contact))]
    assert [who for who, _ in steps] == ["intake", "triage", "ann", "ann"]
    assert steps[0][1].endswith(f"of {TEXTS}: contact")
    assert steps[1][1].startswith("queued in front")
    assert [what for _, what in steps[2:]] == ["taken: next of front", f"answered: message {row['id']}"]


def test_an_e_mail_thread_keeps_its_subject_its_ids_and_its_files(corridor: Corridor, tmp_path: Path) -> None:
    desk = corridor.desk
    first = EmailMessage()
    first["From"], first["To"], first["Cc"] = "Clara Müller <clara@customer.example>", HELP, "carl@customer.example"
    first["Subject"], first["Message-ID"] = "Broken kettle", "<kettle-1@customer.example>"
    first.set_content("It leaks. Photo attached.\n")
    first.add_attachment(PHOTO, maintype="image", subtype="png", filename="leak.png")
    corridor.post.send("clara@customer.example", HELP, first.as_bytes(policy=email.policy.SMTP))
    contact = corridor.waits("clara@customer.example")

    assert corridor.take("billing", "ann") == contact
    invoice = tmp_path / "invoice.pdf"
    invoice.write_bytes(INVOICE)
    desk.run("contact", "reply", str(contact), "Here is a new one.", "--as", "ann",
             "--cc", "carl@customer.example", "--attach", str(invoice))  # fmt: skip
    until("both have the answer", lambda: corridor.letters("clara") and corridor.letters("carl"), 10)
    (answer,), (copy,) = corridor.letters("clara"), corridor.letters("carl")
    assert answer["Message-ID"] == copy["Message-ID"]
    assert answer["Subject"] == "Re: Broken kettle"
    assert answer["To"] == "Clara Müller <clara@customer.example>"
    assert answer["Cc"] == "carl@customer.example"
    assert answer["In-Reply-To"] == answer["References"] == "<kettle-1@customer.example>"
    (file,) = answer.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("invoice.pdf", INVOICE)

    second = EmailMessage()
    second["From"], second["To"], second["Subject"] = "clara@customer.example", HELP, "Re: Broken kettle"
    second["Message-ID"], second["In-Reply-To"] = "<kettle-2@customer.example>", answer["Message-ID"]
    second["References"] = f"<kettle-1@customer.example> {answer['Message-ID']}"
    second.set_content("Thanks!\n\nOn Mon, 2 Mar 2026 at 10:00, Help wrote:\n> Here is a new one.\n")
    corridor.post.send("clara@customer.example", HELP, second.as_bytes(policy=email.policy.SMTP))
    until("the second mail joins the contact", lambda: desk.count(
        f"SELECT count(*) FROM mail WHERE outcome = 'joined' AND contact_id = {contact}") == 1, 5)  # fmt: skip
    desk.run("contact", "reply", str(contact), "You are welcome.", "--as", "ann")
    until("the last answer is delivered", lambda: len(corridor.letters("clara")) == 2, 10)
    last = corridor.letters("clara")[1]
    assert last["Subject"] == "Re: Broken kettle"
    assert last["In-Reply-To"] == "<kettle-2@customer.example>"
    ids = ["<kettle-1@customer.example>", answer["Message-ID"], "<kettle-2@customer.example>"]
    assert last["References"].split() == ids

    shown = desk.json("contact", "show", str(contact))
    assert (shown["state"], shown["name"], shown["messages"]) == ("open", "Clara Müller", 4)
    said = [(m["direction"], m["text"].strip()) for m in shown["thread"]]
    assert said == [("in", "It leaks. Photo attached."), ("out", "Here is a new one."),
                    ("in", "Thanks!"), ("out", "You are welcome.")]  # fmt: skip
    assert "Here is a new one." in shown["thread"][2]["quoted"]
    assert [(f["name"], f["size"]) for f in shown["thread"][0]["files"]] == [("leak.png", len(PHOTO))]
    assert [(f["name"], f["size"]) for f in shown["thread"][1]["files"]] == [("invoice.pdf", len(INVOICE))]
    raw = parsed(desk.run("mail", "raw", str(shown["thread"][0]["mail_id"])).encode())
    (photo,) = raw.iter_attachments()
    assert photo.get_content() == PHOTO


def test_a_contact_is_noted_transferred_closed_and_reopened(corridor: Corridor) -> None:
    desk = corridor.desk
    corridor.post.send("carl@customer.example", HELP,
                       b"From: carl@customer.example\r\nSubject: Invoice 7\r\nMessage-ID: <7@customer.example>\r\n"
                       b"\r\nPlease send it again.\r\n")  # fmt: skip
    contact = str(corridor.waits("carl@customer.example"))
    desk.run("contact", "take", contact, "--as", "sue")
    assert "sue" in desk.run("contact", "take", contact, "--as", "ann", code=1)
    desk.run("contact", "note", contact, "He was here in person.", "--as", "sue")
    desk.run("contact", "transfer", contact, "--queue", "front", "--note", "yours", "--as", "sue")
    assert corridor.take("front", "ann") == int(contact)
    desk.run("contact", "close", contact, "--outcome", "solved", "--as", "ann")
    assert desk.query(f"SELECT state, outcome FROM contact WHERE id = {contact}") == [("closed", "solved")]
    desk.run("contact", "reopen", contact, "--as", "sue")
    shown = desk.json("contact", "show", contact)
    assert (shown["state"], shown["agent"], shown["outcome"]) == ("open", "sue", "")
    assert [(note["author"], note["text"]) for note in shown["notes"]] == [
        ("sue", "He was here in person."), ("sue", "yours")]  # fmt: skip
    steps = [(s["who"], s["what"]) for s in desk.json("contact", "explain", contact)]
    assert steps[2:] == [
        ("sue", "taken"), ("sue", "noted"), ("sue", "transferred: to front"), ("ann", "taken: next of front"),
        ("ann", "closed: solved"), ("sue", "reopened"),
    ]  # fmt: skip
    assert steps[1] == ("triage", "queued in billing, the account's own queue")


def test_an_answer_that_cannot_be_delivered_is_failed_with_the_servers_words(corridor: Corridor) -> None:
    desk, words = corridor.desk, {}
    for address in ("dora@elsewhere.example", "gone@customer.example"):
        corridor.post.send(address, HELP, f"From: {address}\r\nSubject: Hi\r\n\r\nHello, {address}\r\n".encode())
        contact = str(corridor.waits(address))
        desk.run("contact", "take", contact, "--as", "sue")
        desk.run("contact", "reply", contact, f"Hello {address}", "--as", "sue")
    until("both have failed", lambda: desk.count("SELECT count(*) FROM outbox WHERE state = 'failed'") == 2, 15)
    for row in desk.json("message", "list", "--state", "failed"):
        words[row["to"]] = (row["delivery"], row["delivery_reason"], row["reply"])
    # Refused at once; taken, and returned by a delivery status notification.
    assert "unknown" in words["gone@customer.example"][2].lower()
    assert words["gone@customer.example"][:2] == ("", "")
    delivery, reason, reply = words["dora@elsewhere.example"]
    assert delivery == "failed" and "nobody here knows that address" in reason and "queued as" in reply
    assert desk.count("SELECT count(*) FROM contact WHERE address LIKE 'mailer-daemon@%'") == 0
    until("the bounce is accounted for", lambda: desk.mailbox(HELP).on_server == desk.mailbox(HELP).accounted)
    (account,) = [row for row in desk.json("account", "list") if row["address"] == HELP]
    assert account["receipts"] == 1 and account["quarantined"] == account["duplicates"] == 0


def test_stop_is_confirmed_once_and_an_auto_reply_is_filed(corridor: Corridor) -> None:
    desk, number = corridor.desk, "+447700900555"
    outcomes = "SELECT outcome FROM mail WHERE letter_id = '<{}@gate.example>'"
    for name, said in (("s1", "Stop."), ("s2", "STOP please"), ("s3", "START")):
        corridor.text_in(number, said, f"<{name}@gate.example>")
        until(f"{said} is taken in", lambda n=name: desk.query(outcomes.format(n)) == [("consent",)], 5)  # type: ignore[misc]
    until("two answers are delivered", lambda: len(corridor.said_to(number)) == 2, 10)
    corridor.post.postfix.wait_for_empty_queue()
    out, again = corridor.said_to(number)
    assert "no more texts" in body(out) and "again" in body(again)
    assert out["In-Reply-To"] == "<s1@gate.example>" and out["Auto-Submitted"] == "auto-replied"
    (opt_out,) = desk.json("optout", "list", "--all")
    assert opt_out["address"] == number and opt_out["source"] == "wrote stop" and opt_out["ended_at"]

    corridor.post.send("eve@customer.example", HELP,
                       b"From: eve@customer.example\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n"
                       b"Message-ID: <away@gate.example>\r\n\r\nI am away.\r\n")  # fmt: skip
    until("it is filed", lambda: desk.query(outcomes.format("away")) == [("auto-reply",)], 5)
    assert desk.count("SELECT count(*) FROM contact WHERE address IN ('eve@customer.example', '+447700900555')") == 0


def test_status_and_lists_have_the_keys_that_others_rely_on(corridor: Corridor) -> None:
    status = corridor.desk.json("status")
    assert keys("engine accounts queues outbox version") <= set(status)
    assert len(status["engine"]) == 1 and len(status["accounts"]) == 2
    account = set(status["accounts"][0])
    assert keys("address kind enabled status error last_poll on_server accounted contacts duplicates") <= account
    assert keys("receipts quarantined oldest_unfetched") <= account
    assert keys("name waiting oldest_seconds service_level ready open") <= set(status["queues"][0])
    corridor.text_in("+447700900777", "Hello?", "<keys@gate.example>")
    corridor.waits("+447700900777")
    (row,) = corridor.desk.json("contact", "list", "--address", "+447700900777")
    assert keys("id state channel account address name number subject text class queue priority agent") <= set(row)
    assert keys("received_at queued_at messages") <= set(row)
    assert row["received_at"].endswith("Z") and row["number"] == "+447700900777"


def keys(words: str) -> set[str]:
    return set(words.split())
