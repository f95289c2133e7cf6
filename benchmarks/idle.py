"""Idle: what an engine costs while nothing happens, with every mailbox on IDLE."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.measure import Comparison, note
from benchmarks.places import Sizes, desk_toml
from tests.servers.dovecot import Dovecot
from tests.stories.running import RunningDesk, until

SETTLING_SECONDS = 5.0
MOST_PERCENT = 1.0
MOST_MB = 120.0


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Percent of a core and megabytes, against what is allowed."""
    with Dovecot() as dovecot, RunningDesk(folder) as desk:
        users = [dovecot.add_user() for _ in range(sizes.mailboxes)]
        desk.apply(desk_toml(imap_port=dovecot.port, users=users, password=dovecot.password))
        engine = desk.start()
        idling = "SELECT count(*) FROM mailbox WHERE idle_since IS NOT NULL"
        until("all mailboxes idle", lambda: desk.count(idling) == sizes.mailboxes)
        time.sleep(SETTLING_SECONDS)
        before, began = _cpu_seconds(engine.pid), time.monotonic()
        time.sleep(sizes.idle_seconds)
        percent = 100 * (_cpu_seconds(engine.pid) - before) / (time.monotonic() - began)
        resident, shared_out = _megabytes(engine.pid, "status", "VmRSS"), _megabytes(engine.pid, "smaps_rollup", "Pss")
        if desk.count(idling) != sizes.mailboxes:
            raise RuntimeError("a mailbox was lost meanwhile")
        desk.stop(engine)
    note(f"  proportional share of memory (PSS): {shared_out:.0f} MB")
    name = f"idle, {sizes.mailboxes} mailboxes"
    return [
        Comparison(f"{name}: CPU", "% of a core", percent, "allowed", MOST_PERCENT, 1.0, "at most"),
        Comparison(f"{name}: memory (RSS)", "MB", resident, "allowed", MOST_MB, 1.0, "at most"),
        Comparison(f"{name}: memory (PSS)", "MB", shared_out, "allowed", MOST_MB, None, "at most"),
    ]


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int, file: str, key: str) -> float:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/{file} has no {key}")
