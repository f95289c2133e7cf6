"""`postroom status`: the desk at a glance."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import typer

from cli.options import Json
from cli.output import age, print_json, print_table, with_database

if TYPE_CHECKING:
    from core.store import Database
    from core.views import Status


def status(context: typer.Context, json: Json = False) -> None:
    """Engines, accounts, queues and the outbox at a glance."""

    async def work(database: Database) -> Status:
        from core.views import status as read_status

        return await read_status(database, datetime.now(UTC), version("postroom"))

    found = with_database(context, work)
    if json:
        print_json(found)
        return
    for engine in found.engine:
        typer.echo(f"engine {engine.holder} on {engine.host}, process {engine.pid}, version {engine.version}")
    if not found.engine:
        typer.echo("no engine runs: start one with 'postroom --no-ui'")
    server = found.outgoing_server
    if server is None:
        typer.echo("no outgoing server is set up: see [outgoing_server] in desk.toml")
    else:
        said = f": {server['error']}" if server["error"] else ""
        security = "not encrypted" if server["security"] == "none" else server["security"]
        typer.echo(f"outgoing server {server['host']}:{server['port']} {security}, {server['health']}{said}")
    typer.echo("outbox " + (", ".join(f"{n} {state}" for state, n in sorted(found.outbox.items())) or "empty"))
    typer.echo("")
    columns = {"address": "Account", "status": "Status", "on_server": "Server", "accounted": "Known",
               "waiting": "Waiting", "unfetched": "To fetch", "error": "Error"}  # fmt: skip
    print_table(columns, [asdict(row) for row in found.accounts], wide="error", empty="no accounts")
    typer.echo("")
    shown = [asdict(row) | {"oldest": age(row.oldest_seconds) if row.waiting else None} for row in found.queues]
    print_table({"name": "Queue", "waiting": "Waiting", "oldest": "Oldest", "open": "Open"}, shown, empty="no queues")
