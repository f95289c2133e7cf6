"""A file lock beside an SQLite database: shared while it is in use, exclusive while it is migrated."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Hold:
    """An advisory lock (flock) on a file of its own; the system drops it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def try_shared(self) -> bool:
        """Beside others that use the database; False while somebody migrates it."""
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Alone; False while anybody uses the database."""
        return self._try(fcntl.LOCK_EX)

    def release(self) -> None:
        """Give it back; the hold is of no more use."""
        os.close(self._file)

    def _try(self, how: int) -> bool:
        try:
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
