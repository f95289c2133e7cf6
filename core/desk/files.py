"""Files that go out with a message and files that came with one: which may, and where they are written."""

from __future__ import annotations

import mimetypes
import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from core.errors import Refused, Wrong
from core.mail import FileToSend
from core.reach import content, typed, wrong_to_read, wrong_to_write
from core.text import one_line, size_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LIMIT = 18_000_000
"""Octets of all files of one message: in base64 they are 24.6 MB, and many servers take 25."""
PROGRAMS = frozenset(
    "ade adp apk appx appxbundle bat cab chm cmd com cpl diagcab diagcfg diagpkg dll dmg ex ex_ exe hta img ins iso isp"
    " jar jnlp js jse lib lnk mde mjs msc msi msix msixbundle msp mst nsh pif ps1 scr sct shb sys vb vbe vbs vhd vxd"
    " wsc wsf wsh xll".split()
)
"""What Gmail, and with it many others, does not deliver (support.google.com/mail/answer/6590), by the name's ending."""


def is_program(name: str) -> bool:
    """Whether a file of this name would be run where somebody opens it."""
    return PurePath(name.rstrip(". ")).suffix.lstrip(".").casefold() in PROGRAMS


def wrong_with(files: Iterable[FileToSend]) -> str:
    """What keeps these files from leaving together, in one sentence; empty when nothing does."""
    found = [(file.name, len(file.content)) for file in files]
    program = next((name for name, _ in found if is_program(name)), "")
    if program:
        return f"{one_line(program, 60)} is a program, and mail servers refuse those: take it out"
    total = sum(size for _, size in found)
    return f"the files come to {size_words(total)}, and a mail holds {size_words(LIMIT)}" if total > LIMIT else ""


def file_wrong(text: str, others: Iterable[str] = ()) -> str:
    """What is wrong with a path as the name of one more file to send beside `others`; empty when nothing is."""
    path = typed(text)
    if words := wrong_to_read(path):
        return words
    try:
        if is_program(path.name):
            return f"{one_line(path.name, 60)} is a program, and mail servers refuse those"
        size = path.stat().st_size
        total = size + sum(typed(one).stat().st_size for one in others if typed(one).is_file())
    except (OSError, ValueError) as error:
        return (error.strerror or str(error)) if isinstance(error, OSError) else "no file can have that name"
    if size > LIMIT:
        return f"{size_words(size)} is too much for a mail, which holds {size_words(LIMIT)}"
    if total > LIMIT:
        return f"all files together would be {size_words(total)}, and a mail holds {size_words(LIMIT)}"
    return ""


def read_file(text: str) -> FileToSend:
    """A file to send. Raises Wrong when it cannot be read."""
    path = typed(text)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    try:
        return FileToSend(path.name, kind, content(path, LIMIT))
    except Wrong as error:
        raise Wrong(f"{error}; take it out of the message") from error


def safe_name(name: str) -> str:
    """A file name of a stranger's as one that stays in its folder and hides nothing."""
    kept = one_line(name, 120).replace("/", "_").replace("\\", "_").lstrip(".-~ ").strip()
    return kept or "file"


def free_place(folder: Path, name: str) -> Path:
    """Where in this folder a file of a stranger's could go without touching another: `photo.jpg`, `photo 2.jpg`."""
    safe = PurePath(safe_name(name))
    place, number = folder / safe.name, 1
    while place.exists() and number < 1000:
        number += 1
        place = folder / f"{safe.stem} {number}{safe.suffix}"
    return place


def place_wrong(text: str) -> str:
    """What is wrong with a path as the place of a new file; empty when nothing is."""
    path = typed(text)
    try:
        if path.is_dir():
            return "that is a folder: name the file too"
        if path.exists() or path.is_symlink():
            return "there is a file of that name already: choose another name"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        return wrong_to_write(path)
    except (OSError, ValueError) as error:
        return (error.strerror or str(error)) if isinstance(error, OSError) else "no file can have that name"


def write_file(text: str, content: bytes) -> Path:
    """Write a file that was not there, for its owner alone. Raises Refused when it is, Wrong when it cannot be."""
    path = typed(text)
    if wrong := wrong_to_write(path):
        raise Refused(f"{path} cannot be written: {wrong}")
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Refused(f"{path} is there already: choose another name") from error
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else "no file can have that name"
        raise Wrong(f"{path} cannot be written: {words}; choose another place") from error
    return path
