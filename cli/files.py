"""Files that a command is given, or what comes on standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from core.errors import Wrong

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
