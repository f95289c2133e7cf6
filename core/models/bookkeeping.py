"""Who holds what, who did what, who wants no more texts."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from core.models.fields import MomentField
from core.models.states import Channel


class Lease(Model):
    """Work that one engine owns until a time; anybody may take what has run out."""

    name = fields.CharField(max_length=100, primary_key=True)
    holder = fields.CharField(max_length=64)
    until = MomentField()

    class Meta:
        table = "lease"


class Engine(Model):
    """A running engine, for status; alive while its lease is."""

    holder = fields.CharField(max_length=64, primary_key=True)
    host = fields.CharField(max_length=255)
    pid = fields.IntField()
    version = fields.CharField(max_length=40)
    started_at = MomentField()
    sessions = fields.IntField(default=0)
    """SMTP sessions it has open."""

    class Meta:
        table = "engine"


class Bucket(Model):
    """A token bucket kept in the store, so that all engines share one rate and a restart does not refill it."""

    name = fields.CharField(max_length=50, primary_key=True)
    tokens = fields.FloatField()
    at = MomentField()

    class Meta:
        table = "bucket"


class Journal(Model):
    """Append-only: who or what did what to which thing, and why."""

    id = fields.BigIntField(primary_key=True)
    at = MomentField()
    actor = fields.CharField(max_length=64)
    """A login, or the station that did it (`intake`, `triage`, `outbox`, `command`)."""
    verb = fields.CharField(max_length=40)
    kind = fields.CharField(max_length=20)
    """`contact`, `message`, `account`, `desk`, ..."""
    thing_id = fields.BigIntField(null=True)
    text = fields.TextField(default="")
    """One sentence; never a customer's words, never a secret."""

    class Meta:
        table = "journal"
        indexes = (("kind", "thing_id"), ("at",))


class OptOut(Model):
    """An address that wants no more, with the evidence; ended, never deleted."""

    id = fields.BigIntField(primary_key=True)
    address = fields.CharField(max_length=320)
    channel = fields.CharEnumField(Channel, max_length=10)
    at = MomentField()
    source = fields.CharField(max_length=200)
    """The word that was written, or who recorded it."""
    mail_id = fields.BigIntField(null=True)
    ended_at = MomentField(null=True)
    ended_by = fields.CharField(max_length=200, default="")

    class Meta:
        table = "opt_out"
        indexes = (("address", "channel"),)
