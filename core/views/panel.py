"""What the accounts panel shows beside the accounts themselves: their mailboxes' places, the outgoing server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from core import journal
from core.clock import from_moment, to_moment
from core.views.contact import Step

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

_RECENT = 5000
"""Newest outbox rows among which the last minute's are counted: more than a minute's at any rate we allow people."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where an account's mails are."""

    account: int
    host: str
    port: int
    security: str
    folder: str
    poll_seconds: int
    after_fetch: str
    outbound_class: str
    script: str
    """Its routing script; empty: what arrives goes to the account's own queue."""
    debug: bool
    receipt_reply: str
    campaigns: tuple[str, ...] = ()
    """Those that send as it."""


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """The outgoing server and what it does now."""

    host: str
    port: int
    security: str
    user: str
    health: str
    """`ok`, `broken` or `waiting`."""
    error: str
    sessions: int
    """Open SMTP sessions of all engines that run."""
    connections: int
    per_minute: int
    """Messages sent in the last minute."""
    rate_per_minute: int
    """The limit; 0 = none."""
    due: int
    """Messages that could leave now."""


async def places(database: Database) -> dict[int, PlaceRow]:
    """By account id."""
    campaigns = await _campaigns(database)
    rows = await database.read(
        "SELECT a.id, a.imap_host, a.imap_port, a.imap_security, a.imap_folder, a.poll_seconds, a.after_fetch,"
        " a.debug, a.receipt_reply, c.name AS outbound_class, s.name AS script FROM account a"
        " LEFT JOIN call_class c ON c.id = a.outbound_class_id LEFT JOIN script s ON s.id = a.script_id"
    )
    return {
        row["id"]: PlaceRow(
            row["id"], row["imap_host"], row["imap_port"], row["imap_security"], row["imap_folder"],
            row["poll_seconds"], row["after_fetch"], row["outbound_class"] or "", row["script"] or "",
            bool(row["debug"]), row["receipt_reply"], campaigns.get(row["id"], ()),
        )
        for row in rows
    }  # fmt: skip


async def _campaigns(database: Database) -> dict[int, tuple[str, ...]]:
    rows = await database.read(
        "SELECT a.id, k.name FROM campaign k JOIN account a ON a.id IN (k.sms_account_id, k.email_account_id)"
        " ORDER BY k.name"
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        found[row["id"]] = (*found.get(row["id"], ()), row["name"])
    return found


async def outgoing_server(database: Database, now: datetime) -> OutgoingRow | None:
    """None until one is set up."""
    rows = await database.read(
        "SELECT s.*,"
        " (SELECT COALESCE(SUM(e.sessions), 0) FROM engine e"
        " JOIN lease l ON l.name = 'engine:' || e.holder AND l.until >= ?) AS sessions,"
        " (SELECT count(*) FROM outbox WHERE state = 'queued' AND due_at <= ?) AS due,"
        " (SELECT count(*) FROM outbox WHERE sent_at >= ?"
        f" AND id > (SELECT COALESCE(MAX(id), 0) - {_RECENT} FROM outbox)) AS per_minute"
        " FROM outgoing_server s WHERE s.id = 1",
        to_moment(now), to_moment(now), to_moment(now - timedelta(minutes=1)),
    )  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return OutgoingRow(
        host=row["host"],
        port=row["port"],
        security=row["security"],
        user=row["user"],
        health=row["health"],
        error=row["error"],
        sessions=int(row["sessions"]),
        connections=row["connections"],
        per_minute=row["per_minute"],
        rate_per_minute=row["rate_per_minute"],
        due=row["due"],
    )


async def explain_account(database: Database, account_id: int, address: str) -> list[Step]:
    """What was done to an account and how its mailbox does, oldest first."""
    steps = [
        Step(from_moment(int(str(line["at"]))), str(line["actor"]), f"{line['verb']}: {line['text']}")
        for line in await journal.lines(database, "account", account_id)
    ]
    named = address.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    applied = await database.read(
        "SELECT at, actor, text FROM journal WHERE kind = 'desk' AND verb = 'apply' AND text LIKE ? ESCAPE '!'"
        " ORDER BY at",
        f"%account {named} %",
    )
    for line in applied:
        ours = [part for part in line["text"].split("; ") if part.startswith(f"account {address} ")]
        steps.append(Step(from_moment(line["at"]), line["actor"], "; ".join(ours)))
    box = await database.read("SELECT * FROM mailbox WHERE account_id = ?", account_id)
    for row in box:
        if row["error_at"] is not None and row["error"]:
            times = f", {row['failures']} times in a row" if row["failures"] > 1 else ""
            steps.append(Step(from_moment(row["error_at"]), "mailbox", f"{row['error']}{times}"))
        if row["last_poll_at"] is not None:
            words = f"polled: {row['on_server']} on the server, {row['unfetched']} to fetch"
            steps.append(Step(from_moment(row["last_poll_at"]), "mailbox", words))
    return sorted(steps, key=lambda step: step.at)
