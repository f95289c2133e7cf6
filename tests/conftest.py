"""What all tests share: the real servers, each started when a test first asks for it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from argon2 import PasswordHasher

from core.people import passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = [
    "tests.servers.once",
    "tests.servers.fixtures_dovecot",
    "tests.servers.fixtures_postfix",
    "tests.servers.fixtures_postgres",
    "tests.servers.tables_once",
]

# Nothing is a timed test: a busy machine is slow for a moment, and that fails nothing.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Keep a group's tests in one process, and those of a module that makes something once for all of them.

    xdist 3.8 writes the group where pytest 9.2 does not look (pytest-xdist #1386).
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        group = mark.args[0] if mark is not None else _module_with_something_of_its_own(item)
        if group and not item.nodeid.endswith(f"@{group}"):
            item._id = type(item._id).parse(f"{item.nodeid}@{group}")


def _module_with_something_of_its_own(item: Any) -> str:
    """The module of a test that uses a fixture which is made once in it; otherwise empty."""
    made = item._fixtureinfo.name2fixturedefs.items()
    own = any(one.scope == "module" and not name.startswith("_") for name, found in made for one in found[-1:])
    return item.path.stem if own else ""


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords in this process are hashed as quickly as argon2id can: how dear a hash is, one test asks."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: quick)
        yield


_AS_DEAR_AS_FOR_USERS = passwords._hasher


@pytest.fixture
def dear_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are for users."""
    monkeypatch.setattr(passwords, "_hasher", _AS_DEAR_AS_FOR_USERS)
