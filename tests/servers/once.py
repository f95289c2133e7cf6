"""What is dear to make and the same for every test process is made once in a run."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Once:
    """A folder that all test processes of a run have in common, and what one of them has made there for all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, make: Callable[[Path], None]) -> Path:
        """The folder of this name, filled by whoever asks first; the others wait for that."""
        made, done = self._folder / name, self._folder / f"{name}.done"
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                made.mkdir()
                make(made)
                done.touch()
        return made


@pytest.fixture(scope="session")
def once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """`once("name", make)`: the folder that one of the run's processes has made."""
    base = tmp_path_factory.getbasetemp()
    return Once(base.parent if hasattr(request.config, "workerinput") else base)
