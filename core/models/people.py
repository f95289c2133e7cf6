"""Who works at the desk beyond a name: states, skills, reasons, canned replies."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from core.models.fields import MomentField
from core.models.setup import Person
from core.models.states import AgentState


class Agent(Model):
    """How a person who has signed in at least once stands now."""

    person: fields.OneToOneRelation[Person] = fields.OneToOneField(
        "postroom.Person", primary_key=True, on_delete=fields.CASCADE, related_name="agent"
    )
    state = fields.CharEnumField(AgentState, max_length=12, default=AgentState.SIGNED_OUT)
    reason = fields.CharField(max_length=100, default="")
    """Why not ready, or why signed out where nobody said so."""
    since = MomentField()
    idle_since = MomentField()
    """Since when nothing was given to her: who is idle longest is first."""
    missed = fields.IntField(default=0)
    """Offers in a row that she did not take."""
    seat = fields.CharField(max_length=32, default="")
    """The running screen she sits at; empty for one that commands alone move."""
    seen_at = MomentField(null=True)
    """When that screen was last heard of; None = nobody listens for one."""

    person_id: int

    class Meta:
        table = "agent"


class PersonSkill(Model):
    """What a person can do, and how well."""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", on_delete=fields.CASCADE, related_name="skills"
    )
    skill = fields.CharField(max_length=64)
    level = fields.IntField(default=1)
    """1 to 9."""

    person_id: int

    class Meta:
        table = "person_skill"
        unique_together = (("person_id", "skill"),)


class NotReadyReason(Model):
    """A reason for which an agent takes no work."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)

    class Meta:
        table = "not_ready_reason"


class CannedReply(Model):
    """A reply that is written by its word."""

    id = fields.IntField(primary_key=True)
    word = fields.CharField(max_length=40, unique=True)
    """Typed after a slash."""
    channel = fields.CharField(max_length=10, default="")
    """`sms` or `email`; empty = both."""
    text = fields.TextField()
    """A template: fields of the contact, the customer, the agent and the desk."""

    class Meta:
        table = "canned_reply"
