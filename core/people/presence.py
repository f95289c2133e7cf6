"""Who is here and takes work: sign-in, ready and not ready with a reason, and what becomes of a line that is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core import events, journal
from core.clock import to_moment
from core.errors import NotFound, Refused, Wrong
from core.people.passwords import verified
from core.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from core.clock import Clock
    from core.distribution import Distribution
    from core.store import Database
    from core.store.database import Row

LINE_LOST = "line lost"
PART = 100
_STATES = "('open', 'offered')"


class Presence:
    """Verbs on the states of people."""

    def __init__(self, database: Database, clock: Clock, distribution: Distribution) -> None:
        self.database = database
        self.clock = clock
        self.distribution = distribution

    async def check(self, login: str, password: str) -> None:
        """Whether this person may sit down with this password. Raises Refused, the same for a wrong login.

        A person for whom none was ever set needs none: whoever runs the screen can read the database anyway.
        """
        rows = await self.database.read("SELECT password FROM person WHERE login = ?", login)
        if rows and not rows[0]["password"] and not password:
            return
        kept = rows[0]["password"] if rows else ""
        if not await asyncio.to_thread(verified, kept, password):
            raise Refused(
                "that login and password do not belong together: try again, or ask a supervisor for a new one"
            )

    async def sign_in(self, login: str, *, seat: str = "") -> str:
        """Sit down, as not ready unless the seat was lost a moment ago; the state, as it was or is. Raises NotFound.

        `seat` is the running screen: it must be `heard` of from now on. One person sits at one seat: the newest.
        """
        person = await self._person(login)
        now = self.clock.now()
        moment = to_moment(now)
        async with self.database.transaction():
            rows = await self.database.rows(
                "UPDATE agent SET seat = ?, seen_at = ? WHERE person_id = ? AND state <> 'signed out' RETURNING state",
                seat, moment if seat else None, person["id"],
            )  # fmt: skip
            if rows:
                return str(rows[0]["state"])
            await self.database.rows(
                "INSERT INTO agent (person_id, state, reason, since, idle_since, missed, seat, seen_at)"
                " VALUES (?, 'not ready', '', ?, ?, 0, ?, ?) ON CONFLICT (person_id) DO UPDATE SET"
                " state = 'not ready', reason = '', since = excluded.since, idle_since = excluded.idle_since,"
                " missed = 0, seat = excluded.seat, seen_at = excluded.seen_at",
                person["id"], moment, moment, seat, moment if seat else None,
            )  # fmt: skip
            await self._tell("signed in", person, "not ready", login, now)
        return "not ready"

    async def heard(self, login: str, seat: str) -> bool:
        """The screen at this seat is there still; False when this person sits somewhere else by now. Rings no bell."""
        rows = await self.database.rows(
            "UPDATE agent SET seen_at = ? WHERE person_id = (SELECT id FROM person WHERE login = ?)"
            " AND seat = ? AND state <> 'signed out' RETURNING person_id",
            to_moment(self.clock.now()), login, seat,
        )  # fmt: skip
        return bool(rows)

    async def ready(self, login: str, *, by: str = "") -> None:
        """Take work from now on; whoever is not signed in is now. `by`: a supervisor who says so for her.

        Raises NotFound, Refused.
        """
        await self._set(login, "ready", "", by)

    async def not_ready(self, login: str, reason: str = "", *, by: str = "") -> None:
        """Take no new work, for a reason that the desk knows; what is offered goes back to its place.

        Raises NotFound, Wrong, Refused.
        """
        known = [row["name"] for row in await self.database.read("SELECT name FROM not_ready_reason ORDER BY name")]
        if known and reason not in known:
            raise Wrong(f"there is no reason {reason or '(none)'}; there are: {', '.join(known)}")
        await self._set(login, "not ready", one_line(reason, 100), by)

    async def sign_out(self, login: str, *, by: str = "") -> int:
        """Go home: what is open or offered goes back to its place; how many. Raises NotFound, Refused."""
        person = await self._person(login)
        await self._may(login, by)
        async with self.database.transaction():
            rows = await self._leave(person["id"], "")
            if not rows:
                raise Refused(f"{login} is not signed in")
            back = await self._give_back(person["id"], f"{login} signed out")
            await self._tell("signed out", person, "signed out", by or login, self.clock.now())
        return back

    async def lose(self) -> int:
        """Sign out those whose line was lost for longer than the desk's grace, and give their contacts back."""
        now = self.clock.now()
        lost = await self.database.read(
            "SELECT p.id, p.login FROM agent a JOIN person p ON p.id = a.person_id CROSS JOIN desk d WHERE d.id = 1"
            " AND a.state <> 'signed out' AND a.seen_at < ? - d.grace_seconds * CAST(1000000 AS BIGINT)"
            f" LIMIT {PART}",
            to_moment(now),
        )
        done = 0
        for person in lost:
            async with self.database.transaction():
                rows = await self.database.rows(
                    "UPDATE agent SET state = 'signed out', reason = ?, since = ?, seat = '' WHERE person_id = ?"
                    " AND state <> 'signed out' AND seen_at < ? - (SELECT grace_seconds FROM desk WHERE id = 1)"
                    " * CAST(1000000 AS BIGINT) RETURNING person_id",
                    LINE_LOST, to_moment(now), person["id"], to_moment(now),
                )  # fmt: skip
                if rows:
                    await self._give_back(person["id"], f"{person['login']}'s line was lost")
                    await self._tell("signed out", person, "signed out", "desk", now, LINE_LOST)
                    done += 1
        return done

    async def _leave(self, person_id: int, reason: str) -> list[Row]:
        return await self.database.rows(
            "UPDATE agent SET state = 'signed out', reason = ?, since = ?, missed = 0, seat = '', seen_at = NULL"
            " WHERE person_id = ? AND state <> 'signed out' RETURNING person_id",
            reason, to_moment(self.clock.now()), person_id,
        )  # fmt: skip

    async def _give_back(self, person_id: int, why: str) -> int:
        """What is open or offered waits again where it came from; held ones and wrap-ups have timers of their own."""
        now = self.clock.now()
        rows = await self.database.rows(
            "UPDATE contact SET state = 'queued', agent_id = NULL, offered_until = NULL,"
            " queue_id = COALESCE(queue_id, (SELECT a.queue_id FROM account a WHERE a.id = contact.account_id)),"
            f" queued_at = COALESCE(queued_at, ?) WHERE agent_id = ? AND state IN {_STATES} RETURNING id",
            to_moment(now), person_id,
        )  # fmt: skip
        ids = [row["id"] for row in rows]
        await events.record(self.database, "returned", ids, now, person_id=person_id)
        for contact_id in ids:
            await journal.append(
                actor="desk", verb="returned", kind="contact", thing_id=contact_id, text=f"to its place: {why}", at=now
            )
        return len(ids)

    async def _set(self, login: str, state: str, reason: str, by: str) -> None:
        person = await self._person(login)
        await self._may(login, by)
        now = self.clock.now()
        moment = to_moment(now)
        async with self.database.transaction():
            before = await self.database.rows("SELECT state, reason FROM agent WHERE person_id = ?", person["id"])
            if before and (before[0]["state"], before[0]["reason"]) == (state, reason):
                return
            await self.database.rows(
                "INSERT INTO agent (person_id, state, reason, since, idle_since, missed, seat, seen_at)"
                " VALUES (?, ?, ?, ?, ?, 0, '', NULL) ON CONFLICT (person_id) DO UPDATE SET"
                " state = excluded.state, reason = excluded.reason, since = excluded.since, missed = 0,"
                " idle_since = CASE WHEN excluded.state = 'ready' THEN excluded.idle_since ELSE agent.idle_since END",
                person["id"], state, reason, moment, moment,
            )  # fmt: skip
            if not before or before[0]["state"] == "signed out":
                await self._tell("signed in", person, state, by or login, now)
            await self._tell(state, person, state, by or login, now, reason)
            if state != "ready":
                await self.distribution.put_back_offers(person["id"], f"{login} is not ready")

    async def _tell(self, verb: str, person: Row, state: str, actor: str, at: datetime, text: str = "") -> None:
        await events.record_agent(self.database, verb, person["id"], state, at, text)
        await journal.append(actor=actor, verb=verb, kind="person", thing_id=person["id"], text=text, at=at)

    async def _person(self, login: str) -> Row:
        rows = await self.database.read("SELECT id, login, role FROM person WHERE login = ?", login)
        if not rows:
            known = [
                row["login"] for row in await self.database.read("SELECT login FROM person ORDER BY login LIMIT 20")
            ]
            raise NotFound(f"there is no user {login}; there are: {', '.join(known) or 'none yet'}")
        return rows[0]

    async def _may(self, login: str, by: str) -> None:
        if not by or by == login or by == "command":
            return
        if (await self._person(by))["role"] == "agent":
            raise Refused(f"{by} is an agent: only a supervisor or an administrator may set {login}'s state")
