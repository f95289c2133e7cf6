"""Files that came with a customer's messages: which there are, and their bytes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment
from core.errors import NotFound
from core.mail import FileToSend
from core.mime import attachment_bytes
from core.views.contact import contact
from core.views.message import raw_mail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.store import Database


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file."""

    number: int
    """Counted from 1, the newest first: by it a command names the file."""
    contact: int | None
    message: int
    mail: int
    part: int
    name: str
    """As the sender wrote it."""
    content_type: str
    size: int
    sender: str
    at: datetime


async def files_that_came(database: Database, contact_id: int, *, own: bool = False) -> list[FileRow]:
    """All files of a contact's thread, the newest first; with `own` only of its own messages. Raises NotFound."""
    await contact(database, contact_id)
    rows = await database.read(
        "SELECT m.id, m.contact_id, m.mail_id, m.files, m.address, m.at FROM message m JOIN contact c ON c.id = ?"
        " AND c.account_id = m.account_id AND (c.id = m.contact_id OR c.address = m.address)"
        " WHERE m.direction = 'in' AND m.files <> '[]' AND m.mail_id IS NOT NULL ORDER BY m.at DESC, m.id DESC",
        contact_id,
    )
    found: list[FileRow] = []
    for row in rows:
        if own and row["contact_id"] != contact_id:
            continue
        for file in json.loads(row["files"]):
            found.append(
                FileRow(
                    len(found) + 1, row["contact_id"], row["id"], row["mail_id"], file["part"], file["name"],
                    file["content_type"], file["size"], row["address"], from_moment(row["at"]),
                )
            )  # fmt: skip
    return found


def named(files: Sequence[FileRow], number: int) -> FileRow:
    """The file of that number. Raises NotFound with the numbers there are."""
    for file in files:
        if file.number == number:
            return file
    raise NotFound(f"there is no file {number}; " + (f"there are 1 to {len(files)}" if files else "none came"))


async def content_of(database: Database, file: FileRow) -> FileToSend:
    """A file with its bytes. Raises NotFound."""
    raw = await raw_mail(database, file.mail)
    content = await asyncio.to_thread(attachment_bytes, raw, file.part)
    return FileToSend(file.name, file.content_type, content)
