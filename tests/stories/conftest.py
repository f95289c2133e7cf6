"""What the stories share: one post office, whose Postfix delivers into the mailboxes that Dovecot serves."""

from __future__ import annotations

import os
import smtplib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.flow.conftest import sqlite_template
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from tests.stories.commands import Commands
from tests.stories.running import RunningDesk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["sqlite_template"]


@dataclass(frozen=True)
class PostOffice:
    """Both servers, and what a customer or a gateway does with them."""

    dovecot: Dovecot
    postfix: Postfix

    def add_mailbox(self, name: str) -> str:
        """A mailbox at every domain of the Postfix, which Dovecot serves; its name."""
        self.dovecot.add_user(name)
        self.postfix.add_user(name)
        return name

    def send(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hand a mail to Postfix, as a customer's or a gateway's server does."""
        with smtplib.SMTP(self.postfix.host, self.postfix.port, timeout=10) as client:
            client.sendmail(sender, [recipient], raw)


@pytest.fixture(scope="session", autouse=True)
def up_to_date(sqlite_template: Path) -> None:
    """Desks of stories begin with a database that is migrated."""
    RunningDesk.up_to_date = sqlite_template


@pytest.fixture(scope="session", autouse=True)
def commands() -> Iterator[None]:
    """Commands of stories begin where the imports end."""
    with Commands() as RunningDesk.commands:
        yield
    RunningDesk.commands = None


@pytest.fixture(scope="session")
def post_office(dovecot: Dovecot) -> Iterator[PostOffice]:
    """Postfix for the desk's, the gateway's and the customers' domains; what is for the gateway reaches `handset`."""
    if os.getuid() != 0:
        pytest.skip("Postfix's master runs as root only")
    dovecot.add_user("handset")
    domains = {"desk.example": "", "sms.example": "handset", "customer.example": ""}
    with Postfix(dovecot.folder / "mail", domains=domains) as postfix:
        yield PostOffice(dovecot, postfix)


@pytest.fixture(scope="session")
def other_dovecot() -> Iterator[Dovecot]:
    """A second Dovecot, for stories in which one mail server is well and the other is not."""
    with Dovecot() as server:
        yield server
