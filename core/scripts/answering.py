"""What a decision would say to the customer: its templates filled in, nothing sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.models.states import Channel
from core.routing.decision import Reply, ReplyText
from core.routing.failure import Failure, Kind
from core.templates import TemplateText, TemplateWrong, render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.routing.decision import Decision
    from core.routing.facts import ContactFacts
    from core.store import Database


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it would leave, before consent and the loop budget are asked."""

    text: str
    subject: str = ""
    template: str = ""
    """Empty where the script itself says the text."""


@dataclass(frozen=True, slots=True)
class Answering:
    """The desk's templates at one moment."""

    desk: str
    templates: Mapping[str, TemplateText]

    def answers(self, decision: Decision, contact: ContactFacts) -> tuple[Answer, ...] | Failure:
        """What would be said, or why a template cannot be filled in, which fails the run as a whole."""
        found: list[Answer] = []
        ours = {
            "contact": {"name": contact.name, "number": contact.number or contact.sender},
            "desk": {"name": self.desk},
        }
        for action in decision.side:
            if isinstance(action, ReplyText):
                found.append(Answer(action.text))
            if not isinstance(action, Reply):
                continue
            template = self.templates.get(action.template)
            taken = sorted(ours.keys() & action.fields.keys())
            if template is None or taken:
                words = (
                    f'the field "{taken[0]}" is the desk\'s own: give yours another name.'
                    if template is not None
                    else f'there is no template "{action.template}" any more.'
                )
                return Failure(Kind.ERROR, words, action.at.script, action.at.line)
            if contact.channel != Channel.EMAIL:
                template = replace(template, html="")
            try:
                said = render(template, {**action.fields, **ours})
            except TemplateWrong as wrong:
                return Failure(Kind.ERROR, f"{wrong}.", action.at.script, action.at.line)
            found.append(Answer(said.text, said.subject, action.template))
        return tuple(found)


async def read_answering(database: Database) -> Answering:
    """Read the templates."""
    (desk,) = await database.read("SELECT name FROM desk WHERE id = 1")
    rows = await database.read("SELECT name, subject, body, html FROM template")
    texts = {row["name"]: TemplateText(row["name"], row["body"], row["subject"], html=row["html"]) for row in rows}
    return Answering(desk["name"], texts)
