"""Scripts that would not end, would eat the machine or would flood it: each costs its own contact, and says where."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from core.routing import decision as d
from core.routing.failure import Kind
from core.routing.limits import Limits
from core.routing.sandbox import Sandbox
from tests.pure.routing_desk import NAMES, facts, program, route, run_one
from tests.pure.routing_worker import peak_memory, watched_loop, within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

FRONT = 'return queue("front")'
SECONDS = 2.0
"""How soon a contact must have its failure: the specification's time, on a machine that does other work as well."""
SHORT = Limits(seconds=0.2)
"""Less than a desk's limit, for what runs into it in any case: each such script burns all of it."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as opened:
        await run_one(opened, route(FRONT))
        yield opened


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def short() -> AsyncIterator[Sandbox]:
    async with Sandbox(SHORT) as opened:
        await run_one(opened, route(FRONT))
        yield opened


LOOP = "for i in range(1000000000):"
MEMORY, TIME, EITHER = {Kind.MEMORY}, {Kind.TIME}, {Kind.MEMORY, Kind.TIME}
HOSTILE: dict[str, tuple[str, set[Kind], int]] = {
    "an endless loop": (route(LOOP, "    pass", FRONT), TIME, 2),
    "loops in loops": (route(LOOP, "    for j in range(100000000):", "        pass", FRONT), TIME, 3),
    "deep recursion": (route("return route(contact)"), {Kind.ERROR}, 2),
    "mutual recursion": ("def again(x):\n    return route(x)\n\n" + route("return again(contact)"), {Kind.ERROR}, 0),
    "a text that doubles": (route('s = "x"', LOOP, "    s = s + s", FRONT), MEMORY, 4),
    "a gigantic list": (route("x = list(range(300000000 + len(contact.text)))", FRONT), EITHER, 2),
    "a growing list": (route("x = []", LOOP, '    x.append("y" * 1000 + str(i))', FRONT), EITHER, 0),
    "folded constants": (route('x = len("x" * 2000000000)', FRONT), MEMORY, 2),
    "a folded list": (route("y = 1", "x = list(range(300000000))", FRONT), MEMORY, 3),
    "a folded list at the top": ("y = 1\nx = list(range(300000000))\n" + route(FRONT), MEMORY, 2),
    "one built-in that runs for a minute": (
        route("n = len(contact.text)", "x = max(range(1000000000 + n))", FRONT),
        TIME,
        3,
    ),
    "numbers without end": (route("x = 3", "for i in range(60):", "    x = x * x", FRONT), TIME, 4),
    "a sort": (route("x = sorted(range(30000000 + len(contact.text)))", FRONT), EITHER, 2),
    "a replace": (route('s = "ab" * (20000000 + len(contact.text))', 't = s.replace("a", "c" * 5)', FRONT), EITHER, 0),
    "a flood of prints": (route(LOOP, '    print("x" * 10000)', FRONT), TIME, 0),
    "an endless top": ("x = [i for i in range(1000000000)]\n" + route(FRONT), EITHER, 1),
    "a huge answer": (route("return list(range(10000000))"), {*EITHER, Kind.ANSWER}, 0),
    "a huge note": (route('return [note("x" * 30000000), queue("front")]'), {*EITHER, Kind.ANSWER}, 0),
    "a million actions": (route('return [tag("x") for i in range(10000000)]'), EITHER, 2),
    "a deep expression": (route("x = (" + "+".join(["1"] * 20_000) + ")", FRONT), MEMORY, 2),
    "deep brackets": ("x = " + "[" * 15_000 + "]" * 15_000 + "\n" + route(FRONT), {Kind.MEMORY, Kind.SYNTAX}, 1),
    "deep nots": ("y = 1\nx = " + "not " * 15_000 + "1\n" + route(FRONT), MEMORY, 2),
    "a list in a list in a list": (
        route("x = []", "for i in range(200000):", "    x = [x]", "return note(str(x))"),
        {Kind.MEMORY, Kind.ERROR},
        0,
    ),
    "an answer that holds itself": (route("x = []", "x.append(x)", "return x"), {Kind.ANSWER}, 1),
    "an exception": (route('return queue("front", priority = 1 // 0)'), {Kind.ERROR}, 2),
    "a script that is too long": ("# " + "x" * 70_000 + "\n" + route(FRONT), {Kind.SIZE}, 1),
    "many catastrophic patterns": (
        route(LOOP, '    matches("(a|aa)+$" + str(i), "a" * 60000 + "b")', FRONT),
        TIME,
        0,
    ),
}


AS_ON_A_DESK = ("an endless loop", "one built-in that runs for a minute", "an endless top")
"""Of those that run out of time, the ones that have a desk's limit."""


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_script_fails_in_time_and_says_where(sandbox: Sandbox, short: Sandbox, name: str) -> None:
    source, kinds, line = HOSTILE[name]
    if Kind.TIME in kinds and name not in AS_ON_A_DESK:
        sandbox = short
    begun = time.monotonic()
    run = await run_one(sandbox, source)
    took = time.monotonic() - begun
    failure = run.failure
    assert run.decision is None and failure is not None
    assert failure.kind in kinds
    assert failure.script == "front-door" and failure.line > 0, "a line is always shown"
    assert line in (0, failure.line)
    assert failure.message.endswith(".") and failure.source
    assert took < within(SECONDS)
    assert len(run.trace.printed) <= 200
    again = await run_one(sandbox, route(FRONT))
    assert again.decision == d.Decision(d.ToQueue("front")), "the next contact is none the worse"


async def test_a_catastrophic_regular_expression_is_linear(sandbox: Sandbox) -> None:
    run = await run_one(
        sandbox, route('return close("x") if matches("(a|a)*(a|aa)+$", "a" * 60000 + "b") else queue("front")')
    )
    assert run.decision == d.Decision(d.ToQueue("front"))


async def test_a_loop_in_waited_is_ended_as_well(short: Sandbox) -> None:
    source = route(FRONT) + "def waited(contact):\n    for i in range(1000000000):\n        pass\n    return stay()\n"
    run = await run_one(short, source, facts(event="waited", queue="front"))
    assert run.failure is not None and (run.failure.kind, run.failure.line) == (Kind.TIME, 4)


async def test_the_event_loop_goes_on_and_no_memory_grows_while_a_script_runs_away(sandbox: Sandbox) -> None:
    before = peak_memory(None)
    async with watched_loop() as longest:
        for name in (
            "an endless loop",
            "a text that doubles",
            "one built-in that runs for a minute",
            "a flood of prints",
        ):
            await run_one(sandbox, HOSTILE[name][0])
    assert longest() < 0.05
    assert peak_memory(None) - before < 16 << 20


async def test_the_memory_of_a_worker_is_bounded() -> None:
    async with Sandbox(Limits(seconds=5.0, memory=64 << 20)) as small:
        await run_one(small, route(FRONT))
        assert small.pid is not None
        before = peak_memory(small.pid)
        fits = route("x = []", "for i in range(20):", '    x.append("y" * 1000000 + contact.text)', FRONT)
        assert (await run_one(small, fits)).decision is not None
        assert peak_memory(small.pid) - before < 64 << 20
        more = await run_one(small, fits.replace("range(20)", "range(100)"))
        assert more.failure is not None and more.failure.kind is Kind.MEMORY


async def test_one_bad_contact_costs_only_itself(short: Sandbox) -> None:
    source = route(
        'if "loop" in contact.text:',
        "    for i in range(1000000000):",
        "        pass",
        'if "minute" in contact.text:',
        "    x = max(range(1000000000 + len(contact.text)))",
        'if "memory" in contact.text:',
        "    x = list(range(300000000 + len(contact.text)))",
        'return queue("front", priority = len(contact.text))',
    )
    texts = {30: "loop", 60: "minute", 90: "memory", 120: "loop", 149: "minute"}
    given = [facts(text=texts.get(number, "x" * number)) for number in range(150)]
    runs = await short.run(program(source), given, NAMES)
    failed = {number: run.failure for number, run in enumerate(runs) if run.failure is not None}
    lines = {number: failure.line for number, failure in failed.items()}
    assert lines == {30: 3, 60: 6, 90: 8, 120: 3, 149: 6}
    assert failed[90].kind is Kind.MEMORY
    priorities = [
        run.decision.placing.priority for run in runs if run.decision and isinstance(run.decision.placing, d.ToQueue)
    ]
    assert priorities == [number for number in range(150) if number not in texts]
    assert [run.facts for run in runs] == [one.to_json() for one in given]


@pytest.mark.parametrize("name", ["an endless loop", "one built-in that runs for a minute"])
async def test_a_script_that_is_bad_for_all_is_soon_not_tried_any_more(name: str) -> None:
    async with Sandbox() as sandbox:
        await run_one(sandbox, route(FRONT))
        source, _, line = HOSTILE[name]
        begun = time.monotonic()
        runs = await sandbox.run(program(source), [facts() for _ in range(500)], NAMES)
        assert time.monotonic() - begun < within(2 * SECONDS)
    failures = [run.failure for run in runs]
    assert all(failure is not None and failure.kind is Kind.TIME and failure.line == line for failure in failures)
    assert failures[-1] is not None and failures[-1].message.startswith("it was not tried")


async def test_a_hostile_script_is_checked_and_drawn_in_time(sandbox: Sandbox) -> None:
    for name in ("a folded list at the top", "an endless top", "a deep expression", "deep brackets", "deep nots"):
        begun = time.monotonic()
        problems = await sandbox.check(program(HOSTILE[name][0]), NAMES)
        await sandbox.draw(program(HOSTILE[name][0]))
        assert time.monotonic() - begun < within(2 * SECONDS)
        assert problems and problems[0].line > 0 and problems[0].source


async def test_two_callers_take_turns(sandbox: Sandbox) -> None:
    many = [facts() for _ in range(3_000)]
    long = asyncio.create_task(sandbox.run(program(route(FRONT)), many, NAMES))
    await asyncio.sleep(0)
    short = await run_one(sandbox, route('return close("short")'))
    assert short.decision == d.Decision(d.Close("short")) and not long.done()
    assert all(run.decision == d.Decision(d.ToQueue("front")) for run in await long)
