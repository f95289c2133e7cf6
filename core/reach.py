"""Which files of this machine somebody at a screen may name: whoever types there need not be who owns the machine.

The one place for every path that is typed, by whatever way the person sits here. What is Postroom's own (database, key,
flight logs, the data folder, what is called desk.toml) and what is no file on a disk (/proc, devices, pipes) is neither
read nor written, under whatever name: links are followed, and a second name of the same file is known. Of a desk.toml
only its name tells what it is. A device or a pipe is no regular file; in /proc, which has the environment with
POSTROOM_KEY, some say that they are.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.settings import data_folder
from core.text import one_line, size_words

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
        return _wrong_with(path, path.stat()) or ("" if os.access(path, os.R_OK) else "you may not read that file")
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
        found = path.stat() if path.exists() else None
        if _is_no_disk(path) or (found is not None and not S_ISREG(found.st_mode)):
            return "that is no place on a disk: choose another"
        return OWN if _is_own(path, found) else ""
    except OSError as error:
        return error.strerror or str(error)
    except (ValueError, RuntimeError):
        return "no file can have that name"


def look_at_folder(path: Path) -> None:
    """Raise Wrong for a folder from which nothing may be taken: Postroom's own, or one that is on no disk."""
    try:
        wrong = _is_no_disk(path) or path.resolve().is_relative_to(data_folder().resolve())
    except (OSError, ValueError, RuntimeError):
        wrong = True
    if wrong:
        raise Wrong(f"{one_line(str(path), 200)} is no folder for files of others: choose another one")


def content(path: Path, most: int) -> bytes:
    """What stands in a file of at most so many octets; what was judged is what is read. Raises Wrong; blocks."""
    look_at(path)
    try:
        # A pipe that somebody puts there meanwhile must not hold us up, nor another file be read in its place.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if words := _wrong_with(path, os.fstat(file.fileno())):
                raise Wrong(f"{path} cannot be read: {words}")
            raw = file.read(most + 1)
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > most:
        raise Wrong(f"{path} is larger than {size_words(most)}: choose a smaller file")
    return raw


def _wrong_with(path: Path, found: os.stat_result) -> str:
    """What keeps what stands at a path, as it was found, from being read."""
    if S_ISDIR(found.st_mode):
        return "that is a folder: name a file in it"
    if not S_ISREG(found.st_mode) or _is_no_disk(path):
        return "that is no file on a disk: choose another"
    return OWN if _is_own(path, found) else ""


def _is_no_disk(path: Path) -> bool:
    place = path.resolve()
    return any(place.is_relative_to(one) for one in _NO_DISK)


def _is_own(path: Path, found: os.stat_result | None) -> bool:
    """`found`: what stands there."""
    names = {path.resolve(), path.parent.resolve() / path.name}  # what a link leads to, and the link itself
    if any(name.name.casefold() == "desk.toml" or name.is_relative_to(data_folder().resolve()) for name in names):
        return True
    return any(_is_of(desk, names, found) for desk in _desks)


def _is_of(desk: Settings, names: set[Path], found: os.stat_result | None) -> bool:
    own = {desk.key_file.resolve()}
    if desk.sqlite_path is not None:
        # A database may be reached through a link: its flight logs stand beside the one, its -wal beside the other.
        for database in (desk.sqlite_path.parent.resolve() / desk.sqlite_path.name, desk.sqlite_path.resolve()):
            if any(name.parent == database.parent and _is_beside(name.name, database.name) for name in names):
                return True
            with suppress(OSError):
                own |= {one for one in database.parent.iterdir() if _is_beside(one.name, database.name)}
    return bool(own & names) or (found is not None and any(_same(one, found) for one in own))


def _is_beside(name: str, database: str) -> bool:
    """Its -wal and -shm, its key, flight logs, and copies that somebody made of it."""
    return name == database or name.startswith(tuple(database + end for end in (".", "-", "~")))


def _same(own: Path, found: os.stat_result) -> bool:
    try:
        return os.path.samestat(own.stat(), found)
    except OSError:  # no key file: it is in POSTROOM_KEY
        return False
