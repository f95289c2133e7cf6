"""What flows through the desk: mails as fetched, contacts, messages, notes, and the outbox."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from core.models.fields import MomentField
from core.models.setup import Account, CallClass, Person, Queue
from core.models.states import Channel, ContactState, Direction, MailOutcome, NoteKind, OutboxState, Purpose


class Contact(Model):
    """One piece of work. At most one unclosed contact per (account, address): a partial unique index holds it."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("postroom.Account", on_delete=fields.RESTRICT)
    channel = fields.CharEnumField(Channel, max_length=10)
    address = fields.CharField(max_length=320)
    """The customer's: E.164, short code or alphanumeric sender, or lower-case e-mail address."""
    name = fields.CharField(max_length=200, default="")
    state = fields.CharEnumField(ContactState, max_length=10, default=ContactState.NEW)
    queue: fields.ForeignKeyNullableRelation[Queue] = fields.ForeignKeyField(
        "postroom.Queue", null=True, on_delete=fields.RESTRICT
    )
    priority = fields.IntField(default=0)
    call_class: fields.ForeignKeyNullableRelation[CallClass] = fields.ForeignKeyField(
        "postroom.CallClass", null=True, on_delete=fields.SET_NULL
    )
    agent: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.RESTRICT
    )
    for_agent: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL, related_name="contacts_meant_for"
    )
    """Whom the routing script chose; a queue gives it to this agent first."""
    skills = fields.TextField(default="[]")
    """JSON list of the skills it asks for."""
    tags = fields.TextField(default="[]")
    """JSON list of labels."""
    timeout_at = MomentField(null=True)
    """When it has outstayed its timeout in its queue, and the script is asked again."""
    routing_error = fields.TextField(default="")
    """Why its script could not decide, with the line; empty when it did."""
    subject = fields.CharField(max_length=400, default="")
    preview = fields.CharField(max_length=200, default="")
    """The newest inbound text on one line."""
    message_count = fields.IntField(default=0)
    received_at = MomentField()
    """When its first message arrived in the system: its place in any queue."""
    queued_at = MomentField(null=True)
    opened_at = MomentField(null=True)
    answered_at = MomentField(null=True)
    """When a person first replied."""
    last_in_at = MomentField(null=True)
    closed_at = MomentField(null=True)
    outcome = fields.CharField(max_length=100, default="")
    held_until = MomentField(null=True)
    """When one that is held comes back by itself; None while it is not held."""
    held_after = fields.BigIntField(null=True)
    """Id of its newest message when it was laid aside: a later one of the customer's brings it back sooner."""
    offered_until = MomentField(null=True)
    """When an offer ends that nobody took."""
    passed_by = fields.IntField(null=True)
    """Id of the agent who was offered it last and did not take it: others are asked first."""
    wrap_until = MomentField(null=True)
    """When its wrap-up ends by itself."""
    merged_into = fields.BigIntField(null=True)
    """Id of the contact that it is a part of now; what comes for it goes there."""

    account_id: int
    queue_id: int | None
    agent_id: int | None
    call_class_id: int | None

    class Meta:
        table = "contact"
        indexes = (("account_id", "address"), ("agent_id", "state"))


class Mail(Model):
    """The ledger: one row for each mail ever taken from a mailbox, and what became of it."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("postroom.Account", on_delete=fields.CASCADE)
    uidvalidity = fields.BigIntField()
    uid = fields.BigIntField()
    outcome = fields.CharEnumField(MailOutcome, max_length=12)
    reason = fields.TextField(default="")
    """Why it became that, in one sentence."""
    fingerprint = fields.CharField(max_length=64, default="")
    letter_id = fields.TextField(default="")
    """Message-ID (RFC 5322), with its angle brackets."""
    size = fields.BigIntField(default=0)
    complete = fields.BooleanField(default=True)
    arrived_at = MomentField()
    """When the server got it (INTERNALDATE)."""
    taken_at = MomentField()
    contact: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        "postroom.Contact", null=True, on_delete=fields.SET_NULL
    )
    acknowledged = fields.BooleanField(default=False)
    """Whether the server was told (`seen`, move, delete) after we had it safe."""
    gone = fields.BooleanField(default=False)
    """It is no longer in the folder."""

    account_id: int
    contact_id: int | None

    class Meta:
        table = "mail"
        unique_together = (("account", "uidvalidity", "uid"),)
        indexes = (("account_id", "fingerprint"), ("account_id", "gone", "outcome"))


class RawMail(Model):
    """The mail as it came, compressed; beside the ledger so that the ledger stays small."""

    mail: fields.OneToOneRelation[Mail] = fields.OneToOneField(
        "postroom.Mail", primary_key=True, on_delete=fields.CASCADE, related_name="raw_mail"
    )
    content = fields.BinaryField()
    """zlib."""

    class Meta:
        table = "raw_mail"


class Message(Model):
    """One text or e-mail, in or out."""

    id = fields.BigIntField(primary_key=True)
    contact: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        "postroom.Contact", null=True, on_delete=fields.RESTRICT
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("postroom.Account", on_delete=fields.RESTRICT)
    mail: fields.ForeignKeyNullableRelation[Mail] = fields.ForeignKeyField(
        "postroom.Mail", null=True, on_delete=fields.SET_NULL
    )
    direction = fields.CharEnumField(Direction, max_length=3)
    channel = fields.CharEnumField(Channel, max_length=10)
    address = fields.CharField(max_length=320)
    name = fields.CharField(max_length=200, default="")
    recipients = fields.TextField(default="[]")
    """JSON list of the addresses in To and Cc other than the account's own, for reply to all."""
    subject = fields.TextField(default="")
    text = fields.TextField(default="")
    quoted = fields.TextField(default="")
    parts = fields.IntField(default=0)
    letter_id = fields.TextField(default="")
    """Message-ID (RFC 5322), with its angle brackets."""
    in_reply_to = fields.TextField(default="")
    reference_ids = fields.TextField(default="")
    """The References header's ids, separated by a space."""
    author: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.RESTRICT
    )
    automatic = fields.BooleanField(default=False)
    marks = fields.TextField(default="[]")
    """JSON list: what had to be mended to read it."""
    files = fields.TextField(default="[]")
    """JSON list of attachments: name, content_type, size, part."""
    at = MomentField()

    contact_id: int | None
    account_id: int
    mail_id: int | None
    author_id: int | None

    class Meta:
        table = "message"
        indexes = (("contact_id", "at"), ("account_id", "address", "at"))


class Note(Model):
    """A line of an agent's beside the thread; never leaves the desk."""

    id = fields.BigIntField(primary_key=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField("postroom.Contact", on_delete=fields.CASCADE)
    author: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL
    )
    text = fields.TextField()
    at = MomentField()
    kind = fields.CharEnumField(NoteKind, max_length=10, default=NoteKind.NOTE)
    for_person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL, related_name="notes_for"
    )
    """Who is asked, or whispered to."""
    answered_at = MomentField(null=True)
    """Of a question."""

    contact_id: int
    author_id: int | None
    for_person_id: int | None

    class Meta:
        table = "note"


class TypedDraft(Model):
    """What a person has typed for a contact at one seat and not sent: kept as it is typed, gone with the reply.

    A seat is one running screen. Each writes a row of its own, so that two of one person never overwrite each other.
    """

    id = fields.BigIntField(primary_key=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField("postroom.Contact", on_delete=fields.CASCADE)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("postroom.Person", on_delete=fields.CASCADE)
    seat = fields.CharField(max_length=32, default="")
    version = fields.BigIntField(default=0)
    """One more with every change: who goes on with another seat's draft says which version was read."""
    text = fields.TextField(default="")
    subject = fields.TextField(default="")
    cc = fields.TextField(default="")
    files = fields.TextField(default="[]")
    """JSON list of the paths of files to send with it."""
    at = MomentField()

    class Meta:
        table = "typed_draft"
        unique_together = (("contact_id", "person_id", "seat"),)


class Outbox(Model):
    """One durable row for each message that is to leave. Its Message-ID is minted once and kept for life."""

    id = fields.BigIntField(primary_key=True)
    message: fields.OneToOneRelation[Message] = fields.OneToOneField(
        "postroom.Message", on_delete=fields.RESTRICT, related_name="outbox"
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("postroom.Account", on_delete=fields.RESTRICT)
    purpose = fields.CharEnumField(Purpose, max_length=20)
    lane = fields.SmallIntField(default=0)
    """0 people, 1 automatic answers, 2 bulk: a higher lane never delays a lower one."""
    state = fields.CharEnumField(OutboxState, max_length=10, default=OutboxState.QUEUED)
    due_at = MomentField()
    attempts = fields.IntField(default=0)
    first_try_at = MomentField(null=True)
    claimed_by = fields.CharField(max_length=64, default="")
    """The engine that has it in hand; void when that engine's lease has run out."""
    sender = fields.CharField(max_length=320)
    recipients = fields.TextField()
    """JSON list: the envelope."""
    address = fields.CharField(max_length=320)
    """The customer's, as on the message: what the loop budget counts by."""
    letter_id = fields.CharField(max_length=255, unique=True)
    """Message-ID, minted once."""
    code = fields.IntField(default=0)
    reply = fields.TextField(default="")
    """The server's last words."""
    created_at = MomentField()
    sent_at = MomentField(null=True)
    delivery = fields.CharField(max_length=10, default="")
    """What a receipt or bounce said later: `delivered`, `failed`, `delayed`."""
    delivery_reason = fields.TextField(default="")
    delivered_at = MomentField(null=True)
    account_id: int
    message_id: int

    class Meta:
        table = "outbox"
        indexes = (("address", "created_at"),)


class Letter(Model):
    """The bytes of an outgoing message, beside its row so that the row, which changes often, stays small."""

    outbox: fields.OneToOneRelation[Outbox] = fields.OneToOneField(
        "postroom.Outbox", primary_key=True, on_delete=fields.CASCADE, related_name="letter"
    )
    content = fields.BinaryField()
    """CRLF wire bytes, the same on every attempt."""

    outbox_id: int

    class Meta:
        table = "letter"
