"""Whom an attempt is about: the campaign, the customer, who rang, and what the outcome means."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from core.campaign_fields import COLUMNS
from core.campaigns.naming import missing
from core.errors import NotFound, Wrong
from core.sms import zone_of
from core.text import one_line

if TYPE_CHECKING:
    from core.store import Database
    from core.store.database import Row

CUSTOMER = (
    f"SELECT c.id, c.list_id, c.owner_id, c.callback_for_id, c.handed_to_id, c.handed_until, c.tried_at, l.campaign_id,"
    f" {', '.join(f'c.{column}' for column in COLUMNS)}, l.name AS list, l.own_fields AS list_fields"
    " FROM customer c JOIN customer_list l ON l.id = c.list_id"
)
"""Everything that is read of a customer, with the name and the fields of its list."""


async def campaign_named(database: Database, name: str) -> Row:
    """The campaign's row. Raises NotFound, saying which may be meant."""
    rows = await database.rows("SELECT * FROM campaign WHERE name = ?", name)
    if not rows:
        raise NotFound(await missing(database, "campaign", name))
    return rows[0]


async def customer_of(
    database: Database, campaign: Row, *, reference: str = "", number: str = "", list_name: str = ""
) -> int:
    """The id of the one customer of this campaign with that reference, or that number (E.164).

    Raises NotFound; Wrong where several lists have one.
    """
    column, wanted = ("c.reference", reference) if reference else ("c.number", number)
    if not wanted:
        raise Wrong("say which customer: a reference, or a number")
    clause, values = (" AND l.name = ?", [list_name]) if list_name else ("", [])
    rows = await database.rows(
        "SELECT c.id, l.name AS list FROM customer c JOIN customer_list l ON l.id = c.list_id"
        f" WHERE l.campaign_id = ? AND {column} = ?{clause} ORDER BY c.id LIMIT 3",
        campaign["id"], wanted, *values,
    )  # fmt: skip
    if not rows:
        raise NotFound(f"campaign {campaign['name']} has no customer {one_line(wanted, 60)}")
    if len(rows) > 1:
        lists = " and ".join(sorted({one_line(row["list"], 60) for row in rows}))
        raise Wrong(
            f"customer {one_line(wanted, 60)} stands more than once, on {lists}: say which by list or reference"
        )
    return int(rows[0]["id"])


async def customer_locked(database: Database, customer_id: int, campaign: Row) -> Row:
    """The row of a campaign's customer, which nobody else changes until this transaction ends. Raises NotFound."""
    lock = "" if database.is_sqlite else " FOR UPDATE OF c"
    rows = await database.rows(f"{CUSTOMER} WHERE c.id = ?{lock}", customer_id)
    if not rows:
        raise NotFound(f"there is no customer number {customer_id} any more")
    if rows[0]["campaign_id"] != campaign["id"]:
        raise NotFound(f"customer {one_line(rows[0]['reference'], 60)} is on no list of campaign {campaign['name']}")
    return rows[0]


async def zone_of_customer(database: Database, customer_id: int) -> str:
    """The zone of the clock on a customer's wall."""
    (row,) = await database.rows(
        "SELECT c.zone, c.number, d.timezone FROM customer c JOIN desk d ON d.id = 1 WHERE c.id = ?", customer_id
    )
    return zone_of(row["zone"], row["number"], row["timezone"])


async def person_of(database: Database, login: str) -> Row | None:
    """Who rings: id, login, name; None for nobody in particular. Raises NotFound."""
    if not login:
        return None
    rows = await database.rows("SELECT id, login, name FROM person WHERE login = ?", login)
    if not rows:
        raise NotFound(f"there is no user {one_line(login, 64)}: 'postroom user list' shows them")
    return rows[0]


async def outcome_named(database: Database, name: str) -> tuple[str, bool]:
    """An outcome as it is written and whether the customer was reached with it. Raises Wrong."""
    rows = {row["name"]: bool(row["contact"]) for row in await database.rows("SELECT name, contact FROM outcome")}
    wanted = " ".join(name.split())
    for known, contact in rows.items():
        if known == wanted or known.casefold() == wanted.casefold():
            return known, contact
    if not rows:
        raise Wrong("the desk has no outcomes yet: add some with 'postroom outcome add'")
    near = get_close_matches(wanted, rows, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(rows)[:30])}"
    raise Wrong(f"there is no outcome {one_line(wanted, 60) or '(nothing)'}; {hint}")
