"""A new database is made from statements written down, and is what the migrations would have made of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from core.store import migrating, opened, orm, recording
from core.store.making import written_down
from core.store.migrating import CannotOpen
from tests.flow.conftest import sqlite_settings
from tests.flow.earlier import a_version
from tests.flow.test_store_migrating import OUR_MIGRATIONS, Later, later, whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.store import Database
    from tests.servers.postgres import Postgres

__all__ = ["later"]

WRITE_ANEW = "run `.venv/bin/python -m core.store.recording` and commit what it writes"
SCHEMA = {
    True: [
        "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name",
        "SELECT name, seq FROM sqlite_sequence ORDER BY name",
        "PRAGMA user_version",
        "PRAGMA page_size",
    ],
    False: [
        "SELECT * FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
        """SELECT conrelid::regclass::text AS place, conname, pg_get_constraintdef(oid) AS said FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY place, conname""",
        "SELECT * FROM pg_sequences ORDER BY sequencename",
        """SELECT objoid::regclass::text AS place, objsubid, description FROM pg_description
        JOIN pg_class ON pg_class.oid = objoid WHERE relnamespace = 'public'::regnamespace ORDER BY place, objsubid""",
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname",
    ],
}
Schema = list[list[dict[str, object]]]


@pytest.fixture
def others_settings(new_settings: Settings, folder: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings of a second new database on the same backend."""
    if new_settings.sqlite_path is not None:
        (folder / "other").mkdir()
        yield sqlite_settings(folder / "other")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create_database()
    yield Settings(url, folder / "other.key")
    postgres.drop_database(url)


async def schema(database: Database) -> Schema:
    """All that a backend knows of its tables."""
    rows = [await database.rows(question) for question in SCHEMA[database.is_sqlite]]
    return [
        [{key: row[key] for key in row if key not in ("table_catalog", "udt_catalog")} for row in one] for one in rows
    ]


async def test_a_new_database_is_what_the_migrations_make_one_after_another_from_each_older_state(
    new_settings: Settings, others_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for number in range(1, len(OUR_MIGRATIONS) + 1):
        monkeypatch.setattr(orm, "MIGRATIONS", a_version(tmp_path, OUR_MIGRATIONS[:number]))
        async with opened(others_settings) as database:
            migrated, migrated_rows = await schema(database), await whole(database)
    monkeypatch.undo()

    async def not_written_down(*_: object) -> None:
        pytest.fail(f"a migration is not written down: {WRITE_ANEW}")

    monkeypatch.setattr(migrating, "_run_migrations", not_written_down)
    async with opened(new_settings) as database:
        made, made_rows = await schema(database), await whole(database)
    for rows in (migrated_rows, made_rows):
        for row in rows["tortoise_migrations"]:
            at = row.pop("applied_at")
            at = at if isinstance(at, datetime) else datetime.fromisoformat(at)
            assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)
    assert sorted(row["name"] for row in made_rows["tortoise_migrations"]) == OUR_MIGRATIONS
    assert (made, made_rows) == (migrated, migrated_rows), WRITE_ANEW


@pytest.mark.parametrize("label", ["sqlite", "postgres"])
async def test_the_command_writes_what_is_written_down(
    label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_text = written_down(label).read_text()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(orm, "MIGRATIONS", a_version(tmp_path, OUR_MIGRATIONS[:2]))
    first = await recording.statements(label)
    assert OUR_MIGRATIONS[1] in first and whole_text.startswith(first), WRITE_ANEW


def test_a_new_sqlite_database_needs_no_tortoise(folder: Path) -> None:
    path = sqlite_settings(folder).sqlite_path
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom core.store.migrating import settle_sqlite\n"
        "asyncio.run(settle_sqlite(Path(sys.argv[1]))).release()\nassert 'tortoise' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)
    assert path is not None and path.stat().st_size > 0


def written_with(later: Later, settings: Settings, strike: str) -> str:
    """A later version in the middle of whose statements something else stands."""
    label = "postgres" if settings.sqlite_path is None else "sqlite"
    text = written_down(label).read_text()
    mark = f"-- {OUR_MIGRATIONS[2]}\n"
    assert text.count(mark) == 1
    name = later.small(f"later_{later.folder.name}")
    (later.folder / name / f"whole_{label}.sql").write_text(text.replace(mark, f"{strike};\n{mark}"))
    return name


async def test_a_migration_that_is_not_written_down_yet_is_run_after_those_that_are(
    new_settings: Settings, later: Later
) -> None:
    later.become(written_with(later, new_settings, "SELECT 1"))
    async with opened(new_settings) as database:
        rows = await whole(database)
        assert sorted(row["name"] for row in rows["tortoise_migrations"]) == [*OUR_MIGRATIONS, "9999_later"]
        assert rows["later"] == []


@pytest.mark.parametrize(
    ("new_settings", "strike"),
    [
        ("sqlite", "SELECT nothing FROM nowhere"),
        ("postgres", "SELECT nothing FROM nowhere"),
        ("postgres", "SELECT pg_terminate_backend(pg_backend_pid())"),
    ],
    indirect=["new_settings"],
)
async def test_statements_that_break_off_leave_nothing(
    new_settings: Settings, later: Later, monkeypatch: pytest.MonkeyPatch, strike: str
) -> None:
    later.become(written_with(later, new_settings, strike))
    with pytest.raises(CannotOpen, match="is as it was: "):
        async with opened(new_settings):
            pass
    path = new_settings.sqlite_path
    if path is not None:
        assert [one.name for one in path.parent.iterdir()] == ["desk.sqlite3.lock"]
    monkeypatch.undo()
    async with opened(new_settings) as database:  # a table that were there already would be refused
        assert len(await whole(database)) > 20


async def test_a_process_that_is_killed_in_the_middle_leaves_nothing_that_counts(folder: Path, later: Later) -> None:
    settings = sqlite_settings(folder)
    path = settings.sqlite_path
    assert path is not None
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    name = written_with(later, settings, endless)
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom core.store import orm\n"
        "from core.store.migrating import settle_sqlite\n"
        "orm.MIGRATIONS = sys.argv[2]\nsys.path.insert(0, sys.argv[3])\n"
        "asyncio.run(settle_sqlite(Path(sys.argv[1])))\n"
    )
    arguments = ["-c", program, str(path), name, str(later.folder)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    try:
        async with asyncio.timeout(30):
            while not path.with_name("desk.sqlite3.migrating-journal").exists():
                assert process.returncode is None
                await asyncio.sleep(0.01)
    finally:
        process.kill()
        await process.wait()
    assert not path.exists()
    async with opened(settings) as database:
        assert len(await whole(database)) > 20
    assert not list(folder.glob("*migrating*"))
