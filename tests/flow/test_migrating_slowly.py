"""A machine that is slow, or has much else to do, migrates all the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from core.store import connecting, migrating, opened

if TYPE_CHECKING:
    from core.settings import Settings

IDLE = 0.5
"""Seconds that a transaction may idle here, before PostgreSQL hangs up."""


@pytest.mark.parametrize("new_settings", ["postgres"], indirect=True)
async def test_a_migration_may_think_for_longer_than_another_transaction_may_idle(
    new_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate = migrating._run_migrations

    async def think_and_migrate(*given: Any) -> None:
        await asyncio.sleep(2 * IDLE)
        await migrate(*given)

    monkeypatch.setattr(connecting, "IDLE_MILLISECONDS", int(IDLE * 1000))
    monkeypatch.setattr(migrating, "_run_migrations", think_and_migrate)
    async with opened(new_settings) as database:
        (row,) = await database.read("SELECT count(*) AS n FROM tortoise_migrations")
        assert row["n"] == len(connecting.our_migrations())
