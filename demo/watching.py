"""What the desk does, read from its database and told to the live log. Nothing here writes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from core import views
from core.models.fields import from_moment
from core.store import StoreBusy, heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.office import Office
    from core.store import Database
    from demo.log import LiveLog
    from demo.pace import Pace

SUMMARY_SECONDS = 30.0
_BREATH = 0.1
_SLOW_POLL = 1.0
_BACK = 300
"""Ids are given out before commit: so far back it is looked for rows that came late, or have changed."""

_MAILS = (
    "SELECT l.id, l.taken_at AS at, l.outcome, l.reason, a.kind, a.address AS account, m.address, m.name, m.subject,"
    " m.text, m.files, q.name AS queue, COALESCE(p.login, q.name) AS holder FROM mail l"
    " JOIN account a ON a.id = l.account_id LEFT JOIN message m ON m.mail_id = l.id"
    " LEFT JOIN contact c ON c.id = m.contact_id"
    " LEFT JOIN person p ON p.id = c.agent_id LEFT JOIN queue q ON q.id = COALESCE(c.queue_id, a.queue_id)"
    " WHERE l.id > ? ORDER BY l.id"
)
_OUT = (
    "SELECT o.id, o.created_at AS at, o.purpose, o.state, o.delivery, o.delivery_reason, o.delivered_at, o.reply,"
    " o.address, m.text, p.login AS agent FROM outbox o JOIN message m ON m.id = o.message_id"
    " LEFT JOIN person p ON p.id = m.author_id WHERE o.id > ? ORDER BY o.id"
)
_JOURNAL = (
    "SELECT j.id, j.at, j.actor, j.verb, j.kind, j.text, c.address, c.name, c.received_at FROM journal j"
    " LEFT JOIN contact c ON j.kind = 'contact' AND c.id = j.thing_id"
    " WHERE j.id > ? AND (j.kind = 'contact' OR j.verb IN ('opt-out', 'opt-in')) ORDER BY j.id"
)
_NOTES = (
    "SELECT n.id, n.at, n.text, p.login AS agent, c.address, c.name FROM note n JOIN contact c ON c.id = n.contact_id"
    " LEFT JOIN person p ON p.id = n.author_id WHERE n.id > ? ORDER BY n.id"
)
_ASIDE = {"duplicate": "came twice", "own-loop": "is a desk's own", "over-budget": "is one of too many"}


class Watch:
    """Tells the log of everything that is new since `begin`."""

    def __init__(self, office: Office, log: LiveLog, pace: Pace, name: Callable[[str], str]) -> None:
        self._office = office
        self._log = log
        self._pace = pace
        self._name = name
        database = office.database
        self._mails = _Tail(database, _MAILS)
        self._out = _Tail(database, _OUT)
        self._journal = _Tail(database, _JOURNAL)
        self._notes = _Tail(database, _NOTES)
        self.counts = {"in": 0, "out": 0, "failed": 0}

    async def begin(self) -> None:
        """What is there already is no news."""
        for tail in (self._mails, self._out, self._journal, self._notes):
            await tail.changed()

    async def run(self) -> None:
        """Look whenever the bell rings, and sum up now and then; until cancelled."""
        loop = asyncio.get_running_loop()
        summary = loop.time() + self._pace.seconds(SUMMARY_SECONDS)
        while True:
            ring = self._office.database.bell.listen()
            with contextlib.suppress(StoreBusy):  # then it is told later
                await self.look()
                if loop.time() >= summary:
                    summary = loop.time() + self._pace.seconds(SUMMARY_SECONDS)
                    self._log.say("so far", await self._sum())
            await heard(ring, _SLOW_POLL)
            await asyncio.sleep(_BREATH)

    async def look(self) -> None:
        """Tell what is new."""
        for _, row in await self._mails.changed():
            self._tell_mail(row)
        for before, row in await self._out.changed():
            self._tell_out(before, row)
        for _, row in await self._journal.changed():
            self._tell_journal(row)
        for _, row in await self._notes.changed():
            self._say("note", row, f"{row['agent']} on {self._who(row)}", row["text"])

    def _tell_mail(self, row: dict[str, Any]) -> None:
        outcome = row["outcome"]
        if outcome in ("receipt", "bounce"):
            return  # what it says stands on the message it speaks of
        self.counts["in"] += 1
        if outcome in ("contact", "joined", "consent"):
            files = "".join(f"[{file['name']}] " for file in json.loads(row["files"] or "[]"))
            subject = f"{row['subject']}: " if row["kind"] == "email" and outcome == "contact" else ""
            kind = "text" if row["kind"] == "sms" else "e-mail"
            where = row["queue"] if outcome == "contact" else row["holder"]
            self._say(kind, row, f"{self._who(row)} → {where}", f"{files}{subject}{row['text']}")
        elif outcome == "auto-reply":
            self._say("away", row, self._who(row), f"filed, nobody is bothered: {row['text']}")
        else:
            who = self._who(row) if row["address"] else row["account"]
            self._say("set aside", row, who, _ASIDE.get(outcome, f"cannot be read: {row['reason']}"))

    def _tell_out(self, before: tuple[str, str] | None, row: dict[str, Any]) -> None:
        name = self._who(row)
        if before is None:
            self.counts["out"] += 1
            kind = {"reply": "answer", "forward": "forward"}.get(row["purpose"], "automatic")
            self._say(kind, row, f"{row['agent'] or 'desk'} → {name}", row["text"])
        state, delivery = before or ("", "")
        if row["delivery"] != delivery:
            self._tell_delivery(row, name)
        elif row["state"] != state and row["state"] in ("failed", "unknown"):
            self.counts["failed"] += 1
            self._log.say("failed", name, row["reply"] or row["state"])
        elif row["state"] != state and row["state"] == "suppressed":
            self._log.say("held back", name, row["reply"])

    def _tell_delivery(self, row: dict[str, Any], name: str) -> None:
        at = from_moment(row["delivered_at"])
        if row["delivery"] == "failed":
            self.counts["failed"] += 1
            code, _, words = row["delivery_reason"].partition(" ")
            self._log.say("bounced", name, words if code in words else row["delivery_reason"], at=at)
        elif row["delivery"] == "delayed":
            self._log.say("delayed", name, row["delivery_reason"], at=at)
        else:
            self._log.say("delivered", name, "says the SMS provider", at=at)

    def _tell_journal(self, row: dict[str, Any]) -> None:
        verb, actor = row["verb"], row["actor"]
        if row["kind"] != "contact":
            name = self._name(row["text"].partition(" ")[0])
            said = "wants no more texts from us" if verb == "opt-out" else "wants our texts again"
            self._say(verb, row, name, said)
        elif verb in ("taken", "accepted"):
            waited = (from_moment(row["at"]) - from_moment(row["received_at"])).total_seconds()
            self._say("taken", row, f"{actor} takes {self._who(row)}, who waited {waited:.0f} s")
        elif verb == "transferred":
            self._say("moved", row, f"{actor} passes {self._who(row)} on {row['text']}")
        elif verb == "closed":
            self._say("closed", row, f"{actor} closes {self._who(row)}: {row['text']}")
        elif verb == "reopened":
            self._say("reopened", row, f"{actor} opens {self._who(row)} again")

    def summed_up(self) -> str:
        """How much there was since `begin`."""
        counts = self.counts
        return f"{counts['in']} in, {counts['out']} out, {counts['failed']} failed"

    async def _sum(self) -> str:
        rows = await views.queues(self._office.database, self._office.clock.now())
        waiting, in_hand = sum(row.waiting for row in rows), sum(row.open for row in rows)
        return f"{self.summed_up()}; {waiting} waiting, {in_hand} in hand"

    def _who(self, row: dict[str, Any]) -> str:
        known = self._name(row["address"])
        return known if known != row["address"] else row.get("name") or known

    def _say(self, kind: str, row: dict[str, Any], who: str, words: str = "") -> None:
        self._log.say(kind, who, words, at=from_moment(row["at"]))


class _Tail:
    """The newest rows of one table, and which of them are new or have changed since the last look."""

    def __init__(self, database: Database, sql: str) -> None:
        self._database = database
        self._sql = sql
        self._known: dict[int, tuple[str, str]] = {}
        self._floor = 0

    async def changed(self) -> list[tuple[tuple[str, str] | None, dict[str, Any]]]:
        """Each such row, and what (state, delivery) it had before; None for a new one."""
        found: list[tuple[tuple[str, str] | None, dict[str, Any]]] = []
        for row in await self._database.read(self._sql, self._floor):
            now = (row.get("state", ""), row.get("delivery", ""))
            before = self._known.get(row["id"])
            if before != now:
                found.append((before, row))
                self._known[row["id"]] = now
        self._floor = max(self._known, default=0) - _BACK
        self._known = {id_: state for id_, state in self._known.items() if id_ > self._floor}
        return found
