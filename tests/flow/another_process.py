"""Another Postroom process on the same database, which does what a test tells it."""

from __future__ import annotations

import asyncio
import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from core.settings import Settings

_PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from core.office import open_office
from core.settings import Settings

async def main():
    async with open_office(Settings(sys.argv[1], Path(sys.argv[2]))) as office:
        print(json.dumps({"said": "ready"}), flush=True)
        names = {"office": office, "database": office.database, "asyncio": asyncio}
        while line := await asyncio.to_thread(sys.stdin.readline):
            exec(json.loads(line), names)
            try:
                said = {"said": await names["step"]()}
            except Exception as error:
                said = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(said), flush=True)

asyncio.run(main())
"""


class AnotherProcess:
    """A process with an open office; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROGRAM, self.settings.db, str(self.settings.key_file),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            assert await self._answer() == "ready"
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def do(self, lines: str) -> Any:
        """Run the body of an async function there; what it returns, as JSON carries it. RuntimeError with its error."""
        self.begin(lines)
        return await self._answer()

    def begin(self, lines: str) -> None:
        """Tell it to begin; `answer` waits for the end."""
        assert self._process is not None and self._process.stdin is not None
        source = "async def step():\n" + textwrap.indent(textwrap.dedent(lines).strip("\n"), "    ")
        self._process.stdin.write(json.dumps(source).encode() + b"\n")

    async def answer(self) -> Any:
        """What it came to. RuntimeError with its error."""
        return await self._answer()

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()

    async def _answer(self) -> Any:
        assert self._process is not None and self._process.stdout is not None
        async with asyncio.timeout(20):
            line = await self._process.stdout.readline()
        said = json.loads(line or b'{"error": "it has ended"}')
        if "error" in said:
            raise RuntimeError(said["error"])
        return said["said"]

    async def _end(self) -> None:
        """It ends by itself when nobody speaks to it any more: nothing may keep it alive."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise
