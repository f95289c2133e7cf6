"""The desk's users: set up, changed, removed; their passwords, skills and room; reasons and outcomes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import journal
from core.errors import NotFound, Refused, Wrong
from core.people.passwords import hashed
from core.roles import RESERVED, supervisor_only
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row

ROLES = ("agent", "supervisor", "administrator")
DEED = "set up users"
LISTS = {"reason": "not_ready_reason", "outcome": "outcome"}
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
"""As in desk.toml."""


@dataclass(frozen=True, slots=True)
class User:
    """What is set up of a person."""

    login: str
    name: str = ""
    role: str = "agent"
    groups: Sequence[str] = ()
    skills: Mapping[str, int] = field(default_factory=dict)
    """Skill to level, 1 to 9."""
    capacity_sms: int = 3
    capacity_email: int = 5
    auto_accept: bool = False


class Users:
    """Verbs on users; each names who does it (`actor`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def save(self, user: User, *, actor: str, new: bool = False) -> None:
        """Add a user, or change the one of that login. Raises Wrong, Refused, NotFound for a group."""
        self._look_at(user)
        async with self.database.transaction():
            await self._may(actor, user.role, user.login)
            rows = await self.database.rows("SELECT id FROM person WHERE login = ?", user.login)
            if not rows and user.login.lower() in RESERVED:
                raise Wrong(f"{user.login} is what the journal calls a part of this program: take another login")
            if rows and new:
                raise Refused(f"there is a user {user.login} already")
            values = (
                one_line(user.name, 200), user.role, user.capacity_sms, user.capacity_email, user.auto_accept,
                user.login,
            )  # fmt: skip
            if rows:
                await self._last_one(rows[0]["id"], user.role)
                await self.database.rows(
                    "UPDATE person SET name = ?, role = ?, capacity_sms = ?, capacity_email = ?, auto_accept = ?"
                    " WHERE login = ?",
                    *values,
                )
                person_id = rows[0]["id"]
            else:
                added = await self.database.rows(
                    "INSERT INTO person (name, role, capacity_sms, capacity_email, auto_accept, login)"
                    " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                    *values,
                )
                person_id = added[0]["id"]
            await self._groups(person_id, user.groups)
            await self._skills(person_id, user.skills)
            await self._tell(actor, "changed" if rows else "added", person_id, user.login)

    async def set_skill(self, login: str, skill: str, level: int, *, actor: str) -> None:
        """Give a user a skill of a level from 1 to 9, or take it away with 0. Raises NotFound, Wrong, Refused."""
        skill = one_line(skill, 200).strip()
        if level:
            self._look_at(User(login, skills={skill: level}))
        async with self.database.transaction():
            person = await self._person(login)
            await self._may(actor, person["role"], login)
            gone = await self.database.rows(
                "DELETE FROM person_skill WHERE person_id = ? AND skill = ? RETURNING id", person["id"], skill
            )
            if level:
                await self.database.rows(
                    "INSERT INTO person_skill (person_id, skill, level) VALUES (?, ?, ?)", person["id"], skill, level
                )
            elif not gone:
                raise NotFound(f"{login} has no skill {skill}: 'postroom user show {login}' lists them")
            await self._tell(actor, "changed", person["id"], f"{login}: {skill} {level or 'taken away'}")

    async def remove(self, login: str, *, actor: str) -> None:
        """Remove a user who has never written anything. Raises NotFound; Refused with what hangs on them."""
        async with self.database.transaction():
            person = await self._person(login)
            await self._may(actor, person["role"], login)
            await self._last_one(person["id"], "")
            hangs = await self.database.rows(
                "SELECT (SELECT COUNT(*) FROM contact WHERE agent_id = ?) AS contacts,"
                " (SELECT COUNT(*) FROM message WHERE author_id = ?) AS messages",
                person["id"], person["id"],
            )  # fmt: skip
            if any(hangs[0].values()):
                raise Refused(
                    f"{login} has {hangs[0]['contacts']} contacts and {hangs[0]['messages']} messages, which keep the"
                    " name: take the password and the groups away instead"
                )
            await self.database.rows("DELETE FROM person WHERE id = ?", person["id"])
            await self._tell(actor, "removed", person["id"], login)

    async def set_password(self, login: str, password: str, *, actor: str) -> None:
        """Give a user a new password: one's own, or as a supervisor. Raises NotFound, Wrong, Refused."""
        kept = await asyncio.to_thread(hashed, password)
        async with self.database.transaction():
            person = await self._person(login)
            if actor != login:
                await self._may(actor, person["role"], login)
            await self.database.rows("UPDATE person SET password = ? WHERE id = ?", kept, person["id"])
            await self._tell(actor, "password set", person["id"], login)

    async def add_to_list(self, which: str, name: str, *, actor: str, reached: bool = True) -> None:
        """Add a `reason` for not being ready, or an `outcome` (`reached`: whether the customer was). Raises Wrong."""
        name = one_line(name, 100).strip()
        if not name:
            raise Wrong(f"the {which} has no name")
        table = LISTS[which]
        async with self.database.transaction():
            await supervisor_only(self.database, actor, f"change the {which}s")
            if await self.database.rows(f"SELECT 1 FROM {table} WHERE name = ?", name):
                raise Refused(f"there is a {which} {name} already")
            if which == "outcome":
                await self.database.rows("INSERT INTO outcome (name, contact) VALUES (?, ?)", name, reached)
            else:
                await self.database.rows("INSERT INTO not_ready_reason (name) VALUES (?)", name)
            await journal.append(actor=actor, verb="added", kind=which, text=name, at=self.clock.now())

    async def remove_from_list(self, which: str, name: str, *, actor: str) -> None:
        """Take a reason or an outcome away; what was said with it stays as it is. Raises NotFound, Refused."""
        async with self.database.transaction():
            await supervisor_only(self.database, actor, f"change the {which}s")
            gone = await self.database.rows(f"DELETE FROM {LISTS[which]} WHERE name = ? RETURNING id", name)
            if not gone:
                raise NotFound(f"there is no {which} {name}")
            await journal.append(actor=actor, verb="removed", kind=which, text=name, at=self.clock.now())

    async def _groups(self, person_id: int, groups: Sequence[str]) -> None:
        await self.database.rows("DELETE FROM person_group WHERE person_id = ?", person_id)
        for name in dict.fromkeys(groups):
            rows = await self.database.rows("SELECT id FROM agent_group WHERE name = ?", name)
            if not rows:
                known = [row["name"] for row in await self.database.rows("SELECT name FROM agent_group ORDER BY name")]
                raise NotFound(f"there is no group {name}; there are: {', '.join(known) or 'none yet'}")
            await self.database.rows(
                "INSERT INTO person_group (person_id, agentgroup_id) VALUES (?, ?)", person_id, rows[0]["id"]
            )

    async def _skills(self, person_id: int, skills: Mapping[str, int]) -> None:
        await self.database.rows("DELETE FROM person_skill WHERE person_id = ?", person_id)
        await self.database.many(
            "INSERT INTO person_skill (person_id, skill, level) VALUES (?, ?, ?)",
            [(person_id, skill, level) for skill, level in skills.items()],
        )

    async def _may(self, actor: str, role: str, login: str) -> None:
        await supervisor_only(self.database, actor, DEED)
        rows = await self.database.rows("SELECT role FROM person WHERE login = ?", actor)
        before = await self.database.rows("SELECT role FROM person WHERE login = ?", login)
        if rows and rows[0]["role"] == "supervisor" and "administrator" in (role, *(row["role"] for row in before)):
            raise Refused(f"{actor} is a supervisor: only an administrator may set up an administrator")

    async def _last_one(self, person_id: int, role: str) -> None:
        """Somebody must be left who may set the desk up."""
        if role in ("supervisor", "administrator"):
            return
        others = await self.database.rows("SELECT 1 FROM person WHERE id <> ? AND role <> 'agent' LIMIT 1", person_id)
        was = await self.database.rows("SELECT 1 FROM person WHERE id = ? AND role <> 'agent'", person_id)
        if was and not others:
            raise Refused("nobody would be left who may set the desk up: make somebody else a supervisor first")

    async def _person(self, login: str) -> Row:
        rows = await self.database.rows("SELECT id, role FROM person WHERE login = ?", login)
        if not rows:
            raise NotFound(f"there is no user {login}: 'postroom user list' shows them")
        return rows[0]

    async def _tell(self, actor: str, verb: str, person_id: int, login: str) -> None:
        await journal.append(actor=actor, verb=verb, kind="person", thing_id=person_id, text=login, at=self.clock.now())

    def _look_at(self, user: User) -> None:
        if not _LOGIN.fullmatch(user.login):
            raise Wrong(f"{one_line(user.login, 40)} is no login: letters, digits and . _ @ + - after the first")
        if user.role not in ROLES:
            raise Wrong(f"there is no role {one_line(user.role, 40)}; there are: {', '.join(ROLES)}")
        if not (0 <= user.capacity_sms <= 99 and 0 <= user.capacity_email <= 99):
            raise Wrong("a person has room for 0 to 99 contacts of a kind")
        for skill, level in user.skills.items():
            if not skill.strip() or len(skill) > 64:
                raise Wrong("a skill has a name of 1 to 64 characters")
            if not 1 <= level <= 9:
                raise Wrong(f"the level of {skill} is {level}: it is 1 to 9")
