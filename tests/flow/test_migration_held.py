"""The migration 0003 on a desk at work: everything stays, and drafts typed before it are there after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models import Account, Contact, Person, Queue
from core.office import open_office
from core.store import opened
from tests.flow.earlier import be_before
from tests.flow.test_store_migrating import OUR_MIGRATIONS, indexes, whole

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from core.settings import Settings
    from core.store import Database


async def furnish_as_it_was(database: Database) -> None:
    """Two people, a queue and two accounts in the tables of then: the models of now know later columns."""
    await database.many(
        "INSERT INTO person (login, name, role) VALUES (?, ?, 'agent')", [("ann", "Ann"), ("bob", "Bob")]
    )
    await database.rows(
        "INSERT INTO queue (name, service_percent, service_seconds, offer_seconds) VALUES ('front', 80, 120, 30)"
    )
    values = {
        "description": "", "enabled": True, "queue_id": 1, "receipt_reply": "", "debug": False, "user": "",
        "secret": "", "password_command": "", "token_command": "", "imap_host": "127.0.0.1", "imap_port": 1,
        "imap_security": "none", "imap_ca_file": "", "imap_folder": "INBOX", "after_fetch": "seen", "poll_seconds": 60,
        "size_limit": 1,
    }  # fmt: skip
    columns = ", ".join(f'"{name}"' for name in ("kind", "address", *values))
    await database.many(
        f"INSERT INTO account ({columns}) VALUES ({', '.join('?' * (len(values) + 2))})",
        [("sms", "texts@acme.example", *values.values()), ("email", "help@acme.example", *values.values())],
    )


async def test_a_desk_of_before_is_migrated_whole_and_its_drafts_are_found(
    new_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_before("0003_held_contacts", tmp_path, monkeypatch)
    async with open_office(new_settings) as office:
        await furnish_as_it_was(office.database)
        rows = [
            (account, kind, f"+4477009{n:05}", state, n)
            for n, (account, kind, state) in enumerate(
                [(1, "sms", "queued"), (1, "sms", "open"), (1, "sms", "held"), (2, "email", "closed")]
            )
        ]
        await office.database.many(
            "INSERT INTO contact (account_id, channel, address, name, state, queue_id, priority, agent_id, subject,"
            " preview, message_count, received_at, outcome) VALUES (?, ?, ?, '', ?, 1, ?, 1, '', '', 1, 0, '')",
            rows,
        )
        await office.database.many(
            "INSERT INTO unsent_draft (contact_id, person_id, text, subject, cc, files, at)"
            " VALUES (?, ?, ?, 'S', 'c@x.example', '[\"/a b\"]', ?)",
            [(1, 1, "half a sen\n ✓", 7), (2, 1, "two", 8), (2, 2, "bob's", 9)],
        )
        before, indexed = await whole(office.database), await indexes(office.database)
    monkeypatch.undo()
    async with open_office(new_settings) as office:
        after = await whole(office.database)
        contacts = [(row.pop("held_until"), row.pop("held_after")) for row in after["contact"]]
        assert contacts == [(None, None)] * 4
        drafts = before.pop("unsent_draft")
        typed = after.pop("typed_draft")
        assert {(row.pop("seat"), row.pop("version")) for row in typed} == {("", 0)}
        assert [{**row, "id": 0} for row in typed] == [{**row, "id": 0} for row in drafts]
        assert sorted(row["name"] for row in after.pop("tortoise_migrations"))[:3] == OUR_MIGRATIONS[:3]
        del before["tortoise_migrations"]
        known = {name: set(rows[0]) if rows else set() for name, rows in before.items()}  # later ones have more columns
        assert {
            name: [{column: row[column] for column in row if column in known[name]} for row in after[name]]
            for name in before
        } == before
        lost = {said for said in indexed - await indexes(office.database) if "unsent_draft" not in said}
        assert all("contact_waiting" in said for said in lost), "0005 has another one in its place, and only there"
        assert any("contact_held" in said for said in await indexes(office.database))
        (kept,) = await office.drafts.kept(1, login="ann")
        assert (kept.draft.text, kept.draft.cc, kept.draft.files) == ("half a sen\n ✓", "c@x.example", ("/a b",))
        assert await Contact.filter(state="held", held_until=None).count() == 1
        assert (await Account.all().count(), await Person.all().count(), await Queue.all().count()) == (2, 2, 1)
    async with opened(new_settings):
        pass
