"""The tests' own PostgreSQL: a database for each who asks, durable, and gone afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.servers.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def guarded() -> Iterator[Postgres]:
    """A cluster of this module's own, with a password."""
    with Postgres(password="p@ss/wörd") as cluster:
        yield cluster


async def test_a_database_of_its_own_is_empty_and_durable(postgres_url: str) -> None:
    line = await asyncpg.connect(postgres_url)
    assert await line.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert await line.fetchval("SHOW fsync") == "on"
    assert await line.fetchval("SHOW server_encoding") == "UTF8"
    await line.close()


def test_two_databases_differ_and_a_dropped_one_is_gone(postgres: Postgres) -> None:
    first, second = postgres.create_database(), postgres.create_database('odd "name"')
    assert first != second
    for url in (first, second):
        postgres.drop_database(url)
        postgres.drop_database(url)
    assert "odd" not in postgres.execute("SELECT datname FROM pg_database")


async def test_a_database_made_from_a_template_holds_what_the_template_holds(postgres: Postgres) -> None:
    first = postgres.create_database()
    postgres.execute("CREATE TABLE kept AS SELECT 7 AS number", first.rpartition("/")[2])
    second = postgres.create_database(template=first)
    assert postgres.execute("SELECT number FROM kept", second.rpartition("/")[2]) == "7"
    for url in (first, second):
        postgres.drop_database(url)


async def test_a_password_is_asked_for(guarded: Postgres) -> None:
    line = await asyncpg.connect(guarded.url)
    await line.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(guarded.url, password="wrong")


async def test_what_was_committed_survives_a_crash(guarded: Postgres) -> None:
    url = guarded.create_database()
    line = await asyncpg.connect(url)
    await line.execute("CREATE TABLE kept (number int)")
    await line.execute("INSERT INTO kept VALUES (7)")
    guarded.kill()
    with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await line.fetchval("SELECT 1")
    with pytest.raises(OSError):
        await asyncpg.connect(url)
    guarded.start()
    line = await asyncpg.connect(url)
    assert await line.fetchval("SELECT number FROM kept") == 7
    await line.close()


def test_a_stopped_cluster_leaves_nothing() -> None:
    with Postgres() as cluster:
        folder = cluster.folder
        assert folder.exists()
    assert not folder.exists()
    cluster.stop()
