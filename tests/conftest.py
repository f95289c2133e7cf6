"""What all tests share: the real servers, each started when a test first asks for it."""

from __future__ import annotations

import gc
from typing import Any

import pytest

pytest_plugins = [
    "tests.servers.fixtures_dovecot",
    "tests.servers.fixtures_postfix",
    "tests.servers.fixtures_postgres",
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Keep a group's tests in one process: xdist 3.8 writes it where pytest 9.2 does not look (pytest-xdist #1386)."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark is not None and not item.nodeid.endswith(f"@{mark.args[0]}"):
            item._id = type(item._id).parse(f"{item.nodeid}@{mark.args[0]}")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
