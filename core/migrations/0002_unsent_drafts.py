from core.models.fields import MomentField
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("postroom", "0001_first")]

    initial = False

    operations = [
        ops.CreateModel(
            name="UnsentDraft",
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
                    "person",
                    fields.ForeignKeyField(
                        "postroom.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("text", fields.TextField(default="", unique=False)),
                ("subject", fields.TextField(default="", unique=False)),
                ("cc", fields.TextField(default="", unique=False)),
                ("files", fields.TextField(default="[]", unique=False)),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "unsent_draft",
                "app": "postroom",
                "unique_together": (("contact_id", "person_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunSQL("CREATE INDEX contact_received ON contact (received_at)", "DROP INDEX contact_received"),
    ]
