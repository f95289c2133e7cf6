"""The store: how a database is made, opened and refused."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.errors import Wrong
from core.models import Journal
from core.settings import Settings
from core.store import open_database, opened
from core.store.connecting import on_postgres, our_migrations
from core.store.migrating import CannotOpen, NewerDatabase
from tests.flow.another_process import AnotherProcess
from tests.flow.conftest import sqlite_settings

if TYPE_CHECKING:
    from core.store import Database
    from tests.servers.postgres import Postgres

OPEN_AND_CLOSE = """
import asyncio, sys
from pathlib import Path
from core.settings import Settings
from core.store import opened

async def main():
    async with opened(Settings(sys.argv[1], Path("key"))) as database:
        await database.rows("SELECT 1")
        await database.read("SELECT 1")
        {then}

asyncio.run(main())
"""


def program(settings: Settings, then: str = "") -> subprocess.Popen[str]:
    """A process that opens the database, reads, does something and closes it."""
    code = OPEN_AND_CLOSE.replace("{then}", then)
    return subprocess.Popen([sys.executable, "-c", code, settings.db], stderr=subprocess.PIPE, text=True)


async def applied(database: Database) -> list[str]:
    return [row["name"] for row in await database.rows("SELECT name FROM tortoise_migrations ORDER BY id")]


async def test_a_new_database_is_made(new_settings: Settings) -> None:
    async with opened(new_settings) as database:
        assert await applied(database) == our_migrations()
        assert await database.rows("SELECT * FROM contact") == []


async def test_a_database_is_there_the_next_time(settings: Settings) -> None:
    async with opened(settings) as database:
        await Journal.create(at=0, actor="a", verb="b", kind="c")
    async with opened(settings) as database:
        assert (await database.read("SELECT actor FROM journal"))[0]["actor"] == "a"
        assert await applied(database) == our_migrations()


def test_four_processes_open_a_new_database_at_once(new_settings: Settings) -> None:
    started = [program(new_settings) for _ in range(4)]
    ended = [(process.communicate(timeout=30)[1], process.returncode) for process in started]
    assert ended == [("", 0)] * 4  # and nothing has kept one of them alive

    async def look() -> None:
        async with opened(new_settings) as database:
            assert await applied(database) == our_migrations()

    asyncio.run(look())


def test_a_process_that_fails_with_the_database_open_ends(settings: Settings) -> None:
    process = program(settings, "raise KeyError('mine')")
    _, words = process.communicate(timeout=20)
    assert process.returncode == 1 and "KeyError: 'mine'" in words


async def test_a_newer_database_is_refused_in_one_line(settings: Settings) -> None:
    async with opened(settings) as database:
        at = "2026-01-01" if database.is_sqlite else "now()"
        quoted = f"'{at}'" if database.is_sqlite else at
        await database.rows(
            f"INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('postroom', '0999_later', {quoted})"
        )
    with pytest.raises(NewerDatabase) as refused:
        await open_database(settings)
    words = str(refused.value)
    assert "0999_later" in words and our_migrations()[-1] in words and "\n" not in words


# -- SQLite ----------------------------------------------------------------------------------------------------------


async def test_an_sqlite_database_is_private_durable_and_strict(folder: Path) -> None:
    settings = sqlite_settings(folder)
    async with opened(settings) as database:
        for pragma, wanted in {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 15000,
        }.items():
            ((value,),) = [row.values() for row in await database.rows(f"PRAGMA {pragma}")]
            assert value == wanted, pragma
        for path in folder.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert sorted(path.name for path in folder.iterdir()) == ["desk.sqlite3", "desk.sqlite3.lock"]


async def test_a_folder_may_have_any_name(folder: Path, sqlite_template: Path) -> None:
    name = "a b%25c?d#e&f=ü"
    settings = sqlite_settings(folder / name)
    (folder / name).mkdir()
    shutil.copy(sqlite_template, folder / name)
    async with opened(settings) as database:
        await Journal.create(at=0, actor="a", verb="b", kind="c")
        assert len(await database.read("SELECT * FROM journal")) == 1
    assert [path.name for path in folder.iterdir()] == [name]


async def test_another_programs_database_is_left_alone(folder: Path) -> None:
    settings = sqlite_settings(folder)
    assert settings.sqlite_path is not None
    with closing(sqlite3.connect(settings.sqlite_path)) as connection:
        connection.execute("CREATE TABLE photo (name TEXT)")
        connection.commit()
    before = settings.sqlite_path.read_bytes()
    await refused(settings, "not one of Postroom's")
    with closing(sqlite3.connect(settings.sqlite_path)) as connection:  # of another program that uses Tortoise
        connection.execute("CREATE TABLE tortoise_migrations (app TEXT, name TEXT)")
        connection.execute("INSERT INTO tortoise_migrations VALUES ('album', '0001_initial')")
        connection.commit()
    await refused(settings, "not one of Postroom's")
    assert before != settings.sqlite_path.read_bytes()


async def test_a_file_that_is_no_database_is_left_alone(folder: Path) -> None:
    settings = sqlite_settings(folder)
    assert settings.sqlite_path is not None
    settings.sqlite_path.write_bytes(b"Dear diary, " * 1000)
    await refused(settings, "file is not a database")
    assert settings.sqlite_path.read_bytes() == b"Dear diary, " * 1000


async def test_a_folder_is_no_database(folder: Path) -> None:
    (folder / "desk.sqlite3").mkdir()
    await refused(sqlite_settings(folder), "is a folder")


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null"])
async def test_a_place_where_nothing_can_be_written_is_named(place: str) -> None:
    await refused(sqlite_settings(Path(place)), place)


async def test_a_folder_of_somebody_else_is_named(folder: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may write everywhere")
    folder.chmod(0o500)
    await refused(sqlite_settings(folder), str(folder))


async def refused(settings: Settings, words: str) -> None:
    with pytest.raises(CannotOpen) as error:
        await open_database(settings)
    assert words in str(error.value) and "\n" not in str(error.value) and "--db" in str(error.value)


# -- PostgreSQL ------------------------------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_is_named_without_its_password(folder: Path) -> None:
    settings = Settings("postgresql://desk:secret@127.0.0.1:1/desk", folder / "key")
    with pytest.raises(CannotOpen, match=r"desk:\.\.\.@127\.0\.0\.1:1/desk cannot be opened: .*failed") as error:
        await open_database(settings)
    assert "secret" not in str(error.value)


async def test_a_database_that_is_not_there_is_named(postgres: Postgres, folder: Path) -> None:
    with pytest.raises(CannotOpen, match="missing"):
        await open_database(Settings(postgres.url_of("missing"), folder / "key"))


async def test_tables_of_the_same_name_that_are_not_ours_are_left_alone(postgres: Postgres, folder: Path) -> None:
    url = postgres.create_database()
    postgres.execute("CREATE TABLE contact (phone text)", url.rpartition("/")[2])
    with pytest.raises(CannotOpen, match=r"as it was.*already exists"):
        await open_database(Settings(url, folder / "key"))
    tables = "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'"
    assert postgres.execute(tables, url.rpartition("/")[2]) == "contact"
    postgres.drop_database(url)


def test_what_a_postgres_url_can_say() -> None:
    said = on_postgres("postgresql://d%40sk:p%2Fss%3Fw%23rd@db.example:6000/my%20desk?sslmode=require")["credentials"]
    assert {key: said[key] for key in ("host", "port", "user", "password", "database", "ssl")} == {
        "host": "db.example", "port": 6000, "user": "d@sk", "password": "p/ss?w#rd", "database": "my desk",
        "ssl": "require",
    }  # fmt: skip
    assert on_postgres("postgresql:///desk?host=/run/postgresql")["credentials"]["host"] == "/run/postgresql"
    with pytest.raises(Wrong, match="sslrootcert"):
        on_postgres("postgresql://desk:secret@db.example/desk?sslrootcert=/x")


async def test_two_processes_see_each_others_rows(settings: Settings) -> None:
    async with AnotherProcess(settings) as other, opened(settings) as database:
        await other.do("await database.rows(\"INSERT INTO bucket (name, tokens, at) VALUES ('theirs', 1, 0)\")")
        await database.rows("INSERT INTO bucket (name, tokens, at) VALUES ('ours', 1, 0)")
        assert await other.do("return len(await database.read('SELECT * FROM bucket'))") == 2
        assert len(await database.read("SELECT * FROM bucket")) == 2
