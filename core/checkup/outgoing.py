"""The check of the outgoing server alone: credentials, connection, log in."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from core.checkup.connecting import credentials, opening_outgoing
from core.checkup.step import Step, bad
from core.models import OutgoingServer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from core.secrets import Vault


async def check_outgoing(vault: Vault) -> AsyncGenerator[Step, None]:
    """Every step as it begins and as it ends, until one fails that the others need. Nothing is sent."""
    yield Step("outgoing server")
    server = await OutgoingServer.get_or_none(id=1)
    if server is None:
        yield bad("outgoing server", "none is set up", "set one up")
        return
    step, login = await credentials(server, vault, "outgoing credentials")
    yield step
    if login is None:
        return
    async with aclosing(opening_outgoing(server, login)) as opening:
        async for step, session in opening:
            if session is not None:
                await session.close()
            yield step
