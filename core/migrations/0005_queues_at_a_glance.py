from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("postroom", "0004_routing_scripts")]

    initial = False

    # What the queues screen counts every second must not be found by reading every contact there ever was.
    operations = [
        ops.RunSQL(
            "CREATE INDEX contact_waits ON contact (queue_id, received_at, state) WHERE state = 'queued'",
            "DROP INDEX contact_waits",
        ),
        # With the state in it SQLite reads the index alone.
        ops.RunSQL(
            "DROP INDEX contact_waiting",
            "CREATE INDEX contact_waiting ON contact (queue_id, priority DESC, received_at, id) WHERE state = 'queued'",
        ),
        ops.RunSQL(
            "CREATE INDEX contact_waiting ON contact (queue_id, priority DESC, received_at, id, state)"
            " WHERE state = 'queued'",
            "DROP INDEX contact_waiting",
        ),
        ops.RunSQL("CREATE INDEX contact_came ON contact (queue_id, received_at)", "DROP INDEX contact_came"),
        ops.RunSQL(
            "CREATE INDEX contact_answered ON contact (answered_at, queue_id, received_at)"
            " WHERE answered_at IS NOT NULL",
            "DROP INDEX contact_answered",
        ),
    ]
