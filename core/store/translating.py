"""Where Tortoise's clients meet ours: errors translated at one edge, and no task that outlives its transaction."""

from __future__ import annotations

from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from core.store.busy import translated


def still_in(transaction: Any) -> None:
    """Raises RuntimeError for a task that was started inside a transaction and has outlived it."""
    while transaction is not None:
        if getattr(transaction, "is_over", False):
            raise RuntimeError("a task was started inside a transaction and has outlived it: start it outside")
        transaction = getattr(transaction, "_parent", None)


class Translating(BaseDBAsyncClient):
    """A client of Tortoise whose errors are translated at this one edge, for raw SQL and the ORM alike."""

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            return await super().execute_insert(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Any]:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            return await super().execute_query_dict(query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            await super().execute_many(query, values)

    async def execute_script(self, query: str) -> None:
        """As Tortoise's; raises StoreBusy."""
        with translated():
            await super().execute_script(query)
