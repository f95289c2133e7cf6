"""So many contacts that wait, one a second up to now: as many in each queue, or nearly all in the first by name."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from benchmarks.sides import asked, say

SAYS = (
    "I want a refund please, it arrived broken and the box was open",
    "What time do you open on Saturday?",
    "Hello, where is my order 55-10432? It was to come on Friday",
    "Thanks, that worked",
)
COLUMNS = (
    "account_id, channel, address, name, state, queue_id, priority, subject, preview, message_count,"
    " received_at, queued_at, last_in_at, outcome"
)
INSERT = f"INSERT INTO contact ({COLUMNS}) VALUES (1, 'sms', ?, ?, 'queued', ?, 0, '', ?, 1, ?, ?, ?, '')"


def waits(number: int, queue: int, at: int) -> tuple[object, ...]:
    """The values of one; `at`: microseconds."""
    return (f"+44770{number:07}", "Ann Lee" if number % 3 else "", queue, SAYS[number % len(SAYS)], at, at, at)


def _fill(path: str, count: int, in_one: bool) -> None:
    with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        queues = [number for (number,) in connection.execute("SELECT id FROM queue ORDER BY name")]
        queues = queues[:1] * 97 + queues[1:] if in_one else queues
        now = time.time_ns() // 1000
        rows = (waits(n, queues[n % len(queues)], now - (count - n) * 1_000_000) for n in range(count))
        connection.executemany(INSERT, rows)


if __name__ == "__main__":
    _fill(**asked())
    say(done=True)
