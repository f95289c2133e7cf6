"""Tables and enums; no behaviour. Screens never see these rows: they read frozen ones from `core.views`.

A table is imported when it is first asked for: the enums (`core.models.states`) come without Tortoise, which is dear.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.models.bookkeeping import Bucket, Engine, Journal, Lease, OptOut
    from core.models.campaigns import (
        Attempt,
        Broadcast,
        Campaign,
        Customer,
        CustomerList,
        DoNotContact,
        EventLetter,
        Recipient,
    )
    from core.models.people import Agent, CannedReply, NotReadyReason, PersonSkill
    from core.models.reporting import Event, Tally
    from core.models.routing import Calendar, ScriptRun, ScriptVersion, Template, TemplateVersion, Variable
    from core.models.setup import (
        Account,
        AgentGroup,
        CallClass,
        Desk,
        Gateway,
        Mailbox,
        Outcome,
        OutgoingServer,
        Person,
        Queue,
        Script,
    )
    from core.models.work import Contact, Letter, Mail, Message, Note, Outbox, RawMail, TypedDraft

__all__ = [
    "Account",
    "Agent",
    "AgentGroup",
    "Attempt",
    "Broadcast",
    "Bucket",
    "Calendar",
    "CallClass",
    "Campaign",
    "CannedReply",
    "Contact",
    "Customer",
    "CustomerList",
    "Desk",
    "DoNotContact",
    "Engine",
    "Event",
    "EventLetter",
    "Gateway",
    "Journal",
    "Lease",
    "Letter",
    "Mail",
    "Mailbox",
    "Message",
    "NotReadyReason",
    "Note",
    "OptOut",
    "Outbox",
    "Outcome",
    "OutgoingServer",
    "Person",
    "PersonSkill",
    "Queue",
    "RawMail",
    "Recipient",
    "Script",
    "ScriptRun",
    "ScriptVersion",
    "Tally",
    "Template",
    "TemplateVersion",
    "TypedDraft",
    "Variable",
]

TABLES = (
    "core.models.bookkeeping",
    "core.models.campaigns",
    "core.models.people",
    "core.models.reporting",
    "core.models.routing",
    "core.models.setup",
    "core.models.work",
)
"""Where they stand."""

if not TYPE_CHECKING:  # else a wrong name would pass as Any

    def __getattr__(name: str) -> object:
        """A table by its name; `__models__`, where Tortoise looks first, is all of them."""
        if name == "__models__":
            return [__getattr__(table) for table in __all__]
        if name in __all__:
            for part in TABLES:
                module = import_module(part)
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
