"""Passing on: a contact as one e-mail to somebody else, with its files as far as a mail holds them."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import TYPE_CHECKING

from core.clock import from_moment
from core.errors import NotFound
from core.mail import FileToSend
from core.mime import attachment_bytes
from core.models.states import Purpose
from core.outbox import Draft, Said, forwarded_subject, forwarded_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.gathering import Case
    from core.store import Database
    from core.store.database import Row

FILES = 18_000_000
"""Octets of all files that are sent on: in base64 they are 24.6 MB, and many servers take 25."""


async def passed_on(database: Database, case: Case, address: str) -> Draft:
    """The letter that sends a contact on."""
    thread = await database.read(
        "SELECT m.direction, m.address, m.at, m.text, m.files, m.mail_id FROM message m WHERE m.contact_id = ?"
        " ORDER BY m.at, m.id",
        case.id,
    )
    files, left_out = await _files(database, thread)
    words = f"(Not sent on, for they are too large: {', '.join(left_out)})" if left_out else ""
    said = [Said(row["address"], from_moment(row["at"]), row["text"], row["direction"] == "out") for row in thread]
    preview = next((" ".join(row["text"].split()) for row in reversed(thread) if row["direction"] == "in"), "")
    return Draft(
        account_id=case.account_id,
        address=address,
        text=forwarded_text(words, said),
        subject=forwarded_subject(case.channel, case.facts.subject, preview),
        purpose=Purpose.FORWARD,
        contact_id=case.id,
        attachments=files,
    )


async def _files(database: Database, thread: Sequence[Row]) -> tuple[tuple[FileToSend, ...], list[str]]:
    found: list[FileToSend] = []
    left_out: list[str] = []
    size = 0
    for row in thread:
        named = json.loads(row["files"]) if row["mail_id"] is not None and row["direction"] == "in" else []
        fits = []
        for file in named:
            size += file["size"]
            if size > FILES:
                size -= file["size"]
                left_out.append(file["name"])
            else:
                fits.append(file)
        if fits:
            raw = await database.read("SELECT content FROM raw_mail WHERE mail_id = ?", row["mail_id"])
            found += await asyncio.to_thread(_taken_out, raw[0]["content"] if raw else b"", fits)
    return tuple(found), left_out


def _taken_out(content: bytes, files: Sequence[Mapping[str, object]]) -> list[FileToSend]:
    """Runs in a thread."""
    raw = zlib.decompress(content) if content else b""
    found = []
    for file in files:
        try:
            octets = attachment_bytes(raw, int(str(file["part"])))
        except NotFound:  # of a mail that was over the size limit only the head is here
            continue
        found.append(FileToSend(str(file["name"]), str(file["content_type"]), octets))
    return found
