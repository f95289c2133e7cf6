"""A machine that is slow, or has much else to do, migrates all the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.store import connecting, migrating, opened
from core.store.making import make_postgres

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

    from core.settings import Settings

IDLE = 0.5
"""Seconds that a transaction may idle here, before PostgreSQL hangs up."""


@pytest.mark.parametrize("new_settings", ["postgres"], indirect=True)
async def test_a_migration_may_think_for_longer_than_another_transaction_may_idle(
    new_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def think_and_make(transaction: BaseDBAsyncClient) -> None:
        await asyncio.sleep(2 * IDLE)
        await make_postgres(transaction)

    monkeypatch.setattr(connecting, "IDLE_MILLISECONDS", int(IDLE * 1000))
    monkeypatch.setattr(migrating, "make_postgres", think_and_make)
    async with opened(new_settings) as database:
        (row,) = await database.read("SELECT count(*) AS n FROM tortoise_migrations")
        assert row["n"] == len(connecting.our_migrations())
