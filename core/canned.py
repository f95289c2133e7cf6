"""Canned replies: texts that are written by their word, with the fields of a contact, its customer, agent and desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import journal
from core.errors import NotFound, Refused, Wrong
from core.roles import supervisor_only
from core.text import one_line

if TYPE_CHECKING:
    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row
    from core.templates import Plain

CHANNELS = ("", "sms", "email")
DEED = "change canned replies"
FIELDS: dict[str, dict[str, str]] = {
    "contact": {"number": "", "address": "", "subject": "", "queue": "queue of this contact", "account": ""},
    "customer": {"name": "customer's name", "first_name": "customer's name"},
    "agent": {"name": "name of whoever writes", "first_name": "name of whoever writes", "login": ""},
    "desk": {"name": "desk's name"},
}
"""What may stand in a reply, as `{{ customer.first_name }}`; and what is not known where one of them is empty."""
_WORD = re.compile(r"[^\W_][\w.-]{0,39}")


@dataclass(frozen=True, slots=True)
class CannedReply:
    """One reply as it is set up."""

    word: str
    """Typed after a slash."""
    text: str
    """A template (`core.templates`)."""
    channel: str = ""
    """`sms` or `email`; empty = both."""


class CannedReplies:
    """Verbs on canned replies; each names who does it (`actor`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def every(self, *, channel: str = "") -> list[CannedReply]:
        """All of them by word; with a `channel` those that may be written there."""
        rows = await self.database.read(
            "SELECT word, text, channel FROM canned_reply"
            " WHERE CAST(? AS TEXT) = '' OR channel IN ('', CAST(? AS TEXT)) ORDER BY word",
            channel, channel,
        )  # fmt: skip
        return [CannedReply(row["word"], row["text"], row["channel"]) for row in rows]

    async def save(self, reply: CannedReply, *, actor: str, new: bool = False) -> None:
        """Add a reply, or change the one of that word. Raises Wrong for a word or template that is none; Refused."""
        look_at(reply)
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            there = await self.database.rows("SELECT id FROM canned_reply WHERE word = ?", reply.word)
            if there and new:
                raise Refused(f"there is a canned reply /{reply.word} already")
            if there:
                statement = "UPDATE canned_reply SET text = ?, channel = ? WHERE word = ?"
            else:
                statement = "INSERT INTO canned_reply (text, channel, word) VALUES (?, ?, ?)"
            await self.database.rows(statement, reply.text, reply.channel, reply.word)
            await self._tell(actor, "changed" if there else "added", reply.word)

    async def remove(self, word: str, *, actor: str) -> None:
        """Remove a reply. Raises NotFound, Refused."""
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            if not await self.database.rows("DELETE FROM canned_reply WHERE word = ? RETURNING id", word.lstrip("/")):
                raise NotFound(await self._no_such(word))
            await self._tell(actor, "removed", word.lstrip("/"))

    async def rendered(self, word: str, contact_id: int, login: str) -> str:
        """What it says to the customer of this contact. Raises NotFound, naming the words there are; Wrong where the
        reply is for the other channel, or says which field it has nothing for.
        """
        word = word.lstrip("/")
        replies = await self.database.read("SELECT word, text, channel FROM canned_reply WHERE word = ?", word)
        if not replies:
            raise NotFound(await self._no_such(word))
        rows = await self.database.read(
            "SELECT c.channel, c.address, c.name, c.subject, q.name AS queue, a.address AS account, p.login,"
            " p.name AS agent, d.name AS desk FROM contact c JOIN account a ON a.id = c.account_id"
            " LEFT JOIN queue q ON q.id = c.queue_id LEFT JOIN person p ON p.login = ? LEFT JOIN desk d ON d.id = 1"
            " WHERE c.id = ?",
            login, contact_id,
        )  # fmt: skip
        if not rows:
            raise NotFound(f"there is no contact {contact_id}: 'postroom contact list' shows them")
        if replies[0]["channel"] not in ("", rows[0]["channel"]):
            raise Wrong(f"canned reply /{word} is for {_named(replies[0]['channel'])} alone")
        return _filled(replies[0], rows[0])

    async def _no_such(self, word: str) -> str:
        from difflib import get_close_matches

        word = one_line(word.lstrip("/"), 40)
        known = [row["word"] for row in await self.database.read("SELECT word FROM canned_reply ORDER BY word")]
        near = get_close_matches(word, known, n=1)
        there = f"did you mean /{near[0]}?" if near else f"there are: {', '.join(known[:20]) or 'none yet'}"
        return f"there is no canned reply /{word}; {there}"

    async def _tell(self, actor: str, verb: str, word: str) -> None:
        await journal.append(actor=actor, verb=verb, kind="canned reply", text=f"/{word}", at=self.clock.now())


def look_at(reply: CannedReply) -> None:
    """Raise Wrong for what no agent could use."""
    from core.templates import TemplateText, TemplateWrong, fields_of

    if not _WORD.fullmatch(reply.word):
        raise Wrong(f"{one_line(reply.word, 50) or '(nothing)'} is no word: letters and digits, and . _ - between them")
    if reply.channel not in CHANNELS:
        raise Wrong(f"there is no channel {one_line(reply.channel, 40)}; there are: sms, email, or none for both")
    if not reply.text.strip():
        raise Wrong(f"canned reply /{reply.word} says nothing: give it a text")
    try:
        used = fields_of(TemplateText(f"/{reply.word}", reply.text))
    except TemplateWrong as error:
        raise Wrong(_sentence(error)) from None
    there = {f"{group}.{field}" for group, fields in FIELDS.items() for field in fields}
    if strange := sorted(used - there):
        raise Wrong(
            f"canned reply /{reply.word}: there is no field {strange[0][:100]}; there are: {', '.join(sorted(there))}"
        )


def _filled(reply: Row, row: Row) -> str:
    from core.templates import TemplateText, TemplateWrong, render

    groups: dict[str, dict[str, Plain]] = {
        "contact": {"number": row["address"] if row["channel"] == "sms" else "", "address": row["address"],
                    "subject": row["subject"], "queue": row["queue"], "account": row["account"]},
        "customer": {"name": row["name"], "first_name": _first(row["name"])},
        "agent": {"name": row["agent"], "first_name": _first(row["agent"]), "login": row["login"]},
        "desk": {"name": row["desk"]},
    }  # fmt: skip
    # What is not known is not there, so that no customer is greeted as nobody; `default(...)` has a word for that.
    fields = {
        group: {key: value for key, value in values.items() if value or not FIELDS[group][key]}
        for group, values in groups.items()
    }
    try:
        return render(TemplateText(f"/{reply['word']}", reply["text"]), fields).text
    except TemplateWrong as error:
        group, _, field = error.field.partition(".")
        if missing := FIELDS.get(group, {}).get(field):
            raise Wrong(
                f"canned reply /{reply['word']} says the {missing}, which is not known: write it yourself"
            ) from None
        raise Wrong(_sentence(error)) from None


def _sentence(error: Wrong) -> str:
    return f"canned reply {str(error).removeprefix('template ')}"


def _first(name: str | None) -> str:
    return (name or "").split(" ")[0]


def _named(channel: str) -> str:
    return "texts" if channel == "sms" else "e-mails"
