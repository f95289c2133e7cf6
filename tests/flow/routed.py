"""A desk whose accounts are routed by scripts, for the tests of triage."""

from __future__ import annotations

import json
import textwrap
import zlib
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from core.models import (
    Account,
    Calendar,
    CallClass,
    Contact,
    Queue,
    Script,
    ScriptRun,
    ScriptVersion,
    Template,
    Variable,
)
from core.triage import Triage
from tests.flow.arriving import take_in
from tests.flow.mails import email, text_mail

if TYPE_CHECKING:
    from core.office import Office

FRONT = 'def route(contact):\n    return queue("front")\n'
_numbers = count(100_000)


@dataclass(frozen=True, slots=True)
class Routed:
    """How a contact stands after triage."""

    state: str
    queue: str
    priority: int
    agent: str
    skills: tuple[str, ...]
    tags: tuple[str, ...]
    class_: str
    outcome: str
    waits: float | None
    """Seconds from now until its script is asked again."""
    error: str


def route(body: str) -> str:
    """A script whose `route` has these lines."""
    return "def route(contact):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"


def new_number() -> str:
    """One that has never written."""
    return f"+44770{next(_numbers):07}"


class ScriptedDesk:
    """An office with queues front, billing and overflow, a triage of its own, and whatever scripts a test gives it."""

    def __init__(self, office: Office, *, furnished: bool = False) -> None:
        self.office = office
        self._furnished = furnished
        self.triage = Triage(office.database, office.clock, office.distribution, office.outbox)

    @classmethod
    def beside(cls, office: Office) -> Self:
        """One more triage on a desk that has its scripts."""
        return cls(office, furnished=True)

    async def __aenter__(self) -> Self:
        if self._furnished:
            return self
        await Queue.create(name="overflow")
        await CallClass.create(name="Billing")
        await Calendar.create(name="office", open=json.dumps(["mon-fri 09:00-17:30"]))
        await Variable.create(name="closed", value="false")
        await Template.create(
            name="away", channel="sms", subject="About {{ order|default('you') }}",
            body="Hello {{ contact.name or contact.number }}, {{ desk.name }} has your order {{ order }}.",
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.triage.close()

    async def script(self, source: str, name: str = "front-door", *, accounts: tuple[int, ...] = (1, 2)) -> int:
        """Save and activate one more version, and let it route these accounts; the version's id."""
        script, _ = await Script.get_or_create(name=name, defaults={"created_at": self.office.clock.now()})
        number = await ScriptVersion.filter(script_id=script.id).count() + 1
        version = await ScriptVersion.create(
            script_id=script.id, number=number, source=source, at=self.office.clock.now()
        )
        await Script.filter(id=script.id).update(active=number)
        await Account.filter(id__in=accounts).update(script_id=script.id)
        return int(version.id)

    async def text(self, words: str = "Where is it?", number: str = "") -> int:
        """A text has come; its contact's id."""
        number = number or new_number()
        await take_in(self.office, 1, text_mail(number, words))
        return int((await Contact.filter(address=number).exclude(state="closed").get()).id)

    async def mail(self, sender: str, words: str = "Where is it?", subject: str = "Hello", headers: str = "") -> int:
        """An e-mail has come; its contact's id."""
        await take_in(self.office, 2, email(sender, subject, words, headers=headers))
        return int((await Contact.filter(address=sender).exclude(state="closed").get()).id)

    async def ask(self, contact_id: int) -> Routed:
        """One step of triage; how this contact stands then."""
        await self.triage.step()
        return await self.stands(contact_id)

    async def stands(self, contact_id: int) -> Routed:
        """How a contact stands."""
        row = await Contact.get(id=contact_id).select_related("queue", "for_agent", "call_class")
        waits = None if row.timeout_at is None else (row.timeout_at - self.office.clock.now()).total_seconds()
        return Routed(
            state=row.state.value,
            queue=row.queue.name if row.queue is not None else "",
            priority=row.priority,
            agent=row.for_agent.login if row.for_agent is not None else "",
            skills=tuple(json.loads(row.skills)),
            tags=tuple(json.loads(row.tags)),
            class_=row.call_class.name if row.call_class is not None else "",
            outcome=row.outcome,
            waits=waits,
            error=row.routing_error,
        )

    async def run_of(self, contact_id: int) -> dict[str, Any]:
        """The newest run for a contact: version (id), event, decision, trace, error, line, facts."""
        row = await ScriptRun.filter(contact_id=contact_id).order_by("-id").first()
        assert row is not None, f"contact {contact_id} has no run"
        return {
            "version": row.version_id,
            "event": row.event.value,
            "decision": json.loads(row.decision) if row.decision else None,
            "trace": json.loads(row.trace),
            "error": row.error,
            "line": row.line,
            "facts": json.loads(zlib.decompress(row.facts)),
        }

    async def said(self, contact_id: int) -> list[str]:
        """The journal's lines of triage about a contact: `verb: sentence`."""
        rows = await self.office.database.rows(
            "SELECT verb, text FROM journal WHERE actor = 'triage' AND kind = 'contact' AND thing_id = ? ORDER BY id",
            contact_id,
        )
        return [f"{row['verb']}: {row['text']}" for row in rows]
