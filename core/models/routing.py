"""What routes contacts: the versions of scripts and their runs, calendars, variables, templates."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from core.models.fields import MomentField
from core.models.setup import Person, Script
from core.models.states import Channel, RunEvent
from core.models.work import Contact


class ScriptVersion(Model):
    """One saved state of a script; never changed, but for its lock and its remark."""

    id = fields.IntField(primary_key=True)
    script: fields.ForeignKeyRelation[Script] = fields.ForeignKeyField("postroom.Script", on_delete=fields.CASCADE)
    number = fields.IntField()
    source = fields.TextField()
    author: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "postroom.Person", null=True, on_delete=fields.SET_NULL
    )
    at = MomentField()
    remark = fields.CharField(max_length=255, default="")
    locked = fields.BooleanField(default=False)

    script_id: int
    author_id: int | None

    class Meta:
        table = "script_version"
        unique_together = (("script_id", "number"),)


class ScriptRun(Model):
    """One run for one contact: what it saw, what it decided and why. Kept, so that it can be explained and replayed."""

    id = fields.BigIntField(primary_key=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField("postroom.Contact", on_delete=fields.CASCADE)
    version: fields.ForeignKeyNullableRelation[ScriptVersion] = fields.ForeignKeyField(
        "postroom.ScriptVersion", null=True, on_delete=fields.SET_NULL
    )
    event = fields.CharEnumField(RunEvent, max_length=10)
    at = MomentField()
    facts = fields.BinaryField()
    """JSON, zlib."""
    decision = fields.TextField(default="")
    """JSON; empty where it failed."""
    trace = fields.TextField(default="[]")
    """JSON list of what it printed."""
    error = fields.TextField(default="")
    line = fields.IntField(default=0)
    """Where the error is; 0 = nowhere in particular."""
    took = fields.IntField(default=0)
    """Microseconds."""

    contact_id: int
    version_id: int | None

    class Meta:
        table = "script_run"
        indexes = (("contact_id",), ("version_id", "at"), ("at",))


class Calendar(Model):
    """Opening hours, in words that `core.calendars` reads."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    timezone = fields.CharField(max_length=64, default="")
    """Empty = the desk's."""
    open = fields.TextField(default="[]")
    """JSON list, as `["mon-fri 09:00-17:30"]`."""
    closed = fields.TextField(default="[]")
    """JSON list of exceptions, as `["2026-12-25"]`."""

    class Meta:
        table = "calendar"


class Variable(Model):
    """A global variable of all scripts."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    value = fields.TextField(default='""')
    """JSON."""

    class Meta:
        table = "variable"


class Template(Model):
    """A text or e-mail with fields, which scripts and campaigns send."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    channel = fields.CharEnumField(Channel, max_length=10)
    subject = fields.TextField(default="")
    body = fields.TextField()
    html = fields.TextField(default="", db_default="")
    """Of an e-mail, which then has both; empty = the body alone."""
    when_missing = fields.CharField(max_length=200, null=True)
    """What stands for a field that a customer has nothing for; None = that customer gets no letter."""

    class Meta:
        table = "template"


class TemplateVersion(Model):
    """What a template said from a moment on; the highest number is what it says now."""

    id = fields.IntField(primary_key=True)
    template: fields.ForeignKeyRelation[Template] = fields.ForeignKeyField(
        "postroom.Template", on_delete=fields.CASCADE, related_name="versions"
    )
    number = fields.IntField()
    subject = fields.TextField(default="")
    body = fields.TextField()
    html = fields.TextField(default="", db_default="")
    author = fields.CharField(max_length=64, default="")
    """A login, or `command`."""
    at = MomentField()

    template_id: int

    class Meta:
        table = "template_version"
        unique_together = (("template_id", "number"),)
