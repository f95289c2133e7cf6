"""Fixtures: a PostgreSQL cluster for each test process, an empty database for each test that asks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from core.store import opened
from tests.servers.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.once import Once


UP_TO_DATE = "up_to_date"
"""A database that is migrated and has nothing in it; nobody connects to it."""


@pytest.fixture(scope="session")
def postgres(once: Once) -> Iterator[Postgres]:
    """A running cluster, shared by all tests of this process; a test that stops it must start it again."""
    with Postgres(copy_of=once("postgres", _make) / "data") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The url of a PostgreSQL database that is up to date and has nothing in it."""
    return postgres.url_of(UP_TO_DATE)


def _make(folder: Path) -> None:
    with Postgres() as cluster:
        asyncio.run(migrate(Settings(cluster.create_database(UP_TO_DATE), Path("none"))))
        cluster.stop()
        cluster.keep(folder / "data")


async def migrate(settings: Settings) -> None:
    """Bring a database up to date."""
    async with opened(settings):
        pass


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The url of an empty database that is dropped after the test."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)
