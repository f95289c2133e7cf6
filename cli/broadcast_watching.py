"""A broadcast followed from a command: a bar on a terminal, a JSON line for each change otherwise."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from cli.output import age
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.office import Office
    from core.views.broadcasts import BroadcastRow, LiveRow

LOOK_SECONDS = 0.5
OVER = ("done", "cancelled")
_STATES = ("waiting", "queued", "sent", "failed", "unknown", "suppressed", "cancelled")


@contextmanager
def moving(what: str, *, is_live: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr that a progress moves; none where nobody looks."""
    if not is_live or not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=1000, file=sys.stderr, label=what) as bar:

        def moved(done: int, of: int) -> None:
            bar.update(1000 * done // max(1, of) - bar.pos)

        yield moved


async def follow(office: Office, broadcast_id: int, *, is_live: bool, to_the_end: bool) -> None:
    """Say how it does until it is over, pauses, or (without an engine) nothing would come of waiting."""
    from core.views.broadcasts import broadcast

    row = await broadcast(office.database, broadcast_id)
    if not is_live:
        _line(row)
    if not to_the_end or row.state not in ("running", *OVER):
        if is_live:
            typer.echo(f"{row.state}: {row.planned:,} recipients")
        return
    if not await _engines(office):
        sys.stderr.write("no engine runs: it begins to leave when one does\n")
        return
    with moving(f"broadcast {broadcast_id}", is_live=is_live) as moved:
        last = row
        while row.state not in (*OVER, "paused"):
            await asyncio.sleep(LOOK_SECONDS)
            row = await broadcast(office.database, broadcast_id)
            if moved is not None:
                moved(row.settled, row.planned)
            if row != last and not is_live:
                _line(row)
            last = row
    if is_live:
        typer.echo(f"{row.state}: {_counts(row)}" + (f" ({row.reason})" if row.reason else ""))


async def _engines(office: Office) -> bool:
    from core.clock import to_moment

    return bool(
        await office.database.read(
            "SELECT 1 FROM lease WHERE name LIKE 'engine:%' AND until >= ? LIMIT 1", to_moment(office.clock.now())
        )
    )


def figures(live: LiveRow) -> list[str]:
    """One broadcast in some lines."""
    row = live.row
    lines = [
        f"{harmless(row.name, lines=False)} #{row.id}  {row.state}  by {row.by}"
        + (f", approved by {row.approved_by}" if row.approved_by else ""),
        f"{harmless(row.audience, lines=False)}  as {row.account}  template {row.template}",
        f"{row.settled:,} of {row.planned:,}: {_counts(row)}",
    ]
    if row.reason:
        lines.append(harmless(row.reason, lines=False))
    if live.held:
        until = f" until {live.held_until:%Y-%m-%d %H:%M}Z" if live.held_until else ""
        lines.append(f"{live.held:,} are held, the first{until}")
    left = f", {age(live.seconds_left)} left" if live.seconds_left is not None else ""
    lines.append(f"{live.per_minute:,.0f} a minute{left}; {live.replies:,} replies, {live.opt_outs:,} opt-outs")
    lines += [f"{number:>8,} x {harmless(words, lines=False)}" for words, number in live.failures]
    if row.excluded:
        lines.append("left out: " + ", ".join(f"{number:,} {reason}" for reason, number in row.excluded.items()))
    return lines


def _counts(row: BroadcastRow) -> str:
    return ", ".join(f"{getattr(row, state):,} {state}" for state in _STATES if getattr(row, state)) or "nobody"


def _line(row: BroadcastRow) -> None:
    said = {"id": row.id, "state": row.state, "planned": row.planned, "reason": row.reason}
    typer.echo(json.dumps(said | {state: getattr(row, state) for state in _STATES} | {"excluded": dict(row.excluded)}))
    sys.stdout.flush()
