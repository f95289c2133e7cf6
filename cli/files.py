"""Files that a command is given, what comes on standard input, and files that it writes."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

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


@contextmanager
def new_text(name: str) -> Iterator[TextIO]:
    """A file for text in UTF-8, in the place of one of that name. Raises Refused where it cannot be written."""
    try:
        with Path(name).expanduser().open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise Refused(f"{name} cannot be written: {error.strerror}; name another file") from error
