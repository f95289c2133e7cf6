"""Tortoise readies its tables each time a database is opened: a test process does it once for each backend."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from tortoise.models import MetaInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

_ready: dict[tuple[MetaInfo, type], dict[str, Any]] = {}
_KEPT = ("filters", "db_native_fields", "db_default_fields", "db_complex_fields")
"""What differs between backends; all else that is made ready stays with the table."""


@pytest.fixture(scope="session", autouse=True)
def tables_once() -> Iterator[None]:
    """A desk's opening costs a third less; what a migration sees of the past is made ready each time."""
    finalise = MetaInfo.finalise_model

    def finalised(meta: MetaInfo) -> None:
        if not _is_a_table_of_today(meta):
            finalise(meta)
            return
        key = (meta, meta.db.executor_class)
        if key in _ready:
            for name, kept in _ready[key].items():
                setattr(meta, name, kept.copy())
            return
        finalise(meta)
        _ready[key] = {name: getattr(meta, name).copy() for name in _KEPT}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MetaInfo, "finalise_model", finalised)
        yield


def _is_a_table_of_today(meta: MetaInfo) -> bool:
    model = meta._model
    return model.__module__.startswith("core.models.") and (
        getattr(sys.modules[model.__module__], model.__name__, None) is model
    )
