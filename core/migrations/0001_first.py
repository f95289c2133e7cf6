from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from core.models.fields import MomentField
from core.models.states import (
    Channel,
    ContactState,
    Direction,
    Health,
    MailOutcome,
    OutboxState,
    Purpose,
    Role,
    Security,
)
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="AgentGroup",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
            ],
            options={"table": "agent_group", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Bucket",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=50)),
                ("tokens", fields.FloatField()),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={"table": "bucket", "app": "postroom", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CallClass",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
            ],
            options={"table": "call_class", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Desk",
            fields=[
                ("id", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(default="", max_length=200)),
                ("region", fields.CharField(default="GB", max_length=2)),
                ("timezone", fields.CharField(default="Europe/London", max_length=64)),
                ("key_check", fields.TextField(default="", unique=False)),
            ],
            options={"table": "desk", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Engine",
            fields=[
                ("holder", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("host", fields.CharField(max_length=255)),
                ("pid", fields.IntField()),
                ("version", fields.CharField(max_length=40)),
                ("started_at", MomentField(generated=False, null=False, unique=False)),
                ("sessions", fields.IntField(default=0)),
            ],
            options={"table": "engine", "app": "postroom", "pk_attr": "holder"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Gateway",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("dialect", fields.CharField(max_length=100)),
                (
                    "overrides",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={"table": "gateway", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Journal",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", MomentField(generated=False, null=False, unique=False)),
                ("actor", fields.CharField(max_length=64)),
                ("verb", fields.CharField(max_length=40)),
                ("kind", fields.CharField(max_length=20)),
                ("thing_id", fields.BigIntField(null=True)),
                ("text", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "journal",
                "app": "postroom",
                "indexes": [Index(fields=["kind", "thing_id"]), Index(fields=["at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Lease",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ("holder", fields.CharField(max_length=64)),
                ("until", MomentField(generated=False, null=False, unique=False)),
            ],
            options={"table": "lease", "app": "postroom", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OptOut",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("address", fields.CharField(max_length=320)),
                (
                    "channel",
                    fields.CharEnumField(description="SMS: sms\nEMAIL: email", enum_type=Channel, max_length=10),
                ),
                ("at", MomentField(generated=False, null=False, unique=False)),
                ("source", fields.CharField(max_length=200)),
                ("mail_id", fields.BigIntField(null=True)),
                ("ended_at", MomentField(null=True, generated=False, unique=False)),
                ("ended_by", fields.CharField(default="", max_length=200)),
            ],
            options={
                "table": "opt_out",
                "app": "postroom",
                "indexes": [Index(fields=["address", "channel"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Outcome",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("contact", fields.BooleanField(default=True)),
            ],
            options={"table": "outcome", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutgoingServer",
            fields=[
                ("id", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("host", fields.CharField(max_length=255)),
                ("port", fields.IntField()),
                (
                    "security",
                    fields.CharEnumField(
                        description="NONE: none\nSTARTTLS: starttls\nTLS: tls", enum_type=Security, max_length=10
                    ),
                ),
                ("user", fields.CharField(default="", max_length=255)),
                ("secret", fields.TextField(default="", unique=False)),
                ("password_command", fields.TextField(default="", unique=False)),
                ("token_command", fields.TextField(default="", unique=False)),
                ("ca_file", fields.TextField(default="", unique=False)),
                ("connections", fields.IntField(default=4)),
                ("rate_per_minute", fields.IntField(default=0)),
                (
                    "health",
                    fields.CharEnumField(
                        default=Health.WAITING,
                        description="OFF: off\nWAITING: waiting\nOK: ok\nBROKEN: broken",
                        enum_type=Health,
                        max_length=10,
                    ),
                ),
                ("error", fields.TextField(default="", unique=False)),
                ("error_at", MomentField(null=True, generated=False, unique=False)),
            ],
            options={"table": "outgoing_server", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Person",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("login", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(default="", max_length=200)),
                (
                    "role",
                    fields.CharEnumField(
                        default=Role.AGENT,
                        description="AGENT: agent\nSUPERVISOR: supervisor\nADMINISTRATOR: administrator",
                        enum_type=Role,
                        max_length=20,
                    ),
                ),
                (
                    "groups",
                    fields.ManyToManyField(
                        "postroom.AgentGroup",
                        unique=True,
                        db_constraint=True,
                        through="person_group",
                        forward_key="agentgroup_id",
                        backward_key="person_id",
                        related_name="people",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={"table": "person", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Queue",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=100)),
                ("service_percent", fields.IntField(default=80)),
                ("service_seconds", fields.IntField(default=120)),
                ("offer_seconds", fields.IntField(default=30)),
                (
                    "groups",
                    fields.ManyToManyField(
                        "postroom.AgentGroup",
                        unique=True,
                        db_constraint=True,
                        through="queue_group",
                        forward_key="agentgroup_id",
                        backward_key="queue_id",
                        related_name="queues",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={"table": "queue", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Account",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharEnumField(description="SMS: sms\nEMAIL: email", enum_type=Channel, max_length=10)),
                ("address", fields.CharField(unique=True, max_length=255)),
                ("description", fields.CharField(default="", max_length=255)),
                ("enabled", fields.BooleanField(default=True)),
                (
                    "gateway",
                    fields.ForeignKeyField(
                        "postroom.Gateway",
                        source_field="gateway_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "queue",
                    fields.ForeignKeyField(
                        "postroom.Queue",
                        source_field="queue_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "inbound_class",
                    fields.ForeignKeyField(
                        "postroom.CallClass",
                        source_field="inbound_class_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="inbound_accounts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "outbound_class",
                    fields.ForeignKeyField(
                        "postroom.CallClass",
                        source_field="outbound_class_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="outbound_accounts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("receipt_reply", fields.TextField(default="", unique=False)),
                ("debug", fields.BooleanField(default=False)),
                ("user", fields.CharField(default="", max_length=255)),
                ("secret", fields.TextField(default="", unique=False)),
                ("password_command", fields.TextField(default="", unique=False)),
                ("token_command", fields.TextField(default="", unique=False)),
                ("imap_host", fields.CharField(max_length=255)),
                ("imap_port", fields.IntField()),
                (
                    "imap_security",
                    fields.CharEnumField(
                        description="NONE: none\nSTARTTLS: starttls\nTLS: tls", enum_type=Security, max_length=10
                    ),
                ),
                ("imap_ca_file", fields.TextField(default="", unique=False)),
                ("imap_folder", fields.CharField(default="INBOX", max_length=255)),
                ("after_fetch", fields.CharField(default="seen", max_length=255)),
                ("poll_seconds", fields.IntField(default=60)),
                ("size_limit", fields.IntField(default=26214400)),
            ],
            options={"table": "account", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Contact",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
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
                (
                    "channel",
                    fields.CharEnumField(description="SMS: sms\nEMAIL: email", enum_type=Channel, max_length=10),
                ),
                ("address", fields.CharField(max_length=320)),
                ("name", fields.CharField(default="", max_length=200)),
                (
                    "state",
                    fields.CharEnumField(
                        default=ContactState.NEW,
                        description="NEW: new\nQUEUED: queued\nOFFERED: offered\nOPEN: open\nHELD: held\nWRAP_UP: wrap-up\nCLOSED: closed",
                        enum_type=ContactState,
                        max_length=10,
                    ),
                ),
                (
                    "queue",
                    fields.ForeignKeyField(
                        "postroom.Queue",
                        source_field="queue_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("priority", fields.IntField(default=0)),
                (
                    "call_class",
                    fields.ForeignKeyField(
                        "postroom.CallClass",
                        source_field="call_class_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "agent",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="agent_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("subject", fields.CharField(default="", max_length=400)),
                ("preview", fields.CharField(default="", max_length=200)),
                ("message_count", fields.IntField(default=0)),
                ("received_at", MomentField(generated=False, null=False, unique=False)),
                ("queued_at", MomentField(null=True, generated=False, unique=False)),
                ("opened_at", MomentField(null=True, generated=False, unique=False)),
                ("answered_at", MomentField(null=True, generated=False, unique=False)),
                ("last_in_at", MomentField(null=True, generated=False, unique=False)),
                ("closed_at", MomentField(null=True, generated=False, unique=False)),
                ("outcome", fields.CharField(default="", max_length=100)),
            ],
            options={
                "table": "contact",
                "app": "postroom",
                "indexes": [Index(fields=["account_id", "address"]), Index(fields=["agent_id", "state"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Mail",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "postroom.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("uidvalidity", fields.BigIntField()),
                ("uid", fields.BigIntField()),
                (
                    "outcome",
                    fields.CharEnumField(
                        description="CONTACT: contact\nJOINED: joined\nRECEIPT: receipt\nBOUNCE: bounce\nAUTO_REPLY: auto-reply\nOWN_LOOP: own-loop\nOVER_BUDGET: over-budget\nDUPLICATE: duplicate\nCONSENT: consent\nQUARANTINE: quarantine",
                        enum_type=MailOutcome,
                        max_length=12,
                    ),
                ),
                ("reason", fields.TextField(default="", unique=False)),
                ("fingerprint", fields.CharField(default="", max_length=64)),
                ("letter_id", fields.TextField(default="", unique=False)),
                ("size", fields.BigIntField(default=0)),
                ("complete", fields.BooleanField(default=True)),
                ("arrived_at", MomentField(generated=False, null=False, unique=False)),
                ("taken_at", MomentField(generated=False, null=False, unique=False)),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "postroom.Contact",
                        source_field="contact_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("acknowledged", fields.BooleanField(default=False)),
                ("gone", fields.BooleanField(default=False)),
            ],
            options={
                "table": "mail",
                "app": "postroom",
                "unique_together": (("account", "uidvalidity", "uid"),),
                "indexes": [
                    Index(fields=["account_id", "fingerprint"]),
                    Index(fields=["account_id", "gone", "outcome"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Mailbox",
            fields=[
                (
                    "account",
                    fields.OneToOneField(
                        "postroom.Account",
                        source_field="account_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="mailbox",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "health",
                    fields.CharEnumField(
                        default=Health.WAITING,
                        description="OFF: off\nWAITING: waiting\nOK: ok\nBROKEN: broken",
                        enum_type=Health,
                        max_length=10,
                    ),
                ),
                ("error", fields.TextField(default="", unique=False)),
                ("error_at", MomentField(null=True, generated=False, unique=False)),
                ("failures", fields.IntField(default=0)),
                ("retry_at", MomentField(null=True, generated=False, unique=False)),
                ("uidvalidity", fields.BigIntField(default=0)),
                ("on_server", fields.IntField(default=0)),
                ("unfetched", fields.IntField(default=0)),
                ("oldest_unfetched_at", MomentField(null=True, generated=False, unique=False)),
                ("last_poll_at", MomentField(null=True, generated=False, unique=False)),
                ("idle_since", MomentField(null=True, generated=False, unique=False)),
            ],
            options={"table": "mailbox", "app": "postroom", "pk_attr": "account_id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Message",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "postroom.Contact",
                        source_field="contact_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
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
                (
                    "mail",
                    fields.ForeignKeyField(
                        "postroom.Mail",
                        source_field="mail_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("direction", fields.CharEnumField(description="IN: in\nOUT: out", enum_type=Direction, max_length=3)),
                (
                    "channel",
                    fields.CharEnumField(description="SMS: sms\nEMAIL: email", enum_type=Channel, max_length=10),
                ),
                ("address", fields.CharField(max_length=320)),
                ("name", fields.CharField(default="", max_length=200)),
                ("recipients", fields.TextField(default="[]", unique=False)),
                ("subject", fields.TextField(default="", unique=False)),
                ("text", fields.TextField(default="", unique=False)),
                ("quoted", fields.TextField(default="", unique=False)),
                ("parts", fields.IntField(default=0)),
                ("letter_id", fields.TextField(default="", unique=False)),
                ("in_reply_to", fields.TextField(default="", unique=False)),
                ("reference_ids", fields.TextField(default="", unique=False)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("automatic", fields.BooleanField(default=False)),
                ("marks", fields.TextField(default="[]", unique=False)),
                ("files", fields.TextField(default="[]", unique=False)),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "message",
                "app": "postroom",
                "indexes": [Index(fields=["contact_id", "at"]), Index(fields=["account_id", "address", "at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Note",
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
                ("text", fields.TextField(unique=False)),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={"table": "note", "app": "postroom", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Outbox",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "message",
                    fields.OneToOneField(
                        "postroom.Message",
                        source_field="message_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="outbox",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
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
                (
                    "purpose",
                    fields.CharEnumField(
                        description="REPLY: reply\nFORWARD: forward\nRECEIPT_REPLY: receipt reply\nCONSENT: consent confirmation\nROUTING: routing reply\nEVENT: dialler event\nBROADCAST: broadcast\nCHECK: test message",
                        enum_type=Purpose,
                        max_length=20,
                    ),
                ),
                ("lane", fields.SmallIntField(default=0)),
                (
                    "state",
                    fields.CharEnumField(
                        default=OutboxState.QUEUED,
                        description="QUEUED: queued\nSENDING: sending\nSENT: sent\nFAILED: failed\nUNKNOWN: unknown\nCANCELLED: cancelled\nSUPPRESSED: suppressed",
                        enum_type=OutboxState,
                        max_length=10,
                    ),
                ),
                ("due_at", MomentField(generated=False, null=False, unique=False)),
                ("attempts", fields.IntField(default=0)),
                ("first_try_at", MomentField(null=True, generated=False, unique=False)),
                ("claimed_by", fields.CharField(default="", max_length=64)),
                ("sender", fields.CharField(max_length=320)),
                ("recipients", fields.TextField(unique=False)),
                ("address", fields.CharField(max_length=320)),
                ("letter_id", fields.CharField(unique=True, max_length=255)),
                ("code", fields.IntField(default=0)),
                ("reply", fields.TextField(default="", unique=False)),
                ("created_at", MomentField(generated=False, null=False, unique=False)),
                ("sent_at", MomentField(null=True, generated=False, unique=False)),
                ("delivery", fields.CharField(default="", max_length=10)),
                ("delivery_reason", fields.TextField(default="", unique=False)),
                ("delivered_at", MomentField(null=True, generated=False, unique=False)),
            ],
            options={
                "table": "outbox",
                "app": "postroom",
                "indexes": [Index(fields=["address", "created_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Letter",
            fields=[
                (
                    "outbox",
                    fields.OneToOneField(
                        "postroom.Outbox",
                        source_field="outbox_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="letter",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("content", fields.BinaryField()),
            ],
            options={"table": "letter", "app": "postroom", "pk_attr": "outbox_id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RawMail",
            fields=[
                (
                    "mail",
                    fields.OneToOneField(
                        "postroom.Mail",
                        source_field="mail_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="raw_mail",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("content", fields.BinaryField()),
            ],
            options={"table": "raw_mail", "app": "postroom", "pk_attr": "mail_id"},
            bases=["Model"],
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX contact_unclosed ON contact (account_id, address) WHERE state <> 'closed'",
            "DROP INDEX contact_unclosed",
        ),
        ops.RunSQL(
            "CREATE INDEX contact_waiting ON contact (queue_id, priority DESC, received_at, id) WHERE state = 'queued'",
            "DROP INDEX contact_waiting",
        ),
        ops.RunSQL("CREATE INDEX contact_new ON contact (id) WHERE state = 'new'", "DROP INDEX contact_new"),
        ops.RunSQL(
            "CREATE INDEX outbox_due ON outbox (lane, due_at, id) WHERE state = 'queued'", "DROP INDEX outbox_due"
        ),
        ops.RunSQL(
            "CREATE INDEX outbox_unsettled ON outbox (state) WHERE state <> 'sent'", "DROP INDEX outbox_unsettled"
        ),
        ops.RunSQL(
            "CREATE INDEX outbox_in_hand ON outbox (claimed_by) WHERE claimed_by <> ''", "DROP INDEX outbox_in_hand"
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX opt_out_active ON opt_out (address, channel) WHERE ended_at IS NULL",
            "DROP INDEX opt_out_active",
        ),
        ops.RunSQL(
            "CREATE INDEX mail_unacknowledged ON mail (account_id, uid) WHERE acknowledged = FALSE",
            "DROP INDEX mail_unacknowledged",
        ),
    ]
