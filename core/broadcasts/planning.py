"""Planning: every customer of the audience is judged, page by page, and nothing is written."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING

from core.broadcasts.forecasting import held_at
from core.broadcasts.judging import Judge, example
from core.broadcasts.plans import LeftOut, Plan, Preview
from core.broadcasts.reading import how_many, pages, those
from core.broadcasts.scene import set_scene
from core.broadcasts.twins import told_apart
from core.errors import NotFound
from core.sms import count_parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from datetime import datetime

    from core.broadcasts.plans import Example, Request
    from core.broadcasts.scene import Scene
    from core.secrets import Vault
    from core.store import Database

Recipients = list[tuple[int, str, str, int]]
"""Of one page: customer, address, zone, parts."""
AT_A_TIME = 200


async def plan(
    database: Database,
    vault: Vault,
    request: Request,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """What would happen if this were confirmed now. Raises Wrong, NotFound."""
    scene = await set_scene(database, vault, request)
    judge, digest = await judged(database, scene, now, progress)
    zones = await asyncio.to_thread(judge.zones, scene.desk["timezone"])
    waiting, _, until = await asyncio.to_thread(held_at, now, zones, scene.quiet_hours, "")
    examples = {reason: tuple(found) for reason, found in judge.examples.items()}
    if LeftOut.TWICE in examples:
        examples[LeftOut.TWICE] = tuple(await told_apart(database, request.channel, examples[LeftOut.TWICE], judge.ids))
    return Plan(
        request=request,
        made_at=now,
        template=scene.template,
        customers=judge.customers,
        recipients=len(judge.ids),
        left_out={reason: len(ids) for reason, ids in judge.left_ids.items()},
        examples=examples,
        by_parts=dict(sorted(judge.by_parts.items())),
        ucs2=judge.ucs2,
        forcing=dict(judge.forcing.most_common()),
        price=scene.price,
        worst=judge.worst,
        waiting=waiting,
        waits_until=until,
        rate_per_minute=scene.rate_per_minute,
        digest=digest,
        ids=judge.ids,
        left_ids=judge.left_ids,
        wrong=next(iter(judge.wrong.most_common(1)), None),
        quiet_hours=scene.quiet_hours,
        zones=zones,
    )


async def judged(
    database: Database,
    scene: Scene,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    write: Callable[[Recipients], Awaitable[None]] | None = None,
) -> tuple[Judge, str]:
    """Judge the whole audience; the judge with its sums, and the digest. `write` is given each page's recipients."""
    total = await how_many(database, scene)
    judge = Judge(scene, asks_where=write is None)
    digest = hashlib.sha256(_frozen(scene).encode("utf-8", "replace"))
    async for rows in pages(database, scene, now):
        found = await asyncio.to_thread(judge.page, rows)
        digest.update("".join(f"\n{who} {to} {zone} {parts}" for who, to, zone, parts in found).encode())
        if write is not None and found:
            await write(found)
        if progress is not None:
            progress(judge.customers, max(total, judge.customers))
    return judge, digest.hexdigest()


async def preview(database: Database, vault: Vault, plan: Plan, number: int) -> Preview:
    """The nth recipient's own message as the plan has it; 1 is the first. Raises NotFound."""
    if not 1 <= number <= plan.recipients:
        raise NotFound(f"there is no recipient {number}: the plan has {plan.recipients}")
    scene = await set_scene(database, vault, plan.request)
    rows = await those(database, scene, plan.made_at, [plan.ids[number - 1]])
    verdict = Judge(scene).judge(rows[0]) if rows else None
    if verdict is None or verdict.said is None:
        raise NotFound(f"recipient {number} is gone or gets it no more: plan anew")
    said, row = verdict.said, rows[0]
    parts = count_parts(said.text).parts if scene.dialect is not None else 0
    return Preview(
        number, row["id"], row["reference"], row["name"], verdict.address, said.subject, said.text, parts, said.html
    )


async def left_out(
    database: Database, vault: Vault, plan: Plan, reason: LeftOut | None
) -> AsyncIterator[tuple[LeftOut, Example]]:
    """Everybody who is left out, for this reason or for any, with what is to say of each."""
    scene = await set_scene(database, vault, plan.request)
    judge = Judge(scene)
    for why, ids in plan.left_ids.items():
        if reason is not None and why is not reason:
            continue
        for start in range(0, len(ids), AT_A_TIME):
            rows = await those(database, scene, plan.made_at, ids[start : start + AT_A_TIME])
            found = [example(row, judge.judge(row)) for row in rows]
            if why is LeftOut.TWICE:
                found = await told_apart(database, plan.request.channel, found, plan.ids)
            for one in found:
                yield why, one


def _frozen(scene: Scene) -> str:
    template = scene.template
    said: Sequence[object] = (
        scene.request.channel.value, scene.account_id, scene.campaign_id, scene.as_json(),
        template.name, template.subject, template.body, template.html, template.when_missing,
    )  # fmt: skip
    return json.dumps(said)
