"""`postroom wallboard`: how the desk stands now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from cli.options import Json
from cli.output import age, print_json, print_table, with_database

if TYPE_CHECKING:
    from core.store import Database
    from core.views.wallboard import Wallboard


def wallboard(context: typer.Context, json: Json = False) -> None:
    """Queues and agents now, with the figures of today."""

    async def work(database: Database) -> Wallboard:
        from core.views.wallboard import wallboard

        return await wallboard(database, datetime.now(UTC))

    board = with_database(context, work)
    if json:
        print_json(board)
        return
    queues = [
        {
            "name": one.name, "waiting": one.waiting, "oldest": _since(one.oldest, board.at), "offered": one.offered,
            "sl": one.today.service_level, "in": one.today.entered, "answered": one.today.answered,
            "ready": one.agents["ready"],
        }
        for one in board.queues
    ]  # fmt: skip
    columns = {"name": "Queue", "waiting": "Waiting", "oldest": "Oldest", "offered": "Offered", "sl": "SL %",
               "in": "In", "answered": "Answered", "ready": "Ready"}  # fmt: skip
    print_table(columns, queues, empty="no queues")
    typer.echo()
    agents = [
        {
            "login": one.login, "state": one.state, "reason": one.reason or None, "since": _since(one.since, board.at),
            "offered": one.offered, "open": sum(one.open.values()), "held": sum(one.held.values()),
            "handled": one.today.handled, "average": _seconds(one.today.average_handling),
        }
        for one in board.agents
    ]  # fmt: skip
    columns = {"login": "Agent", "state": "State", "reason": "Reason", "since": "Since", "offered": "Offered",
               "open": "Open", "held": "Held", "handled": "Handled", "average": "Average"}  # fmt: skip
    print_table(columns, agents, empty="no agents")


def _since(at: datetime | None, now: datetime) -> str | None:
    return None if at is None else age(max(0.0, (now - at).total_seconds()))


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else age(seconds)
