from core.models.fields import MomentField
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("postroom", "0002_unsent_drafts")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Contact",
            name="held_until",
            field=MomentField(null=True, generated=False, unique=False),
        ),
        ops.AddField(
            model_name="Contact",
            name="held_after",
            field=fields.BigIntField(null=True),
        ),
        ops.RunSQL("CREATE INDEX contact_held ON contact (held_until) WHERE state = 'held'", "DROP INDEX contact_held"),
        # A draft is one seat's from now on. SQLite cannot take the old table's rule off it: a new one takes its place.
        ops.CreateModel(
            name="TypedDraft",
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
                ("seat", fields.CharField(default="", max_length=32)),
                ("version", fields.BigIntField(default=0)),
                ("text", fields.TextField(default="", unique=False)),
                ("subject", fields.TextField(default="", unique=False)),
                ("cc", fields.TextField(default="", unique=False)),
                ("files", fields.TextField(default="[]", unique=False)),
                ("at", MomentField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "typed_draft",
                "app": "postroom",
                "unique_together": (("contact_id", "person_id", "seat"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            "INSERT INTO typed_draft (contact_id, person_id, seat, version, text, subject, cc, files, at)"
            " SELECT contact_id, person_id, '', 0, text, subject, cc, files, at FROM unsent_draft",
            "INSERT INTO unsent_draft (contact_id, person_id, text, subject, cc, files, at)"
            " SELECT d.contact_id, d.person_id, d.text, d.subject, d.cc, d.files, d.at FROM typed_draft d"
            " WHERE d.id = (SELECT MAX(l.id) FROM typed_draft l"
            " WHERE l.contact_id = d.contact_id AND l.person_id = d.person_id)",
        ),
        ops.DeleteModel(name="UnsentDraft"),
    ]
