"""An outbox to empty, and deliveries that empty it into a recorder."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from core.gateway.smtp import SmtpServer, SmtpSession
from core.models.fields import to_moment
from core.models.states import Purpose
from core.outbox import Delivery, Draft
from core.outbox.draft import LANES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.office import Office
    from tests.servers.smtp_recorder import Recorder

PATIENCE = 20.0


async def put(office: Office, address: str = "+447700900123", text: str = "hello", **draft: object) -> int:
    """One message into the outbox, from the texts account unless told otherwise; its id."""
    said: dict[str, object] = {"account_id": 1, "purpose": Purpose.REPLY, **draft}
    async with office.database.transaction():
        return await office.outbox.put(Draft(address=address, text=text, **said))  # type: ignore[arg-type]


async def fill(office: Office, count: int, purpose: Purpose = Purpose.BROADCAST, *, first: int = 0) -> None:
    """So many messages to customers `c0@x.example` and on, written at once: what `put` leaves behind, but small."""
    now, database = to_moment(office.clock.now()), office.database
    addresses = [f"c{n}@x.example" for n in range(first, first + count)]
    async with database.transaction():
        await database.insert_many(
            "message",
            ("account_id", "direction", "channel", "address", "name", "recipients", "subject", "text", "quoted",
             "parts", "letter_id", "in_reply_to", "reference_ids", "automatic", "marks", "files", "at"),
            [(2, "out", "email", a, "", "[]", "", "hello", "", 0, f"<{a}>", "", "", False, "[]", "[]", now)
             for a in addresses],
            "id",
        )  # fmt: skip
        ids = await database.rows("SELECT id, letter_id FROM message WHERE text = 'hello' ORDER BY id")
        rows = await database.insert_many(
            "outbox",
            ("message_id", "account_id", "purpose", "lane", "state", "due_at", "attempts", "claimed_by", "sender",
             "recipients", "address", "letter_id", "code", "reply", "created_at", "delivery", "delivery_reason"),
            [(row["id"], 2, purpose.value, LANES.get(purpose, 0), "queued", now, 0, "", "help@acme.example",
              f'["{row["letter_id"][1:-1]}"]', row["letter_id"][1:-1], row["letter_id"], 0, "", now, "", "")
             for row in ids if row["letter_id"][1:-1] in set(addresses)],
            "id, letter_id",
        )  # fmt: skip
        await database.many(
            "INSERT INTO letter (outbox_id, content) VALUES (?, ?)",
            [(row["id"], f"Message-ID: {row['letter_id']}\r\n\r\nhello\r\n".encode()) for row in rows],
        )


def delivery_to(office: Office, server: Recorder | int, holder: str = "engine", timeout: float = 5.0) -> Delivery:
    """A delivery of that holder to the recorder, or to a port."""
    port = server if isinstance(server, int) else server.port

    async def open_session() -> SmtpSession:
        return await SmtpSession.open(SmtpServer("127.0.0.1", port, "none", timeout=timeout, helo="desk.example"), None)

    return Delivery(office.database, office.clock, holder, open_session)


@asynccontextmanager
async def running(delivery: Delivery, connections: int = 1, rate: int = 0) -> AsyncIterator[asyncio.Task[None]]:
    """The delivery at work; stopped in good order at the end of the block."""
    task = asyncio.create_task(delivery.run(connections, rate))
    try:
        yield task
        delivery.stop()
        async with asyncio.timeout(PATIENCE):
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def states(office: Office) -> dict[str, int]:
    """How many rows are in each state."""
    rows = await office.database.rows("SELECT state, count(*) AS n FROM outbox GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def until_states(office: Office, wanted: dict[str, int], seconds: float = PATIENCE) -> None:
    """Wait until the outbox looks like this; AssertionError with what it looks like when it does not come to it."""
    deadline = asyncio.get_running_loop().time() + seconds
    while (found := await states(office)) != wanted:
        assert asyncio.get_running_loop().time() < deadline, f"{found} and not {wanted}"
        await asyncio.sleep(0.01)
