"""Scripts that mean no good: their contacts are in their account's queue in time, and nobody else notices."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core.models import Account, Contact
from core.office import open_office
from tests.flow.conftest import ONLY_SQLITE, furnish
from tests.flow.routed import FRONT, ScriptedDesk, route
from tests.flow.ticking import Ticking, resident

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from core.clock import FrozenClock
    from core.engine import Engine
    from core.settings import Settings

WITHIN = 2.0
"""Seconds from a contact's coming to its place in its account's queue."""
STILL = 0.05
"""Seconds that the engine's loop may stand still."""
GROWTH = 30 * 2**20
"""Octets; a batch of ordinary contacts takes some of them."""

HOSTILE = {
    "an endless loop": (route("for i in range(2000000000):\n    pass\nreturn queue('front')"), (2, 3)),
    "an endless loop at the top": (
        "def spin():\n    for i in range(2000000000):\n        pass\nspin()\n" + FRONT, (2, 3, 4)),
    "deep recursion": (route("return deeper(0)") + "\ndef deeper(n):\n    return deeper(n + 1)\n", (2, 5)),
    "a text that doubles": (route("s = 'x'\nfor i in range(60):\n    s = s + s\nreturn queue('front')"), (3, 4)),
    "a gigantic list": (route("x = list(range(300000000))\nreturn queue('front')"), (2,)),
    "a gigantic text": (route("x = len('x' * 2000000000)\nreturn queue('front')"), (2,)),
    "a list that grows": (route("x = [0]\nfor i in range(60):\n    x = x + x\nreturn queue('front')"), (3, 4)),
    "huge output": (route("for i in range(2000000000):\n    print('x' * 1000)\nreturn queue('front')"), (2, 3)),
    "a huge answer": (route("return [reply_text('x' * 100000000), queue('front')]"), (2,)),
    "ten thousand actions": (route("return [note('x') for i in range(10000)] + [queue('front')]"), (1, 2)),
    "an unknown queue": (route("return queue('nowhere')"), (2,)),
    "an expression that is too large": (route("matches('((a{1,99}){1,99}){1,99}', 'a')\nreturn queue('front')"), (2,)),
}  # fmt: skip


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[Engine]:
    """An engine that works."""
    task = asyncio.create_task(engine.run())
    try:
        yield engine
    finally:
        engine.stop()
        await task


@asynccontextmanager
async def working_desk(settings: Settings, clock: FrozenClock) -> AsyncIterator[tuple[ScriptedDesk, Engine]]:
    """A desk with an engine that runs, without mailboxes, its worker for scripts warm."""
    async with open_office(settings, clock) as office:
        await furnish()
        await Account.all().update(enabled=False)
        async with ScriptedDesk(office) as desk, running(office.engine()) as engine:
            await desk.script(FRONT)
            await settled(desk, await desk.text())
            yield desk, engine


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Wait until it is so."""
    ends = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < ends, "it did not come to be"
        await asyncio.sleep(0.005)


async def settled(desk: ScriptedDesk, contact: int) -> float:
    """Wait until a contact has been decided; the seconds it took."""
    began = time.monotonic()
    await until(lambda: _is_settled(contact))
    return time.monotonic() - began


async def _is_settled(contact: int) -> bool:
    return not await Contact.filter(id=contact, state="new").exists()


@pytest.mark.timeout(240)
async def test_hostile_scripts_harm_nobody_but_their_own_contact(settings: Settings, clock: FrozenClock) -> None:
    async with working_desk(settings, clock) as (desk, _):
        before = resident()
        async with Ticking() as ticking:
            for name, (source, lines) in HOSTILE.items():
                took = []
                await desk.script(source, "hostile")
                for _ in range(8):  # the machine is shared: once in so many tries it should have had the time
                    ticking.worst_since()
                    contact = await desk.text()
                    took.append((await settled(desk, contact), ticking.worst_since()))
                    found = await desk.stands(contact)
                    assert (found.state, found.queue) == ("queued", "front"), (name, found)
                    run = await desk.run_of(contact)
                    assert run["line"] in lines, (name, run["line"], run["error"])
                    assert f", line {run['line']}: " in found.error, (name, found.error)
                    if in_time := took[-1][0] <= WITHIN and took[-1][1] <= STILL:
                        break
                assert in_time, (name, took)
        assert ticking.worst_busy <= STILL, ticking.worst_busy
        assert resident() - before < GROWTH


async def test_a_regular_expression_takes_linear_time(settings: Settings, clock: FrozenClock) -> None:
    body = 'found = matches("^(a+)+$", contact.text) or matches("(.*a){20}b", contact.text)\nreturn queue("billing")'
    async with working_desk(settings, clock) as (desk, _):
        await desk.script(route(body))
        contact = await desk.text("a" * 50_000 + "!")
        assert await settled(desk, contact) < WITHIN
        assert (await desk.stands(contact)).queue == "billing"


async def test_scripts_that_load_each_other_are_named(settings: Settings, clock: FrozenClock) -> None:
    async with working_desk(settings, clock) as (desk, _):
        await desk.script('load("two", "x")\ny = 1\n' + FRONT, "one")
        await desk.script('load("one", "y")\nx = 1\n', "two", accounts=())
        contact = await desk.text()
        assert await settled(desk, contact) < WITHIN
        found = await desk.stands(contact)
        assert found.queue == "front" and "one" in found.error and "two" in found.error and "line 1" in found.error


@ONLY_SQLITE
@pytest.mark.timeout(240)
async def test_contacts_of_other_accounts_do_not_wait_for_a_script_that_is_endless(
    settings: Settings, clock: FrozenClock
) -> None:
    """Twenty contacts of an endless script come with each one of a good script."""
    async with working_desk(settings, clock) as (desk, engine):
        await desk.script(HOSTILE["an endless loop"][0], "hostile", accounts=(1,))
        await desk.script(FRONT.replace("front", "billing"), "good", accounts=(2,))
        await settled(desk, await desk.text())  # the first one is asked among the others
        took = []
        bad = []
        for number in range(5):
            bad += [await desk.text() for _ in range(20)]
            good = await desk.mail(f"cat{number}@mail.example")
            took.append(await settled(desk, good))
            assert (await desk.stands(good)).queue == "billing"
        for contact in bad:
            await settled(desk, contact)
            found = await desk.stands(contact)
            assert found.queue == "front" and ", line " in found.error, found
        assert sorted(took)[2] < 0.5, took
        assert engine.triage._slow
        await desk.script(FRONT, "hostile", accounts=(1,))
        await settled(desk, await desk.text())
        assert not engine.triage._slow
