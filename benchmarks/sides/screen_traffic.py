"""Changes to a desk at a steady rate, each committed alone as another process would, until this one is ended."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from itertools import cycle

from benchmarks.sides import asked
from benchmarks.sides.screen_contacts import INSERT, waits

OLDEST = (
    "(SELECT id FROM contact WHERE state = 'queued' AND queue_id = ? ORDER BY priority DESC, received_at, id LIMIT 1)"
)
CHANGES = {
    "t": f"UPDATE contact SET state = 'open', agent_id = 1, opened_at = ? WHERE id = {OLDEST}",
    "c": f"UPDATE contact SET state = 'closed', closed_at = ? WHERE id = {OLDEST}",
}


def _change(path: str, per_second: float, kinds: str) -> None:
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        queues = [number for (number,) in connection.execute("SELECT id FROM queue ORDER BY id")]
        first = connection.execute("SELECT coalesce(max(id), 0) FROM contact").fetchone()[0] + 500_000
        began = time.monotonic()
        for number, kind in enumerate(cycle(kinds)):
            at, queue = time.time_ns() // 1000, queues[number % len(queues)]
            if kind == "a":
                connection.execute(INSERT, waits(first + number, queue, at))
            else:
                connection.execute(CHANGES[kind], (at, queue))
            time.sleep(max(0.0, began + (number + 1) / per_second - time.monotonic()))


if __name__ == "__main__":
    _change(**asked())
