"""Files that go out with a message, and files that came with one."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

from core.errors import Refused, Wrong
from core.mail import FileToSend
from core.text import one_line

LIMIT = 20 * 2**20
"""Octets of one file to send: most servers take no more in a mail."""


def file_wrong(text: str) -> str:
    """What is wrong with a path as the name of a file to send; empty when nothing is."""
    path = Path(text).expanduser()
    try:
        if not path.is_file():
            return "there is no such file"
        size = path.stat().st_size
    except OSError as error:
        return str(error.strerror)
    return f"{size:,} bytes are too many for a mail: {LIMIT:,} at most" if size > LIMIT else ""


def read_file(text: str) -> FileToSend:
    """A file to send. Raises Wrong when it cannot be read."""
    path = Path(text).expanduser()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}; F6 takes it out of the message") from error
    return FileToSend(path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", content)


def safe_name(name: str) -> str:
    """A file name of a stranger's as one that stays in its folder and hides nothing."""
    kept = one_line(name, 120).replace("/", "_").replace("\\", "_").lstrip(".-~ ").strip()
    return kept or "file"


def write_file(text: str, content: bytes) -> Path:
    """Write a file that was not there. Raises Refused when it is, Wrong when it cannot be written."""
    path = Path(text).expanduser()
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Refused(f"{path} is there already: choose another name") from error
    except OSError as error:
        raise Wrong(f"{path} cannot be written: {error.strerror}; choose another place") from error
    return path
