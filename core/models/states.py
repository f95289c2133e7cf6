"""The states and kinds that rows can have, in the words of the design."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a customer writes to us; also the kind of an account."""

    SMS = "sms"
    EMAIL = "email"


class Security(StrEnum):
    """How a connection to a mail server is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Role(StrEnum):
    """What a person may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class ContactState(StrEnum):
    """`new -> queued -> offered -> open <-> held -> wrap-up -> closed`."""

    NEW = "new"
    QUEUED = "queued"
    OFFERED = "offered"
    OPEN = "open"
    HELD = "held"
    WRAP_UP = "wrap-up"
    CLOSED = "closed"


class AgentState(StrEnum):
    """Whether a person takes work. Wrap-up is not stored: it is whoever has a contact in wrap-up."""

    SIGNED_OUT = "signed out"
    READY = "ready"
    NOT_READY = "not ready"


class Sharing(StrEnum):
    """Which of several able agents a queue's next contact goes to."""

    LONGEST_IDLE = "longest idle"
    FEWEST_OPEN = "fewest open"
    BEST_SKILL = "best skill"


class NoteKind(StrEnum):
    """What a line beside the thread is."""

    NOTE = "note"
    QUESTION = "question"
    """Of an agent to a colleague."""
    ANSWER = "answer"
    WHISPER = "whisper"
    """Of a supervisor to the agent."""


class Direction(StrEnum):
    """Which way a message went."""

    IN = "in"
    OUT = "out"


class MailOutcome(StrEnum):
    """What became of one mail in a mailbox: exactly one of these."""

    CONTACT = "contact"
    JOINED = "joined"
    RECEIPT = "receipt"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto-reply"
    OWN_LOOP = "own-loop"
    OVER_BUDGET = "over-budget"
    DUPLICATE = "duplicate"
    CONSENT = "consent"
    QUARANTINE = "quarantine"


class OutboxState(StrEnum):
    """`queued -> sending -> sent | queued | failed | unknown`, or `cancelled` / `suppressed` before it left."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class Purpose(StrEnum):
    """Why a message leaves; the consent gate and the lanes judge by it."""

    REPLY = "reply"
    FORWARD = "forward"
    RECEIPT_REPLY = "receipt reply"
    CONSENT = "consent confirmation"
    ROUTING = "routing reply"
    EVENT = "dialler event"
    BROADCAST = "broadcast"
    CHECK = "test message"


class Health(StrEnum):
    """How a mailbox or the outgoing server does, as a word."""

    OFF = "off"
    """Disabled, or no engine runs."""
    WAITING = "waiting"
    """Not tried yet, or another engine is about to take it over."""
    OK = "ok"
    BROKEN = "broken"
    """The last try failed; it is tried again."""


class RunEvent(StrEnum):
    """Why a routing script ran."""

    ROUTE = "route"
    WAITED = "waited"


class CustomerStatus(StrEnum):
    """How far a campaign has come with a customer."""

    UNUSED = "unused"
    CALLBACK = "callback"
    IN_PROGRESS = "in progress"
    CONTACTED = "contacted"
    TERMINATED = "terminated"


class DiallerEvent(StrEnum):
    """On which a campaign writes by itself."""

    FIRST_TRY = "first try"
    NO_CONTACT = "no contact"
    """The customer was given up without having been reached."""


class BroadcastState(StrEnum):
    """`planned -> scheduled -> running <-> paused -> done | cancelled`."""

    PLANNED = "planned"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class RecipientState(StrEnum):
    """`waiting -> queued`, and from there on as the outbox has it; settled ones stay."""

    WAITING = "waiting"
    QUEUED = "queued"
    """Its message is in the outbox."""
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
