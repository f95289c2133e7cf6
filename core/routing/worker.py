"""The worker process: compiles, checks and runs scripts, and answers on one socket. Started by `core.routing.process`.

Everything a script can do to an interpreter it does here. The process ends itself when a limit is passed, when memory
runs out, and when the sandbox that started it is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from core.routing import answers, check, picture, stepping, syntax
from core.routing.confinement import close_in, die_with, obey_alarms, ring_at
from core.routing.expressions import matches
from core.routing.failure import Failed, Failure, Kind, placed
from core.routing.language import Compiled, Deadline, Language, parsed
from core.routing.limits import Patience
from core.routing.names import DeskNames
from core.routing.program import Program
from core.routing.run import Run
from core.routing.values import dumped
from core.routing.wire import LONGEST_ANSWER, OUT_OF_MEMORY, READY, Board

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WARM = 'def route(contact):\n    print("warm")\n    return queues.warm if contact.text else queue("warm")\n'
_WARM_CONTACT = '{"text":"warm","received":{},"customer":null,"previous":null}'

KEPT = 32
"""Compiled programs that are kept, each with the desk and the settings it sees."""


class Worker:
    """Reads lines, answers lines. One program at a time, many contacts."""

    def __init__(self, answer: Callable[[bytes], object], board: Board, grace: float) -> None:
        self.answer = answer
        self.board = board
        self.grace = grace
        self.deadline = Deadline()
        self.language = Language(self.deadline)
        self.stepping = Language(self.deadline, board.at)
        self.names = DeskNames()
        self.program = Program("none", {"none": ""})
        self.environments: dict[str, tuple[str, str]] = {}
        self.patience = Patience(0.5)
        self._compiled: OrderedDict[tuple[str, str], Compiled | Failure] = OrderedDict()

    def warm_up(self) -> None:
        """Touch whatever the first script would load from disk or make room for: what comes after is the script's."""
        program = Program("warm", {"warm": _WARM})
        self.deadline.begin(60)
        desk: dict[str, dict[str, object]] = {"queues": {}, "calendars": {}, "variables": {}}
        compiled = Compiled(self.language, program, desk, {})
        with contextlib.suppress(Failed):
            compiled.call("route", _WARM_CONTACT)
        check.check(self.language, program, self.names, desk)
        picture.draw(_WARM)
        matches("a|b", "warm")

    def serve(self, lines: Iterable[bytes]) -> None:
        """Until there are no more lines."""
        take = {"C": self._contact, "E": self._environment, "L": self._limit, "P": self._program, "Q": self._question}
        for line in lines:
            word, _, rest = line.decode("utf-8").rstrip("\n").partition(" ")
            take[word](rest)

    def _program(self, rest: str) -> None:
        found = json.loads(rest)
        self.program = Program(found["program"], found["sources"])
        self.names = DeskNames.from_plain(found["names"])

    def _environment(self, rest: str) -> None:
        key, _, text = rest.partition(" ")
        self.environments[key] = (self.program.digest, text)

    def _limit(self, rest: str) -> None:
        seconds, in_a_row = rest.split()
        self.patience = Patience(float(seconds), int(in_a_row))

    def _contact(self, rest: str) -> None:
        number, key, event, contact = rest.split(" ", 3)
        limit = self.patience.limit()
        if limit is None:
            run = Run(None, Failure(Kind.TIME, "it was not tried.", self.program.entry))
        else:
            run = self._timed(int(number), limit, lambda: self._run(key, event, contact))
        self.patience.after(None if run.failure is None else run.failure.kind)
        text = run.to_json()
        if len(text) > LONGEST_ANSWER // 4:
            message = f"what it answered has {len(text):,} characters: that is too large to keep."
            source = self.program.sources[self.program.entry]
            failure = Failure(Kind.SIZE, message, self.program.entry, syntax.function_line(source, event))
            text = Run(None, placed(failure, dict(self.program.sources))).to_json()
        self.answer(f"{number} {text}\n".encode())

    def _run(self, key: str, event: str, contact: str) -> Run:
        try:
            compiled = self._ready(self.environments[key])
        except Failed as failed:
            return Run(None, failed.failure, self.language.trace(0.0))
        self.language.begin_trace(compiled.printed)
        begun = time.perf_counter()
        decision, failure = None, None
        try:
            if event == "waited" and not compiled.waits:
                decision = answers.STAY
            else:
                at = compiled.begins(event)
                decision = answers.read(compiled.call(event, contact), event=event, names=self.names, at=at)
        except Failed as failed:
            failure = placed(failed.failure, dict(self.program.sources))
        return Run(decision, failure, self.language.trace(time.perf_counter() - begun))

    def _ready(self, environment: tuple[str, str]) -> Compiled:
        """The program compiled for what the contact sees; the failure is kept as well."""
        found = self._compiled.get(environment)
        if found is None:
            try:
                seen = json.loads(environment[1])
                found = Compiled(self.language, self.program, seen["desk"], seen["settings"])
            except Failed as failed:
                if failed.failure.kind is Kind.TIME:
                    raise
                found = failed.failure
            self._compiled[environment] = found
            if len(self._compiled) > KEPT:
                self._compiled.popitem(last=False)
        else:
            self._compiled.move_to_end(environment)
        if isinstance(found, Failure):
            raise Failed(found)
        return found

    def _question(self, rest: str) -> None:
        number, seconds, text = rest.split(" ", 2)
        asked = json.loads(text)
        answer = {"check": self._check, "draw": self._draw, "locate": self._locate}[asked["ask"]]
        found = self._timed(int(number), float(seconds), lambda: answer(asked))
        self.answer(f"{number} {dumped(found)}\n".encode())

    def _check(self, asked: dict[str, Any]) -> Any:
        problems = check.check(self.language, self.program, self.names, asked["desk"])
        return [problem.to_plain() for problem in problems]

    def _draw(self, asked: dict[str, Any]) -> Any:
        return [node.to_plain() for node in picture.draw(self.program.sources[self.program.entry])]

    def _locate(self, asked: dict[str, Any]) -> Any:
        """Run into the same limit again, telling the board each line on the way."""
        sources = dict(self.program.sources)
        entry, best = 0, 0
        for script, name in enumerate(self.program.sources):
            guess = stepping.likely_line(sources[name], asked["event"])
            self.board.at(script, guess)
            entry, best = (script, guess) if name == self.program.entry else (entry, best)
            parsed(name, sources[name])
            for line, probe in stepping.expressions(sources[name]):
                self.board.at(script, line)
                self.language.compile_alone(probe)
            sources[name] = stepping.stepped(sources[name], script)
        self.board.at(entry, best)
        try:
            compiled = Compiled(self.stepping, Program(self.program.entry, sources), asked["desk"], asked["settings"])
            if asked["contact"]:
                compiled.call(asked["event"], asked["contact"])
        except Failed:
            pass
        return None

    def _timed(self, number: int, limit: float, work: Callable[[], Any]) -> Any:
        """Do it within its time: a script that can be stopped is, one that cannot ends this process."""
        self.board.begin(number)
        self.deadline.begin(limit)
        ring_at(limit + self.grace)
        try:
            return work()
        finally:
            ring_at(0)


def main(given: list[str]) -> None:
    """The worker's whole life. File 0 is the socket; given are parent, file of the board, octets, seconds of grace."""
    parent, board, memory, grace = int(given[0]), int(given[1]), int(given[2]), float(given[3])
    obey_alarms()
    die_with(parent)
    page = Board(board)
    os.close(board)
    wire = socket.socket(fileno=0)
    lines = wire.makefile("rb", buffering=1 << 16)
    worker = Worker(wire.sendall, page, grace)
    worker.warm_up()
    close_in(memory)
    code = 0
    try:
        wire.sendall(READY)
        worker.serve(lines)
    except MemoryError:
        code = OUT_OF_MEMORY
    except OSError:
        code = 0
    except BaseException as err:  # noqa: BLE001 - the border: Rust's panics are no Exception, and each ends the worker
        code = OUT_OF_MEMORY if "memory" in str(err) or "capacity overflow" in str(err) else 1
    os._exit(code)
