"""Whom we write to of our own accord: campaigns, lists, customers, attempts, broadcasts."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from core.models.fields import MomentField
from core.models.routing import Template
from core.models.setup import Account, Person
from core.models.states import BroadcastState, Channel, CustomerStatus, DiallerEvent, RecipientState
from core.models.work import Message


class Campaign(Model):
    """Lists of customers, who writes to them, and what they get on an event of the dialler."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    sms_account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "postroom.Account", null=True, on_delete=fields.RESTRICT, related_name="campaigns_by_text"
    )
    email_account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "postroom.Account", null=True, on_delete=fields.RESTRICT, related_name="campaigns_by_email"
    )
    first_try_sms: fields.ForeignKeyNullableRelation[Template] = fields.ForeignKeyField(
        "postroom.Template", null=True, on_delete=fields.RESTRICT, related_name="first_try_by_text"
    )
    first_try_email: fields.ForeignKeyNullableRelation[Template] = fields.ForeignKeyField(
        "postroom.Template", null=True, on_delete=fields.RESTRICT, related_name="first_try_by_email"
    )
    no_contact_sms: fields.ForeignKeyNullableRelation[Template] = fields.ForeignKeyField(
        "postroom.Template", null=True, on_delete=fields.RESTRICT, related_name="no_contact_by_text"
    )
    no_contact_email: fields.ForeignKeyNullableRelation[Template] = fields.ForeignKeyField(
        "postroom.Template", null=True, on_delete=fields.RESTRICT, related_name="no_contact_by_email"
    )
    quiet_hours = fields.CharField(max_length=11, default="")
    """As `20:00-08:00` in the customer's zone; empty = none."""
    region = fields.CharField(max_length=2, default="")
    """ISO 3166; how numbers of its lists are read. Empty = the desk's."""
    most_messages = fields.IntField(default=0)
    """A customer gets at most so many in `per_days`; 0 = no cap."""
    per_days = fields.IntField(default=7)
    words = fields.TextField(default="")
    """What an agent says who rings a customer."""
    results_folder = fields.CharField(max_length=1024, default="")
    """Where a dialler leaves its files of results; empty = nowhere."""

    sms_account_id: int | None
    email_account_id: int | None
    first_try_sms_id: int | None
    first_try_email_id: int | None
    no_contact_sms_id: int | None
    no_contact_email_id: int | None

    class Meta:
        table = "campaign"


class CustomerList(Model):
    """Customers as they came from one file; belongs to a campaign, or to none yet."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    campaign: fields.ForeignKeyNullableRelation[Campaign] = fields.ForeignKeyField(
        "postroom.Campaign", null=True, on_delete=fields.RESTRICT, related_name="lists"
    )
    own_fields = fields.TextField(default="[]")
    """JSON list of the names of its own fields."""
    mapping = fields.TextField(default="{}")
    """JSON: field -> column, as the last import had it."""

    campaign_id: int | None

    class Meta:
        table = "customer_list"


class Customer(Model):
    """Somebody we may write to or ring."""

    id = fields.BigIntField(primary_key=True)
    list: fields.ForeignKeyRelation[CustomerList] = fields.ForeignKeyField(
        "postroom.CustomerList", on_delete=fields.CASCADE, related_name="customers"
    )
    reference = fields.CharField(max_length=100)
    """What the other system calls this customer; one of a kind within the list."""
    name = fields.CharField(max_length=200, default="")
    number = fields.CharField(max_length=32, default="")
    """E.164; empty = none that can be read."""
    number_as_written = fields.CharField(max_length=64, default="")
    """Only where it could not be read."""
    email = fields.CharField(max_length=320, default="")
    """Lower case; empty = none."""
    zone = fields.CharField(max_length=64, default="")
    """IANA name, where the file said so; empty = by the number, else the desk's."""
    owner: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL, related_name="customers"
    )
    status = fields.CharEnumField(CustomerStatus, max_length=12, default=CustomerStatus.UNUSED)
    callback_at = MomentField(null=True)
    callback_for: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL, related_name="callbacks"
    )
    """Who promised to ring; None = anybody."""
    handed_to: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL, related_name="customers_in_hand"
    )
    """Who is about to ring."""
    handed_until = MomentField(null=True)
    """When that ends by itself."""
    tries = fields.IntField(default=0)
    tried_at = MomentField(null=True)
    outcome = fields.CharField(max_length=100, default="")
    """Of the last attempt."""
    own_fields = fields.TextField(default="{}")
    """JSON: its list's own fields."""
    created_at = MomentField()
    changed_at = MomentField()

    list_id: int
    owner_id: int | None
    callback_for_id: int | None
    handed_to_id: int | None

    class Meta:
        table = "customer"
        unique_together = (("list_id", "reference"),)
        indexes = (("list_id", "status", "id"),)


class Attempt(Model):
    """One try to reach a customer, and how it ended."""

    id = fields.BigIntField(primary_key=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "postroom.Customer", on_delete=fields.CASCADE
    )
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        "postroom.Campaign", on_delete=fields.CASCADE
    )
    at = MomentField()
    outcome = fields.CharField(max_length=100)
    contact = fields.BooleanField()
    """Whether the customer was reached."""
    terminated = fields.BooleanField(default=False)
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL
    )
    source = fields.CharField(max_length=255, default="")
    """`agent`, `command`, or the name of a file of results."""
    key = fields.CharField(max_length=255, null=True, unique=True)
    """What makes it the same attempt when it is told again; None where nobody tells it twice."""
    note = fields.TextField(default="")

    customer_id: int
    campaign_id: int
    person_id: int | None

    class Meta:
        table = "attempt"
        indexes = (("customer_id", "id"),)


class EventLetter(Model):
    """What a customer got on an event of the dialler: once for each event and channel, whatever is repeated."""

    id = fields.BigIntField(primary_key=True)
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "postroom.Customer", null=True, on_delete=fields.SET_NULL
    )
    """None = has been deleted since."""
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        "postroom.Campaign", on_delete=fields.CASCADE
    )
    event = fields.CharEnumField(DiallerEvent, max_length=10)
    channel = fields.CharEnumField(Channel, max_length=10)
    message: fields.ForeignKeyNullableRelation[Message] = fields.ForeignKeyField(
        "postroom.Message", null=True, on_delete=fields.SET_NULL
    )
    reason = fields.TextField(default="")
    """Why nothing was written; empty where it was."""
    zone = fields.CharField(max_length=64, default="")
    """Where the customer lived when it was written: it counts once nobody knows her any more."""
    at = MomentField()

    customer_id: int | None
    campaign_id: int
    message_id: int | None

    class Meta:
        table = "event_letter"
        unique_together = (("customer_id", "campaign_id", "event", "channel"),)
        indexes = (("message_id",),)


class DoNotContact(Model):
    """An address that is not to be written to by a campaign, or by none of them."""

    id = fields.BigIntField(primary_key=True)
    campaign: fields.ForeignKeyNullableRelation[Campaign] = fields.ForeignKeyField(
        "postroom.Campaign", null=True, on_delete=fields.CASCADE
    )
    """None = of the whole desk."""
    channel = fields.CharEnumField(Channel, max_length=10)
    address = fields.CharField(max_length=320)
    source = fields.CharField(max_length=255, default="")
    at = MomentField()

    campaign_id: int | None

    class Meta:
        table = "do_not_contact"
        indexes = (("address", "channel"),)


class Broadcast(Model):
    """One template to many customers. What it says and to whom is frozen when it is confirmed."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100)
    state = fields.CharEnumField(BroadcastState, max_length=10, default=BroadcastState.PLANNED)
    campaign: fields.ForeignKeyNullableRelation[Campaign] = fields.ForeignKeyField(
        "postroom.Campaign", null=True, on_delete=fields.SET_NULL
    )
    channel = fields.CharEnumField(Channel, max_length=10)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("postroom.Account", on_delete=fields.RESTRICT)
    audience = fields.TextField()
    """JSON: campaign or list, statuses, the filter's words."""
    template = fields.CharField(max_length=100)
    subject = fields.TextField(default="")
    body = fields.TextField()
    """The template's, as it was then."""
    html = fields.TextField(default="", db_default="")
    """The same; empty = its messages are of text alone."""
    when_missing = fields.CharField(max_length=200, null=True)
    """What stands for a field that a customer has nothing for, as it was then."""
    rate_per_minute = fields.IntField(default=0)
    """0 = as fast as the outgoing server is allowed."""
    brake_percent = fields.IntField(default=0)
    """It pauses by itself when so many of a hundred have failed; 0 = never."""
    brake_sent = fields.IntField(default=0)
    """What had left when somebody last let it run: the brake counts from there."""
    brake_failed = fields.IntField(default=0)
    """The same for what had failed."""
    send_hours = fields.CharField(max_length=200, default="", db_default="")
    """In which its messages leave, as `mon-fri 09:00-17:00, sat 10:00-12:00` in the customer's zone; empty = at any."""
    starts_at = MomentField(null=True)
    late_minutes = fields.IntField(default=60)
    """A start that is missed by more asks first."""
    digest = fields.CharField(max_length=64, default="")
    """SHA-256 of all that is frozen, recipients included."""
    planned = fields.IntField(default=0)
    excluded = fields.TextField(default="{}")
    """JSON: reason -> how many."""
    reason = fields.TextField(default="")
    """Why it pauses, in one sentence."""
    by = fields.CharField(max_length=64, default="")
    approved_by = fields.CharField(max_length=64, default="")
    created_at = MomentField()
    started_at = MomentField(null=True)
    ended_at = MomentField(null=True)

    campaign_id: int | None
    account_id: int

    class Meta:
        table = "broadcast"


class Recipient(Model):
    """One row for each who is to get a broadcast: what became of it."""

    id = fields.BigIntField(primary_key=True)
    broadcast: fields.ForeignKeyRelation[Broadcast] = fields.ForeignKeyField(
        "postroom.Broadcast", on_delete=fields.CASCADE, related_name="recipients"
    )
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "postroom.Customer", null=True, on_delete=fields.SET_NULL, related_name="broadcast_rows"
    )
    address = fields.CharField(max_length=320)
    zone = fields.CharField(max_length=64, default="")
    state = fields.CharEnumField(RecipientState, max_length=10, default=RecipientState.WAITING)
    due_at = MomentField(null=True)
    """Not before, where it waits for something: quiet hours, a retry."""
    reason = fields.TextField(default="")
    """Why it waits, or did not leave."""
    message: fields.ForeignKeyNullableRelation[Message] = fields.ForeignKeyField(
        "postroom.Message", null=True, on_delete=fields.SET_NULL, related_name="broadcast_rows"
    )
    parts = fields.SmallIntField(default=0)

    broadcast_id: int
    customer_id: int | None
    message_id: int | None

    class Meta:
        table = "recipient"
        unique_together = (("broadcast_id", "address"),)
        indexes = (("broadcast_id", "state", "id"), ("message_id",), ("customer_id",))
