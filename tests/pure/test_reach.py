"""Which files of this machine somebody at a screen may name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core import reach
from core.campaigns.tables import opened
from core.desk.files import file_wrong, place_wrong, read_file, write_file
from core.errors import Refused, Wrong
from core.settings import Settings


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a desk in it, its data folder, and customers beside the database."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data/postroom").mkdir(parents=True)
    place = tmp_path / "acme"
    place.mkdir()
    for name in ("desk.sqlite3", "desk.sqlite3.key", "desk.sqlite3-wal", "desk.sqlite3.flight-7", "leads.csv"):
        (place / name).write_text("name,number\nAnn,07700900123\n")
    (place / "desk.toml").write_text('[outgoing_server]\npassword = "geheim"\n')
    (tmp_path / "data/postroom/postgresql.key").write_text("key")
    monkeypatch.setattr(reach, "_desks", {Settings(f"sqlite:///{place / 'desk.sqlite3'}", place / "other.key")})
    (place / "other.key").write_text("key")
    return place


OWN = ("desk.sqlite3", "desk.sqlite3.key", "desk.sqlite3-wal", "desk.sqlite3.flight-7", "desk.toml", "other.key",
       "../data/postroom/postgresql.key", "../acme/../acme/desk.sqlite3")  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_what_is_postrooms_own_is_neither_read_nor_written(desk: Path, name: str) -> None:
    own = desk / name
    assert reach.wrong_to_read(own) == reach.wrong_to_write(own) == reach.OWN
    with pytest.raises(Wrong, match="belongs to Postroom itself"):
        reach.content(own, 1000)
    with pytest.raises(Wrong, match="belongs to Postroom itself"):
        read_file(str(own))
    with pytest.raises(Wrong, match="belongs to Postroom itself"), opened(own):
        pass
    assert file_wrong(str(own)) == reach.OWN


@pytest.mark.parametrize("name", ("desk.sqlite3", "desk.sqlite3-wal", "other.key"))
def test_nor_by_another_name_of_it(desk: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "soft.csv").symlink_to(desk / name)
    os.link(desk / name, tmp_path / "hard.csv")
    for other in ("soft.csv", "hard.csv"):
        assert reach.wrong_to_read(tmp_path / other) == reach.OWN
        assert reach.wrong_to_write(tmp_path / other) == reach.OWN
    (tmp_path / "folder").symlink_to(desk)
    assert reach.wrong_to_read(tmp_path / "folder" / name) == reach.OWN


def test_a_desk_toml_is_one_also_where_it_is_a_link(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('password = "geheim"')
    (tmp_path / "desk.toml").symlink_to(tmp_path / "site.toml")
    (tmp_path / "link.csv").symlink_to(desk / "desk.toml")
    for name in ("desk.toml", "link.csv"):
        assert reach.wrong_to_read(tmp_path / name) == reach.wrong_to_write(tmp_path / name) == reach.OWN


def test_a_database_behind_a_link_has_its_own_on_both_sides(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link.db").symlink_to(desk / "desk.sqlite3")
    (tmp_path / "link.db.flight-1").write_text("{}")
    monkeypatch.setattr(reach, "_desks", {Settings(f"sqlite:///{tmp_path / 'link.db'}", tmp_path / "link.db.key")})
    for own in (tmp_path / "link.db", tmp_path / "link.db.flight-1", desk / "desk.sqlite3-wal"):
        assert reach.wrong_to_read(own) == reach.OWN, own
    assert reach.wrong_to_write(tmp_path / "link.db.bak") == reach.OWN


def test_a_short_name_of_a_database_keeps_no_others_back(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / "l").write_text("")
    monkeypatch.setattr(reach, "_desks", {Settings(f"sqlite:///{desk / 'l'}", desk / "l.key")})
    assert reach.wrong_to_read(desk / "l") == reach.OWN and reach.wrong_to_read(desk / "leads.csv") == ""


def test_no_dialler_leaves_its_results_among_them(desk: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "data/postroom", tmp_path / "data/postroom/in", Path("/proc/self"), Path("a\0b")):
        with pytest.raises(Wrong, match="is no folder for files of others"):
            reach.look_at_folder(folder)
    reach.look_at_folder(desk / "results")


def test_nothing_new_is_put_among_them(desk: Path, tmp_path: Path) -> None:
    for place in (desk / "desk.sqlite3-shm", tmp_path / "data/postroom/new.csv", desk / "Desk.TOML"):
        assert place_wrong(str(place)) == reach.OWN
        with pytest.raises(Refused, match="belongs to Postroom itself"):
            write_file(str(place), b"x")
        assert not place.exists()


def test_other_files_are_read_and_written(desk: Path) -> None:
    leads = desk / "leads.csv"
    assert reach.content(leads, 1000) == leads.read_bytes() == read_file(f" {leads} ").content
    assert file_wrong(str(leads)) == place_wrong(str(desk / "new.csv")) == reach.wrong_to_write(leads) == ""
    assert write_file(str(desk / "new.csv"), b"x").read_bytes() == b"x"
    with pytest.raises(Wrong, match="is larger than 10 bytes"):
        reach.content(leads, 10)


def test_a_pipe_a_device_and_what_the_kernel_shows_are_no_files(desk: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "environ.csv").symlink_to("/proc/self/environ")
    for name in (tmp_path / "pipe", Path("/dev/zero"), Path("/proc/self/environ"), tmp_path / "environ.csv"):
        assert "no file on a disk" in reach.wrong_to_read(name), name
        with pytest.raises(Wrong, match="no file on a disk"):
            reach.content(name, 10)
    assert "no place on a disk" in reach.wrong_to_write(Path("/dev/null"))
    assert "folder" in reach.wrong_to_read(tmp_path)
    assert reach.wrong_to_read(tmp_path / "none") == "there is no such file"
    assert reach.wrong_to_read(tmp_path / "a\0b") == "there is no such file"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "Too many levels" in reach.wrong_to_read(tmp_path / "loop")
    assert reach.typed("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")


def test_a_file_that_becomes_another_is_not_read(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def swapped(path: object, *more: int) -> int:
        return real(desk / "other.key", *more)

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(Wrong, match="belongs to Postroom itself"):
        reach.content(desk / "leads.csv", 1000)
