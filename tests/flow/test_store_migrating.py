"""A populated database is migrated whole, or it stays as it was."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from core.models import AgentGroup, Contact, Message, Note, Queue
from core.models.states import Channel, Direction
from core.office import open_office
from core.store import migrating, opened, orm
from core.store.connecting import connect, on_postgres, our_migrations
from core.store.migrating import CannotOpen, InUse, settle_postgres, settle_sqlite
from tests.flow.conftest import NOW, furnish

if TYPE_CHECKING:
    from pathlib import Path

    from core.settings import Settings
    from core.store import Database

OUR_MIGRATIONS = our_migrations()
OURS = """
from importlib import import_module

class Migration(import_module("core.migrations.{name}").Migration):
    pass
"""
LATER = """
import os, signal
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

async def strike(apps, schema_editor):
    {strike}

class Migration(migrations.Migration):
    dependencies = [("postroom", "{last}")]
    operations = [
        ops.AddField("Contact", "urgent", fields.IntField(db_default=0)),
        ops.AlterField("Queue", "name", fields.CharField(max_length=120, unique=True)),
        ops.RunPython(strike),
        ops.CreateModel("Later", fields=[("id", fields.IntField(generated=True, primary_key=True))],
                        options={{"table": "later", "app": "postroom", "pk_attr": "id"}}, bases=["Model"]),
    ]
"""
SHELL = """
from tortoise import migrations

class Migration(migrations.Migration):
    pass
"""
SMALL = """
from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [("postroom", "{last}")]
    operations = [ops.RunSQL("CREATE TABLE later (id INTEGER NOT NULL PRIMARY KEY)")]
"""
OPEN_LATER = """
import asyncio, sys
from pathlib import Path
from core.settings import Settings
from core.store import opened, orm
orm.MIGRATIONS = sys.argv[2]
sys.path.insert(0, sys.argv[3])

async def main():
    async with opened(Settings(sys.argv[1], Path("key"))):
        pass

asyncio.run(main())
"""
Whole = dict[str, list[dict[str, Any]]]


class Later:
    """A Postroom of a later version, with one more migration."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch

    def version(self, name: str, strike: str = "pass") -> str:
        """Write its migrations; `strike` runs in the middle of the new one."""
        return self._write(name, OURS, LATER.format(strike=strike, last=OUR_MIGRATIONS[-1]))

    def small(self, name: str) -> str:
        """Write such as Tortoise has done with at once, where it only matters that there is something to migrate."""
        return self._write(name, SHELL, SMALL.format(last=OUR_MIGRATIONS[-1]))

    def _write(self, name: str, ours: str, new: str) -> str:
        package = self.folder / name
        package.mkdir()
        written = {"__init__": "", "9999_later": new, **{one: ours.format(name=one) for one in OUR_MIGRATIONS}}
        for file, text in written.items():
            (package / f"{file}.py").write_text(text)
        return name

    def become(self, name: str) -> None:
        """Make this process that version."""
        self._monkeypatch.setattr(orm, "MIGRATIONS", name)

    def run(self, settings: Settings, name: str) -> subprocess.CompletedProcess[str]:
        """A process of that version that opens the database and closes it."""
        command = [sys.executable, "-c", OPEN_LATER, settings.db, name, str(self.folder)]
        return subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Later:
    monkeypatch.syspath_prepend(str(tmp_path))
    return Later(tmp_path, monkeypatch)


async def populate(settings: Settings) -> None:
    """A desk at work, with rows on both sides of every way in which a deletion could cascade."""
    async with open_office(settings) as office:
        await furnish()
        group = await AgentGroup.create(name="all")
        await (await Queue.get(name="front")).groups.add(group)
        for n in range(20):
            contact = await Contact.create(
                account_id=1, channel=Channel.SMS, address=f"+44770090{n:04}", received_at=NOW, queue_id=1,
            )  # fmt: skip
            await Note.create(contact=contact, text=f"note {n}", at=NOW)
            await Message.create(
                contact=contact, account_id=1, direction=Direction.IN, channel=Channel.SMS, address=contact.address,
                text=f"text {n} ✓", at=NOW,
            )  # fmt: skip
        assert await office.database.read("SELECT 1")


async def whole(database: Database) -> Whole:
    """Every row of every table."""
    if database.is_sqlite:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        names = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    tables = [row["name"] for row in await database.rows(names)]
    found = {name: await database.rows(f'SELECT * FROM "{name}"') for name in tables}
    return {name: sorted(rows, key=str) for name, rows in found.items()}


async def indexes(database: Database) -> set[str]:
    """Every index that somebody wrote, with its definition."""
    if database.is_sqlite:
        sql = "SELECT sql AS said FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        sql = "SELECT indexdef AS said FROM pg_indexes WHERE schemaname = 'public'"
    return {row["said"] for row in await database.rows(sql)}


async def test_a_populated_database_is_migrated_whole(settings: Settings, later: Later) -> None:
    await populate(settings)
    async with opened(settings) as database:
        before, indexed = await whole(database), await indexes(database)
    later.become(later.version("v2_whole"))
    async with opened(settings) as database:
        after = await whole(database)
        assert sorted(row["name"] for row in after.pop("tortoise_migrations")) == [*OUR_MIGRATIONS, "9999_later"]
        del before["tortoise_migrations"]
        assert after.pop("later") == []
        assert {row.pop("urgent") for row in after["contact"]} == {0}
        assert after == before
        assert await indexes(database) >= indexed
        assert await Queue.filter(groups__name="all").count() == 1
        if database.is_sqlite:
            assert (await database.rows("PRAGMA foreign_keys"))[0]["foreign_keys"] == 1
            assert await database.rows("PRAGMA foreign_key_check") == []


async def test_the_old_sqlite_file_is_kept_and_both_are_private(
    on_sqlite: Settings, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = on_sqlite.sqlite_path
    assert path is not None
    await populate(on_sqlite)
    path.chmod(0o640)
    with closing(sqlite3.connect(path)) as old:
        before = list(old.iterdump())
    name = later.small("v2_kept")
    later.become(name)
    async with opened(on_sqlite):
        pass
    kept = path.with_name("desk.sqlite3.before-9999_later")
    with closing(sqlite3.connect(kept)) as old:
        assert list(old.iterdump()) == before
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, kept)} == {0o640}
    assert not list(path.parent.glob("*migrating*"))
    monkeypatch.undo()  # the old program opens the copy
    os.replace(kept, path)
    async with opened(on_sqlite) as database:
        assert len(await database.read("SELECT * FROM contact")) == 20


@pytest.mark.parametrize(
    "strike", ["os.kill(os.getpid(), signal.SIGKILL)", "raise OSError(28, 'No space left on device')"]
)
async def test_a_migration_that_breaks_off_leaves_the_old_database(
    settings: Settings, later: Later, strike: str
) -> None:
    await populate(settings)
    async with opened(settings) as database:
        before, indexed = await whole(database), await indexes(database)
    broken = await asyncio.to_thread(later.run, settings, later.version("v2_broken", strike))
    assert broken.returncode != 0
    if "raise" in strike:
        assert "as it was: " in broken.stderr and "No space left" in broken.stderr
    async with opened(settings) as database:
        assert (await whole(database), await indexes(database)) == (before, indexed)
        await database.rows("INSERT INTO bucket (name, tokens, at) VALUES ('still', 1, 0)")
    later.become(later.version("v2_mended"))
    async with opened(settings) as database:
        assert len(await database.read("SELECT urgent FROM contact")) == 20
        assert len(await database.read("SELECT * FROM bucket")) == 1
    if settings.sqlite_path is not None:
        assert not list(settings.sqlite_path.parent.glob("*migrating*"))


async def settle(settings: Settings) -> None:
    """Bring it up to date as a later process would, beside whoever has it open here."""
    if settings.sqlite_path is not None:
        (await settle_sqlite(settings.sqlite_path)).release()
        return
    context = await connect(on_postgres(settings.db), "postgres", everywhere=False)
    try:
        await settle_postgres(context, "the desk")
    finally:
        await context.close_connections()


async def test_a_migration_is_refused_while_another_process_has_the_database(
    settings: Settings, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "PATIENCE_SECONDS", 0.3)
    async with opened(settings) as database:
        later.become(later.small("v2_refused"))
        with pytest.raises(InUse, match="another Postroom uses it: stop that one first"):
            await settle(settings)
        assert "later" not in await whole(database)
    await settle(settings)
    async with opened(settings) as database:
        assert "later" in await whole(database)


async def test_a_migration_waits_for_a_process_that_is_about_to_go(settings: Settings, later: Later) -> None:
    async with opened(settings):
        later.become(later.small("v2_waits"))
        settling = asyncio.create_task(settle(settings))
        await asyncio.sleep(0.3)
        assert not settling.done()
    await asyncio.wait_for(settling, 10)
    async with opened(settings) as database:
        assert "later" in await whole(database)


async def test_a_migration_does_not_replace_a_file_that_another_program_has_open(
    on_sqlite: Settings, later: Later
) -> None:
    path = on_sqlite.sqlite_path
    assert path is not None
    await populate(on_sqlite)
    with closing(sqlite3.connect(path)) as shell:
        shell.execute("PRAGMA journal_mode = WAL")
        assert shell.execute("SELECT count(*) FROM contact").fetchone() == (20,)
        later.become(later.small("v2_shell"))
        with pytest.raises(InUse, match="close that one first"):
            await settle(on_sqlite)
        assert shell.execute("SELECT count(*) FROM contact").fetchone() == (20,)
    await settle(on_sqlite)


async def test_what_was_in_the_log_of_a_killed_process_is_migrated_too(on_sqlite: Settings, later: Later) -> None:
    path = on_sqlite.sqlite_path
    assert path is not None
    killed = (
        "import os, sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode = WAL')\n"
        "c.execute(\"INSERT INTO bucket (name, tokens, at) VALUES ('x', 1, 0)\")\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", killed, str(path)], check=False)
    assert path.with_name("desk.sqlite3-wal").stat().st_size > 0
    later.become(later.small("v2_log"))
    async with opened(on_sqlite) as database:
        assert len(await database.read("SELECT * FROM bucket")) == 1


async def test_every_index_that_queries_and_rules_rest_on_is_there(settings: Settings) -> None:
    """Tortoise drops indexes where it alters a table: a migration that does so must make them anew."""
    async with opened(settings) as database:
        made = await indexes(database)
    wanted = {"contact_unclosed", "contact_waiting", "contact_new", "outbox_due", "outbox_in_hand", "outbox_unsettled",
              "opt_out_active", "mail_unacknowledged"}  # fmt: skip
    assert {name for name in wanted if any(name in said for said in made)} == wanted


async def test_a_database_that_lost_a_parent_is_not_migrated(on_sqlite: Settings, later: Later) -> None:
    path = on_sqlite.sqlite_path
    assert path is not None
    await populate(on_sqlite)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM account WHERE id = 1")
        connection.commit()
    later.become(later.small("v2_orphans"))
    with pytest.raises(CannotOpen, match=r"\d+ rows would lose what they belong to"):
        await settle(on_sqlite)
