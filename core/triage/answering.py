"""Answering: what the replies of a decision say, and what they answer. In a thread: templates and mails take time."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from core.mime import read, reply_subject
from core.models.states import Channel, Purpose
from core.outbox import Draft, why_not_answered
from core.routing.decision import Reply, ReplyText
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.gathering import Case
    from core.routing.failure import Place
    from core.store import Database
    from core.store.database import Row
    from core.templates import Rendered
    from core.triage.deciding import Verdict

HEAD = 65_536
"""Octets of a mail in which a machine must have said that it is one."""


class CannotAnswer(Exception):
    """A reply that cannot be made, and the line that asked for it."""

    def __init__(self, message: str, at: Place) -> None:
        super().__init__(message)
        self.at = at


def answers_of(verdict: Verdict) -> list[Reply | ReplyText]:
    """The replies of a decision."""
    side = () if verdict.decision is None else verdict.decision.side
    return [action for action in side if isinstance(action, Reply | ReplyText)]


async def read_templates(database: Database, verdicts: Sequence[Verdict]) -> dict[str, Row]:
    """The templates that are asked for, by name."""
    names = {answer.template for verdict in verdicts for answer in answers_of(verdict) if isinstance(answer, Reply)}
    if not names:
        return {}
    marks = ", ".join("?" * len(names))
    rows = await database.read(f"SELECT name, subject, body, html FROM template WHERE name IN ({marks})", *names)
    return {row["name"]: row for row in rows}


async def read_newest(database: Database, ids: Sequence[int]) -> dict[int, Row]:
    """The customer's last message of each contact, with the head of its mail."""
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    rows = await database.read(
        f"SELECT said.*, SUBSTR(raw.content, 1, {HEAD}) AS head FROM (SELECT contact_id, mail_id, letter_id,"
        " in_reply_to, reference_ids, ROW_NUMBER() OVER (PARTITION BY contact_id ORDER BY at DESC, id DESC) AS place"
        f" FROM message WHERE contact_id IN ({marks}) AND direction = 'in' AND automatic = FALSE) said"
        " LEFT JOIN raw_mail raw ON raw.mail_id = said.mail_id WHERE place = 1",
        *ids,
    )
    return {row["contact_id"]: row for row in rows}


def letters(verdict: Verdict, templates: Mapping[str, Row], last: Row | None, desk: str) -> list[Draft]:
    """The replies of a decision as letters. Raises CannotAnswer."""
    found = []
    for answer in answers_of(verdict):
        if isinstance(answer, ReplyText):
            text, subject, html = answer.text, "", ""
        else:
            said = _filled_in(answer, templates, verdict.case, desk)
            text, subject, html = said.text, said.subject, said.html
        found.append(_draft(verdict.case, harmless(text), harmless(subject, lines=False), harmless(html), last))
    return found


def why_mute(case: Case, last: Row | None) -> str:
    """Why nothing automatic may answer this contact; empty when something may."""
    if last is None or last["head"] is None:
        return why_not_answered(case.facts.sender, None)
    raw = zlib.decompressobj().decompress(last["head"], HEAD)
    return why_not_answered(case.facts.sender, read(raw, complete=len(raw) < HEAD))


def _filled_in(answer: Reply, templates: Mapping[str, Row], case: Case, desk: str) -> Rendered:
    # Jinja takes a while to load, and many desks never ask for it.
    from core.templates import TemplateText, TemplateWrong, render

    row = templates.get(answer.template)
    if row is None:
        raise CannotAnswer(f'there is no template "{answer.template}" any more.', answer.at)
    ours: dict[str, Mapping[str, str]] = {
        "contact": {"name": case.facts.name, "number": case.facts.number or case.facts.sender},
        "desk": {"name": desk},
    }
    if taken := sorted(ours.keys() & answer.fields.keys()):
        raise CannotAnswer(f'the field "{taken[0]}" is the desk\'s own: give yours another name.', answer.at)
    html = row["html"] if case.channel is Channel.EMAIL else ""
    try:
        return render(TemplateText(row["name"], row["body"], row["subject"], html=html), {**answer.fields, **ours})
    except TemplateWrong as wrong:
        raise CannotAnswer(f"{wrong}.", answer.at) from wrong


def _draft(case: Case, text: str, subject: str, html: str, last: Row | None) -> Draft:
    letter_id = "" if last is None else last["letter_id"]
    # Without References, In-Reply-To is all that the customer's letter says of what went before (RFC 5322, 3.6.4).
    before = () if last is None else tuple((last["reference_ids"] or last["in_reply_to"]).split())
    email = case.channel is Channel.EMAIL
    return Draft(
        account_id=case.account_id,
        address=case.facts.sender,
        name=case.facts.name,
        text=text,
        subject=(subject or reply_subject(case.facts.subject)) if email else "",
        purpose=Purpose.ROUTING,
        contact_id=case.id,
        in_reply_to=letter_id,
        references=(*before, letter_id) if letter_id else before,
        html=html,
    )
