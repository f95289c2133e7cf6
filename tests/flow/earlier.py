"""Postrooms of earlier versions: packages of the migrations that they had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.store import orm
from core.store.making import written_down
from tests.flow.test_store_migrating import OUR_MIGRATIONS, OURS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def a_version(folder: Path, migrations: list[str]) -> str:
    """One that knows only these migrations, and has nothing written down; the package's name, for `orm.MIGRATIONS`."""
    name = f"up_to_{len(migrations)}_{folder.name}"
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    for one in migrations:
        (package / f"{one}.py").write_text(OURS.format(name=one))
    return name


def be_before(migration: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process the version before a migration, with what it had written down for new databases."""
    name = a_version(folder, [one for one in OUR_MIGRATIONS if one < migration])
    for label in ("sqlite", "postgres"):
        first, mark, _ = written_down(label).read_text().partition(f"-- {migration}\n")
        assert mark, f"{migration} is not written down for {label}"
        (folder / name / f"whole_{label}.sql").write_text(first)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(orm, "MIGRATIONS", name)
