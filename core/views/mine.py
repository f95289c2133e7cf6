"""What is a person's own at the desk: her state, what colleagues ask her, and what was said to her alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment, moment
from core.models.states import AgentState
from core.serving import MISSED

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database

SIGNED_OUT = AgentState.SIGNED_OUT.value
MOST = 50


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A contact that is offered to a person."""

    id: int
    who: str
    """Name or address of the customer."""
    until: datetime | None


@dataclass(frozen=True, slots=True)
class MyState:
    """How a person stands now."""

    state: str
    """`signed out`, `ready` or `not ready`."""
    reason: str
    seat: str
    """The screen she sits at; empty for none."""
    wrap_until: datetime | None
    """When her wrap-up ends; None while she has none."""
    open: int
    """Contacts that go back to their places when she signs out."""
    offers: tuple[OfferRow, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether she is not ready because she missed offers."""
        return self.reason == MISSED


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """What a colleague asks, and nobody has answered yet."""

    id: int
    contact: int
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SaidRow:
    """An answer or a whisper for one person."""

    id: int
    contact: int
    kind: str
    """`answer` or `whisper`."""
    author: str
    text: str
    customer: str
    """Name or address of whom the contact is with."""


async def my_state(database: Database, login: str) -> MyState | None:
    """How this person stands; None for who has never signed in."""
    rows = await database.read(
        "SELECT a.state, a.reason, a.seat,"
        " (SELECT MIN(c.wrap_until) FROM contact c WHERE c.agent_id = p.id AND c.state = 'wrap-up') AS wrap_until,"
        " (SELECT COUNT(*) FROM contact c WHERE c.agent_id = p.id AND c.state IN ('open', 'offered')) AS open"
        " FROM person p JOIN agent a ON a.person_id = p.id WHERE p.login = ?",
        login,
    )
    if not rows:
        return None
    row = rows[0]
    offers: tuple[OfferRow, ...] = ()
    if row["open"]:
        offered = await database.read(
            "SELECT c.id, c.name, c.address, c.offered_until FROM contact c JOIN person p ON p.id = c.agent_id"
            " WHERE p.login = ? AND c.state = 'offered' ORDER BY c.offered_until, c.id",
            login,
        )
        offers = tuple(
            OfferRow(one["id"], one["name"] or one["address"], moment(one["offered_until"])) for one in offered
        )
    return MyState(row["state"], row["reason"], row["seat"], moment(row["wrap_until"]), row["open"], offers)


async def who_set_me(database: Database, login: str) -> str:
    """Who made this person's state what it is: a login, `command`, or a part of the desk; empty where nobody did."""
    rows = await database.read(
        "SELECT j.actor FROM journal j JOIN person p ON p.id = j.thing_id WHERE j.kind = 'person' AND p.login = ?"
        " AND j.verb IN ('ready', 'not ready', 'signed out') ORDER BY j.at DESC, j.id DESC LIMIT 1",
        login,
    )
    return rows[0]["actor"] if rows else ""


async def reasons(database: Database) -> list[str]:
    """For which an agent may be not ready; empty where the desk names none."""
    return [row["name"] for row in await database.read("SELECT name FROM not_ready_reason ORDER BY name")]


async def has_password(database: Database, login: str) -> bool:
    """Whether this person has a password; False for nobody."""
    return bool(await database.read("SELECT 1 FROM person WHERE login = ? AND password <> ''", login))


async def questions_for(database: Database, login: str) -> list[QuestionRow]:
    """What colleagues ask this person about contacts that are not closed, oldest first."""
    rows = await database.read(
        "SELECT n.id, n.contact_id, n.text, n.at, a.login AS author FROM note n JOIN person p ON p.id = n.for_person_id"
        " JOIN contact c ON c.id = n.contact_id AND c.state <> 'closed' LEFT JOIN person a ON a.id = n.author_id"
        f" WHERE p.login = ? AND n.kind = 'question' AND n.answered_at IS NULL ORDER BY n.at, n.id LIMIT {MOST}",
        login,
    )
    return [
        QuestionRow(row["id"], row["contact_id"], row["author"] or "", row["text"], from_moment(row["at"]))
        for row in rows
    ]


async def said_to(database: Database, login: str, after: int) -> list[SaidRow]:
    """Answers and whispers for this person with an id above `after`, oldest first."""
    rows = await database.read(
        "SELECT n.id, n.contact_id, n.kind, n.text, a.login AS author, c.name, c.address FROM note n"
        " JOIN person p ON p.id = n.for_person_id JOIN contact c ON c.id = n.contact_id"
        " LEFT JOIN person a ON a.id = n.author_id WHERE p.login = ? AND n.kind IN ('answer', 'whisper') AND n.id > ?"
        f" ORDER BY n.id LIMIT {MOST}",
        login, after,
    )  # fmt: skip
    return [
        SaidRow(
            row["id"], row["contact_id"], row["kind"], row["author"] or "", row["text"], row["name"] or row["address"]
        )
        for row in rows
    ]


async def newest_note(database: Database) -> int:
    """The id of the newest note of the desk; 0 for none."""
    return int((await database.read("SELECT COALESCE(MAX(id), 0) AS id FROM note"))[0]["id"])
