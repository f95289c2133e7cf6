"""The worker process: started when needed, replaced when it dies, never left behind, and given nothing of ours."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused
from core.routing import decision as d
from core.routing import language, process, sandbox, worker
from core.routing.failure import Kind
from core.routing.limits import Limits, Patience
from core.routing.sandbox import Sandbox
from core.routing.wire import BOARD_SIZE, Board
from tests.pure.routing_desk import DESK, NAMES, facts, program, route, run_one
from tests.pure.routing_worker import gone, is_running

FRONT = route('return queue("front")')
DECIDED = d.Decision(d.ToQueue("front"))
SLOW = route("for i in range(1000000000):", "    pass", 'return queue("front")')


async def started(sandbox: Sandbox) -> int:
    """The worker's process id, once it has answered."""
    assert (await run_one(sandbox, FRONT)).decision == DECIDED
    assert sandbox.pid is not None
    return sandbox.pid


async def test_a_worker_is_started_when_it_is_first_needed_and_is_gone_when_the_sandbox_closes() -> None:
    async with Sandbox() as opened:
        assert opened.pid is None
        pid = await started(opened)
        assert is_running(pid)
    assert opened.pid is None and not is_running(pid)
    assert not Path(f"/proc/{pid}").exists(), "it has been waited for"
    assert (await run_one(opened, FRONT)).decision == DECIDED, "it can be opened again"
    await opened.close()


async def test_one_worker_serves_many_calls() -> None:
    async with Sandbox() as opened:
        pid = await started(opened)
        await opened.check(program(FRONT), NAMES)
        await opened.draw(program(FRONT))
        assert await started(opened) == pid


async def test_a_worker_that_was_ended_between_two_calls_is_replaced() -> None:
    async with Sandbox() as opened:
        pid = await started(opened)
        os.kill(pid, signal.SIGKILL)
        assert await gone(pid)
        assert await started(opened) != pid


async def test_a_worker_that_is_ended_in_a_batch_is_replaced_and_no_contact_suffers() -> None:
    async with Sandbox() as opened:
        pid = await started(opened)
        many = [facts() for _ in range(2_000)]
        batch = asyncio.create_task(opened.run(program(FRONT), many, NAMES))
        await asyncio.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        assert all(run.decision == DECIDED for run in await batch)
        assert opened.pid not in (None, pid)


async def test_a_worker_that_says_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_SLACK", 0.2)
    async with Sandbox(Limits(seconds=0.05, grace=0.05)) as opened:
        pid = await started(opened)
        os.kill(pid, signal.SIGSTOP)
        run = await run_one(opened, FRONT)
        assert run.failure is not None and run.failure.kind is Kind.TIME
        assert await gone(pid)
        assert (await run_one(opened, FRONT)).decision == DECIDED


async def test_a_cancelled_call_ends_its_worker_and_the_next_call_has_a_new_one() -> None:
    async with Sandbox() as opened:
        pid, many = await started(opened), [facts() for _ in range(300)]
        for wait in (0.0, 0.001, 0.01, 0.1):
            call = asyncio.create_task(opened.run(program(SLOW), many, NAMES))
            await asyncio.sleep(wait)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert (await run_one(opened, FRONT)).decision == DECIDED
        assert await gone(pid)
    assert await no_children()


async def test_a_call_that_is_cancelled_while_its_worker_starts_leaves_none_behind() -> None:
    for wait in (0.0, 0.005, 0.03):
        async with Sandbox() as opened:
            call = asyncio.create_task(run_one(opened, FRONT))
            await asyncio.sleep(wait)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
    assert await no_children()


async def test_a_closing_that_is_cancelled_leaves_no_worker_behind() -> None:
    opened = Sandbox()
    pid = await started(opened)
    closing = asyncio.create_task(opened.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - it does not wait


async def test_a_worker_that_cannot_start_is_a_failure_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_MAIN", "raise SystemExit(3)")
    async with Sandbox() as opened:
        run = await run_one(opened, FRONT)
        assert run.failure is not None and run.failure.kind is Kind.ENDED
        problems = await opened.check(program(FRONT), NAMES)
        assert len(problems) == 1 and "process" in problems[0].message
        assert await opened.draw(program(FRONT)) == ()


async def test_a_worker_is_replaced_after_so_many_contacts() -> None:
    async with Sandbox(Limits(runs=10)) as opened:
        pid = await started(opened)
        await opened.run(program(FRONT), [facts() for _ in range(9)], NAMES)
        assert opened.pid is None
        assert await started(opened) != pid


def test_a_worker_ends_with_its_parent_however_that_ends() -> None:
    code = """
        import asyncio, sys
        from core.routing.sandbox import Sandbox
        from tests.pure.routing_desk import NAMES, facts, program, run_one
        async def main():
            opened = Sandbox()
            await run_one(opened, FRONT)
            print(opened.pid, flush=True)
            if sys.argv[1] == "busy":
                await run_one(opened, SLOW)
            await asyncio.sleep(60)
        asyncio.run(main())
    """
    code = f"FRONT, SLOW = {FRONT!r}, {SLOW!r}\n" + textwrap.dedent(code)
    for how in ("idle", "busy"):
        parent = subprocess.Popen([sys.executable, "-c", code, how], stdout=subprocess.PIPE, text=True)
        with parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            assert is_running(pid)
            parent.kill()
        assert asyncio.run(gone(pid))


async def test_a_worker_has_nothing_of_our_environment_and_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POSTROOM_SECRET", "hunter2")
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        async with Sandbox() as opened:
            pid = await started(opened)
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"hunter2" not in environment and b"HOME" not in environment
            files = {os.readlink(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd")}
            assert not any("secret" in name for name in files)
            page = {name for name in files if name.endswith("(deleted)")}
            assert len(page) == 1, "the page of memory it shares with us"
            assert {name.partition(":")[0] for name in files - page} == {"socket", "/dev/null"}
            assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
            assert "Max open files            0" in Path(f"/proc/{pid}/limits").read_text()
            assert "Max core file size        0" in Path(f"/proc/{pid}/limits").read_text()


async def test_importing_the_sandbox_loads_no_language() -> None:
    code = "import core.routing.sandbox, sys; print('starlark' in sys.modules, 're2' in sys.modules)"
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


class Counting:
    """A worker in this process, its answers kept, its compilations counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        page = tmp_path / "board"
        page.write_bytes(b"\0" * BOARD_SIZE)
        self.compiled = 0
        self.answers: list[bytes] = []
        with page.open("r+b") as file:
            self.worker = worker.Worker(self.answers.append, Board(file.fileno()), 5.0)
        compile_it = language.Compiled

        def counted(*given: Any) -> language.Compiled:
            self.compiled += 1
            return compile_it(*given)

        monkeypatch.setattr(worker, "Compiled", counted)

    def serve(self, source: str, desks: list[str], contacts: int) -> None:
        told = {"program": "front-door", "sources": {"front-door": source}, "names": NAMES.to_plain()}
        known = json.loads(facts().to_json())
        lines = [f"P {json.dumps(told)}\n", "L 0.5 0\n"]
        for key, tone in enumerate(desks):
            lines.append(f"E {key} {json.dumps({'desk': known['desk'], 'settings': {'tone': tone}})}\n")
        contact = json.dumps(known["contact"])
        lines += [f"C {number} {number % len(desks)} route {contact}\n" for number in range(contacts)]
        self.worker.serve(line.encode() for line in lines)


def test_a_batch_costs_one_compilation_for_each_desk_it_sees(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    counting = Counting(monkeypatch, tmp_path)
    counting.serve(FRONT, ["kind"], 500)
    assert counting.compiled == 1 and len(counting.answers) == 500
    counting.serve(FRONT, ["kind", "stern"], 500)
    assert counting.compiled == 2
    counting.serve(FRONT.replace("front", "billing"), ["kind"], 10)
    assert counting.compiled == 3
    counting.serve(FRONT, ["kind", "stern"], 10)
    assert counting.compiled == 3


def test_a_script_that_does_not_compile_is_not_tried_again_for_each_contact(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counting = Counting(monkeypatch, tmp_path)
    counting.serve("x = nothing\n" + FRONT, ["kind"], 100)
    assert counting.compiled == 1 and all(b'there is no \\"nothing\\"' in line for line in counting.answers)


def test_no_more_programs_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    counting = Counting(monkeypatch, tmp_path)
    counting.serve(FRONT, [str(number) for number in range(worker.KEPT + 8)], worker.KEPT + 8)
    assert len(counting.worker._compiled) == worker.KEPT


def test_patience_is_restored_by_one_that_goes_well() -> None:
    patience = Patience(0.5)
    assert patience.limit() == 0.5
    patience.after(Kind.TIME)
    assert patience.limit() == 0.05
    patience.after(None)
    assert patience.limit() == 0.5
    for _ in range(patience.tries):
        patience.after(Kind.MEMORY)
    assert patience.limit() is None
    patience.after(Kind.NAME)
    assert patience.limit() == 0.5, "a mistake costs no time"


async def test_contacts_of_one_call_may_see_different_desks_and_settings() -> None:
    source = route("print(queues.front.waiting, settings.tone)", 'return queue("front")')
    other = type(DESK)(queues={"front": type(DESK.queues["front"])(waiting=99)})
    given = [
        facts(settings={"tone": "kind"}),
        facts(desk=other, settings={"tone": "kind"}),
        facts(settings={"tone": "stern"}),
        facts(settings={"tone": "kind"}),
    ]
    async with Sandbox() as opened:
        runs = await opened.run(program(source), given, NAMES)
    assert [run.trace.printed[0].text for run in runs] == ["14 kind", "99 kind", "14 stern", "14 kind"]


async def test_who_is_served_while_the_sandbox_closes_is_refused_and_no_worker_is_left() -> None:
    opened = Sandbox()
    pid, many = await started(opened), [facts() for _ in range(3_000)]
    calls = [asyncio.create_task(opened.run(program(source), many, NAMES)) for source in (FRONT, SLOW)]
    await asyncio.sleep(0.02)
    await opened.close()
    assert opened.pid is None and not is_running(pid)
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in found] == [Refused, Refused]
    assert opened.pid is None and await no_children()
    assert (await run_one(opened, FRONT)).decision == DECIDED
    await opened.close()


async def test_an_empty_call_starts_no_worker() -> None:
    async with Sandbox() as opened:
        assert await opened.run(program(FRONT), [], NAMES) == []
        assert opened.pid is None


async def no_children() -> bool:
    """Whether this process has no worker left, dead or alive."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children if Path(f"/proc/{pid}").exists()]
    return not any(b"core.routing.worker" in line for line in lines)
