"""Campaigns, lists, and customers on them, however many there are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.campaigns.audience import Audience, where_of
from core.campaigns.customers import STATUSES
from core.clock import from_moment, moment
from core.errors import NotFound
from core.store.bulk import read_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.store import Database

ORDERS = {
    "": "c.id",
    "reference": "c.reference, c.id",
    "name": "c.name, c.id",
    "number": "c.number, c.id",
    "status": "c.status, c.id",
    "callback": "c.callback_at IS NULL, c.callback_at, c.id",
    "tries": "c.tries, c.id",
}
"""What customers can be ordered by; "" is the order in which they came in."""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as it is set up, with the sums of its lists. Accounts are addresses, templates names; empty = none."""

    id: int
    name: str
    sms_account: str
    email_account: str
    first_try_sms: str
    first_try_email: str
    no_contact_sms: str
    no_contact_email: str
    quiet_hours: str
    region: str
    most_messages: int
    per_days: int
    results_folder: str
    words: str
    lists: tuple[str, ...]
    customers: int
    statuses: Mapping[str, int]
    """How many customers are in each status; every status is there."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list with its sums."""

    id: int
    name: str
    campaign: str
    """Empty = of none yet."""
    own_fields: tuple[str, ...]
    mapping: Mapping[str, str]
    """Field -> column of the last import."""
    customers: int
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """One customer on a list."""

    id: int
    reference: str
    name: str
    number: str
    number_as_written: str
    """Only of a number that could not be read."""
    email: str
    zone: str
    list: str
    campaign: str
    owner: str
    status: str
    callback_at: datetime | None
    callback_for: str
    handed_to: str
    """Who is about to ring."""
    handed_until: datetime | None
    tries: int
    tried_at: datetime | None
    outcome: str
    fields: Mapping[str, str]
    """Its list's own fields."""
    created_at: datetime
    changed_at: datetime
    no_texts_since: datetime | None = None
    """When the number opted out of texts."""
    no_mails_since: datetime | None = None
    barred_since: datetime | None = None
    """When the number or the address came on a do-not-contact list, the desk's or the campaign's."""


_OPTED_OUT = "SELECT MAX(o.at) FROM opt_out o WHERE o.ended_at IS NULL"
SELECT_CUSTOMER = (
    "SELECT c.id, c.reference, c.name, c.number, c.number_as_written, c.email, c.zone, c.status, c.callback_at,"
    " c.handed_until, c.tries, c.tried_at, c.outcome, c.own_fields, c.created_at, c.changed_at, l.name AS list,"
    " k.name AS campaign, p.login AS owner, b.login AS callback_for, h.login AS handed_to,"
    f" ({_OPTED_OUT} AND o.channel = 'sms' AND o.address = c.number) AS no_texts_at,"
    f" ({_OPTED_OUT} AND o.channel = 'email' AND o.address = c.email) AS no_mails_at,"
    " (SELECT MIN(d.at) FROM do_not_contact d WHERE d.address IN (c.number, c.email) AND d.address <> ''"
    " AND (d.campaign_id IS NULL OR d.campaign_id = l.campaign_id)) AS barred_at FROM customer c"
    " JOIN customer_list l ON l.id = c.list_id LEFT JOIN campaign k ON k.id = l.campaign_id"
    " LEFT JOIN person p ON p.id = c.owner_id LEFT JOIN person b ON b.id = c.callback_for_id"
    " LEFT JOIN person h ON h.id = c.handed_to_id"
)


async def customers(database: Database, which: Audience, *, after: int = 0, limit: int = 200) -> list[CustomerRecord]:
    """Customers of this choice in the order they came in, from behind the id `after` on (0 = from the first)."""
    clause, values = where_of(which, by_page=True)
    rows = await database.read(
        f"{SELECT_CUSTOMER} WHERE c.id > ? AND {clause} ORDER BY c.id LIMIT {int(limit)}", after, *values
    )
    return [customer_record(row) for row in rows]


async def customer_ids(
    database: Database, which: Audience, *, limit: int = 0, order: str = "", backwards: bool = False
) -> Sequence[int]:
    """The ids of all of them, eight octets each, for a list that shows some at a time; 0 = no limit.

    `order`: of ORDERS, the one in which they came in unless another is said; `backwards`: the last first.
    """
    clause, values = where_of(which, by_page=limit > 0)
    limited = f" LIMIT {int(limit)}" if limit else ""
    ids = await read_ids(
        database, f"SELECT c.id FROM customer c WHERE {clause} ORDER BY {ORDERS[order]}{limited}", *values
    )
    return ids[::-1] if backwards else ids


async def customers_by_id(database: Database, customer_ids: Sequence[int]) -> dict[int, CustomerRecord]:
    """These customers, by id; those that are not there are left out."""
    found: dict[int, CustomerRecord] = {}
    for start in range(0, len(customer_ids), 500):
        part = customer_ids[start : start + 500]
        rows = await database.read(f"{SELECT_CUSTOMER} WHERE c.id IN ({', '.join('?' * len(part))})", *part)
        found |= {row["id"]: customer_record(row) for row in rows}
    return found


async def count_customers(database: Database, which: Audience) -> dict[str, int]:
    """How many customers of this choice are in each status; every status is there."""
    clause, values = where_of(which)
    rows = await database.read(
        f"SELECT c.status, COUNT(*) AS n FROM customer c WHERE {clause} GROUP BY c.status", *values
    )
    return _every_status({row["status"]: row["n"] for row in rows})


async def campaigns(database: Database) -> list[CampaignRow]:
    """All campaigns by name."""
    rows = await database.read(
        "SELECT k.*, s.address AS sms_account, e.address AS email_account, a.name AS first_try_sms,"
        " b.name AS first_try_email, c.name AS no_contact_sms, d.name AS no_contact_email FROM campaign k"
        " LEFT JOIN account s ON s.id = k.sms_account_id LEFT JOIN account e ON e.id = k.email_account_id"
        " LEFT JOIN template a ON a.id = k.first_try_sms_id LEFT JOIN template b ON b.id = k.first_try_email_id"
        " LEFT JOIN template c ON c.id = k.no_contact_sms_id LEFT JOIN template d ON d.id = k.no_contact_email_id"
        " ORDER BY k.name"
    )
    of_lists = await lists(database)
    return [_campaign(row, [one for one in of_lists if one.campaign == row["name"]]) for row in rows]


async def lists(database: Database, *, campaign: str = "") -> list[ListRow]:
    """All lists by name; with a `campaign` those of it."""
    rows = await database.read(
        "SELECT l.*, k.name AS campaign FROM customer_list l LEFT JOIN campaign k ON k.id = l.campaign_id"
        " WHERE CAST(? AS TEXT) = '' OR k.name = ? ORDER BY l.name",
        campaign, campaign,
    )  # fmt: skip
    counts: dict[int, dict[str, int]] = {}
    for row in await database.read("SELECT list_id, status, COUNT(*) AS n FROM customer GROUP BY list_id, status"):
        counts.setdefault(row["list_id"], {})[row["status"]] = row["n"]
    return [_list(row, counts.get(row["id"], {})) for row in rows]


async def customer_record_by_id(database: Database, customer_id: int) -> CustomerRecord:
    """One customer. Raises NotFound."""
    rows = await database.read(f"{SELECT_CUSTOMER} WHERE c.id = ?", customer_id)
    if not rows:
        raise NotFound(f"there is no customer number {customer_id} any more: look at the list again")
    return customer_record(rows[0])


def customer_record(row: dict[str, Any]) -> CustomerRecord:
    """A row of SELECT_CUSTOMER, frozen."""
    return CustomerRecord(
        id=row["id"],
        reference=row["reference"],
        name=row["name"],
        number=row["number"],
        number_as_written=row["number_as_written"],
        email=row["email"],
        zone=row["zone"],
        list=row["list"],
        campaign=row["campaign"] or "",
        owner=row["owner"] or "",
        status=row["status"],
        callback_at=moment(row["callback_at"]),
        callback_for=row["callback_for"] or "",
        handed_to=row["handed_to"] or "",
        handed_until=moment(row["handed_until"]),
        tries=row["tries"],
        tried_at=moment(row["tried_at"]),
        outcome=row["outcome"],
        fields=json.loads(row["own_fields"]),
        created_at=from_moment(row["created_at"]),
        changed_at=from_moment(row["changed_at"]),
        no_texts_since=moment(row["no_texts_at"]),
        no_mails_since=moment(row["no_mails_at"]),
        barred_since=moment(row["barred_at"]),
    )


def _every_status(counts: Mapping[str, int]) -> dict[str, int]:
    return {status: counts.get(status, 0) for status in STATUSES}


def _list(row: dict[str, Any], counts: Mapping[str, int]) -> ListRow:
    return ListRow(
        id=row["id"],
        name=row["name"],
        campaign=row["campaign"] or "",
        own_fields=tuple(json.loads(row["own_fields"])),
        mapping=json.loads(row["mapping"]),
        customers=sum(counts.values()),
        statuses=_every_status(counts),
    )


def _campaign(row: dict[str, Any], of_it: Sequence[ListRow]) -> CampaignRow:
    names = ("sms_account", "email_account", "first_try_sms", "first_try_email", "no_contact_sms", "no_contact_email")
    return CampaignRow(
        id=row["id"],
        name=row["name"],
        quiet_hours=row["quiet_hours"],
        region=row["region"],
        most_messages=row["most_messages"],
        per_days=row["per_days"],
        results_folder=row["results_folder"],
        words=row["words"],
        lists=tuple(one.name for one in of_it),
        customers=sum(one.customers for one in of_it),
        statuses={status: sum(one.statuses[status] for one in of_it) for status in STATUSES},
        **{name: row[name] or "" for name in names},
    )
