"""Customers by hand: what is known of one changed, a status set, an owner given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import journal
from core.campaigns.cells import email_of, named_zone, number_of
from core.clock import to_moment
from core.errors import NotFound, Wrong
from core.roles import supervisor_only
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row

DEED = "change customers"
KIND = "customer"
STATUSES = ("unused", "callback", "in progress", "contacted", "terminated")
"""As `core.models.states.CustomerStatus` has them; without the tables a command's help comes at once."""
SEVERAL = 1000


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """What is to change of a customer; None = as it is."""

    name: str | None = None
    number: str | None = None
    """As a person writes it; empty = none any more."""
    email: str | None = None
    zone: str | None = None
    """IANA name; empty = by the number."""
    owner: str | None = None
    """A login; empty = nobody's."""
    fields: Mapping[str, str] | None = None
    """Of the list's own fields those that change."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status that a person sets; a call-back has its time, and may be promised by one agent (a login)."""

    name: str
    callback_at: datetime | None = None
    callback_for: str = ""

    def check(self) -> None:
        """Raise Wrong where there is no such status."""
        if self.name not in STATUSES:
            raise Wrong(f"there is no status {one_line(self.name, 40)}; there are: {', '.join(STATUSES)}")
        if (self.name == "callback") != (self.callback_at is not None):
            raise Wrong(
                "a call-back has a time, and nothing else has: say when with status callback, and with no other"
            )


class Customers:
    """Verbs on customers; `actor` is a login or `roles.COMMAND`. Each raises Refused to an agent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def find(self, list_name: str, reference: str) -> int:
        """The id of a customer by list and reference; with an empty list of whichever has it. Raises NotFound, and
        Wrong where several lists have it.
        """
        # From the lists, which are few: CROSS JOIN keeps SQLite from looking through all customers.
        rows = await self.database.read(
            "SELECT c.id, l.name FROM customer_list l CROSS JOIN customer c WHERE c.list_id = l.id"
            " AND c.reference = ? AND (CAST(? AS TEXT) = '' OR l.name = ?) ORDER BY l.name LIMIT 20",
            reference, list_name, list_name,
        )  # fmt: skip
        if not rows:
            where = f" on list {one_line(list_name, 100)}" if list_name else ""
            raise NotFound(
                f"there is no customer {one_line(reference, 100)}{where}: 'postroom customer list' shows them"
            )
        if len(rows) > 1:
            lists = ", ".join(row["name"] for row in rows)
            raise Wrong(f"customer {one_line(reference, 100)} stands on {lists}: say which list")
        return int(rows[0]["id"])

    async def change(self, customer_id: int, change: CustomerChange, *, actor: str) -> None:
        """Change what is known of a customer. Raises NotFound; Wrong for a number, address, zone or field; Refused."""
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            row = await self._locked(customer_id)
            columns = await self._columns(row, change)
            changed = {name: value for name, value in columns.items() if row[name] != value}
            if not changed:
                return
            names = ", ".join(f"{name} = ?" for name in changed)
            await self.database.rows(
                f"UPDATE customer SET {names}, changed_at = ? WHERE id = ?",
                *changed.values(), to_moment(self.clock.now()), customer_id,
            )  # fmt: skip
            said = ", ".join(sorted({_WORDS.get(name, name) for name in changed}))
            await self._tell(actor, "changed", customer_id, said)

    async def set_status(
        self,
        customer_id: int,
        status: str,
        *,
        actor: str,
        callback_at: datetime | None = None,
        callback_for: str = "",
    ) -> None:
        """Set a customer's status by hand, as `Status` has it. Raises Wrong, NotFound, Refused."""
        await self.set_statuses({customer_id: Status(status, callback_at, callback_for)}, actor=actor)

    async def set_statuses(self, statuses: Mapping[int, Status], *, actor: str) -> None:
        """Those of many customers, by their ids: all of them, or with an error none. Raises as `set_status` does."""
        for status in statuses.values():
            status.check()
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            for customer_id, status in sorted(statuses.items(), key=lambda one: one[0]):
                await self._set(customer_id, status, actor)

    async def _set(self, customer_id: int, status: Status, actor: str) -> None:
        row, at = await self._locked(customer_id), status.callback_at
        await self.database.rows(
            "UPDATE customer SET status = ?, callback_at = ?, callback_for_id = ?, handed_to_id = NULL,"
            " handed_until = NULL, changed_at = ? WHERE id = ?",
            status.name, to_moment(at) if at else None, await self._person(status.callback_for),
            to_moment(self.clock.now()), customer_id,
        )  # fmt: skip
        await self._tell(actor, "status set", customer_id, f"from {row['status']} to {status.name}")

    async def _columns(self, row: Row, change: CustomerChange) -> dict[str, object]:
        columns: dict[str, object] = {}
        if change.name is not None:
            columns["name"] = one_line(change.name, 200)
        if change.number is not None:
            number = number_of(change.number, row["region"])
            if change.number.strip() and not number:
                shown = one_line(change.number, 40)
                raise Wrong(f"{shown} is no telephone number: write it with its country code, +44 7700 900123")
            columns |= {"number": number, "number_as_written": ""}
        if change.email is not None:
            columns["email"] = email_of(change.email)
        if change.zone is not None:
            columns["zone"] = named_zone(change.zone)
        if change.owner is not None:
            columns["owner_id"] = await self._person(change.owner)
        if change.fields is not None:
            known = json.loads(row["list_fields"])
            if strange := sorted(set(change.fields) - set(known)):
                there = ", ".join(known) or "none"
                raise Wrong(f"list {row['list']} has no field {one_line(strange[0], 60)}; there are: {there}")
            given = {name: one_line(value, SEVERAL) for name, value in change.fields.items()}
            columns["own_fields"] = json.dumps(json.loads(row["own_fields"]) | given, ensure_ascii=False)
        return columns

    async def _locked(self, customer_id: int) -> Row:
        lock = "" if self.database.is_sqlite else " FOR UPDATE OF c"
        rows = await self.database.rows(
            "SELECT c.*, l.name AS list, l.own_fields AS list_fields,"
            " COALESCE(NULLIF(k.region, ''), (SELECT region FROM desk WHERE id = 1), 'GB') AS region FROM customer c"
            " JOIN customer_list l ON l.id = c.list_id LEFT JOIN campaign k ON k.id = l.campaign_id"
            f" WHERE c.id = ?{lock}",
            customer_id,
        )
        if not rows:
            raise NotFound(f"there is no customer number {customer_id} any more: look at the list again")
        return rows[0]

    async def _person(self, login: str) -> int | None:
        if not login:
            return None
        rows = await self.database.rows("SELECT id FROM person WHERE login = ?", login)
        if not rows:
            raise NotFound(f"there is no user {one_line(login, 64)}: 'postroom user list' shows them")
        return int(rows[0]["id"])

    async def _tell(self, actor: str, verb: str, customer_id: int, text: str) -> None:
        await journal.append(actor=actor, verb=verb, kind=KIND, thing_id=customer_id, text=text, at=self.clock.now())


_WORDS = {"owner_id": "owner", "own_fields": "own fields", "number_as_written": "number", "email": "e-mail address"}
