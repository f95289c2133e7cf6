"""`postroom doctor`: everything a desk stands on, looked at."""

from __future__ import annotations

import asyncio

import typer

from cli.options import Json
from cli.output import settings_of


def doctor(context: typer.Context, json: Json = False) -> None:
    """Look at program, database, key, clock, engine, servers and mailboxes; exit code 1 when something is broken."""
    settings = settings_of(context)

    async def work() -> bool:
        from cli.steps import follow
        from core.checkup import examine
        from core.clock import Clock

        return await follow(examine(settings, Clock()), as_json=json)

    if not asyncio.run(work()):
        raise typer.Exit(1)
