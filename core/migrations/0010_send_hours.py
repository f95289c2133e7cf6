from core.models.fields import MomentField
from core.models.states import Channel, DiallerEvent
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("postroom", "0009_campaigns")]

    initial = False

    operations = [
        *(
            ops.AddField(model_name=name, name="html", field=fields.TextField(default="", db_default="", unique=False))
            for name in ("Broadcast", "TemplateVersion", "Template")
        ),
        ops.AddField(
            model_name="Broadcast",
            name="send_hours",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        # A letter outlives its customer, so that it keeps her quiet hours. SQLite cannot change what a deletion does to
        # a row: the rows are laid aside while the table is made anew.
        ops.RunSQL("CREATE TABLE event_letter_aside AS SELECT * FROM event_letter"),
        ops.DeleteModel(name="EventLetter"),
        ops.CreateModel(
            name="EventLetter",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "postroom.Customer",
                        source_field="customer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
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
                ("zone", fields.CharField(default="", max_length=64)),
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
        ops.RunSQL(
            "INSERT INTO event_letter (customer_id, campaign_id, event, channel, message_id, reason, zone, at)"
            " SELECT e.customer_id, e.campaign_id, e.event, e.channel, e.message_id, e.reason, c.zone, e.at"
            " FROM event_letter_aside e JOIN customer c ON c.id = e.customer_id ORDER BY e.id"
        ),
        ops.RunSQL("DROP TABLE event_letter_aside"),
    ]
