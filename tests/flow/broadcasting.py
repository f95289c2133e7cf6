"""A campaign with customers, a template, and broadcasts to them; engines that turn when a test says so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.broadcasts import Channel, Request
from core.clock import to_moment
from core.models import Campaign, CustomerList, Template
from core.roles import COMMAND
from tests.flow.delivering import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.broadcasts import Plan
    from core.office import Office

BODY = "Hello {{ customer.first_name }}, your parcel {{ customer.parcel }} comes on Friday."
TO_ALL = Request(Channel.SMS, "texts@acme.example", "parcel", campaign="spring")


async def set_up(office: Office, *, quiet_hours: str = "", body: str = BODY, most_messages: int = 0) -> None:
    """Campaign `spring` with lists `A` and `B`, list `loose` of none, template `parcel` and, for e-mail, `letter`."""
    spring = await Campaign.create(name="spring", quiet_hours=quiet_hours, most_messages=most_messages, per_days=7)
    await CustomerList.create(id=1, name="A", campaign=spring)
    await CustomerList.create(id=2, name="B", campaign=spring)
    await CustomerList.create(id=3, name="loose")
    await Template.create(name="parcel", channel=Channel.SMS, body=body)
    await Template.create(name="letter", channel=Channel.EMAIL, subject="For {{ customer.name }}", body=body)


async def add(office: Office, *customers: dict[str, Any], list_id: int = 1) -> list[int]:
    """Customers of a list, unused and with a parcel unless told otherwise; their ids."""
    now = to_moment(office.clock.now())
    ids = []
    for customer in customers:
        row: dict[str, Any] = {
            "list_id": list_id, "reference": f"R{customer.get('number', '')}{customer.get('email', '')}",
            "name": "Ann Lee", "number": "", "number_as_written": "", "email": "", "zone": "", "status": "unused",
            "tries": 0, "outcome": "", "own_fields": json.dumps({"parcel": "4711"}), "created_at": now,
            "changed_at": now,
        } | customer  # fmt: skip
        found = await office.database.insert_many("customer", list(row), [list(row.values())], "id")
        ids.append(int(found[0]["id"]))
    return ids


def numbered(how_many: int, *, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    """So many customers with numbers of their own."""
    return [{"number": f"+4477009{n:05d}", "email": f"c{n}@x.example", **more} for n in range(first, first + how_many)]


async def planned(office: Office, **more: Any) -> Plan:
    """The plan for the campaign, or as told."""
    return await office.broadcasts.plan(replace(TO_ALL, **more))


async def sent_to(office: Office, how_many: int = 0, **timing: Any) -> int:
    """A broadcast to the campaign, confirmed; its number. With `how_many`, to that many customers made for it."""
    from core.broadcasts import Timing

    if how_many:
        await set_up(office)
        await add(office, *numbered(how_many))
    plan = await planned(office)
    return await office.broadcasts.confirm(plan, count=plan.recipients, actor=COMMAND, timing=Timing(**timing))


async def states_of(office: Office, broadcast_id: int) -> dict[str, int]:
    """How many recipients are in each state."""
    rows = await office.database.rows(
        "SELECT state, count(*) AS n FROM recipient WHERE broadcast_id = ? GROUP BY state", broadcast_id
    )
    return {row["state"]: int(row["n"]) for row in rows}


async def state_of(office: Office, broadcast_id: int) -> str:
    """The broadcast's own."""
    return str((await office.database.rows("SELECT state FROM broadcast WHERE id = ?", broadcast_id))[0]["state"])


async def leaves(office: Office, state: str = "sent", reply: str = "250 ok", addresses: Sequence[str] = ()) -> None:
    """What is in the outbox becomes this, as if it had been sent."""
    which = f" AND address IN ({', '.join('?' * len(addresses))})" if addresses else ""
    at = to_moment(office.clock.now())
    await office.database.rows(
        f"UPDATE outbox SET state = ?, reply = ?, sent_at = ?, claimed_by = '' WHERE state = 'queued'{which}",
        state, reply, at if state == "sent" else None, *addresses,
    )  # fmt: skip


async def turn_until(office: Office, done: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Turns of an engine until that is so."""
    import asyncio

    deadline = asyncio.get_running_loop().time() + seconds
    while not await done():
        assert asyncio.get_running_loop().time() < deadline, "it does not come to that"
        await office.broadcasts.feed()
        await asyncio.sleep(0.01)
