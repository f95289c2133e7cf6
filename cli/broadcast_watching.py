"""A broadcast followed from a command: a bar on a terminal, a JSON line for each change otherwise."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import typer

from cli.output import age
from core.errors import Refused
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.office import Office
    from core.views.broadcasts import BroadcastRow, LiveRow

LOOK_SECONDS = 0.5
OVER = ("done", "cancelled")


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
    """Say how it does until it is done. Raises Refused where it comes to no end by itself: it is paused or cancelled,
    waits for a second person, or no engine runs.
    """
    from core.views.broadcasts import broadcast

    row = await broadcast(office.database, broadcast_id)
    begun, named = Pace(row.sent), f"broadcast {broadcast_id}"
    if not is_live:
        await _line(office, row, 0.0)
    if row.state == "planned":
        words = f"{named} waits for a second person: 'postroom broadcast approve {broadcast_id} --as LOGIN'"
        if to_the_end:
            raise Refused(words)
        sys.stderr.write(f"{words}\n")
    if not to_the_end or row.state == "scheduled":
        if is_live:
            typer.echo(f"{row.state}: {row.planned:,} recipients")
        return
    if not await _engines(office):
        raise Refused(f"no engine runs: broadcast {broadcast_id} begins to leave when one does ('postroom --no-ui')")
    try:
        with moving(f"broadcast {broadcast_id}", is_live=is_live) as moved:
            row = await _to_the_end(office, row, begun, moved, is_live=is_live)
    except asyncio.CancelledError:
        sys.stderr.write(
            f"broadcast {broadcast_id} goes on: 'postroom broadcast show {broadcast_id}' says how it does\n"
        )
        raise
    if is_live:
        typer.echo(f"{row.state}: {_counts(row)}" + (f" ({row.reason})" if row.reason else ""))
    if row.state != "done":
        why = f": {row.reason}" if row.reason else ""
        then = f"; 'postroom broadcast resume {broadcast_id}' goes on" if row.state == "paused" else ""
        raise Refused(f"broadcast {broadcast_id} is {row.state}{why}{then}")


async def _to_the_end(
    office: Office, row: BroadcastRow, pace: Pace, moved: Callable[[int, int], None] | None, *, is_live: bool
) -> BroadcastRow:
    from core.views.broadcasts import broadcast

    last = row
    while row.state not in (*OVER, "paused"):
        await asyncio.sleep(LOOK_SECONDS)
        row = await broadcast(office.database, row.id)
        if moved is not None:
            moved(row.settled, row.planned)
        if row != last and not is_live:
            await _line(office, row, pace.per_minute(row.sent))
        last = row
    return row


class Pace:
    """How many leave a minute, over the last ten seconds or so."""

    def __init__(self, sent: int) -> None:
        self._seen = deque([(monotonic(), sent)], maxlen=20)

    def per_minute(self, sent: int) -> float:
        """Now that so many have left."""
        now = monotonic()
        at, before = self._seen[0]
        self._seen.append((now, sent))
        return (sent - before) * 60 / max(0.1, now - at)


async def _engines(office: Office) -> bool:
    from core.clock import to_moment

    return bool(
        await office.database.read(
            "SELECT 1 FROM lease WHERE name LIKE 'engine:%' AND until >= ? LIMIT 1", to_moment(office.clock.now())
        )
    )


def figures(live: LiveRow) -> list[str]:
    """One broadcast in some lines."""
    from core.broadcasts import hours_in_words

    row = live.row
    lines = [
        f"{harmless(row.name, lines=False)} #{row.id}  {row.state}  by {row.by}"
        + (f", approved by {row.approved_by}" if row.approved_by else ""),
        f"{harmless(row.audience, lines=False)}  as {row.account}  template {row.template}",
        f"{row.settled:,} of {row.planned:,}: {_counts(row)}",
    ]
    if row.send_hours:
        lines.append(hours_in_words(row.send_hours))
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
    from core.views.broadcasts import STATES

    return ", ".join(f"{getattr(row, state):,} {state}" for state in STATES if getattr(row, state)) or "nobody"


async def _line(office: Office, row: BroadcastRow, per_minute: float) -> None:
    from core.views.broadcasts import STATES, held

    now = office.clock.now()
    waiting, _ = await held(office.database, row.id, now)
    said = {"time": f"{now:%Y-%m-%dT%H:%M:%SZ}", "id": row.id, "state": row.state, "planned": row.planned}
    said |= {"reason": row.reason, "held": waiting, "per_minute": round(per_minute, 1)}
    typer.echo(json.dumps(said | {state: getattr(row, state) for state in STATES} | {"excluded": dict(row.excluded)}))
    sys.stdout.flush()
