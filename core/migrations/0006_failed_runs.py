from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("postroom", "0005_queues_at_a_glance")]

    initial = False

    # The list of scripts counts today's errors, and shows them, without reading every run of the day.
    operations = [
        ops.RunSQL(
            "CREATE INDEX script_run_failed ON script_run (version_id, at) WHERE error <> ''",
            "DROP INDEX script_run_failed",
        ),
    ]
