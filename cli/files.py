"""Files that a command is given, what comes on standard input, and files that it writes."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.errors import Refused, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

LARGEST = 32 * 2**20


def read_bytes(name: str) -> bytes:
    """A file's content; `-` is standard input. Raises Wrong."""
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(name).expanduser().open("rb") as file:
                raw = file.read(LARGEST + 1)
    except OSError as err:
        raise Wrong(f"{name} cannot be read ({err.strerror}): check the path") from err
    if len(raw) > LARGEST:
        raise Wrong(f"{name} is larger than {LARGEST // 2**20} MB")
    return raw


def read_text(name: str) -> str:
    """The same as text in UTF-8, with plain line ends. Raises Wrong."""
    try:
        return read_bytes(name).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as err:
        raise Wrong(f"{name} is not text in UTF-8: save it as UTF-8") from err


class Writes(Protocol):
    """What text is written to."""

    def write(self, text: str, /) -> int:
        """Write it; how many characters."""


class _NewFile:
    def __init__(self, name: str, file: TextIO) -> None:
        self.name = name
        self.file = file

    def write(self, text: str, /) -> int:
        try:
            return self.file.write(text)
        except OSError as error:
            raise _unwritable(self.name, error) from error


@contextmanager
def new_text(name: str) -> Iterator[Writes]:
    """A new file for text in UTF-8, for its owner alone; `-` is standard output.

    What is half written when something fails is taken away again: nobody is to take it for the whole. Raises Refused
    where there is such a file, and where it cannot be written.
    """
    if name == "-":
        yield sys.stdout
        return
    path = Path(name).expanduser()
    try:
        file = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="")
    except OSError as error:
        raise _unwritable(name, error) from error
    try:
        yield _NewFile(name, file)
        try:
            file.close()  # which writes the last of it
        except OSError as error:
            raise _unwritable(name, error) from error
    except BaseException:
        with suppress(OSError):
            file.close()
        with suppress(OSError):
            path.unlink()
        raise


def _unwritable(name: str, error: OSError) -> Refused:
    if isinstance(error, FileExistsError):
        return Refused(f"{name} is there already: name another file")
    return Refused(f"{name} cannot be written: {error.strerror or error}; name another file")
