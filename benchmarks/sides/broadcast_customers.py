"""A campaign with so many customers, and a template."""

from __future__ import annotations

import asyncio

from benchmarks.sides import asked, say
from benchmarks.sides.crowd import settings_of
from core.models import Campaign, CustomerList, Template
from core.office import open_office


async def _run(url: str, key: str, count: int) -> None:
    async with open_office(settings_of(url, key)) as office:
        spring = await Campaign.create(name="spring")
        await CustomerList.create(id=1, name="A", campaign=spring)
        body = "Hello {{ customer.first_name }}, your parcel is on its way and comes on Friday. Thank you!"
        await Template.create(name="parcel", channel="sms", body=body)
        for start in range(0, count, 5_000):
            await office.database.many(
                "INSERT INTO customer (list_id, reference, name, number, number_as_written, email, zone, status, tries,"
                " outcome, own_fields, created_at, changed_at)"
                " VALUES (1, ?, ?, ?, '', '', '', 'unused', 0, '', '{}', 0, 0)",
                [(f"R{n}", f"Ann{n % 500} Lee", f"+4477{n:08d}") for n in range(start, min(count, start + 5_000))],
            )


if __name__ == "__main__":
    asyncio.run(_run(**asked()))
    say(done=True)
