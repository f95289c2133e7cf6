"""An SMTP server that records every letter it accepts, and misbehaves on request.

In the test's own process:      async with Recorder(faults=[Fault("dot", "451 later")]) as recorder: ...
As a process of its own:        python -m tests.servers.smtp_recorder --port P --file F [--fault JSON ...]

A letter is in the record (a JSON line for each recipient, by `os.write`) before its 250 leaves: whatever
was accepted can be read from the file, also after the client was killed in mid-word.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.servers.smtp_recorder_wire import Fault, Manners, Received, RecorderWire

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

__all__ = ["Fault", "Manners", "Received", "Recorded", "Recorder", "RecorderProcess", "read_record"]

_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of the record: one recipient of one accepted letter."""

    recipient: str
    message_id: str
    sender: str
    size: int
    time: float


class Recorder:
    """The server. `faults` and `manners` may change at any time; `letters` and `file` hold what it took."""

    def __init__(
        self,
        *,
        faults: Sequence[Fault] = (),
        manners: Manners | None = None,
        file: Path | None = None,
        keep: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.faults = list(faults)
        self.manners = manners or Manners()
        self.letters: list[Received] = []
        self.lines: list[bytes] = []
        """Every command line that came (not kept when `keep` is False)."""
        self.connections = 0
        self.port = 0
        self.keep = keep
        self._happened: dict[Fault, int] = {}
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if file else -1
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._changed = asyncio.Event()
        self.open_wires: set[RecorderWire] = set()

    async def start(self, port: int = 0) -> int:
        """Listen on the loopback and return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: RecorderWire(self), "127.0.0.1", port, ssl=self._tls, backlog=256
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        if self._server is not None:
            self._server.close()
            for wire in list(self.open_wires):
                wire.hang_up()
            await self._server.wait_closed()
            await self.until(lambda: not self.open_wires)
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def fault(self, stage: str, texts: Sequence[str]) -> Fault | None:
        """The first fault that is due here; it counts as happened."""
        for fault in self.faults:
            if fault.stage != stage or (fault.match and not any(re.search(fault.match, text) for text in texts)):
                continue
            if 0 <= fault.times <= self._happened.get(fault, 0):
                continue
            self._happened[fault] = self._happened.get(fault, 0) + 1
            self._changed.set()
            return fault
        return None

    def happened(self, stage: str) -> int:
        """How often faults of this stage have happened so far."""
        return sum(times for fault, times in self._happened.items() if fault.stage == stage)

    def gone(self, wire: RecorderWire) -> None:
        """A client has left."""
        self.open_wires.discard(wire)
        self._changed.set()

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait for a state of this server: a letter, a fault, a client that left. Raises TimeoutError without it."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def record(self, received: Received) -> None:
        """Make a letter part of the record."""
        if self.keep:
            self.letters.append(received)
        self._changed.set()
        if self._file < 0:
            return
        head = received.raw[: received.raw.find(b"\r\n\r\n") + 4 or None]
        found = _MESSAGE_ID.search(head)
        message_id = found[1].decode("utf-8", "replace") if found else ""
        now, size = time.time(), len(received.raw)
        text = "".join(
            json.dumps(
                {
                    "recipient": to,
                    "message_id": message_id,
                    "sender": received.sender,
                    "size": size,
                    "time": now,
                }
            )
            + "\n"
            for to in received.recipients
        )
        os.write(self._file, text.encode())


def read_record(file: Path) -> list[Recorded]:
    """Every whole line of a record, in the order of acceptance; an absent file is an empty record."""
    if not file.exists():
        return []
    lines = file.read_bytes().split(b"\n")[:-1]
    return [Recorded(**json.loads(line)) for line in lines]


class RecorderProcess:
    """The recorder as a process of its own; `port` may be given to come back at the same place."""

    def __init__(self, file: Path, *, port: int = 0, faults: Sequence[Fault] = (), pipelining: bool = True) -> None:
        self.file = file
        command = [
            sys.executable,
            "-m",
            "tests.servers.smtp_recorder",
            "--port",
            str(port),
            "--file",
            str(file),
        ]
        for fault in faults:
            fields = {
                "stage": fault.stage,
                "action": fault.action,
                "match": fault.match,
                "times": fault.times,
            }
            command += ["--fault", json.dumps(fields)]
        command += [] if pipelining else ["--no-pipelining"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        if not ready.startswith("ready "):
            self.stop()
            raise RuntimeError("the recorder did not start; its own words stand above")
        self.port = int(ready.split()[1])

    def read(self) -> list[Recorded]:
        """What it has accepted until now."""
        return read_record(self.file)

    def stop(self) -> None:
        """End it; may be called twice."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


async def _serve(arguments: argparse.Namespace) -> None:
    recorder = Recorder(
        faults=[Fault(**json.loads(text)) for text in arguments.fault],
        manners=Manners(pipelining=not arguments.no_pipelining),
        file=arguments.file,
        keep=False,
    )
    port = await recorder.start(arguments.port)
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    sys.stdout.write(f"ready {port}\n")
    sys.stdout.flush()
    await asked_to_stop.wait()
    await recorder.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="An SMTP server that records what it accepts.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; `ready PORT` is printed")
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--fault", action="append", default=[], help="a Fault as JSON")
    parser.add_argument("--no-pipelining", action="store_true")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
