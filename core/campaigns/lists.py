"""Lists of customers: made, given to a campaign, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import journal
from core.campaigns.naming import missing, named, right_name
from core.errors import NotFound, Refused
from core.roles import supervisor_only

if TYPE_CHECKING:
    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row

UNDER_WAY = "(b.state IN ('scheduled', 'running', 'paused') OR b.state = 'planned' AND b.digest <> '')"
"""Of a `broadcast b`: somebody may still get it. One without a digest is frozen just now, or will never be."""
DEED = "set up lists of customers"
KIND = "list"
PART = 2000
"""Customers that are deleted in one transaction: others wait no longer than for these."""


class Lists:
    """Verbs on lists; `actor` is a login or `roles.COMMAND`. Each raises Refused to an agent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def create(self, name: str, *, actor: str, campaign: str = "") -> int:
        """Make an empty list, of a campaign or of none yet; its id. Raises Wrong, NotFound, Refused."""
        right_name(name, KIND)
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            campaign_id = await self._campaign(campaign)
            rows = await self.database.rows(
                "INSERT INTO customer_list (name, campaign_id, own_fields, mapping) VALUES (?, ?, '[]', '{}')"
                " ON CONFLICT (name) DO NOTHING RETURNING id",
                name, campaign_id,
            )  # fmt: skip
            if not rows:
                raise Refused(f"there is a list {name} already")
            await self._tell(actor, "added", rows[0]["id"], f"{name}, of {campaign or 'no campaign'}")
        return int(rows[0]["id"])

    async def rename(self, name: str, new_name: str, *, actor: str) -> None:
        """Give a list another name. Raises Wrong, NotFound, Refused."""
        right_name(new_name, KIND)
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            row = await self._list(name)
            if await self.database.rows("SELECT id FROM customer_list WHERE name = ? AND id <> ?", new_name, row["id"]):
                raise Refused(f"there is a list {new_name} already: give {name} another name")
            await self.database.rows("UPDATE customer_list SET name = ? WHERE id = ?", new_name, row["id"])
            await self._tell(actor, "changed", row["id"], f"{name} is {new_name} now")

    async def move(self, name: str, campaign: str, *, actor: str) -> None:
        """Give a list to a campaign, or with an empty name to none. Raises NotFound, Refused."""
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            row = await self._list(name)
            campaign_id = await self._campaign(campaign)
            await self.database.rows("UPDATE customer_list SET campaign_id = ? WHERE id = ?", campaign_id, row["id"])
            await self._tell(actor, "moved", row["id"], f"{name} to {campaign or 'no campaign'}")

    async def delete(self, name: str, *, actor: str, with_customers: bool = False) -> int:
        """Delete a list; how many customers went with it. Raises NotFound; Refused with what hangs on it: its customers
        unless `with_customers`, and broadcasts under way to some of them whatever is said.

        Customers go part by part, each part in one transaction; broken off, it can be done again.
        """
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            row = await self._list(name)
            await self._no_broadcast(name, row["id"])
            hangs = await self.database.rows(
                "SELECT (SELECT COUNT(*) FROM customer WHERE list_id = ?) AS customers, (SELECT COUNT(*) FROM attempt a"
                " JOIN customer c ON c.id = a.customer_id WHERE c.list_id = ?) AS attempts",
                row["id"], row["id"],
            )  # fmt: skip
            customers = int(hangs[0]["customers"])
            said = f"{customers:,} customers and {hangs[0]['attempts']:,} attempts"
            if customers and not with_customers:
                raise Refused(f"list {name} has {said}, which would go with it: say that they may, or keep the list")
            await self._tell(actor, "deleted", row["id"], f"{name}, with {said}")
            if not customers:
                await self.database.rows("DELETE FROM customer_list WHERE id = ?", row["id"])
        if customers:
            await self._delete_all(row["id"])
        return customers

    async def _delete_all(self, list_id: int) -> None:
        while True:
            async with self.database.transaction():
                gone = await self.database.rows(
                    "DELETE FROM customer WHERE id IN (SELECT id FROM customer WHERE list_id = ? ORDER BY id LIMIT ?)"
                    " RETURNING id",
                    list_id, PART,
                )  # fmt: skip
                if len(gone) < PART:
                    await self.database.rows("DELETE FROM customer_list WHERE id = ?", list_id)
                    return

    async def _no_broadcast(self, name: str, list_id: int) -> None:
        rows = await self.database.rows(
            f"SELECT b.name FROM broadcast b WHERE {UNDER_WAY} AND EXISTS"
            " (SELECT 1 FROM recipient r JOIN customer c ON c.id = r.customer_id"
            " WHERE r.broadcast_id = b.id AND c.list_id = ?) ORDER BY b.name",
            list_id,
        )
        if rows:
            said = f"customers of list {name} get broadcasts now ({named(rows)})"
            raise Refused(f"{said}: cancel them, or wait for their end")

    async def _list(self, name: str) -> Row:
        rows = await self.database.rows("SELECT id, name FROM customer_list WHERE name = ?", name)
        if not rows:
            raise NotFound(await missing(self.database, KIND, name))
        return rows[0]

    async def _campaign(self, name: str) -> int | None:
        if not name:
            return None
        rows = await self.database.rows("SELECT id FROM campaign WHERE name = ?", name)
        if not rows:
            raise NotFound(await missing(self.database, "campaign", name))
        return int(rows[0]["id"])

    async def _tell(self, actor: str, verb: str, list_id: int, text: str) -> None:
        await journal.append(actor=actor, verb=verb, kind=KIND, thing_id=list_id, text=text, at=self.clock.now())
