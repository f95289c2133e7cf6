"""Templates: texts and e-mails with fields, which scripts and campaigns send. What one said before is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import templates
from core.errors import NotFound, Refused, Wrong
from core.models import Template, TemplateVersion
from core.models.states import Channel
from core.scripts.names import missing, right_name, some
from core.scripts.turns import turn
from core.sms import count_parts
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.clock import Clock
    from core.scripts.uses import Uses
    from core.store import Database

KIND = "template"
LONGEST_INSTEAD = 200
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
    when_missing: str | None = None
    """What a campaign's letter says for a field that a customer has nothing for; None = that customer gets none."""
    html: str = ""
    """Of an e-mail, which then has both; empty = the body alone."""

    def named(self, name: str) -> templates.TemplateText:
        """As a template of that name, to be read or filled in."""
        return templates.TemplateText(name, self.body, self.subject, self.when_missing, self.html)


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
    html: str = ""
    """Of an e-mail that has it."""


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
                    name=name, channel=Channel(wording.channel), subject=wording.subject, body=wording.body,
                    html=wording.html, when_missing=wording.when_missing,
                )  # fmt: skip
            else:
                await _keep(row.id, _wording(row), "", by.at)
                await Template.filter(id=row.id).update(
                    channel=Channel(wording.channel), subject=wording.subject, body=wording.body,
                    html=wording.html, when_missing=wording.when_missing,
                )  # fmt: skip
            await _keep(row.id, wording, actor, by.at)
            await by.write("change" if before else "add", KIND, row.id, name)
        return before

    async def delete(self, name: str, *, actor: str) -> Wording:
        """Delete a template; what it said, for `set`. Raises NotFound; Refused with the scripts or campaigns that
        send it.
        """
        users = await self.uses.active(KIND, name)
        async with turn(self.database, self.clock, actor) as by:
            row = await Template.get_or_none(name=name)
            if row is None:
                raise missing(KIND, name, [one.name for one in await Template.all().order_by("name")])
            if users:
                raise Refused(f"template {name} is sent by {some(users)}: change that first")
            if campaigns := await _campaigns_with(self.database, row.id):
                raise Refused(f"template {name} is sent by campaign {some(campaigns)}: change that first")
            await row.delete()
            await by.write("delete", KIND, row.id, name)
        return _wording(row)

    async def restore(self, name: str, number: int, *, actor: str) -> Wording | None:
        """Let a template say again what it said in a version; what it said before. Raises NotFound, Refused."""
        row = await Template.get_or_none(name=name)
        if row is None:
            raise missing(KIND, name, [one.name for one in await Template.all().order_by("name")])
        kept = await TemplateVersion.get_or_none(template_id=row.id, number=number)
        if kept is None:
            raise NotFound(f"template {name} has no version {number}: 'postroom template versions' shows them")
        wording = Wording(row.channel.value, kept.body, kept.subject, row.when_missing, kept.html)
        return await self.set(name, wording, actor=actor)


async def _keep(template_id: int, wording: Wording, author: str, at: datetime) -> None:
    """Write down what a template says, unless the newest version says it. (desk.toml changes templates without one.)"""
    newest = await TemplateVersion.filter(template_id=template_id).order_by("-number").first()
    said: dict[str, Any] = {"subject": wording.subject, "body": wording.body, "html": wording.html}
    if newest is not None and {key: getattr(newest, key) for key in said} == said:
        return
    number = newest.number + 1 if newest is not None else 1
    await TemplateVersion.create(template_id=template_id, number=number, author=author[:64], at=at, **said)


async def _campaigns_with(database: Database, template_id: int) -> list[str]:
    events = ("first_try_sms_id", "first_try_email_id", "no_contact_sms_id", "no_contact_email_id")
    rows = await database.rows(f"SELECT name FROM campaign WHERE ? IN ({', '.join(events)}) ORDER BY name", template_id)
    return [row["name"] for row in rows]


async def previewed(database: Database, name: str, fields: Mapping[str, str]) -> Preview:
    """A stored template with these fields; what the desk itself fills in is made up. Raises NotFound, TemplateWrong."""
    rows = {row["name"]: row for row in await database.read("SELECT name, channel, subject, body, html FROM template")}
    if name not in rows:
        raise missing(KIND, name, sorted(rows))
    (desk,) = await database.read("SELECT name FROM desk WHERE id = 1")
    row = rows[name]
    wording = Wording(row["channel"], row["body"], row["subject"], html=row["html"])
    return filled_in(name, wording, {"desk": {"name": desk["name"]}, **fields})


def filled_in(name: str, wording: Wording, fields: templates.Fields) -> Preview:
    """A template with these fields, for a customer who is made up unless `contact` is among them."""
    right_wording(name, wording)
    said = templates.render(wording.named(name), {"contact": SOMEBODY, "desk": {"name": ""}, **fields})
    return preview_of(wording.channel, said)


def preview_of(channel: str, said: templates.Rendered) -> Preview:
    """What somebody reads of it, and how much it is."""
    if channel != Channel.SMS:
        return Preview(channel, said.subject, said.text, "", len(said.text), 0, said.html)
    count = count_parts(said.text)
    return Preview(channel, "", said.text, count.encoding, len(said.text), count.parts)


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
    if wording.html and wording.channel == Channel.SMS:
        raise Wrong(f"template {name} is a text message, which has no HTML: leave it out, or make it an e-mail")
    if wording.html and (not wording.html.strip() or harmless(wording.html) != wording.html):
        raise Wrong(f"the HTML of template {name} says nothing, or holds control characters: mend it, or leave it out")
    if wording.when_missing is not None and (
        len(wording.when_missing) > LONGEST_INSTEAD
        or harmless(wording.when_missing, lines=False) != wording.when_missing
    ):
        raise Wrong(
            f"what template {name} says for a missing field is one line of at most {LONGEST_INSTEAD} characters"
        )
    templates.check(wording.named(name))


def _wording(row: Template) -> Wording:
    return Wording(row.channel.value, row.body, row.subject, row.when_missing, row.html)
