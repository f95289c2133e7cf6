"""A desk for stories in a terminal: two mailboxes on a real Dovecot with some mails in them, and an SMTP recorder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.flow.mails import email, text_mail
from tests.servers.smtp_recorder import Fault, RecorderProcess
from tests.stories.running import RunningDesk, account_toml, bare_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

TEXTS, LETTERS = "texts@desk.example", "help@desk.example"
ANNS_NUMBER = "+447700900123"
OUTCOMES = """
[[outcome]]
name = "answered"

[[outcome]]
name = "spam"
"""


class LivedIn:
    """The desk, and what customers can do to it."""

    def __init__(self, desk: RunningDesk, dovecot: Dovecot, server: RecorderProcess) -> None:
        self.desk = desk
        self.server = server
        self._dovecot = dovecot
        self._users = {TEXTS: dovecot.add_user(), LETTERS: dovecot.add_user()}
        self.environment = desk.environment | {
            "XDG_CONFIG_HOME": str(desk.folder / "config"), "POSTROOM_AS": "ann", "TEXTUAL_ANIMATIONS": "none",
        }  # fmt: skip
        desk.apply(
            bare_toml(smtp_port=server.port)
            + OUTCOMES
            + "".join(
                account_toml(
                    address,
                    user=user,
                    password=dovecot.password,
                    imap_port=dovecot.port,
                    poll_seconds=1,
                    kind="sms" if address == TEXTS else "email",
                    queue="front" if address == TEXTS else "billing",
                )
                for address, user in self._users.items()
            )
        )

    def deliver(self, address: str, *mails: bytes) -> None:
        """Mails into a mailbox of the desk."""
        self._dovecot.deliver(self._users[address], *mails)

    def text(self, words: str, number: str = ANNS_NUMBER) -> None:
        """A customer sends a text."""
        self.deliver(TEXTS, text_mail(number, words))


@contextmanager
def lived_in(folder: Path, dovecot: Dovecot, *, faults: Sequence[Fault] = ()) -> Iterator[LivedIn]:
    """The desk with three texts and two e-mails that nobody has read yet; `faults` are the outgoing server's."""
    with RecorderProcess(folder / "record", faults=faults) as server, RunningDesk(folder) as desk:
        place = LivedIn(desk, dovecot, server)
        place.text("Hello, where is my order?")
        place.text("What time do you open on Saturday?", "+447700900456")
        place.text("¿Habla español alguien?", "+447700900789")
        place.deliver(
            LETTERS,
            email("Fay Ng <fay@customer.example>", "Invoice 7", "It has the wrong address on it.\r\n\r\nFay"),
            email("Gus Hall <gus@customer.example>", "A question", "\r\n".join(f"Line {n}" for n in range(40))),
        )
        yield place
