"""`postroom --demo --no-ui` as a person runs it: a process, its output, its signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_LINE_SECONDS = 3.0
STOP_SECONDS = 2.0


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo, with its temporary files in this folder; every warning of Python's goes to its stderr."""
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONWARNINGS": "default", "PYTHONUNBUFFERED": "1"}
    environment.pop("POSTROOM_DB", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "--demo", "--no-ui"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines_until(process: subprocess.Popen[str], word: str) -> list[str]:
    """The lines up to the first event with this word in it; pytest's time-out ends a wait in vain."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line[2:3] == ":" and word in line:
            return lines
    pytest.fail(f"it ended without {word!r}: {lines} {process.stderr.read() if process.stderr else ''}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_begins_within_three_seconds_and_ends_clean_within_two(tmp_path: Path, number: signal.Signals) -> None:
    began = time.monotonic()
    with started(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Postroom demo")
        assert time.monotonic() - began < FIRST_LINE_SECONDS
        lines = lines_until(process, "taken")
        assert any("Priya → orders" in line for line in lines)
        told = time.monotonic()
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
        assert time.monotonic() - told < STOP_SECONDS
    assert process.returncode == 0
    assert rest.splitlines()[-1].startswith("Stopped. ")
    assert errors == ""
    assert list(tmp_path.iterdir()) == []


def test_it_ends_quietly_when_nobody_reads_the_log_any_more(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        lines_until(process, "text")
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=30)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 1
    assert list(tmp_path.iterdir()) == []
