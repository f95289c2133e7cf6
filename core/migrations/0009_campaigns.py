from tortoise import migrations
from tortoise.migrations import operations as ops
from core.models.fields import MomentField
from core.models.states import BroadcastState, Channel, CustomerStatus, DiallerEvent, RecipientState
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("postroom", "0008_in_hand")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Campaign",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                (
                    "sms_account",
                    fields.ForeignKeyField(
                        "postroom.Account",
                        source_field="sms_account_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="campaigns_by_text",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "email_account",
                    fields.ForeignKeyField(
                        "postroom.Account",
                        source_field="email_account_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="campaigns_by_email",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "first_try_sms",
                    fields.ForeignKeyField(
                        "postroom.Template",
                        source_field="first_try_sms_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="first_try_by_text",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "first_try_email",
                    fields.ForeignKeyField(
                        "postroom.Template",
                        source_field="first_try_email_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="first_try_by_email",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "no_contact_sms",
                    fields.ForeignKeyField(
                        "postroom.Template",
                        source_field="no_contact_sms_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="no_contact_by_text",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "no_contact_email",
                    fields.ForeignKeyField(
                        "postroom.Template",
                        source_field="no_contact_email_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="no_contact_by_email",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("quiet_hours", fields.CharField(default="", max_length=11)),
                ("region", fields.CharField(default="", max_length=2)),
                ("most_messages", fields.IntField(default=0)),
                ("per_days", fields.IntField(default=7)),
                ("words", fields.TextField(default="", unique=False)),
                ("results_folder", fields.CharField(default="", max_length=1024)),
            ],
            options={"table": "campaign", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Broadcast",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=100)),
                (
                    "state",
                    fields.CharEnumField(default=BroadcastState.PLANNED, enum_type=BroadcastState, max_length=10),
                ),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "postroom.Campaign",
                        source_field="campaign_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("channel", fields.CharEnumField(enum_type=Channel, max_length=10)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "postroom.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("audience", fields.TextField(unique=False)),
                ("template", fields.CharField(max_length=100)),
                ("subject", fields.TextField(default="", unique=False)),
                ("body", fields.TextField(unique=False)),
                ("html", fields.TextField(default="", db_default="", unique=False)),
                ("when_missing", fields.CharField(null=True, max_length=200)),
                ("rate_per_minute", fields.IntField(default=0)),
                ("brake_percent", fields.IntField(default=0)),
                ("brake_sent", fields.IntField(default=0)),
                ("brake_failed", fields.IntField(default=0)),
                ("starts_at", MomentField(null=True, generated=False, unique=False)),
                ("late_minutes", fields.IntField(default=60)),
                ("digest", fields.CharField(default="", max_length=64)),
                ("planned", fields.IntField(default=0)),
                ("excluded", fields.TextField(default="{}", unique=False)),
                ("reason", fields.TextField(default="", unique=False)),
                ("by", fields.CharField(default="", max_length=64)),
                ("approved_by", fields.CharField(default="", max_length=64)),
                ("created_at", MomentField(generated=False, null=False, unique=False)),
                ("started_at", MomentField(null=True, generated=False, unique=False)),
                ("ended_at", MomentField(null=True, generated=False, unique=False)),
            ],
            options={"table": "broadcast", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CustomerList",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "postroom.Campaign",
                        source_field="campaign_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="lists",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("own_fields", fields.TextField(default="[]", unique=False)),
                ("mapping", fields.TextField(default="{}", unique=False)),
            ],
            options={"table": "customer_list", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Customer",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "list",
                    fields.ForeignKeyField(
                        "postroom.CustomerList",
                        source_field="list_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="customers",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("reference", fields.CharField(max_length=100)),
                ("name", fields.CharField(default="", max_length=200)),
                ("number", fields.CharField(default="", max_length=32)),
                ("number_as_written", fields.CharField(default="", max_length=64)),
                ("email", fields.CharField(default="", max_length=320)),
                ("zone", fields.CharField(default="", max_length=64)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="owner_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="customers",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(default=CustomerStatus.UNUSED, enum_type=CustomerStatus, max_length=12),
                ),
                ("callback_at", MomentField(null=True, generated=False, unique=False)),
                (
                    "callback_for",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="callback_for_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="callbacks",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "handed_to",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="handed_to_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="customers_in_hand",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("handed_until", MomentField(null=True, generated=False, unique=False)),
                ("tries", fields.IntField(default=0)),
                ("tried_at", MomentField(null=True, generated=False, unique=False)),
                ("outcome", fields.CharField(default="", max_length=100)),
                ("own_fields", fields.TextField(default="{}", unique=False)),
                ("created_at", MomentField(generated=False, null=False, unique=False)),
                ("changed_at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "customer",
                "app": "postroom",
                "unique_together": (("list_id", "reference"),),
                "indexes": [Index(fields=["list_id", "status", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Attempt",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "postroom.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "postroom.Campaign",
                        source_field="campaign_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("at", MomentField(generated=False, null=False, unique=False)),
                ("outcome", fields.CharField(max_length=100)),
                ("contact", fields.BooleanField()),
                ("terminated", fields.BooleanField(default=False)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="person_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("source", fields.CharField(default="", max_length=255)),
                ("key", fields.CharField(null=True, unique=True, max_length=255)),
                ("note", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "attempt",
                "app": "postroom",
                "indexes": [Index(fields=["customer_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DoNotContact",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "postroom.Campaign",
                        source_field="campaign_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("channel", fields.CharEnumField(enum_type=Channel, max_length=10)),
                ("address", fields.CharField(max_length=320)),
                ("source", fields.CharField(default="", max_length=255)),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "do_not_contact",
                "app": "postroom",
                "indexes": [Index(fields=["address", "channel"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EventLetter",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "postroom.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "postroom.Campaign",
                        source_field="campaign_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("event", fields.CharEnumField(enum_type=DiallerEvent, max_length=10)),
                ("channel", fields.CharEnumField(enum_type=Channel, max_length=10)),
                (
                    "message",
                    fields.ForeignKeyField(
                        "postroom.Message",
                        source_field="message_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("reason", fields.TextField(default="", unique=False)),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "event_letter",
                "app": "postroom",
                "unique_together": (("customer_id", "campaign_id", "event", "channel"),),
                "indexes": [Index(fields=["message_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Recipient",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "broadcast",
                    fields.ForeignKeyField(
                        "postroom.Broadcast",
                        source_field="broadcast_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="recipients",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "postroom.Customer",
                        source_field="customer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="broadcast_rows",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("address", fields.CharField(max_length=320)),
                ("zone", fields.CharField(default="", max_length=64)),
                (
                    "state",
                    fields.CharEnumField(default=RecipientState.WAITING, enum_type=RecipientState, max_length=10),
                ),
                ("due_at", MomentField(null=True, generated=False, unique=False)),
                ("reason", fields.TextField(default="", unique=False)),
                (
                    "message",
                    fields.ForeignKeyField(
                        "postroom.Message",
                        source_field="message_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="broadcast_rows",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("parts", fields.SmallIntField(default=0)),
            ],
            options={
                "table": "recipient",
                "app": "postroom",
                "unique_together": (("broadcast_id", "address"),),
                "indexes": [
                    Index(fields=["broadcast_id", "state", "id"]),
                    Index(fields=["message_id"]),
                    Index(fields=["customer_id"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "template",
                    fields.ForeignKeyField(
                        "postroom.Template",
                        source_field="template_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="versions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.IntField()),
                ("subject", fields.TextField(default="", unique=False)),
                ("body", fields.TextField(unique=False)),
                ("html", fields.TextField(default="", db_default="", unique=False)),
                ("author", fields.CharField(default="", max_length=64)),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "template_version",
                "app": "postroom",
                "unique_together": (("template_id", "number"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Template", name="html", field=fields.TextField(default="", db_default="", unique=False)
        ),
        ops.AddField(model_name="Template", name="when_missing", field=fields.CharField(null=True, max_length=200)),
        # Whose number or address this is; who is due; who is in somebody's hand; what a broadcast sends next.
        ops.RunSQL(
            "CREATE INDEX customer_number ON customer (number) WHERE number <> ''", "DROP INDEX customer_number"
        ),
        ops.RunSQL("CREATE INDEX customer_email ON customer (email) WHERE email <> ''", "DROP INDEX customer_email"),
        ops.RunSQL(
            "CREATE INDEX customer_callback ON customer (callback_at) WHERE status = 'callback'",
            "DROP INDEX customer_callback",
        ),
        ops.RunSQL(
            "CREATE INDEX customer_in_hand ON customer (handed_until) WHERE handed_until IS NOT NULL",
            "DROP INDEX customer_in_hand",
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX do_not_contact_once ON do_not_contact (COALESCE(campaign_id, 0), channel, address)",
            "DROP INDEX do_not_contact_once",
        ),
        ops.RunSQL(
            "CREATE INDEX broadcast_open ON broadcast (state) WHERE state IN ('scheduled', 'running', 'paused')",
            "DROP INDEX broadcast_open",
        ),
        ops.RunSQL(
            "CREATE INDEX recipient_waiting ON recipient (broadcast_id, due_at, id) WHERE state = 'waiting'",
            "DROP INDEX recipient_waiting",
        ),
    ]
