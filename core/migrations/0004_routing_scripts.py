from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.fields import MomentField
from core.models.states import Channel, RunEvent
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("postroom", "0003_held_contacts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Calendar",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("timezone", fields.CharField(default="", max_length=64)),
                ("open", fields.TextField(default="[]", unique=False)),
                ("closed", fields.TextField(default="[]", unique=False)),
            ],
            options={"table": "calendar", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Script",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("description", fields.CharField(default="", max_length=255)),
                ("active", fields.IntField(null=True)),
                ("created_at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={"table": "script", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScriptVersion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "script",
                    fields.ForeignKeyField(
                        "postroom.Script",
                        source_field="script_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.IntField()),
                ("source", fields.TextField(unique=False)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("at", MomentField(generated=False, null=False, unique=False)),
                ("remark", fields.CharField(default="", max_length=255)),
                ("locked", fields.BooleanField(default=False)),
            ],
            options={
                "table": "script_version",
                "app": "postroom",
                "unique_together": (("script_id", "number"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScriptRun",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "postroom.Contact",
                        source_field="contact_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "version",
                    fields.ForeignKeyField(
                        "postroom.ScriptVersion",
                        source_field="version_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("event", fields.CharEnumField(enum_type=RunEvent, max_length=10)),
                ("at", MomentField(generated=False, null=False, unique=False)),
                ("facts", fields.BinaryField()),
                ("decision", fields.TextField(default="", unique=False)),
                ("trace", fields.TextField(default="[]", unique=False)),
                ("error", fields.TextField(default="", unique=False)),
                ("line", fields.IntField(default=0)),
                ("took", fields.IntField(default=0)),
            ],
            options={
                "table": "script_run",
                "app": "postroom",
                "indexes": [Index(fields=["contact_id"]), Index(fields=["version_id", "at"]), Index(fields=["at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Template",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("channel", fields.CharEnumField(enum_type=Channel, max_length=10)),
                ("subject", fields.TextField(default="", unique=False)),
                ("body", fields.TextField(unique=False)),
            ],
            options={"table": "template", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Variable",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("value", fields.TextField(default='""', unique=False)),
            ],
            options={"table": "variable", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Account",
            name="script",
            field=fields.ForeignKeyField(
                "postroom.Script",
                source_field="script_id",
                null=True,
                db_constraint=True,
                to_field="id",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Account",
            name="script_settings",
            field=fields.TextField(default="{}", db_default="{}", unique=False),
        ),
        ops.AddField(
            model_name="Contact",
            name="for_agent",
            field=fields.ForeignKeyField(
                "postroom.Person",
                source_field="for_agent_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="contacts_meant_for",
                on_delete=OnDelete.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="Contact",
            name="routing_error",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="Contact",
            name="skills",
            field=fields.TextField(default="[]", db_default="[]", unique=False),
        ),
        ops.AddField(
            model_name="Contact",
            name="tags",
            field=fields.TextField(default="[]", db_default="[]", unique=False),
        ),
        ops.AddField(
            model_name="Contact",
            name="timeout_at",
            field=MomentField(null=True, generated=False, unique=False),
        ),
        ops.RunSQL(
            "CREATE INDEX contact_timeout ON contact (timeout_at) WHERE state = 'queued' AND timeout_at IS NOT NULL",
            "DROP INDEX contact_timeout",
        ),
        ops.RunSQL(
            "CREATE INDEX contact_meant ON contact (for_agent_id) WHERE state = 'queued' AND for_agent_id IS NOT NULL",
            "DROP INDEX contact_meant",
        ),
        ops.RunSQL(
            "CREATE INDEX contact_closed ON contact (address, closed_at) WHERE state = 'closed'",
            "DROP INDEX contact_closed",
        ),
    ]
