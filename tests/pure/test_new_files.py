"""Files that a command writes: never over another, never half, and an error is that of whoever made it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.files import new_text
from core.errors import Refused


def test_a_file_is_new_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with new_text(str(path)) as file:
        file.write("Zoë,1\r\n")
    assert path.read_bytes() == "Zoë,1\r\n".encode() and path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match=r"list\.csv is there already: name another file"), new_text(str(path)) as file:
        file.write("other")
    assert path.read_bytes() == "Zoë,1\r\n".encode()


def test_standard_output_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    with new_text("-") as file:
        file.write("a,b\n")
    assert capsys.readouterr().out == "a,b\n"


def test_an_error_of_reading_is_none_of_writing_and_leaves_no_half_file(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with pytest.raises(ConnectionResetError), new_text(str(path)) as file:
        file.write("a,b\n")
        raise ConnectionResetError("the database went away")
    assert not path.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("size", [10, 100_000], ids=["when it is closed", "when it is written"])
def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    path, opened = tmp_path / "list.csv", os.open

    def full(name: os.PathLike[str], flags: int, mode: int) -> int:
        os.close(opened(name, flags, mode))
        return opened("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(Refused, match=r"list\.csv cannot be written: No space left on device; name another"):
        with new_text(str(path)) as file:
            file.write("x" * size)
    assert not path.exists()
