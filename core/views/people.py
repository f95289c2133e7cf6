"""People as they are set up, and as they stand now: users, agents, and what a desk lets them say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.clock import moment, to_moment
from core.errors import NotFound
from core.models.states import AgentState, ContactState
from core.serving import SILENT_SECONDS, served_queues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.store import Database
    from core.store.database import Row


@dataclass(frozen=True, slots=True)
class UserRow:
    """How a person is set up."""

    login: str
    name: str
    role: str
    groups: tuple[str, ...]
    skills: Mapping[str, int]
    """Skill to level, by name."""
    capacity_sms: int
    capacity_email: int
    auto_accept: bool
    password: bool
    """Whether one was ever set."""
    state: str


@dataclass(frozen=True, slots=True)
class Load:
    """What an agent has of one channel."""

    capacity: int
    offered: int = 0
    open: int = 0
    wrap_up: int = 0
    held: int = 0
    """Takes up no room."""

    @property
    def used(self) -> int:
        """How much of the capacity is taken up."""
        return self.offered + self.open + self.wrap_up

    @property
    def room(self) -> int:
        """How many more may be offered."""
        return max(0, self.capacity - self.used)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """How a person stands now."""

    id: int
    login: str
    name: str
    role: str
    state: str
    """`signed out`, `ready`, `not ready` or `wrap-up`, which is stored nowhere: she has a contact in wrap-up."""
    reason: str
    since: datetime | None
    """None for who never signed in."""
    until: datetime | None
    """When a wrap-up ends by itself."""
    ready: bool
    """Whether work comes again after the wrap-up; else the same as the state."""
    wrapping: int | None
    """The contact in wrap-up."""
    heard_at: datetime | None
    """When the screen was last heard of; None for who is moved by commands."""
    silent: bool
    """The screen was not heard of for so long that nothing is offered there."""
    idle_since: datetime | None
    auto_accept: bool
    sms: Load
    email: Load
    groups: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    """The queues served: those of the groups, and those that have none."""
    skills: Mapping[str, int] = field(default_factory=dict)

    def load(self, channel: str) -> Load:
        """Of `sms` or `email`."""
        return self.sms if channel == "sms" else self.email


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How a contact or an attempt may end."""

    name: str
    contact: bool
    """Whether the customer was reached."""


_PERSON = (
    "SELECT p.id, p.login, p.name, p.role, p.capacity_sms, p.capacity_email, p.auto_accept, p.password <> '' AS known,"
    " COALESCE(a.state, 'signed out') AS state, a.reason, a.since, a.idle_since, a.seat, a.seen_at"
    " FROM person p LEFT JOIN agent a ON a.person_id = p.id"
)


async def users(database: Database) -> list[UserRow]:
    """All who work at the desk, by login."""
    return await _users(database, await database.read(f"{_PERSON} ORDER BY p.login"))


async def user(database: Database, login: str) -> UserRow:
    """One of them. Raises NotFound."""
    rows = await database.read(f"{_PERSON} WHERE p.login = ?", login)
    if not rows:
        raise NotFound(f"there is no user {login}: 'postroom user list' shows them")
    return (await _users(database, rows))[0]


async def agents(database: Database, now: datetime) -> list[AgentRow]:
    """How each of them stands now, by login."""
    rows = await database.read(f"{_PERSON} ORDER BY p.login")
    groups, skills = await _groups(database), await _skills(database)
    queues = {row["id"]: row["name"] for row in await database.read("SELECT id, name FROM queue")}
    served, loads, wraps = await served_queues(database), await _loads(database), await _wraps(database)
    silent = to_moment(now) - SILENT_SECONDS * 1_000_000
    found = []
    for row in rows:
        wrap = wraps.get(row["id"]) if row["state"] != AgentState.SIGNED_OUT else None
        since = wrap["since"] if wrap else row["since"]
        counts = loads.get(row["id"], {})
        found.append(
            AgentRow(
                id=row["id"],
                login=row["login"],
                name=row["name"],
                role=row["role"],
                state=ContactState.WRAP_UP.value if wrap else row["state"],
                reason=row["reason"] or "",
                since=moment(since),
                until=moment(wrap["wrap_until"]) if wrap else None,
                ready=row["state"] == "ready",
                wrapping=wrap["id"] if wrap else None,
                heard_at=moment(row["seen_at"]),
                silent=row["state"] != AgentState.SIGNED_OUT and row["seen_at"] is not None and row["seen_at"] < silent,
                idle_since=moment(row["idle_since"]),
                auto_accept=bool(row["auto_accept"]),
                sms=Load(row["capacity_sms"], **counts.get("sms", {})),
                email=Load(row["capacity_email"], **counts.get("email", {})),
                groups=tuple(groups.get(row["id"], ())),
                queues=tuple(sorted(queues[queue] for queue in served.by(row["id"]) if queue in queues)),
                skills=skills.get(row["id"], {}),
            )
        )
    return found


async def agent(database: Database, login: str, now: datetime) -> AgentRow:
    """One of them. Raises NotFound."""
    found = await agents(database, now)
    for row in found:
        if row.login == login:
            return row
    known = ", ".join(row.login for row in found[:20]) or "none yet"
    raise NotFound(f"there is no user {login}; there are: {known}")


async def outcome_rows(database: Database) -> list[OutcomeRow]:
    """How contacts may end, by name; empty where any word will do."""
    rows = await database.read("SELECT name, contact FROM outcome ORDER BY name")
    return [OutcomeRow(row["name"], bool(row["contact"])) for row in rows]


async def _users(database: Database, rows: Sequence[Row]) -> list[UserRow]:
    groups, skills = await _groups(database), await _skills(database)
    return [
        UserRow(
            row["login"], row["name"], row["role"], tuple(groups.get(row["id"], ())), skills.get(row["id"], {}),
            row["capacity_sms"], row["capacity_email"], bool(row["auto_accept"]), bool(row["known"]), row["state"],
        )
        for row in rows
    ]  # fmt: skip


async def _groups(database: Database) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in await database.read(
        "SELECT pg.person_id, g.name FROM person_group pg JOIN agent_group g ON g.id = pg.agentgroup_id ORDER BY g.name"
    ):
        found.setdefault(row["person_id"], []).append(row["name"])
    return found


async def _skills(database: Database) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for row in await database.read("SELECT person_id, skill, level FROM person_skill ORDER BY skill"):
        found.setdefault(row["person_id"], {})[row["skill"]] = row["level"]
    return found


async def _loads(database: Database) -> dict[int, dict[str, dict[str, int]]]:
    """How many contacts in each state, by person and channel."""
    found: dict[int, dict[str, dict[str, int]]] = {}
    # CROSS JOIN tells SQLite to go by the index of each person's contacts.
    for row in await database.read(
        "SELECT c.agent_id, c.channel, c.state, COUNT(*) AS n FROM person p CROSS JOIN contact c"
        " WHERE c.agent_id = p.id"
        " AND c.state IN ('offered', 'open', 'held', 'wrap-up') GROUP BY c.agent_id, c.channel, c.state"
    ):
        states = found.setdefault(row["agent_id"], {}).setdefault(row["channel"], {})
        states[row["state"].replace("-", "_")] = row["n"]
    return found


async def _wraps(database: Database) -> dict[int, Row]:
    """Of each person the contact whose wrap-up lasts longest."""
    rows = await database.read(
        "SELECT c.agent_id, c.id, c.wrap_until, (SELECT MAX(e.at) FROM event e WHERE e.contact_id = c.id"
        " AND e.verb = 'wrapped up') AS since FROM contact c WHERE c.state = 'wrap-up' AND c.agent_id IS NOT NULL"
        " ORDER BY c.wrap_until"
    )
    return {row["agent_id"]: row for row in rows}
