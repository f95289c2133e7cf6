from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.fields import MomentField
from core.models.states import AgentState, NoteKind, Sharing
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("postroom", "0006_failed_runs")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Agent",
            fields=[
                (
                    "person",
                    fields.OneToOneField(
                        "postroom.Person",
                        source_field="person_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="agent",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("state", fields.CharEnumField(default=AgentState.SIGNED_OUT, enum_type=AgentState, max_length=12)),
                ("reason", fields.CharField(default="", max_length=100)),
                ("since", MomentField(generated=False, null=False, unique=False)),
                ("idle_since", MomentField(generated=False, null=False, unique=False)),
                ("missed", fields.IntField(default=0)),
                ("seat", fields.CharField(default="", max_length=32)),
                ("seen_at", MomentField(null=True, generated=False, unique=False)),
            ],
            options={"table": "agent", "app": "postroom", "pk_attr": "person_id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CannedReply",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("word", fields.CharField(unique=True, max_length=40)),
                ("channel", fields.CharField(default="", max_length=10)),
                ("text", fields.TextField(unique=False)),
            ],
            options={"table": "canned_reply", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", MomentField(generated=False, null=False, unique=False)),
                ("verb", fields.CharField(max_length=20)),
                ("state", fields.CharField(max_length=12)),
                ("contact_id", fields.BigIntField(null=True)),
                ("person_id", fields.IntField(null=True)),
                ("queue_id", fields.IntField(null=True)),
                ("account_id", fields.IntField(null=True)),
                ("class_id", fields.IntField(null=True)),
                ("channel", fields.CharField(default="", max_length=10)),
                ("waited", fields.BigIntField(null=True)),
                ("in_time", fields.BooleanField(null=True)),
                ("text", fields.CharField(default="", max_length=100)),
                ("folded", fields.BooleanField(default=False)),
            ],
            options={
                "table": "event",
                "app": "postroom",
                "indexes": [Index(fields=["contact_id", "id"]), Index(fields=["at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NotReadyReason",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
            ],
            options={"table": "not_ready_reason", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PersonSkill",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="skills",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("skill", fields.CharField(max_length=64)),
                ("level", fields.IntField(default=1)),
            ],
            options={
                "table": "person_skill",
                "app": "postroom",
                "unique_together": (("person_id", "skill"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Tally",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("quarter", MomentField(generated=False, null=False, unique=False)),
                ("queue_id", fields.IntField(default=0)),
                ("person_id", fields.IntField(default=0)),
                ("account_id", fields.IntField(default=0)),
                ("class_id", fields.IntField(default=0)),
                ("channel", fields.CharField(default="", max_length=10)),
                ("arrived", fields.IntField(default=0)),
                ("entered", fields.IntField(default=0)),
                ("offered", fields.IntField(default=0)),
                ("missed", fields.IntField(default=0)),
                ("refused", fields.IntField(default=0)),
                ("taken", fields.IntField(default=0)),
                ("answered", fields.IntField(default=0)),
                ("in_time", fields.IntField(default=0)),
                ("replies", fields.IntField(default=0)),
                ("transferred", fields.IntField(default=0)),
                ("returned", fields.IntField(default=0)),
                ("handled", fields.IntField(default=0)),
                ("closed", fields.IntField(default=0)),
                ("unserved", fields.IntField(default=0)),
                ("waited", fields.BigIntField(default=0)),
                ("longest", fields.BigIntField(default=0)),
                ("open_time", fields.BigIntField(default=0)),
                ("held_time", fields.BigIntField(default=0)),
                ("wrap_time", fields.BigIntField(default=0)),
            ],
            options={
                "table": "tally",
                "app": "postroom",
                "unique_together": (("quarter", "queue_id", "person_id", "account_id", "class_id", "channel"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Contact",
            name="merged_into",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="Contact",
            name="offered_until",
            field=MomentField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name="Contact",
            name="passed_by",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Contact",
            name="wrap_until",
            field=MomentField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name="Desk",
            name="grace_seconds",
            field=fields.IntField(default=120, db_default=120),
        ),
        ops.AddField(
            model_name="Desk",
            name="missed_offers",
            field=fields.IntField(default=3, db_default=3),
        ),
        ops.AddField(
            model_name="Note",
            name="answered_at",
            field=MomentField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name="Note",
            name="for_person",
            field=fields.ForeignKeyField(
                "postroom.Person",
                source_field="for_person_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="notes_for",
                on_delete=OnDelete.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="Note",
            name="kind",
            field=fields.CharEnumField(
                default=NoteKind.NOTE, db_default=NoteKind.NOTE.value, enum_type=NoteKind, max_length=10
            ),
        ),
        ops.AddField(
            model_name="Person",
            name="auto_accept",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Person",
            name="capacity_email",
            field=fields.IntField(default=5, db_default=5),
        ),
        ops.AddField(
            model_name="Person",
            name="capacity_sms",
            field=fields.IntField(default=3, db_default=3),
        ),
        ops.AddField(
            model_name="Person",
            name="password",
            field=fields.CharField(default="", db_default="", max_length=255),
        ),
        ops.AddField(
            model_name="Queue",
            name="last_agent_seconds",
            field=fields.IntField(default=86400, db_default=86400),
        ),
        ops.AddField(
            model_name="Queue",
            name="sharing",
            field=fields.CharEnumField(
                default=Sharing.LONGEST_IDLE, db_default=Sharing.LONGEST_IDLE.value, enum_type=Sharing, max_length=20
            ),
        ),
        ops.AddField(
            model_name="Queue",
            name="wrap_up_seconds",
            field=fields.IntField(default=0, db_default=0),
        ),
        # The distribution looks for the first of each kind of wish, a report for what no tally holds yet.
        ops.RunSQL(
            "CREATE INDEX contact_lane ON contact (queue_id, channel, skills, priority DESC, received_at, id)"
            " WHERE state = 'queued'",
            "DROP INDEX contact_lane",
        ),
        ops.RunSQL(
            "CREATE INDEX contact_offered ON contact (offered_until) WHERE state = 'offered'",
            "DROP INDEX contact_offered",
        ),
        ops.RunSQL(
            "CREATE INDEX contact_wrapped ON contact (wrap_until) WHERE state = 'wrap-up'",
            "DROP INDEX contact_wrapped",
        ),
        ops.RunSQL("CREATE INDEX event_unfolded ON event (id) WHERE folded = FALSE", "DROP INDEX event_unfolded"),
        ops.RunSQL(
            "CREATE INDEX event_agent ON event (person_id, id) WHERE contact_id IS NULL", "DROP INDEX event_agent"
        ),
    ]
