"""What the stateful tests stand on: an office of its own for each run, driven from outside its event loop."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

from core.clock import FrozenClock
from core.office import Office, open_office
from core.settings import Settings
from tests.flow.conftest import NOW, furnish
from tests.servers.places import fast_folder

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.servers.postgres import Postgres

Found = TypeVar("Found")

FEW = settings(max_examples=8, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=25, stateful_step_count=40)


class Furnished:
    """A furnished desk that each run gets a copy of."""

    def __init__(self, made: Settings, postgres: Postgres | None) -> None:
        self._made = made
        self._postgres = postgres
        self._numbers = count(1)
        asyncio.run(_furnish(made))

    def copy(self, folder: Path) -> Settings:
        """Settings of a copy."""
        key = folder / "desk.key"
        shutil.copy(self._made.key_file, key)
        if self._postgres is not None:
            return Settings(self._postgres.create_database(template=self._made.db), key)
        assert self._made.sqlite_path is not None
        shutil.copy(self._made.sqlite_path, folder / "desk.sqlite3")
        return Settings(f"sqlite:///{folder / 'desk.sqlite3'}", key)

    def drop(self, copy: Settings) -> None:
        """The copy is not needed any more."""
        if self._postgres is not None:
            self._postgres.drop_database(copy.db)


async def _furnish(made: Settings) -> None:
    async with open_office(made):
        await furnish()


class OfficeMachine(RuleBasedStateMachine):
    """A machine with an office and an event loop of its own."""

    furnished: Furnished

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="postroom-test-", dir=fast_folder())
        self.settings = self.furnished.copy(Path(self._folder.name))
        self.clock = FrozenClock(NOW)
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.office: Office = self.do(self._stack.enter_async_context(open_office(self.settings, self.clock)))

    def do(self, work: Coroutine[Any, Any, Found]) -> Found:
        """Run it to its end."""
        return self._runner.run(work)

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Read what stands in the database."""
        return self.do(self.office.database.rows(sql, *values))

    def teardown(self) -> None:
        self.do(self._stack.aclose())
        self._runner.close()
        self.furnished.drop(self.settings)
        self._folder.cleanup()
