"""Which files of this machine somebody at a screen may name: whoever types there need not be who owns the machine.

The one place for every path that is typed, by whatever way the person sits here. What is Postroom's own (database, key,
flight logs, the data folder, a desk.toml) and what is no file on a disk (/proc, devices, pipes) is neither read nor
written, under whatever name: links are followed, and a second name of the same file is known. A device or a pipe is no
regular file; in /proc, which has the environment with POSTROOM_KEY, some say that they are.
"""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.settings import data_folder

if TYPE_CHECKING:
    from core.settings import Settings

OWN = "that belongs to Postroom itself: choose another file"
_NO_DISK = (Path("/proc"), Path("/sys"))
_desks: set[Settings] = set()
"""Of this process: usually one."""


def keep_back(settings: Settings) -> None:
    """From now on the files of this desk are its own. Whoever opens an office says it."""
    _desks.add(settings)


def typed(text: str) -> Path:
    """What was typed as a path; `~` is the home of whoever runs Postroom."""
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError:  # nobody of that name has a home
        return Path(text.strip())


def wrong_to_read(path: Path) -> str:
    """Why a file cannot be taken, as a sentence goes on behind its name; empty where it can."""
    try:
        found = path.stat()
        if S_ISDIR(found.st_mode):
            return "that is a folder: name a file in it"
        if not S_ISREG(found.st_mode) or _is_no_disk(path.resolve()):
            return "that is no file on a disk: choose another"
        if _is_own(path.resolve(), found):
            return OWN
        return "" if os.access(path, os.R_OK) else "you may not read that file"
    except (FileNotFoundError, ValueError):  # a name with a zero in it is nobody's
        return "there is no such file"
    except OSError as error:
        return error.strerror or str(error)
    except RuntimeError:  # links that lead to each other
        return "that leads nowhere"


def look_at(path: Path) -> None:
    """Raise Wrong with that sentence."""
    if words := wrong_to_read(path):
        raise Wrong(f"{path} cannot be read: {words}")


def wrong_to_write(path: Path) -> str:
    """Why nothing may be written there; empty where it may. Whether there is room for it is seen when it is written."""
    try:
        place = path.resolve()
        found = path.stat() if path.exists() else None
        if _is_no_disk(place) or (found is not None and not S_ISREG(found.st_mode)):
            return "that is no place on a disk: choose another"
        return OWN if _is_own(place, found) else ""
    except OSError as error:
        return error.strerror or str(error)
    except (ValueError, RuntimeError):
        return "no file can have that name"


def content(path: Path, most: int) -> bytes:
    """What stands in a file of at most so many octets; what was judged is what is read. Raises Wrong; blocks."""
    look_at(path)
    try:
        judged = path.stat()
        # A pipe that somebody puts there meanwhile must not hold us up, nor another file be read in its place.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not os.path.samestat(judged, os.fstat(file.fileno())):
                raise Wrong(f"{path} has become another file just now: try again")
            raw = file.read(most + 1)
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > most:
        raise Wrong(f"{path} is larger than {most // 2**20 or 1} MB: choose a smaller file")
    return raw


def _is_no_disk(place: Path) -> bool:
    return any(place.is_relative_to(one) for one in _NO_DISK)


def _is_own(place: Path, found: os.stat_result | None) -> bool:
    """`place`: with every link followed; `found`: what stands there."""
    if place.name.casefold() == "desk.toml" or place.is_relative_to(data_folder().resolve()):
        return True
    for desk in _desks:
        database = desk.sqlite_path
        if database is not None:
            database = database.resolve()
            # Beside it stand its -wal and -shm, flight logs, its key, and copies that somebody made of it.
            if place.parent == database.parent and place.name.startswith(database.name):
                return True
        for own in (desk.key_file, database):
            if own is not None and (place == own.resolve() or (found is not None and _same(own, found))):
                return True
    return False


def _same(own: Path, found: os.stat_result) -> bool:
    try:
        return os.path.samestat(own.stat(), found)
    except OSError:  # no key file: it is in POSTROOM_KEY
        return False
