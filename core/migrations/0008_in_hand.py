from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("postroom", "0007_people_and_distribution")]

    initial = False

    # Who has what in hand is asked after every change: it must not be found by reading all that wait or are closed.
    operations = [
        ops.RunSQL(
            "CREATE INDEX contact_in_hand ON contact (agent_id, state, channel, id)"
            " WHERE agent_id IS NOT NULL AND state <> 'closed'",
            "DROP INDEX contact_in_hand",
        ),
        ops.RunSQL(
            "CREATE INDEX note_for ON note (for_person_id) WHERE for_person_id IS NOT NULL",
            "DROP INDEX note_for",
        ),
    ]
