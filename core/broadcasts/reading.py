"""The customers of an audience in pages by their ids: of a million never more than a page in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.broadcasts.saying import COLUMNS
from core.campaigns.audience import where_of
from core.clock import to_moment
from core.models.states import Channel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from core.broadcasts.scene import Scene
    from core.store import Database
    from core.store.database import Row

PAGE = 4_000
_NO_END = 2**62


async def how_many(database: Database, scene: Scene) -> int:
    """Customers of the audience."""
    where, values = where_of(scene.audience)
    return int((await database.read(f"SELECT count(*) AS n FROM customer c WHERE {where}", *values))[0]["n"])


async def pages(database: Database, scene: Scene, now: datetime) -> AsyncIterator[list[Row]]:
    """All of them, in order of their ids, with what consent says of each."""
    select, values = _select(scene, now)
    where, narrowed = where_of(scene.audience)
    # From one id to another. For "the next after this id" a database that has not counted its rows lately, as after an
    # import, sorts the whole audience for each page; so does SQLite with any index but that of the ids.
    source = "customer c NOT INDEXED" if database.is_sqlite else "customer c"
    last_ids = await database.read(
        "SELECT id FROM (SELECT c.id, row_number() OVER (ORDER BY c.id) AS place"
        f" FROM customer c WHERE {where}) AS audience WHERE place % {PAGE} = 0 ORDER BY id",
        *narrowed,
    )
    after = 0
    for last in [*(row["id"] for row in last_ids), _NO_END]:
        rows = await database.read(
            f"{select} FROM {source} WHERE {where} AND c.id > ? AND c.id <= ? ORDER BY c.id",
            *values, *narrowed, after, last,
        )  # fmt: skip
        if rows:
            yield rows
        after = last


async def those(database: Database, scene: Scene, now: datetime, ids: Sequence[int]) -> list[Row]:
    """These customers, in this order; without those that are gone by now."""
    select, values = _select(scene, now)
    marks = ", ".join("?" * len(ids))
    rows = await database.read(f"{select} FROM customer c WHERE c.id IN ({marks})", *values, *ids)
    found = {row["id"]: row for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def _select(scene: Scene, now: datetime) -> tuple[str, list[object]]:
    channel = scene.request.channel
    address = "c.number" if channel is Channel.SMS else "c.email"
    values: list[object] = [channel.value, channel.value, scene.campaign_id or 0]
    capped = "FALSE"
    if scene.most_messages > 0:
        capped = (
            f"(SELECT count(*) FROM outbox o WHERE o.address = {address} AND {address} <> ''"
            " AND COALESCE(o.sent_at, o.first_try_at, o.due_at) >= ? AND o.purpose IN ('broadcast', 'dialler event')"
            " AND o.state IN ('queued', 'sending', 'sent', 'unknown')) >= ?"
        )
        values += [to_moment(now - timedelta(days=scene.per_days)), scene.most_messages]
    return (
        f"SELECT {COLUMNS},"
        f" EXISTS (SELECT 1 FROM opt_out o WHERE o.address = {address} AND o.channel = ? AND o.ended_at IS NULL)"
        " AS opted_out,"
        f" EXISTS (SELECT 1 FROM do_not_contact d WHERE d.address = {address} AND d.channel = ?"
        " AND (d.campaign_id IS NULL OR d.campaign_id = ?)) AS forbidden,"
        f" {capped} AS capped"
    ), values
