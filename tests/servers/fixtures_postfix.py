"""Fixtures: a real Postfix for each test process, and the recorder for each test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.servers.postfix import Postfix
from tests.servers.smtp_recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """A running Postfix for `desk.example`, shared by all tests of this process; add users of your own."""
    if os.getuid() != 0:
        pytest.skip("Postfix's master runs as root only")
    with Postfix() as server:
        yield server


@pytest_asyncio.fixture
async def recorder() -> AsyncIterator[Recorder]:
    """An SMTP server in the test's own loop that keeps every letter it accepts."""
    async with Recorder() as server:
        yield server
