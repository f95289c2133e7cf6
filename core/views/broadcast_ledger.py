"""The ledger of a broadcast: what became of each recipient, page by page and as CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any

from core.clock import moment
from core.errors import NotFound
from core.formulas import guarded_but_numbers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from core.store import Database

PAGE = 2_000
_ADDRESS_IN_WORDS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?|\+?\d{6,}")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What became of one recipient."""

    id: int
    reference: str
    name: str
    address: str
    state: str
    reason: str
    parts: int
    due_at: datetime | None
    attempts: int
    sent_at: datetime | None
    delivery: str
    message: int | None
    """The message's id, which `message settle` takes."""


async def ledger(
    database: Database, broadcast_id: int, *, state: str = "", reason: str = "", after: int = 0, limit: int = 200
) -> list[LedgerRow]:
    """A page of its recipients by their id; the next one is `after` the last row's. `reason`: as failures have it."""
    where, values = "", [broadcast_id, after]
    if state:
        where += " AND r.state = ?"
        values.append(state)  # type: ignore[arg-type]
    found: list[LedgerRow] = []
    part = PAGE if reason else limit
    while len(found) < limit:
        rows = await database.read(
            "SELECT r.id, c.reference, c.name, r.address, r.state, r.reason, r.parts, r.due_at, o.attempts, o.sent_at,"
            " o.delivery, r.message_id, o.due_at AS out_due, o.reply FROM recipient r"
            " LEFT JOIN customer c ON c.id = r.customer_id LEFT JOIN outbox o ON o.message_id = r.message_id"
            f" WHERE r.broadcast_id = ? AND r.id > ?{where} ORDER BY r.id LIMIT {part}",
            *values,
        )
        found += [_entry(row) for row in rows if not reason or in_short(row["reason"]) == reason]
        if len(rows) < part:
            break
        values[1] = rows[-1]["id"]
    return found[:limit]


async def ledger_csv(database: Database, broadcast_id: int) -> AsyncIterator[str]:
    """The whole ledger as CSV (RFC 4180), a page at a time. Raises NotFound."""
    if not await database.read("SELECT 1 FROM broadcast WHERE id = ? AND digest <> ''", broadcast_id):
        raise NotFound(f"there is no broadcast {broadcast_id}: 'postroom broadcast list' shows them")
    yield csv_for_people([[field.name for field in fields(LedgerRow)]])
    after = 0
    while rows := await ledger(database, broadcast_id, after=after, limit=PAGE):
        yield csv_for_people([astuple(row) for row in rows])
        after = rows[-1].id


def in_short(words: str) -> str:
    """A server's words without the address they speak of, so that the same ones can be counted."""
    return " ".join(_ADDRESS_IN_WORDS.sub("…", words).split())[:120]


def _entry(row: dict[str, Any]) -> LedgerRow:
    is_out = row["state"] == "queued" and row["out_due"] is not None
    return LedgerRow(
        id=row["id"],
        reference=row["reference"] or "",
        name=row["name"] or "",
        address=row["address"],
        state=row["state"],
        reason=row["reply"] if is_out else row["reason"],
        parts=row["parts"],
        due_at=moment((row["out_due"] if is_out else row["due_at"]) or None),
        attempts=row["attempts"] or 0,
        sent_at=moment(row["sent_at"]),
        delivery=row["delivery"] or "",
        message=row["message_id"],
    )


def csv_for_people(rows: Sequence[Sequence[object]]) -> str:
    """Lines of CSV (RFC 4180) with their ends: none begins a formula, and telephone numbers stand as they are."""
    written = io.StringIO()
    csv.writer(written).writerows([[_cell(value) for value in row] for row in rows])
    return written.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    return guarded_but_numbers(value.isoformat() if hasattr(value, "isoformat") else str(value))
