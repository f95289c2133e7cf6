"""The migration 0010 on a desk with campaigns: everything stays, and letters on events outlive their customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models import Broadcast, Template, TemplateVersion
from core.office import open_office
from tests.flow.earlier import be_before
from tests.flow.test_migration_held import furnish_as_it_was
from tests.flow.test_store_migrating import indexes, whole

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from core.settings import Settings
    from core.store import Database

ROWS: dict[str, list[dict[str, object]]] = {
    "campaign": [{"id": 1, "name": "spring", "quiet_hours": "20:00-08:00", "region": "", "most_messages": 0,
                  "per_days": 7, "words": "", "results_folder": ""}],
    "customer_list": [{"id": 1, "name": "A", "campaign_id": 1, "own_fields": "[]", "mapping": "{}"}],
    "customer": [{"id": n, "list_id": 1, "reference": f"R{n}", "name": "Ann", "number": f"+4477009000{n:02}",
                  "number_as_written": "", "email": "", "zone": zone, "status": "unused", "tries": 0, "outcome": "",
                  "own_fields": "{}", "created_at": 1, "changed_at": 1} for n, zone in ((1, "Asia/Tokyo"), (2, ""))],
    "template": [{"id": 1, "name": "parcel", "channel": "sms", "subject": "", "body": "Hello"}],
    "template_version": [{"template_id": 1, "number": 1, "subject": "", "body": "Hallo", "author": "sue", "at": 1}],
    "message": [{"id": 7, "account_id": 1, "direction": "out", "channel": "sms", "address": "+447700900001",
                 "name": "", "recipients": "[]", "subject": "", "text": "x", "quoted": "", "parts": 1, "letter_id": "l",
                 "in_reply_to": "", "reference_ids": "[]", "automatic": True, "marks": "[]", "files": "[]", "at": 1}],
    "event_letter": [{"customer_id": n, "campaign_id": 1, "event": "first try", "channel": "sms",
                      "message_id": 7 if n == 1 else None, "reason": "" if n == 1 else "no number", "at": n}
                     for n in (1, 2)],
    "broadcast": [{"id": 3, "name": "then", "state": "running", "campaign_id": 1, "channel": "sms", "account_id": 1,
                   "audience": "{}", "template": "parcel", "subject": "", "body": "Hello", "rate_per_minute": 0,
                   "brake_percent": 0, "brake_sent": 0, "brake_failed": 0, "late_minutes": 60, "digest": "d",
                   "planned": 1, "excluded": "{}", "reason": "", "by": "sue", "approved_by": "", "created_at": 1}],
    "recipient": [{"broadcast_id": 3, "customer_id": 1, "address": "+447700900001", "zone": "", "state": "waiting",
                   "due_at": 0, "reason": "", "parts": 1}],
}  # fmt: skip


async def put(database: Database, table: str, row: dict[str, object]) -> None:
    """One row, as it was written then: the models of now know later columns."""
    names = ", ".join(f'"{name}"' for name in row)
    await database.rows(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", *row.values())


async def test_a_desk_with_campaigns_is_migrated_whole_and_works(
    new_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_before("0010_send_hours", tmp_path, monkeypatch)
    async with open_office(new_settings) as office:
        await furnish_as_it_was(office.database)
        for table, rows in ROWS.items():
            for row in rows:
                await put(office.database, table, row)
        before, indexed = await whole(office.database), await indexes(office.database)
    monkeypatch.undo()
    async with open_office(new_settings) as office:
        after = await whole(office.database)
        assert [row.pop("zone") for row in after["event_letter"]] == ["Asia/Tokyo", ""]
        added = {
            "broadcast": ("html", "send_hours"),
            "template": ("html",),
            "template_version": ("html",),
        }
        for table, columns in added.items():
            assert {row.pop(column) for row in after[table] for column in columns} == {""}
        del before["tortoise_migrations"], after["tortoise_migrations"]
        assert after == before
        assert await indexes(office.database) >= indexed
        assert (await Broadcast.get()).html == (await Template.get()).html == (await TemplateVersion.get()).html == ""
        await office.database.rows("DELETE FROM customer WHERE id = 1")
        kept = await office.database.rows("SELECT customer_id, campaign_id, message_id, zone FROM event_letter"
                                          " ORDER BY at")  # fmt: skip
        assert kept[0] == {"customer_id": None, "campaign_id": 1, "message_id": 7, "zone": "Asia/Tokyo"}
        assert kept[1]["customer_id"] == 2
        await office.broadcasts.feed()
        (row,) = await office.database.rows("SELECT state, reason FROM recipient")
        assert row == {"state": "failed", "reason": "the customer has been deleted"}, "and the broadcast went on"
