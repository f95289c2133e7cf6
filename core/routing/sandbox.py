"""Where routing scripts run: a worker process that the sandbox starts when first asked, and replaces when it dies.

Every method is a coroutine that leaves the event loop free. A sandbox answers one caller at a time, in chunks, so two
callers take turns; give the editor and a replay a sandbox of their own. A cancelled call ends the worker it was using.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from core.errors import Refused
from core.routing.facts import desk_json
from core.routing.failure import Failure, Kind, placed
from core.routing.limits import Limits, Patience
from core.routing.names import DeskNames, empty_desk
from core.routing.parcel import Parcel
from core.routing.picture import Node
from core.routing.problem import Problem
from core.routing.process import WorkerEnded, WorkerProcess
from core.routing.values import dumped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from core.routing.facts import DeskFacts, Facts
    from core.routing.program import Program
    from core.routing.run import Run

_STARTING = 20.0
"""Seconds a worker may take to be ready, on a machine that is very busy."""
_SLACK = 3.0
"""Seconds beyond every limit of its own until a worker that says nothing is ended."""
_STANDS_STILL = 0.15
"""Seconds on one line that make it the line."""


class Sandbox:
    """Runs, checks and draws scripts in a worker process of its own. Close it, or use it in `async with`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._turn = asyncio.Lock()
        self._worker: WorkerProcess | None = None
        self._dying: list[WorkerProcess] = []
        self._told: tuple[Program, DeskNames] | None = None
        self._runs = 0
        self._closings = 0
        self._over = False
        self._began = 0
        """How often it had been closed when the call began whose turn it is."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def pid(self) -> int | None:
        """The worker's process id, None where none is running."""
        return self._worker.pid if self._worker and self._worker.alive else None

    async def close(self, *, for_good: bool = False) -> None:
        """End the worker and wait until it is gone; who was still waiting gets Refused.

        It can be used again, unless it is closed for good: then every later call is refused.
        """
        self._closings += 1
        self._over = self._over or for_good
        self._drop()
        async with self._turn:
            await self._bury()

    async def run(self, program: Program, facts: Sequence[Facts], names: DeskNames) -> list[Run]:
        """One run for each contact, in order: a decision or a failure, never an exception for what a script does.

        `facts[i].contact.event` says which function is called. Share `desk` and `settings` objects among the facts.
        """
        parcel = Parcel(program, names, facts)
        patience = Patience(self.limits.seconds)
        runs: list[Run] = []
        began = self._closings
        for chunk in parcel.chunks():
            async with self._in_turn(began):
                runs += await self._run_chunk(parcel, chunk, patience)
            await asyncio.sleep(0)
        return runs

    async def check(self, program: Program, names: DeskNames, desk: DeskFacts | None = None) -> tuple[Problem, ...]:
        """What is wrong with a program's first script, worst first by line; nothing is run but what stands at its top.

        `desk` is what the top of the script sees; without it every queue is empty and every calendar closed.
        """
        question = {"ask": "check", "desk": None if desk is None else json.loads(desk_json(desk))}
        async with self._in_turn(self._closings):
            found = await self._ask(program, names, question)
            if not isinstance(found, Failure):
                return tuple(Problem.from_plain(one) for one in found)
            seen = {"desk": question["desk"] or empty_desk(names), "settings": dict(names.settings)}
            found = await self._locate(program, names, found, {**seen, "contact": "", "event": "route"})
        return (Problem.of(found),)

    async def draw(self, program: Program) -> tuple[Node, ...]:
        """The functions of a program's first script as trees of branches; empty where it cannot be read."""
        async with self._in_turn(self._closings):
            found = await self._ask(program, DeskNames(), {"ask": "draw"})
        return () if isinstance(found, Failure) else tuple(Node.from_plain(one) for one in found)

    async def _run_chunk(self, parcel: Parcel, chunk: range, patience: Patience) -> list[Run]:
        """Run contacts `chunk`; where the worker dies, the one it was at failed, and the rest goes to a new worker."""
        runs: dict[int, Run] = {}
        spared = False
        while waiting := deque(number for number in chunk if number not in runs):
            if patience.limit() is None:
                runs |= {number: parcel.untried(number) for number in waiting}
                break
            died = await self._run_waiting(parcel, waiting, patience, runs)
            if died is None:
                continue
            number = waiting[0]
            if died.kind is Kind.ENDED and not spared:
                spared = True  # someone may have ended it from outside: that is not this contact's fault
                continue
            failure = parcel.like_the_last(died) if patience.in_a_row > 1 else None
            failure = failure or await self._locate(parcel.program, parcel.names, died, parcel.seen(number))
            patience.after(failure.kind)
            runs[number] = parcel.failed(number, failure)
        self._runs += len(chunk)
        if self._runs >= self.limits.runs:
            self._drop()
        return [runs[number] for number in chunk]

    async def _run_waiting(
        self, parcel: Parcel, waiting: deque[int], patience: Patience, runs: dict[int, Run]
    ) -> Failure | None:
        """Send the waiting contacts and take their runs as they come; why the worker ended before the last, or None."""
        try:
            async with self._using(parcel.program, parcel.names) as worker:
                sending = asyncio.ensure_future(worker.send(parcel.lines(waiting, patience)))
                try:
                    while waiting:
                        for line in await worker.receive(self._silence()):
                            number, run = parcel.run(line, patience)
                            runs[number] = run
                            patience.after(None if run.failure is None else run.failure.kind)
                            waiting.remove(number)
                    await sending
                finally:
                    sending.cancel()
                    await asyncio.gather(sending, return_exceptions=True)
        except WorkerEnded as ended:
            return await self._why(ended)
        return None

    async def _ask(self, program: Program, names: DeskNames, question: Mapping[str, object]) -> Any:
        """A worker's answer to one question, or the failure that ended it."""
        seconds = 2 * self.limits.seconds
        try:
            async with self._using(program, names) as worker:
                await worker.send([f"Q 0 {seconds} {dumped(question)}\n".encode()])
                (line,) = await worker.receive(self._silence(seconds))
                return json.loads(line.partition(b" ")[2])
        except WorkerEnded as ended:
            return await self._why(ended)

    async def _locate(
        self, program: Program, names: DeskNames, failure: Failure, seen: Mapping[str, object]
    ) -> Failure:
        """The failure with its line: runs into it once more, in a worker of its own, watching the board."""
        async with Sandbox(self.limits) as other:
            asking = asyncio.ensure_future(other._ask(program, names, {"ask": "locate", **seen}))
            try:
                script, line = await other._watch(asking)
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
        name = list(program.sources)[script] if line else program.entry
        return placed(replace(failure, script=name, line=line), dict(program.sources))

    async def _watch(self, asking: asyncio.Future[Any]) -> tuple[int, int]:
        """The script's index and the line at which the worker ends or stands still; 0, 0 where none was reached."""
        last, since = (0, 0), 0.0
        loop = asyncio.get_running_loop()
        worker = None
        while True:
            done = asking.done()
            worker = worker or self._worker
            if worker is not None:
                standing = worker.standing
                if standing.line > 0 and (standing.script, standing.line) != last:
                    last, since = (standing.script, standing.line), loop.time()
            if done or (since and loop.time() - since > _STANDS_STILL):
                return last
            await asyncio.sleep(0.01)

    @asynccontextmanager
    async def _in_turn(self, began: int) -> AsyncIterator[None]:
        """Wait for one's turn. Raises Refused where the sandbox was closed since the call began."""
        async with self._turn:
            self._began = began
            self._refuse_when_closed()
            yield

    def _refuse_when_closed(self) -> None:
        if self._over or self._began != self._closings:
            raise Refused("Routing scripts are no longer run here: the desk is closing.")

    @asynccontextmanager
    async def _using(self, program: Program, names: DeskNames) -> AsyncIterator[WorkerProcess]:
        """A worker that knows the program. However the work ends early, that worker is not used again."""
        worker = await self._ready()
        done = False
        try:
            if self._told != (program, names):
                told = {"program": program.entry, "sources": dict(program.sources), "names": names.to_plain()}
                await worker.send([f"P {dumped(told)}\n".encode()])
                self._told = (program, names)
            yield worker
            done = True
        finally:
            if not done:
                self._drop()

    async def _ready(self) -> WorkerProcess:
        """The worker, started where there is none. Raises Refused where the sandbox is being closed."""
        self._refuse_when_closed()
        if self._worker is not None and not self._worker.alive:
            self._drop()
        if self._worker is None:
            self._worker, self._told, self._runs = WorkerProcess(self.limits), None, 0
            try:
                await self._worker.receive(_STARTING)
            except BaseException:
                self._drop()
                raise
        return self._worker

    async def _why(self, ended: WorkerEnded) -> Failure:
        """Why the last worker ended, once it and those before it are gone."""
        why = Failure(Kind.ENDED, f"the worker process could not be used ({ended}).")
        return await self._bury() or why

    async def _bury(self) -> Failure | None:
        """Wait until every worker that was dropped is gone; why the last of them ended."""
        why = None
        try:
            while self._dying:
                why = await self._dying[0].ended()
                del self._dying[0]
        except asyncio.CancelledError:
            # Whoever waits is wanted elsewhere, and may be the last who knows of them.
            for worker in self._dying:
                worker.end()
            self._dying.clear()
            raise
        return why

    def _drop(self) -> None:
        """End the worker without waiting for it."""
        if self._worker is not None:
            self._worker.kill()
            self._dying.append(self._worker)
        self._worker, self._told = None, None

    def _silence(self, seconds: float = 0.0) -> float:
        """Seconds without a word after which a worker is taken for dead."""
        return 2 * ((seconds or self.limits.seconds) + self.limits.grace) + _SLACK
