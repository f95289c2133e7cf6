"""Fixtures: a PostgreSQL cluster for each test process, an empty database for each test that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running cluster, shared by all tests of this process; a test that stops it must start it again."""
    with Postgres() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The url of an empty database that is dropped after the test."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)
