"""Tortoise's configuration, for the program and for its `makemigrations`."""

from __future__ import annotations

from typing import Any

MIGRATIONS = "core.migrations"


def orm_config(connection: str | dict[str, Any], label: str) -> dict[str, Any]:
    """For one connection of that label, given as Tortoise's URL or as engine and credentials."""
    return {"connections": {label: connection}, "apps": apps(label)}


def apps(label: str) -> dict[str, Any]:
    """Our tables and their migrations, on the connection of that label."""
    return {"postroom": {"models": ["core.models"], "default_connection": label, "migrations": MIGRATIONS}}


DEVELOPMENT = orm_config("sqlite://:memory:", "sqlite")
"""`tortoise -c core.store.orm.DEVELOPMENT makemigrations -n NAME` writes a migration from the models."""
