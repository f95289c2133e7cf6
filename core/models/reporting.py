"""What happened, as reports count it: an append-only log, and its sums."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from core.models.fields import MomentField


class Event(Model):
    """One step of a contact or of an agent, with how it stood after it. Append-only; no foreign keys: it outlives all.

    How long the state before it lasted is the time since the event before of the same contact or agent.
    """

    id = fields.BigIntField(primary_key=True)
    at = MomentField()
    verb = fields.CharField(max_length=20)
    """`arrived`, `queued`, `offered`, `expired`, ...: `core.events` has them all."""
    state = fields.CharField(max_length=12)
    """Of the contact, or of the agent where there is no contact."""
    contact_id = fields.BigIntField(null=True)
    person_id = fields.IntField(null=True)
    queue_id = fields.IntField(null=True)
    account_id = fields.IntField(null=True)
    class_id = fields.IntField(null=True)
    channel = fields.CharField(max_length=10, default="")
    waited = fields.BigIntField(null=True)
    """Microseconds the customer waited until this, where this ends a wait."""
    in_time = fields.BooleanField(null=True)
    """Of a first answer: within what the queue promised at that time."""
    text = fields.CharField(max_length=100, default="")
    """A reason or an outcome."""
    folded = fields.BooleanField(default=False)
    """It is in the tallies."""

    class Meta:
        table = "event"
        indexes = (("contact_id", "id"), ("at",))


class Tally(Model):
    """The events of one quarter of an hour summed up; made of the log alone, and made anew from it at any time."""

    id = fields.BigIntField(primary_key=True)
    quarter = MomentField()
    """Its beginning."""
    queue_id = fields.IntField(default=0)
    """0 = none, as in all of these."""
    person_id = fields.IntField(default=0)
    account_id = fields.IntField(default=0)
    class_id = fields.IntField(default=0)
    channel = fields.CharField(max_length=10, default="")
    arrived = fields.IntField(default=0)
    entered = fields.IntField(default=0)
    offered = fields.IntField(default=0)
    missed = fields.IntField(default=0)
    refused = fields.IntField(default=0)
    taken = fields.IntField(default=0)
    answered = fields.IntField(default=0)
    """First answers of a person."""
    in_time = fields.IntField(default=0)
    replies = fields.IntField(default=0)
    transferred = fields.IntField(default=0)
    returned = fields.IntField(default=0)
    """By a line that was lost."""
    handled = fields.IntField(default=0)
    """Brought to an end by a person who had it."""
    closed = fields.IntField(default=0)
    unserved = fields.IntField(default=0)
    """Closed though nobody ever had it."""
    waited = fields.BigIntField(default=0)
    """Microseconds until the first answer, over all `answered`."""
    longest = fields.BigIntField(default=0)
    """The longest of them."""
    open_time = fields.BigIntField(default=0)
    held_time = fields.BigIntField(default=0)
    wrap_time = fields.BigIntField(default=0)

    class Meta:
        table = "tally"
        unique_together = (("quarter", "queue_id", "person_id", "account_id", "class_id", "channel"),)
