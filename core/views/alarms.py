"""Alarms: everything that the desk knows to be wrong, or worth a look, and where it can be mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from core.clock import moment, to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

SILENCE = timedelta(minutes=10)
"""A mailbox that is polled and was not looked into for so long, or for three polls, is silent."""
MINUTE = timedelta(minutes=1)
OVERDUE = timedelta(minutes=10)
"""A message that is due for so long does not leave as it should."""
LATELY = timedelta(hours=1)
"""So long a script that failed is worth a look."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that somebody should look at."""

    broken: bool
    """Something does not work; otherwise it is worth a look."""
    words: str
    """What, in one sentence without its end."""
    since: datetime | None
    area: str
    """The work area where it can be mended."""
    thing: str = ""
    """What there: an account's address, a state of messages, a queue's number."""
    kind: str = ""
    """What sort of alarm, in a word."""

    @property
    def key(self) -> str:
        """The same for as long as it is the same alarm, however its numbers grow."""
        return f"{self.kind} {self.area} {self.thing}"


async def alarms(database: Database, now: datetime) -> list[Alarm]:
    """All of them, the broken first."""
    found = [
        *await _outgoing(database, now),
        *await _mailboxes(database, now),
        *await _queues(database, now),
        *await _outbox_age(database, now),
        *await _scripts(database, now),
        *await _aside(database),
    ]
    return sorted(found, key=lambda alarm: not alarm.broken)


async def _outgoing(database: Database, now: datetime) -> list[Alarm]:
    rows = await database.read(
        "SELECT (SELECT count(*) FROM engine e JOIN lease l ON l.name = 'engine:' || e.holder AND l.until >= ?)"
        " AS engines, (SELECT count(*) FROM account WHERE enabled = TRUE) AS accounts,"
        " s.id, s.host, s.port, s.health, s.error, s.error_at FROM desk d LEFT JOIN outgoing_server s ON s.id = 1"
        " WHERE d.id = 1",
        to_moment(now),
    )
    counts = {
        row["state"]: row
        for row in await database.read(
            "SELECT state, count(*) AS n, MIN(created_at) AS oldest FROM outbox"
            " WHERE state <> 'sent' AND state IN ('unknown', 'failed') AND created_at >= ? GROUP BY state"
            " UNION ALL SELECT 'unknown older', count(*), MIN(created_at) FROM outbox"
            " WHERE state <> 'sent' AND state = 'unknown' AND created_at < ?",
            *[to_moment(_midnight(now))] * 2,
        )
    }
    if not rows:
        return []  # nobody has founded a desk here yet
    found = []
    doubtful = [row for state, row in counts.items() if state.startswith("unknown") and row["n"]]
    if doubtful:
        number = sum(row["n"] for row in doubtful)
        words = "1 message is in doubt: settle what became of it"
        if number > 1:
            words = f"{number:,} messages are in doubt: settle what became of them"
        oldest = moment(min(row["oldest"] for row in doubtful))
        found.append(Alarm(True, words, oldest, "outbox", "unknown", "doubt"))
    row = rows[0]
    if row["health"] == "broken":
        words = f"nothing is sent: {row['error'] or 'the outgoing server does not answer'}"
        found.append(Alarm(True, words, moment(row["error_at"]), "accounts", kind="server"))
    if not row["engines"]:
        found.append(Alarm(False, "no engine runs: nothing is fetched or sent", None, "accounts", kind="engine"))
    if row["id"] is None and row["accounts"]:
        found.append(Alarm(False, "there is no outgoing server: nothing leaves", None, "accounts", kind="no server"))
    if "failed" in counts:
        number = counts["failed"]["n"]
        words = "1 message of today has failed" if number == 1 else f"{number:,} messages of today have failed"
        found.append(Alarm(False, words, moment(counts["failed"]["oldest"]), "outbox", "failed", "failed"))
    return found


async def _mailboxes(database: Database, now: datetime) -> list[Alarm]:
    rows = await database.read(
        "SELECT a.address, a.poll_seconds, m.health, m.error, m.error_at, m.last_poll_at, l.until FROM mailbox m"
        " JOIN account a ON a.id = m.account_id AND a.enabled = TRUE"
        " LEFT JOIN lease l ON l.name = 'mailbox:' || CAST(a.id AS TEXT) AND l.until >= ? ORDER BY a.address",
        to_moment(now),
    )
    found = []
    for row in rows:
        polled = moment(row["last_poll_at"])
        if row["health"] == "broken":
            words = f"{row['address']}: {row['error'] or 'its mailbox cannot be read'}"
            found.append(Alarm(True, words, moment(row["error_at"]), "accounts", row["address"], "mailbox"))
        elif row["until"] and polled and now - polled > max(SILENCE, 3 * timedelta(seconds=row["poll_seconds"])):
            words = f"{row['address']}: nobody has looked into its mailbox for a long time"
            found.append(Alarm(True, words, polled, "accounts", row["address"]))
    return found


async def _queues(database: Database, now: datetime) -> list[Alarm]:
    rows = await database.read(
        "SELECT q.id, q.name, q.service_seconds, count(*) AS n, MIN(c.received_at) AS oldest FROM contact c"
        " JOIN queue q ON q.id = c.queue_id"
        " WHERE c.state = 'queued' AND c.received_at + q.service_seconds * CAST(1000000 AS BIGINT) < ?"
        " GROUP BY q.id, q.name, q.service_seconds ORDER BY oldest",
        to_moment(now),
    )
    return [
        Alarm(
            False,
            f"{row['name']}: {row['n']:,} {'waits' if row['n'] == 1 else 'wait'} longer than the"
            f" {row['service_seconds']} s that are promised",
            moment(row["oldest"]),
            "queues",
            str(row["id"]),
            "late",
        )
        for row in rows
    ]


async def _outbox_age(database: Database, now: datetime) -> list[Alarm]:
    """Messages that should have left long ago: nothing says that they failed, and still they are here."""
    rows = await database.read(
        "SELECT count(*) AS n, MIN(due_at) AS oldest FROM outbox WHERE state = 'queued' AND due_at < ?",
        to_moment(now - OVERDUE),
    )
    number, oldest = rows[0]["n"], moment(rows[0]["oldest"])
    if not number:
        return []
    words = f"{number:,} {'message has' if number == 1 else 'messages have'} been due for longer than"
    return [Alarm(False, f"{words} {OVERDUE // MINUTE} minutes and not left", oldest, "outbox", "queued", "overdue")]


async def _scripts(database: Database, now: datetime) -> list[Alarm]:
    rows = await database.read(
        "SELECT s.name, count(*) AS n, MIN(r.at) AS oldest FROM script s JOIN script_version v ON v.script_id = s.id"
        " JOIN script_run r ON r.version_id = v.id AND r.error <> '' AND r.at >= ? GROUP BY s.name ORDER BY s.name",
        to_moment(now - LATELY),
    )
    return [
        Alarm(
            False,
            f"{row['name']}: {row['n']:,} {'contact was' if row['n'] == 1 else 'contacts were'} not routed by it"
            " within the last hour, for it failed",
            moment(row["oldest"]),
            "scripts",
            row["name"],
            "script",
        )
        for row in rows
    ]


async def _aside(database: Database) -> list[Alarm]:
    rows = await database.read(
        "SELECT a.address, count(*) AS n, MIN(m.taken_at) AS oldest FROM mail m JOIN account a ON a.id = m.account_id"
        " WHERE m.outcome = 'quarantine' GROUP BY a.address ORDER BY a.address"
    )
    return [
        Alarm(
            False,
            f"{row['address']}: {row['n']:,} {'mail is' if row['n'] == 1 else 'mails are'} set aside, not read",
            moment(row["oldest"]),
            "accounts",
            row["address"],
            "aside",
        )
        for row in rows
    ]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
