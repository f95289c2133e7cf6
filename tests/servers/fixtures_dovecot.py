"""Fixtures: a real Dovecot for each test process, a fresh user for each test that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.dovecot import Dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running Dovecot, shared by all tests of this process; a test that stops or pauses it must undo that."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def mail_user(dovecot: Dovecot) -> str:
    """A user of the Dovecot with an empty INBOX and the password `dovecot.password`."""
    return dovecot.add_user()
