"""The first run: `postroom` on an empty database, in a real terminal of 80x24, against real Dovecot and Postfix."""

from __future__ import annotations

import email
import email.policy
import tomllib
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from tests.stories.running import RunningDesk, until
from tests.stories.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.postfix import Postfix
    from tests.stories.conftest import PostOffice

pytestmark = pytest.mark.xdist_group("corridor")

NUMBER = "+447700900321"
MACHINE = {"TZ": "Europe/Berlin", "LOGNAME": "sue", "USER": "sue"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    """A machine on which Postroom has never run, somewhere in Germany, with a person called sue before it."""
    with RunningDesk(tmp_path) as desk:
        desk.environment |= MACHINE
        yield desk


def at(person: Terminal, step: str) -> None:
    """Wait until the cursor stands before that step, and open it."""
    person.sees(f"▸ {step}")
    person.press("Enter")


def write(person: Terminal, hint: str, text: str, *, secret: bool = False) -> None:
    """In the field with that hint, in the place of what stands there. Keys wait for each other, as a person's do."""
    person.sees(hint)
    person.type(text)
    person.sees("•" * len(text) if secret else text)


def welcome(person: Terminal) -> None:
    """Who sits here, and the desk."""
    person.sees("Welcome", "sample desk")
    at(person, "1 You and your desk")
    person.sees("Login              sue", "Europe/Berlin", "DE")
    for hint, text in (
        ("As this machine knows you", "sue"), ("As your colleagues know you", "Sue Moss"),
        ("What the desk is called", "Harbour Clinic"), ("Two letters, as in GB", "gb"),
        ("As in Europe/London", "Europe/London"),
    ):  # fmt: skip
        write(person, hint, text)
        person.press("Tab")
    person.press("Enter")
    person.sees("Harbour Clinic", "sue, administrator")


def text_in(post: PostOffice, number: str, address: str, words: str) -> None:
    """A customer sends a text, and the gateway makes a mail of it."""
    mail = EmailMessage()
    sender = f"{number.lstrip('+')}@sms.example"
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, address, "SMS", "<first@gate.example>"
    mail.set_content(words)
    post.send(sender, address, mail.as_bytes(policy=email.policy.SMTP))


def outgoing_server(person: Terminal, smtp: Postfix) -> None:
    """With mistakes: each gives one sentence, and the form is there to mend it."""
    # A wrong port, then a certificate that nobody trusts.
    at(person, "2 Outgoing server")
    write(person, "The server's name", "127.0.0.1")
    person.press("Tab")
    write(person, "Usually 587", "1")
    person.press("F7")
    person.sees("✖ outgoing server", "127.0.0.1:1 cannot be reached", "check host and port", "Mend it")
    person.press("Enter")
    person.sees("cannot be reached (Connection refused)")
    write(person, "Usually 587", str(smtp.port))
    person.press("F7")
    person.sees("No trusted encryption", "certificate", "Mend it")
    person.press("Enter")
    write(person, "A file with the certificate", smtp.ca_file)
    person.press("F7")
    person.sees("● outgoing server", "encrypted, TLS", "● well", "Go on")
    person.press("Enter")


def gateway(person: Terminal) -> None:
    """Its sample lives while it is typed."""
    at(person, "3 Gateway")
    write(person, "What you call the provider", "line")
    person.press("Tab")
    person.sees("How the provider wants texts")
    person.press("Tab")
    write(person, "Where texts go", "{number}@sms.example")
    person.sees("To: 447700900123@sms.example")
    person.press("C-s")


def first_account(person: Terminal, imap: Dovecot) -> None:
    """With a wrong password."""
    at(person, "4 First account")
    person.sees("Texts or e-mails; it cannot be changed later")
    person.press("Tab")
    write(person, "The e-mail address that is polled", "clinic@desk.example")
    person.press("F6")
    write(person, "The IMAP server's name", imap.host)
    person.press("Tab")
    write(person, "Usually 993", str(imap.tls_port))
    person.press("Tab")
    person.sees("Space or ↓ opens the list")
    person.press("Tab")
    write(person, "Empty: the address", "clinic")
    person.press("Tab")
    write(person, "Kept encrypted", "wrong", secret=True)
    for hint in ("A command that says the password", "A command that says an OAuth", "The folder that is polled"):
        person.press("Tab")
        person.sees(hint)
    person.press("Tab")
    write(person, "A file with the certificate", imap.ca_file)
    person.press("C-s")
    person.sees("✖ log in", "refused the login of clinic", "check user and password", "Mend it")
    person.press("Enter")
    person.sees("refused the login of clinic")
    write(person, "Empty: the one that is stored stays", imap.password, secret=True)
    person.press("C-s")
    person.sees("● log in", "● test mail", "● arrival", "● well", "Go on", seconds=60)
    person.press("Enter")


def test_from_an_empty_database_to_a_text_that_is_answered(desk: RunningDesk, post_office: PostOffice) -> None:
    post_office.add_mailbox("clinic")
    imap, smtp = post_office.dovecot, post_office.postfix
    before = len(smtp.mails("handset"))
    with Terminal(desk.environment) as person:
        welcome(person)
        outgoing_server(person, smtp)
        gateway(person)
        first_account(person, imap)
        person.sees("▸ 5 First text", "clinic@desk.example", "IDLE since", "waiting for the first text")
        check_export(desk, post_office)
        text_in(post_office, NUMBER, "clinic@desk.example", "Is Dr Reed in on Friday?")
        person.sees("3 Desk", "Is Dr Reed in on Friday?", "07700 900321", "Ctrl+S Send")
        person.sees("from clinic@desk.example")
        person.type("Yes, from nine to noon.")
        person.sees("Yes, from nine to noon.")
        person.press("C-s")
        until("the answer is delivered", lambda: len(smtp.mails("handset")) > before, 15)
        person.press("C-q")
        person.sees("You have 1 open contact")
        person.press("Enter")
        assert person.ends() == 0
    answer = email.message_from_bytes(smtp.mails("handset")[-1], policy=email.policy.default)
    assert (answer["From"], answer["To"]) == ("clinic@desk.example", f"{NUMBER.lstrip('+')}@sms.example")
    assert answer["In-Reply-To"] == "<first@gate.example>"
    assert "Yes, from nine to noon." in str(answer.get_payload())
    with Terminal(desk.environment) as person:
        person.sees("Sign in", "sue")
        person.press("Enter")
        person.sees("2 Queues", "sue, administrator", "front")
        person.misses("First text")


def check_export(desk: RunningDesk, post_office: PostOffice) -> None:
    """What was typed is what `postroom export` shows."""
    imap, smtp = post_office.dovecot, post_office.postfix
    exported = tomllib.loads(desk.run("export"))
    told = {key: exported["desk"][key] for key in ("name", "region", "timezone")}
    assert told == {"name": "Harbour Clinic", "region": "GB", "timezone": "Europe/London"}
    assert exported["outgoing_server"] == {
        "host": "127.0.0.1", "port": smtp.port, "security": "starttls", "ca_file": smtp.ca_file,
        "connections": 4, "rate_per_minute": 0,
    }  # fmt: skip
    assert exported["gateway"] == [{"name": "line", "dialect": "plain", "recipient": "{number}@sms.example"}]
    (user,) = exported["user"]
    assert (user["login"], user["name"], user["role"]) == ("sue", "Sue Moss", "administrator")
    assert [queue["name"] for queue in exported["queue"]] == ["front"]
    (account,) = exported["account"]
    assert account["imap"] == {
        "host": "127.0.0.1", "port": imap.tls_port, "security": "tls", "folder": "INBOX", "after_fetch": "seen",
        "poll_seconds": 60, "size_limit": 26214400, "ca_file": imap.ca_file,
    }  # fmt: skip
    del account["imap"]
    assert account == {
        "address": "clinic@desk.example", "kind": "sms", "enabled": True, "user": "clinic", "gateway": "line",
        "queue": "front", "debug": False,
    }  # fmt: skip


def test_later_leaves_and_the_next_start_goes_on_where_it_was_left(desk: RunningDesk) -> None:
    with Terminal(desk.environment) as person:
        welcome(person)
        person.sees("▸ 2 Outgoing server")
        person.press("Escape")
        person.misses("Five steps")
        person.press("1")
        person.sees("No account yet")
        person.press("n")
        person.sees("▸ 2 Outgoing server")
        person.press("C-q")
        assert person.ends() == 0
    with Terminal(desk.environment) as person:
        person.sees("Sign in", "sue")
        person.press("Enter")
        person.sees("▸ 2 Outgoing server", "● Harbour Clinic · sue, administrator")


def look_at_the_sample_desk(desk: RunningDesk) -> None:
    with Terminal(desk.environment) as person:
        person.sees("Welcome")
        at(person, "1 You and your desk")
        person.sees("As this machine knows you")
        person.press("Tab")
        person.sees("As your colleagues know you")
        person.press("Tab")
        write(person, "What the desk is called", "Harbour Clinic")
        person.press("Escape")
        person.sees("▸ 1 You and your desk")
        person.press("d")
        person.sees("Fernhill", "sue, supervisor", "Ctrl+Q goes back to yours", seconds=60)
        person.press("C-q")
        person.sees("Welcome", "▸ 1 You and your desk", "Back from the sample desk", seconds=60)
        person.press("Enter")
        person.sees("Harbour Clinic")  # typed before, and still there
        person.press("Escape")
        person.sees("▸ 1 You and your desk")
        person.press("C-q")
        assert person.ends() == 0
    assert desk.count("SELECT count(*) FROM person") == desk.count("SELECT count(*) FROM account") == 0


def test_the_sample_desk_is_looked_at_first_and_one_comes_back(desk: RunningDesk) -> None:
    look_at_the_sample_desk(desk)


def test_the_sample_desk_comes_and_goes_beside_a_desk_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with RunningDesk(tmp_path, postgres_url) as desk:
        desk.environment |= MACHINE
        look_at_the_sample_desk(desk)
