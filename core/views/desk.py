"""The desk as a whole: accounts with their health, queues, the outbox, the engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.clock import from_moment, moment, to_moment
from core.models.states import Health
from core.views.queue import QueueRow, queues

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account, its health, and where each mail on its server went."""

    id: int
    address: str
    kind: str
    description: str
    enabled: bool
    status: str
    """`ok`, `broken`, `waiting`, or `off` (disabled, or no engine keeps it)."""
    error: str
    user: str
    gateway: str
    queue: str
    inbound_class: str
    last_poll: datetime | None
    on_server: int
    accounted: int
    """`contacts + duplicates + receipts + quarantined` of what is on the server: `on_server` when all is well."""
    contacts: int
    """Mails that became a message in a thread, or were filed."""
    duplicates: int
    receipts: int
    """Delivery receipts and bounces."""
    quarantined: int
    """Set aside: unreadable, or over the loop budget."""
    unfetched: int
    oldest_unfetched: datetime | None
    retry_at: datetime | None
    idle_since: datetime | None
    today_in: int
    today_out: int
    waiting: int
    """Contacts of this account that no agent has."""


@dataclass(frozen=True, slots=True)
class EngineRow:
    """A running engine."""

    holder: str
    host: str
    pid: int
    version: str
    started_at: datetime
    sessions: int


@dataclass(frozen=True, slots=True)
class Status:
    """Everything at a glance."""

    engine: list[EngineRow]
    accounts: list[AccountRow]
    queues: list[QueueRow]
    outbox: dict[str, int]
    outgoing_server: dict[str, object] | None
    version: str


STORED = ("contact", "joined", "auto-reply", "own-loop", "consent")
RECEIPTS = ("receipt", "bounce")
ASIDE = ("quarantine", "over-budget")


async def accounts(database: Database, now: datetime) -> list[AccountRow]:
    """All accounts, texts first, then by address."""
    rows = await database.read(
        "SELECT a.id, a.address, a.kind, a.description, a.enabled, a.user, g.name AS gateway, q.name AS queue,"
        " c.name AS inbound_class, m.health, m.error, m.last_poll_at, m.on_server, m.unfetched,"
        " m.oldest_unfetched_at, m.retry_at, m.idle_since, l.until FROM account a"
        " JOIN queue q ON q.id = a.queue_id LEFT JOIN gateway g ON g.id = a.gateway_id"
        " LEFT JOIN call_class c ON c.id = a.inbound_class_id LEFT JOIN mailbox m ON m.account_id = a.id"
        " LEFT JOIN lease l ON l.name = 'mailbox:' || CAST(a.id AS TEXT) AND l.until >= ?"
        " ORDER BY a.kind DESC, a.address".replace("a.user", 'a."user"'),
        to_moment(now),
    )
    counts = await _outcome_counts(database)
    midnight = to_moment(now.replace(hour=0, minute=0, second=0, microsecond=0))
    traffic = await database.read(
        "SELECT account_id, direction, count(*) AS n FROM message WHERE at >= ? GROUP BY account_id, direction",
        midnight,
    )
    today = {(row["account_id"], row["direction"]): row["n"] for row in traffic}
    pending = await database.read(
        "SELECT account_id, count(*) AS n FROM contact WHERE state IN ('new', 'queued', 'offered') GROUP BY account_id"
    )
    waiting = {row["account_id"]: row["n"] for row in pending}
    return [_account(row, counts.get(row["id"], {}), today, waiting) for row in rows]


def _account(
    row: dict[str, Any], counts: dict[str, int], today: dict[tuple[int, str], int], waiting: dict[int, int]
) -> AccountRow:
    stored, receipts, aside = (sum(counts.get(o, 0) for o in group) for group in (STORED, RECEIPTS, ASIDE))
    duplicates = counts.get("duplicate", 0)
    kept = bool(row["enabled"]) and row["until"] is not None
    return AccountRow(
        id=row["id"],
        address=row["address"],
        kind=row["kind"],
        description=row["description"],
        enabled=bool(row["enabled"]),
        status=row["health"] or Health.WAITING.value if kept else Health.OFF.value,
        error=row["error"] or "",
        user=row["user"],
        gateway=row["gateway"] or "",
        queue=row["queue"],
        inbound_class=row["inbound_class"] or "",
        last_poll=moment(row["last_poll_at"]),
        on_server=row["on_server"] or 0,
        accounted=stored + receipts + aside + duplicates,
        contacts=stored,
        duplicates=duplicates,
        receipts=receipts,
        quarantined=aside,
        unfetched=row["unfetched"] or 0,
        oldest_unfetched=moment(row["oldest_unfetched_at"]),
        retry_at=moment(row["retry_at"]),
        idle_since=moment(row["idle_since"]),
        today_in=today.get((row["id"], "in"), 0),
        today_out=today.get((row["id"], "out"), 0),
        waiting=waiting.get(row["id"], 0),
    )


async def _outcome_counts(database: Database) -> dict[int, dict[str, int]]:
    rows = await database.read(
        "SELECT account_id, outcome, count(*) AS n FROM mail WHERE gone = FALSE GROUP BY account_id, outcome"
    )
    counts: dict[int, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["account_id"], {})[row["outcome"]] = row["n"]
    return counts


async def status(database: Database, now: datetime, version: str) -> Status:
    """Engines, accounts, queues and the outbox."""
    engines = await database.read(
        "SELECT e.* FROM engine e JOIN lease l ON l.name = 'engine:' || e.holder AND l.until >= ?"
        " ORDER BY e.started_at",
        to_moment(now),
    )
    states = {
        row["state"]: row["n"]
        for row in await database.read("SELECT state, count(*) AS n FROM outbox WHERE state <> 'sent' GROUP BY state")
    }
    rows = (await database.read("SELECT count(*) AS n FROM outbox"))[0]["n"]
    if rows > sum(states.values()):
        states["sent"] = rows - sum(states.values())
    server = await database.read("SELECT host, port, security, health, error, rate_per_minute FROM outgoing_server")
    return Status(
        engine=[
            EngineRow(r["holder"], r["host"], r["pid"], r["version"], from_moment(r["started_at"]), r["sessions"])
            for r in engines
        ],
        accounts=await accounts(database, now),
        queues=await queues(database, now),
        outbox=states,
        outgoing_server=dict(server[0]) if server else None,
        version=version,
    )
