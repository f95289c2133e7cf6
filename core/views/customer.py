"""The customer of a contact: what the desk knows of an address, its earlier contacts, and who else was written to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import from_moment, moment
from core.views.contact import ContactFilter, contact, contacts
from core.views.customer_records import records_of_address

if TYPE_CHECKING:
    from datetime import datetime

    from core.store import Database
    from core.views.contact_rows import ContactRow
    from core.views.customers import CustomerRecord

EARLIER = 50


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One address on one channel."""

    address: str
    channel: str
    name: str
    first_at: datetime | None
    """When the first message from or to it was written."""
    received: int
    sent: int
    opted_out_at: datetime | None
    opted_out_by: str
    """The word that was written, or who recorded it; empty when the customer has not opted out."""
    listed_at: datetime | None
    """Since when the address is on the desk's do-not-contact list."""
    listed_by: str
    """Who or which file put it there."""
    earlier: tuple[ContactRow, ...]
    """Its other contacts on any account, newest first, fifty at most."""
    records: tuple[CustomerRecord, ...] = ()
    """Who is known by this address on the lists of customers: those of campaigns first."""


async def customer(database: Database, contact_id: int) -> CustomerRow:
    """The customer of this contact. Raises NotFound."""
    row = await contact(database, contact_id)
    counts = await database.read(
        "SELECT MIN(m.at) AS first, COUNT(CASE WHEN m.direction = 'in' THEN 1 END) AS received,"
        " COUNT(CASE WHEN m.direction = 'out' THEN 1 END) AS sent FROM message m"
        " JOIN contact c ON c.id = ? AND m.account_id = c.account_id AND m.address = c.address",
        contact_id,
    )
    out = await database.read(
        "SELECT at, source FROM opt_out WHERE address = ? AND channel = ? AND ended_at IS NULL",
        row.address,
        row.channel,
    )
    listed = await database.read(
        "SELECT at, source FROM do_not_contact WHERE address = ? AND channel = ? AND campaign_id IS NULL",
        row.address, row.channel,
    )  # fmt: skip
    others = await contacts(database, ContactFilter(address=row.address, limit=EARLIER + 1))
    return CustomerRow(
        address=row.address,
        channel=row.channel,
        name=row.name,
        first_at=moment(counts[0]["first"]),
        received=counts[0]["received"],
        sent=counts[0]["sent"],
        opted_out_at=from_moment(out[0]["at"]) if out else None,
        opted_out_by=out[0]["source"] if out else "",
        listed_at=from_moment(listed[0]["at"]) if listed else None,
        listed_by=listed[0]["source"] if listed else "",
        earlier=tuple(other for other in others if other.id != contact_id)[:EARLIER],
        records=tuple(await records_of_address(database, row.channel, row.address)),
    )


async def of_one_customer(database: Database, contact_id: int) -> list[ContactRow]:
    """Other contacts that may be this customer's and are not closed: of its address first, then of its name."""
    row = await contact(database, contact_id)
    found = await contacts(database, ContactFilter(state="unclosed", address=row.address, limit=EARLIER))
    if row.name:
        found += await contacts(database, ContactFilter(state="unclosed", name=row.name, limit=EARLIER))
    return list({other.id: other for other in found if other.id != contact_id}.values())


async def also_written_to(database: Database, contact_id: int) -> tuple[str, ...]:
    """Who else stands on a contact's newest e-mail: its To and Cc without the customer and without our accounts.

    Empty for a text. Raises NotFound.
    """
    row = await contact(database, contact_id)
    newest = await database.read(
        "SELECT recipients FROM message WHERE contact_id = ? AND direction = 'in' AND automatic = FALSE"
        " ORDER BY at DESC, id DESC LIMIT 1",
        contact_id,
    )
    if not newest or row.channel != "email":
        return ()
    ours = {one["address"].lower() for one in await database.read("SELECT address FROM account")}
    found = {
        address.lower(): address
        for address in json.loads(newest[0]["recipients"])
        if address.lower() not in ours and address.lower() != row.address.lower()
    }
    return tuple(found.values())
