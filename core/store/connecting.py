"""One connection as Tortoise wants it described, and the migrations it knows."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from core import models
from core.errors import Wrong
from core.settings import shown_url
from core.store import orm

if TYPE_CHECKING:
    from pathlib import Path

    from tortoise.context import TortoiseContext

SQLITE_PRAGMAS: dict[str, object] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 15000,
    # A log that is not cut short each time costs an fsync of data only.
    "journal_size_limit": 67108864,
    "wal_autocheckpoint": 4000,
}
CONNECTIONS = 8
"""At most, of one process to PostgreSQL."""
IDLE_MILLISECONDS = 5_000
"""A process that stands still within a transaction loses it, and its locks, before its leases run out."""


def our_migrations() -> list[str]:
    """The names of the migrations this program knows, in order."""
    names = (name for folder in import_module(orm.MIGRATIONS).__path__ for name in os.listdir(folder))
    return sorted(name.removesuffix(".py") for name in names if name[:1].isdigit() and name.endswith(".py"))


def on_sqlite(path: Path, **pragmas: object) -> dict[str, Any]:
    """The connection to a file, with these pragmas. Not a URL: a folder's name may hold `?`, `#` and `%`."""
    return {"engine": "core.store.on_sqlite", "credentials": {"file_path": str(path), **pragmas}}


def on_postgres(url: str) -> dict[str, Any]:
    """The connection to a server by its URL; `sslmode` and `host` may stand behind `?`. Raises Wrong for others.

    Its name tells other processes which schema it was made for.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    credentials: dict[str, Any] = {
        "host": parts.hostname or options.pop("host", None),
        "port": parts.port or int(options.pop("port", 5432)),
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path[1:]) or None,
        "application_name": application_name(),
        "server_settings": {
            "idle_in_transaction_session_timeout": str(IDLE_MILLISECONDS),
            # Our queries are short and go by indexes: to compile them takes longer than to run them, and where nothing
            # was analysed yet a walk through the whole table looks cheaper than it is.
            "jit": "off",
            "random_page_cost": "1.1",
        },
        "minsize": 1,
        "maxsize": CONNECTIONS,
    }
    if "sslmode" in options:
        credentials["ssl"] = options.pop("sslmode")
    if options:
        raise Wrong(f"{shown_url(url)}: {min(options)} is not known here; set it in the environment as libpq names it")
    return {"engine": "core.store.on_asyncpg", "credentials": credentials}


def application_name() -> str:
    """How PostgreSQL's activity shows us: `postroom/` and the newest migration we know, 63 octets at most."""
    return f"postroom/{our_migrations()[-1]}"[:63]


def load_orm() -> None:
    """Import Tortoise, our client of it and all tables: some tenths of a second, in whichever thread may spare them."""
    for name in ("core.store.on_sqlite", *models.TABLES):
        import_module(name)


async def connect_sqlite(path: Path) -> TortoiseContext:
    """Connect to a file that is up to date."""
    return await connect(on_sqlite(path, **SQLITE_PRAGMAS), "sqlite", everywhere=True)


async def connect(connection: dict[str, Any], label: str, *, everywhere: bool) -> TortoiseContext:
    """Connect and ask once whether anybody is there. `everywhere`: for every task of this process."""
    from tortoise.context import TortoiseContext

    context = TortoiseContext()
    with context:
        await context.init(config=orm.orm_config(connection, label), _enable_global_fallback=everywhere)
    try:
        await context.connections.get(label).execute_query("SELECT 1")
    except BaseException:
        await context.close_connections()
        raise
    return context
