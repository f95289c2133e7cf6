"""Templates: texts and e-mails with fields, which scripts send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import templates
from core.errors import Refused, Wrong
from core.models import Template
from core.models.states import Channel
from core.scripts.names import missing, right_name, some
from core.scripts.turns import turn
from core.sms import count_parts
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.clock import Clock
    from core.scripts.uses import Uses
    from core.store import Database

KIND = "template"
SOMEBODY = {"name": "Ann Lee", "number": "+447700900123"}
"""Whom a preview is for."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a template says."""

    channel: str
    """`sms` or `email`."""
    body: str
    subject: str = ""
    """Of an e-mail."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A template with its fields filled in."""

    channel: str
    subject: str
    text: str
    encoding: str
    """Of a text message: `GSM-7` or `UCS-2`; empty for an e-mail."""
    characters: int
    parts: int
    """Parts that a text message takes; 0 for an e-mail."""


class Templates:
    """Verbs on templates; `actor` is a login or `roles.COMMAND`. Each raises Refused to an agent."""

    def __init__(self, database: Database, clock: Clock, uses: Uses) -> None:
        self.database = database
        self.clock = clock
        self.uses = uses

    async def set(self, name: str, wording: Wording, *, actor: str) -> Wording | None:
        """Make a template or change it; what it said before, None for a new one. Raises Wrong for what cannot be."""
        right_name(name, KIND)
        right_wording(name, wording)
        async with turn(self.database, self.clock, actor) as by:
            row = await Template.get_or_none(name=name)
            before = None if row is None else _wording(row)
            if before == wording:
                return before
            if row is None:
                row = await Template.create(
                    name=name, channel=Channel(wording.channel), subject=wording.subject, body=wording.body
                )
            else:
                await Template.filter(id=row.id).update(
                    channel=Channel(wording.channel), subject=wording.subject, body=wording.body
                )
            await by.write("change" if before else "add", KIND, row.id, name)
        return before

    async def delete(self, name: str, *, actor: str) -> Wording:
        """Delete a template; what it said, for `set`. Raises NotFound; Refused with the active scripts that send it."""
        users = await self.uses.active(KIND, name)
        async with turn(self.database, self.clock, actor) as by:
            row = await Template.get_or_none(name=name)
            if row is None:
                raise missing(KIND, name, [one.name for one in await Template.all().order_by("name")])
            if users:
                raise Refused(f"template {name} is sent by {some(users)}: change that first")
            await row.delete()
            await by.write("delete", KIND, row.id, name)
        return _wording(row)


async def previewed(database: Database, name: str, fields: Mapping[str, str]) -> Preview:
    """A stored template with these fields; what the desk itself fills in is made up. Raises NotFound, TemplateWrong."""
    rows = {row["name"]: row for row in await database.read("SELECT name, channel, subject, body FROM template")}
    if name not in rows:
        raise missing(KIND, name, sorted(rows))
    (desk,) = await database.read("SELECT name FROM desk WHERE id = 1")
    row = rows[name]
    wording = Wording(row["channel"], row["body"], row["subject"])
    return filled_in(name, wording, {"desk": {"name": desk["name"]}, **fields})


def filled_in(name: str, wording: Wording, fields: templates.Fields) -> Preview:
    """A template with these fields, for a customer who is made up unless `contact` is among them."""
    right_wording(name, wording)
    said = templates.render(
        templates.TemplateText(name, wording.body, wording.subject),
        {"contact": SOMEBODY, "desk": {"name": ""}, **fields},
    )
    if wording.channel != Channel.SMS:
        return Preview(wording.channel, said.subject, said.text, "", len(said.text), 0)
    count = count_parts(said.text)
    return Preview(wording.channel, "", said.text, count.encoding, len(said.text), count.parts)


def right_wording(name: str, wording: Wording) -> None:
    """Raise Wrong for what no message can say, TemplateWrong for fields that cannot be read."""
    if wording.channel not in list(Channel):
        raise Wrong(f"the channel of a template is {' or '.join(Channel)}, not {wording.channel}")
    if not wording.body.strip():
        raise Wrong(f"template {name} says nothing: give it a body")
    if harmless(wording.body) != wording.body or harmless(wording.subject, lines=False) != wording.subject:
        raise Wrong(f"template {name} holds control characters, or a subject of more than one line: take them out")
    if wording.subject and wording.channel == Channel.SMS:
        raise Wrong(f"template {name} is a text message, which has no subject: leave it out")
    templates.check(templates.TemplateText(name, wording.body, wording.subject))


def _wording(row: Template) -> Wording:
    return Wording(row.channel.value, row.body, row.subject)
