"""An engine with nothing to do wakes nobody, itself least of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.states import Purpose
from core.outbox import Draft
from core.outbox.claiming import Claims

if TYPE_CHECKING:
    from core.office import Office

HOLDER = "here-1"


async def put(office: Office, text: str) -> None:
    async with office.database.transaction():
        await office.outbox.put(Draft(1, "+447700900123", text, Purpose.REPLY))


async def test_looking_into_an_empty_outbox_rings_no_bell(office: Office) -> None:
    ring = office.database.bell.listen()
    rows, wait = await Claims(office.database, office.clock, HOLDER).take(10, rate_per_minute=0)
    assert rows == []
    assert wait == float("inf")
    assert not ring.is_set()


async def test_waiting_for_the_rate_rings_no_bell_and_tells_how_long(office: Office) -> None:
    claims = Claims(office.database, office.clock, HOLDER)
    await put(office, "one")
    await put(office, "two")
    rows, wait = await claims.take(10, rate_per_minute=6)
    assert len(rows) == 1
    assert 9.9 < wait <= 10
    ring = office.database.bell.listen()
    rows, wait = await claims.take(10, rate_per_minute=6)
    assert rows == []
    assert 9.9 < wait <= 10
    assert not ring.is_set()


async def test_what_is_claimed_rings_the_bell(office: Office) -> None:
    await put(office, "one")
    ring = office.database.bell.listen()
    rows, _ = await Claims(office.database, office.clock, HOLDER).take(10, rate_per_minute=0)
    assert len(rows) == 1
    assert ring.is_set()
