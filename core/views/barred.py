"""Whom the desk, or a campaign, does not write to, and who has opted out: pages of long lists, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.clock import from_moment, moment
from core.views.report_files import csv_line
from core.views.stretch import Stretch, all_of, with_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from core.store import Database

Kind = Literal["desk", "campaign", "opted out", "ended"]
MOST_COUNTED = 100_000
"""Of a longer list it is said that it is longer: nobody waits for a million to be counted after each change."""
PART = 2000
COLUMNS = ("address", "channel", "campaign", "since", "source", "ended", "ended_by")


@dataclass(frozen=True, slots=True)
class BarredFilter:
    """Which list."""

    kind: Kind = "desk"
    campaign: str = ""
    """Of the kind `campaign`."""
    words: str = ""
    """Each stands in the address or in the source."""


@dataclass(frozen=True, slots=True)
class BarredRow:
    """An address on a do-not-contact list, or one that has opted out."""

    id: int
    """Of its list; do-not-contact lists and opt-outs are numbered apart."""
    address: str
    channel: str
    campaign: str
    """Empty = the whole desk; of an opt-out always."""
    source: str
    """The word that was written, the file, or the reason and who gave it."""
    at: datetime
    ended_at: datetime | None = None
    """Of an opt-out that was taken back."""
    ended_by: str = ""


async def barred_ids(database: Database, which: BarredFilter, stretch: Stretch) -> list[int]:
    """Ids of this list, newest first."""
    table, where, values = _where(which)
    if which.words:
        with_words(which.words, "b.address || ' ' || b.source", where, values)
    stretch.narrow("b.id", where, values)
    rows = await database.read(
        f"SELECT b.id FROM {table} b{all_of(where)} ORDER BY b.id DESC LIMIT {int(stretch.limit)}", *values
    )
    return [row["id"] for row in rows]


async def barred_rows(database: Database, which: BarredFilter, ids: Sequence[int]) -> dict[int, BarredRow]:
    """These of this list, by id; those that are not there any more are left out."""
    found: dict[int, BarredRow] = {}
    _, where, values = _where(which)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        of_this = all_of([*where, f"b.id IN ({', '.join('?' * len(part))})"])
        if _is_opt_out(which):
            columns = "b.id, b.address, b.channel, '' AS campaign, b.source, b.at, b.ended_at, b.ended_by"
            rows = await database.read(f"SELECT {columns} FROM opt_out b{of_this}", *values, *part)
        else:
            rows = await database.read(
                "SELECT b.id, b.address, b.channel, COALESCE(c.name, '') AS campaign, b.source, b.at, NULL AS ended_at,"
                f" '' AS ended_by FROM do_not_contact b LEFT JOIN campaign c ON c.id = b.campaign_id"
                f"{of_this}",
                *values, *part,
            )  # fmt: skip
        found |= {row["id"]: _row(row) for row in rows}
    return found


async def barred_counts(database: Database, campaign: str = "") -> Mapping[Kind, int]:
    """How many are on each list; more than `MOST_COUNTED` where it is longer. Without a `campaign` none of one."""
    counts: dict[Kind, int] = {}
    kinds: tuple[Kind, ...] = ("desk", "campaign", "opted out", "ended") if campaign else ("desk", "opted out", "ended")
    for kind in kinds:
        table, where, values = _where(BarredFilter(kind, campaign))
        if kind in ("desk", "campaign"):  # as the index has it that keeps each address once
            wanted = "(SELECT k.id FROM campaign k WHERE k.name = ?)" if kind == "campaign" else "0"
            where = [f"COALESCE(b.campaign_id, 0) = {wanted}"]
        rows = await database.read(
            f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM {table} b{all_of(where)} LIMIT {MOST_COUNTED + 1}) counted",
            *values,
        )
        counts[kind] = rows[0]["n"]
    return counts


async def campaign_names(database: Database) -> tuple[str, ...]:
    """Of every campaign, by name."""
    return tuple(row["name"] for row in await database.read("SELECT name FROM campaign ORDER BY name"))


async def barred_lines(database: Database, which: BarredFilter) -> AsyncIterator[str]:
    """This list as lines of CSV (RFC 4180), newest first, which `donotcontact import` reads; never a formula."""
    yield csv_line(COLUMNS)
    before: int | None = None
    while ids := await barred_ids(database, which, Stretch(limit=PART, before=before)):
        rows = await barred_rows(database, which, ids)
        for row in (rows[one] for one in ids if one in rows):
            ended = row.ended_at.isoformat(timespec="seconds") if row.ended_at is not None else ""
            since = row.at.isoformat(timespec="seconds")
            yield csv_line([row.address, row.channel, row.campaign, since, row.source, ended, row.ended_by])
        before = ids[-1]


def _is_opt_out(which: BarredFilter) -> bool:
    return which.kind in ("opted out", "ended")


def _where(which: BarredFilter) -> tuple[str, list[str], list[object]]:
    if _is_opt_out(which):
        return "opt_out", [f"b.ended_at IS {'NOT ' if which.kind == 'ended' else ''}NULL"], []
    if which.kind == "desk":
        return "do_not_contact", ["b.campaign_id IS NULL"], []
    return "do_not_contact", ["b.campaign_id = (SELECT k.id FROM campaign k WHERE k.name = ?)"], [which.campaign]


def _row(row: dict[str, Any]) -> BarredRow:
    return BarredRow(
        row["id"], row["address"], row["channel"], row["campaign"], row["source"], from_moment(row["at"]),
        moment(row["ended_at"]), row["ended_by"],
    )  # fmt: skip
