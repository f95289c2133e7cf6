"""Tables and enums; no behaviour. Screens never see these rows: they read frozen ones from `core.views`."""

from core.models.bookkeeping import Bucket, Engine, Journal, Lease, OptOut
from core.models.routing import Calendar, ScriptRun, ScriptVersion, Template, Variable
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
    "AgentGroup",
    "Bucket",
    "Calendar",
    "CallClass",
    "Contact",
    "Desk",
    "Engine",
    "Gateway",
    "Journal",
    "Lease",
    "Letter",
    "Mail",
    "Mailbox",
    "Message",
    "Note",
    "OptOut",
    "Outbox",
    "Outcome",
    "OutgoingServer",
    "Person",
    "Queue",
    "RawMail",
    "Script",
    "ScriptRun",
    "ScriptVersion",
    "Template",
    "TypedDraft",
    "Variable",
]
