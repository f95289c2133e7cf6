"""An IMAP server that says exactly what a test tells it, for everything a real one would not do."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Say:
    """An answer. `{tag}` in it becomes the command's tag; with `close` the server hangs up after it."""

    text: bytes
    close: bool = False


HANG = Say(b"")
"""Say nothing and keep the line open."""
POLITE: Mapping[str, Say] = {
    "CAPABILITY": Say(b"* CAPABILITY {capabilities}\r\n{tag} OK done\r\n"),
    "LOGIN": Say(b"{tag} OK welcome\r\n"),
    "SELECT": Say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 77] fine\r\n{tag} OK [READ-WRITE] selected\r\n"),
    "NOOP": Say(b"{tag} OK done\r\n"),
    "IDLE": Say(b"+ idling\r\n"),
    "IDLE +": Say(b"{tag} OK done\r\n"),
    "LOGOUT": Say(b"* BYE see you\r\n{tag} OK done\r\n", close=True),
}


class ScriptedImap:
    """Answers by command name (`LOGIN`, `UID FETCH`); `AUTHENTICATE +` is what it says to the line after its `+`.

    A list of answers is used up in turn, its last one for ever. What it heard stands in `lines`; `say` speaks out of
    turn on the newest connection. An appended mail is read by half a megabyte every `pace` seconds and not kept.
    A context manager; nothing is left of it afterwards.
    """

    def __init__(
        self,
        answers: Mapping[str, Say | Sequence[Say]] | None = None,
        *,
        greeting: Say = Say(b"* OK ready\r\n"),  # frozen
        capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE",
        context: ssl.SSLContext | None = None,
        pace: float = 0,
    ) -> None:
        given = {**POLITE, **(answers or {})}
        self._answers = {name: [said] if isinstance(said, Say) else list(said) for name, said in given.items()}
        self._greeting = greeting
        self._capabilities = capabilities.encode()
        self._context = context
        self._pace = pace
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.host = "127.0.0.1"
        self.port = 0
        self.lines: list[bytes] = []
        self._news = asyncio.Event()
        self.idling = asyncio.Event()
        """Set when a client has begun to IDLE."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self._context, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def say(self, text: bytes) -> None:
        """Send this now, whoever's turn it is."""
        self._writers[-1].write(text)

    async def hears(self, name: str) -> bytes:
        """Wait, for 10 seconds at most, until this command has come; its tag."""
        async with asyncio.timeout(10):
            while not self.heard(name):
                self._news.clear()
                await self._news.wait()
        return self.heard(name)[-1].split()[0]

    def heard(self, name: str) -> list[bytes]:
        """The lines that hold this command."""
        return [line for line in self.lines if f" {name}".encode() in line.upper()]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.append(writer)
        try:
            # asyncio's streams would log a handler that ends cancelled.
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tag, name = b"", ""
        said = self._greeting
        while True:
            text = said.text.replace(b"{tag}", tag).replace(b"{capabilities}", self._capabilities)
            writer.write(text)
            await writer.drain()
            if name == "IDLE" and text:
                self.idling.set()
            if said.close:
                return
            asked = text.rpartition(b"\r\n")[0].rpartition(b"\r\n")[2].startswith(b"+")
            if asked and name == "APPEND":
                await self._swallow(reader, int(self.lines[-1].partition(b"{")[2].partition(b"}")[0]))
            line = await reader.readline()
            if not line:
                return
            self.lines.append(line)
            self._news.set()
            if asked:
                name = name if name.endswith("+") else f"{name} +"
            else:
                tag, _, rest = line.strip().partition(b" ")
                words = rest.decode("utf-8", "replace").upper().split()
                name = " ".join(words[: 2 if words[:1] == ["UID"] else 1])
            said = self._next(name)

    async def _swallow(self, reader: asyncio.StreamReader, octets: int) -> None:
        while octets:
            octets -= len(await reader.read(min(octets, 2**19)))
            await asyncio.sleep(self._pace)

    def _next(self, name: str) -> Say:
        answers = self._answers.get(name)
        if answers is None:
            return Say(b"{tag} BAD what is %s?\r\n" % name.encode())
        return answers.pop(0) if len(answers) > 1 else answers[0]
