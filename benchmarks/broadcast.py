"""Broadcast: from its confirmation to the last row committed, into Postfix's smtp-sink."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, interleaved, note
from benchmarks.outbox import SESSIONS, _django, _sink
from benchmarks.places import Sizes, desk_toml, side
from tests.servers.postgres import Postgres
from tests.stories.running import RunningDesk

if TYPE_CHECKING:
    from pathlib import Path

WAIT_MOST = 1.0
"""Seconds: how long an agent's reply that is put in the middle may take."""


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Messages a second against a bare aiosmtplib loop over as many bytes, and against django-post-office."""
    waits: list[float] = []
    with _sink() as port:
        desk = RunningDesk(folder)
        desk.apply(desk_toml(smtp_port=port, users=["nobody"], connections=SESSIONS))
        note(f"  writing {sizes.recipients} customers")
        side("broadcast_customers", url=desk.url, key="", count=sizes.recipients)
        sent = folder / "sent"

        def ours() -> float:
            shutil.rmtree(sent, ignore_errors=True)
            sent.mkdir()
            for path in folder.glob("desk.sqlite3*"):
                shutil.copy(path, sent / path.name)
            said = side("broadcast", path=str(sent / "desk.sqlite3"), count=sizes.recipients)
            waits.append(float(said["reply_seconds"]))
            return sizes.recipients / float(said["seconds"])

        def bare() -> float:
            said = side("bare_smtp", path=str(sent / "desk.sqlite3"), port=port, connections=SESSIONS)
            return sizes.recipients / float(said["seconds"])

        found = interleaved(
            sizes.rounds,
            {
                "postroom": ours,
                "aiosmtplib": bare,
                "django-post-office": lambda: _django(folder, port, sizes.letters_django),
            },
        )
    rate = found["postroom"]
    return [
        Comparison("broadcast", "letters/s", rate, "bare aiosmtplib, 4 connections", found["aiosmtplib"], 1.0),
        Comparison("broadcast", "letters/s", rate, "django-post-office", found["django-post-office"], 4.0),
        Comparison("a reply put in its middle", "s", max(waits), "what is allowed", WAIT_MOST, 1.0, "at most"),
    ]


def run_many(folder: Path, sizes: Sizes) -> list[Comparison]:
    """A million customers: how long the plan takes, how long freezing it, and in how much memory; on both databases."""
    with Postgres() as cluster:
        return [
            *_many_on("SQLite", folder / "sqlite", "", sizes.customers),
            *_many_on("PostgreSQL", folder / "postgres", cluster.create_database(), sizes.customers),
        ]


def _many_on(name: str, folder: Path, url: str, customers: int) -> list[Comparison]:
    folder.mkdir()
    desk = RunningDesk(folder, url)
    desk.apply(desk_toml(users=["nobody"]))
    note(f"  writing {customers:,} customers, {name}")
    where = {"url": desk.url, "key": str(desk.postgres_key) if url else ""}
    side("broadcast_customers", **where, count=customers)
    said = side("broadcast_plan", **where, count=customers)
    note(f"  CPU: {said['plan_cpu']:.1f} s to plan, {said['freeze_cpu']:.1f} s to freeze")
    share = customers / 1_000_000
    allowed = "what is allowed"
    return [
        Comparison(f"plan of a broadcast, {name}", "s", float(said["plan"]), allowed, 30 * share, 1.0, "at most"),
        Comparison(f"freezing it, {name}", "s", float(said["freeze"]), allowed, 60 * share, 1.0, "at most"),
        Comparison(f"memory of both, {name}", "MB", float(said["megabytes"]), allowed, 250.0, 1.0, "at most"),
    ]
