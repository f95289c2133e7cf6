"""What a new desk has and what it still lacks for its first message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from core.store import Database

Lack = Literal["desk", "server", "gateway", "account", "text", ""]


@dataclass(frozen=True, slots=True)
class Beginning:
    """How far a desk has come."""

    people: int
    founded: bool
    """Whether it was founded at the screen, and not by `apply`."""
    server: str
    """`host:port`; empty until there is one."""
    security: str
    """Of that server."""
    gateway: str
    """Name of the first one."""
    account: str
    """Address of the first one."""
    kind: str
    """Of that account."""
    contact: int | None
    """The first contact that was sorted into a queue."""
    contact_state: str

    @property
    def lacks(self) -> Lack:
        """The first thing that is missing for a message to come in and be answered; empty where nothing is.

        A desk that has accounts and was not founded at the screen is as somebody wanted it.
        """
        if not self.people:
            return "desk"
        if self.account and (not self.founded or self.contact is not None):
            return ""
        if not self.server:
            return "server"
        if not self.account:
            return "account" if self.gateway else "gateway"
        return "text"


async def beginning(database: Database) -> Beginning:
    """How far it has come; cheap enough to be read at every start."""
    rows = await database.read(
        "SELECT (SELECT count(*) FROM person) AS people,"
        " EXISTS(SELECT 1 FROM journal WHERE kind = 'desk' AND thing_id = 1 AND verb = 'found') AS founded,"
        " s.host, s.port, s.security,"
        " (SELECT name FROM gateway ORDER BY id LIMIT 1) AS gateway,"
        " a.address, a.kind, c.id AS contact, c.state AS contact_state"
        " FROM desk d LEFT JOIN outgoing_server s ON s.id = 1"
        " LEFT JOIN account a ON a.id = (SELECT min(id) FROM account)"
        " LEFT JOIN contact c ON c.id = (SELECT min(id) FROM contact WHERE state <> 'new') WHERE d.id = 1"
    )
    row = rows[0]
    return Beginning(
        people=row["people"],
        founded=bool(row["founded"]),
        server=f"{row['host']}:{row['port']}" if row["host"] else "",
        security=row["security"] or "",
        gateway=row["gateway"] or "",
        account=row["address"] or "",
        kind=row["kind"] or "",
        contact=row["contact"],
        contact_state=row["contact_state"] or "",
    )
