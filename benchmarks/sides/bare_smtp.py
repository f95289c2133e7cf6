"""The bare loop: aiosmtplib, so many connections, `sendmail` of prepared bytes, and no database."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from time import perf_counter
from typing import TYPE_CHECKING

import aiosmtplib

from benchmarks.sides import asked, say

if TYPE_CHECKING:
    from collections.abc import Iterator

Letter = tuple[str, list[str], bytes]


async def _connection(port: int, letters: Iterator[Letter]) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, timeout=30) as client:
        for sender, recipients, content in letters:
            await client.sendmail(sender, recipients, content)


async def _run(path: str, port: int, connections: int) -> float:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT sender, recipients, content FROM outbox JOIN letter ON letter.outbox_id = outbox.id"
        ).fetchall()
    letters = iter([(sender, json.loads(recipients), content) for sender, recipients, content in rows])
    began = perf_counter()
    await asyncio.gather(*(_connection(port, letters) for _ in range(connections)))
    return perf_counter() - began


if __name__ == "__main__":
    say(seconds=asyncio.run(_run(**asked())))
