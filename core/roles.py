"""Who may do what: one question, asked in the core, whatever screen or command the wish comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused

if TYPE_CHECKING:
    from core.store import Database

COMMAND = "command"
"""Who does what the command does without `--as`: whoever runs it has the database and its key in hand anyway."""
RESERVED = frozenset(
    "apply broadcasts campaigns command consent desk dialler distribution engine export found gate intake journal now"
    " outbox postroom script system triage".split()
)
"""Names the journal has for what no person did: no user is called one of them, in any spelling."""

SET_UP = "set up accounts, gateways, queues and the outgoing server"
SETTLE = "settle a message in doubt"
NOT_ONES_OWN = "cancel or try again what is not an agent's own message"


async def supervisor_only(database: Database, actor: str, deed: str) -> None:
    """Let a supervisor or an administrator do this, and everybody while the desk has no users. Raises Refused.

    `deed` goes on after "may": `SET_UP`, `SETTLE`. Reads in the caller's transaction if there is one.
    """
    if actor == COMMAND:
        return
    rows = await database.rows(
        "SELECT role, login FROM person WHERE login = ? UNION ALL SELECT '', '' WHERE EXISTS (SELECT 1 FROM person)",
        actor,
    )
    if not rows:
        return
    role = next((row["role"] for row in rows if row["login"]), "")
    if role == "agent":  # as models.states.Role has it; without the tables a command's help comes at once
        raise Refused(f"{actor} is an agent: only a supervisor or an administrator may {deed}")
    if not role:
        raise Refused(
            f"{actor} is no user of this desk, and only a supervisor or an administrator may {deed}: whoever"
            " sits at the screen, or is named with --as, does it"
        )
