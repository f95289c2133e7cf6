"""What a desk is made of: the outgoing server, gateways, accounts, queues, groups, people."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from core.models.fields import MomentField
from core.models.states import Channel, Health, Role, Security, Sharing


class Desk(Model):
    """The desk itself; one row."""

    id = fields.IntField(primary_key=True, generated=False)
    name = fields.CharField(max_length=200, default="")
    region = fields.CharField(max_length=2, default="GB")
    timezone = fields.CharField(max_length=64, default="Europe/London")
    key_check = fields.TextField(default="")
    """A known word, encrypted: a wrong key is found out before it does harm."""
    grace_seconds = fields.IntField(default=120)
    """How long an agent whose line is lost keeps her contacts."""
    missed_offers = fields.IntField(default=3)
    """After so many offers in a row that nobody took an agent is not ready."""

    class Meta:
        table = "desk"


class OutgoingServer(Model):
    """The one SMTP server all accounts share; one row, none until it is set up."""

    id = fields.IntField(primary_key=True, generated=False)
    host = fields.CharField(max_length=255)
    port = fields.IntField()
    security = fields.CharEnumField(Security, max_length=10)
    user = fields.CharField(max_length=255, default="")
    secret = fields.TextField(default="")
    """The password, encrypted."""
    password_command = fields.TextField(default="")
    token_command = fields.TextField(default="")
    ca_file = fields.TextField(default="")
    connections = fields.IntField(default=4)
    rate_per_minute = fields.IntField(default=0)
    """Messages a minute over all engines; 0 = no limit."""
    health = fields.CharEnumField(Health, max_length=10, default=Health.WAITING)
    error = fields.TextField(default="")
    error_at = MomentField(null=True)

    class Meta:
        table = "outgoing_server"


class Gateway(Model):
    """A provider that turns e-mails into texts and back: a dialect and what this desk overrides in it."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    dialect = fields.CharField(max_length=100)
    overrides: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)

    class Meta:
        table = "gateway"


class CallClass(Model):
    """A label for reporting and rules."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)

    class Meta:
        table = "call_class"


class AgentGroup(Model):
    """Agents that serve the same queues."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)

    class Meta:
        table = "agent_group"


class Queue(Model):
    """Where contacts wait for an agent."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    service_percent = fields.IntField(default=80)
    service_seconds = fields.IntField(default=120)
    offer_seconds = fields.IntField(default=30)
    wrap_up_seconds = fields.IntField(default=0)
    """How long a finished contact may be wrapped up; 0 = it is closed at once."""
    sharing = fields.CharEnumField(Sharing, max_length=20, default=Sharing.LONGEST_IDLE)
    last_agent_seconds = fields.IntField(default=86_400)
    """So long a returning customer goes to the last agent first, if she is free."""
    groups: fields.ManyToManyRelation[AgentGroup] = fields.ManyToManyField(
        "postroom.AgentGroup", through="queue_group", related_name="queues"
    )

    class Meta:
        table = "queue"


class Person(Model):
    """Somebody who works at the desk."""

    id = fields.IntField(primary_key=True)
    login = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=200, default="")
    role = fields.CharEnumField(Role, max_length=20, default=Role.AGENT)
    groups: fields.ManyToManyRelation[AgentGroup] = fields.ManyToManyField(
        "postroom.AgentGroup", through="person_group", related_name="people"
    )
    password = fields.CharField(max_length=255, default="")
    """Its argon2id hash; empty = none was ever set."""
    capacity_sms = fields.IntField(default=3)
    capacity_email = fields.IntField(default=5)
    auto_accept = fields.BooleanField(default=False)
    """What is offered is open at once."""

    class Meta:
        table = "person"


class Outcome(Model):
    """How a contact or an attempt may end."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    contact = fields.BooleanField(default=True)
    """Whether the customer was reached."""

    class Meta:
        table = "outcome"


class Script(Model):
    """A routing script by its name; what it says stands in its versions."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    description = fields.CharField(max_length=255, default="")
    active = fields.IntField(null=True)
    """The number of the version that is run; None while there is none."""
    created_at = MomentField()

    class Meta:
        table = "script"


class Account(Model):
    """A mailbox we poll and an address we send as."""

    id = fields.IntField(primary_key=True)
    kind = fields.CharEnumField(Channel, max_length=10)
    address = fields.CharField(max_length=255, unique=True)
    description = fields.CharField(max_length=255, default="")
    enabled = fields.BooleanField(default=True)
    gateway: fields.ForeignKeyNullableRelation[Gateway] = fields.ForeignKeyField(
        "postroom.Gateway", null=True, on_delete=fields.RESTRICT
    )
    queue: fields.ForeignKeyRelation[Queue] = fields.ForeignKeyField("postroom.Queue", on_delete=fields.RESTRICT)
    inbound_class: fields.ForeignKeyNullableRelation[CallClass] = fields.ForeignKeyField(
        "postroom.CallClass", null=True, on_delete=fields.RESTRICT, related_name="inbound_accounts"
    )
    outbound_class: fields.ForeignKeyNullableRelation[CallClass] = fields.ForeignKeyField(
        "postroom.CallClass", null=True, on_delete=fields.RESTRICT, related_name="outbound_accounts"
    )
    script: fields.ForeignKeyNullableRelation[Script] = fields.ForeignKeyField(
        "postroom.Script", null=True, on_delete=fields.RESTRICT
    )
    script_settings = fields.TextField(default="{}")
    """JSON object: what this account says instead of the script's own settings."""
    receipt_reply = fields.TextField(default="")
    """Sent automatically when a message makes a new contact; empty = none."""
    debug = fields.BooleanField(default=False)
    user = fields.CharField(max_length=255, default="")
    secret = fields.TextField(default="")
    password_command = fields.TextField(default="")
    token_command = fields.TextField(default="")
    imap_host = fields.CharField(max_length=255)
    imap_port = fields.IntField()
    imap_security = fields.CharEnumField(Security, max_length=10)
    imap_ca_file = fields.TextField(default="")
    imap_folder = fields.CharField(max_length=255, default="INBOX")
    after_fetch = fields.CharField(max_length=255, default="seen")
    """`keep`, `seen`, `delete` or `move:FOLDER`."""
    poll_seconds = fields.IntField(default=60)
    size_limit = fields.IntField(default=25 * 2**20)
    """Octets; of a larger mail only the head is fetched."""

    queue_id: int
    script_id: int | None
    gateway_id: int | None
    inbound_class_id: int | None
    outbound_class_id: int | None

    class Meta:
        table = "account"


class Mailbox(Model):
    """How the fetching of one account does; written by the engine that holds its lease."""

    account: fields.OneToOneRelation[Account] = fields.OneToOneField(
        "postroom.Account", primary_key=True, on_delete=fields.CASCADE, related_name="mailbox"
    )
    health = fields.CharEnumField(Health, max_length=10, default=Health.WAITING)
    error = fields.TextField(default="")
    error_at = MomentField(null=True)
    failures = fields.IntField(default=0)
    """Tries in a row that failed."""
    retry_at = MomentField(null=True)
    uidvalidity = fields.BigIntField(default=0)
    on_server = fields.IntField(default=0)
    unfetched = fields.IntField(default=0)
    oldest_unfetched_at = MomentField(null=True)
    last_poll_at = MomentField(null=True)
    idle_since = MomentField(null=True)

    account_id: int

    class Meta:
        table = "mailbox"
