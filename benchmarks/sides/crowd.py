"""A big desk: ten queues, agents with skills and room, and so many contacts that wait in sixty lanes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import to_moment
from core.settings import Settings, find_settings

if TYPE_CHECKING:
    from datetime import datetime

    from core.office import Office

QUEUES = 10
CHANNELS = ("sms", "sms", "email")
SKILLS = ("[]", '["french"]', '["french", "refunds"]')
ROOM = 2
"""Of each channel, for each agent."""
OFFER_SECONDS = 86_400
_QUEUE = (
    "INSERT INTO queue (name, service_percent, service_seconds, offer_seconds, wrap_up_seconds, sharing,"
    " last_agent_seconds) VALUES (?, 80, 120, ?, 0, 'longest idle', 86400)"
)
_ACCOUNT = (
    "INSERT INTO account (kind, address, description, enabled, queue_id, script_settings, receipt_reply, debug,"
    ' "user", secret, password_command, token_command, imap_host, imap_port, imap_security, imap_ca_file,'
    " imap_folder, after_fetch, poll_seconds, size_limit) VALUES ('sms', 'texts@desk.example', '', FALSE, 1, '{}', '',"
    " FALSE, '', '', '', '', '127.0.0.1', 1, 'none', '', 'INBOX', 'seen', 60, 1000)"
)
_CONTACT = (
    "INSERT INTO contact (account_id, channel, address, name, state, priority, skills, tags, routing_error, subject,"
    " preview, message_count, received_at, last_in_at, outcome, queue_id, queued_at)"
    " VALUES (1, ?, ?, '', 'queued', ?, ?, '[]', '', '', 'Where is my order', 1, ?, ?, '', ?, ?)"
)
_EVENT = (
    "INSERT INTO event (at, verb, state, contact_id, person_id, queue_id, account_id, channel, waited, in_time, text,"
    " folded) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, '', FALSE)"
)
_STEPS = (
    ("arrived", "new", 0), ("queued", "queued", 1), ("offered", "offered", 60), ("accepted", "open", 65),
    ("answered", "open", 180), ("closed", "closed", 190),
)  # fmt: skip
"""Of a contact that is handled: the verb, the state, and how many seconds after its arrival."""


def settings_of(url: str, key: str) -> Settings:
    """Of a database by its url; `key`: where the desk's key is, empty for SQLite's own place."""
    return Settings(url, Path(key)) if key else find_settings(url)


async def fill(office: Office, waiting: int, agents: int) -> None:
    """All of it, where nothing is yet."""
    chance = random.Random(1)
    database, now = office.database, to_moment(office.clock.now())
    await database.many(_QUEUE, [(f"queue {number}", OFFER_SECONDS) for number in range(QUEUES)])
    await database.rows(_ACCOUNT)
    rows = [
        (chance.choice(CHANNELS), f"+4477{n:09}", chance.choice((0, 0, 0, 5)), chance.choice(SKILLS),
         now - chance.randrange(10**10), now, 1 + n % QUEUES, now)
        for n in range(waiting)
    ]  # fmt: skip
    async with database.transaction():
        await database.many(_CONTACT, rows)
        await database.many(
            "INSERT INTO person (login, name, role, password, capacity_sms, capacity_email, auto_accept)"
            " VALUES (?, '', 'agent', '', ?, ?, FALSE)",
            [(f"agent{number}", ROOM, ROOM) for number in range(agents)],
        )
        skilled = [(n, "french") for n in range(1, agents + 1, 2)] + [(n, "refunds") for n in range(1, agents + 1, 4)]
        await database.many("INSERT INTO person_skill (person_id, skill, level) VALUES (?, ?, 1)", skilled)
    await analyse(office)


async def all_at_work(office: Office, agents: int) -> None:
    """Everybody is ready and has as much on offer as there is room for."""
    for number in range(agents):
        await office.presence.ready(f"agent{number}")
    while await office.distribution.share():
        pass


async def a_day(office: Office, contacts: int, agents: int, opened: datetime, hours: int) -> None:
    """So many contacts were handled in so many hours since then, and the events of it are folded."""
    chance = random.Random(2)
    rows = []
    for contact in range(contacts):
        came = to_moment(opened) + contact * (hours * 3600 - 300) * 1_000_000 // contacts
        person, queue = 1 + chance.randrange(agents), 1 + chance.randrange(QUEUES)
        channel = chance.choice(CHANNELS)
        for verb, state, seconds in _STEPS:
            rows.append(
                (came + seconds * 1_000_000, verb, state, 10_000_000 + contact, person if seconds >= 60 else None,
                 queue if seconds else None, channel, seconds * 1_000_000 if seconds >= 65 else None,
                 True if verb == "answered" else None)
            )  # fmt: skip
    rows.sort(key=lambda row: row[0])
    async with office.database.transaction():
        await office.database.many(_EVENT, rows)
    while await office.tallies.fold():
        pass
    await analyse(office)


async def analyse(office: Office) -> None:
    """What PostgreSQL does by itself after a while; SQLite has no such habit."""
    if not office.database.is_sqlite:
        await office.database.rows("ANALYZE")
