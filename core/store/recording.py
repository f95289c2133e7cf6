"""Recording: `python -m core.store.recording` writes down what our migrations do to an empty database.

It needs no database: Tortoise can name a migration's statements without running them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from core.store import orm
from core.store.connecting import on_postgres, on_sqlite
from core.store.making import written_down

if TYPE_CHECKING:
    from tortoise.migrations.executor import MigrationExecutor
    from tortoise.migrations.schema_editor.base import BaseSchemaEditor

_NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now')", "postgres": "now()"}
"""The moment as Tortoise writes it when it has applied a migration."""
_HEAD = "-- What the migrations do to an empty database. Written by `python -m core.store.recording`.\n"


class _Listener:
    """A client that is told statements and runs none."""

    def __init__(self, capabilities: Any) -> None:
        self.capabilities = capabilities
        self.heard: list[str] = []

    async def execute_script(self, query: str) -> None:
        self.heard.append(query)

    async def execute_query(self, query: str) -> tuple[int, list[Any]]:
        """An empty database has no row of whatever is looked for."""
        return 0, []


async def statements(label: str) -> str:
    """What our migrations run on an empty database, and the rows that say that they ran.

    What a migration does in Python is left out: to an empty database it must do nothing.
    """
    from tortoise.context import TortoiseContext
    from tortoise.migrations.executor import MigrationExecutor

    nowhere = on_postgres("postgres://nobody@127.0.0.1/none") if label == "postgres" else on_sqlite(written_down(label))
    context = TortoiseContext()
    with context:
        await context.init(config=orm.orm_config(nowhere, label), init_connections=False)
        return await _collected(MigrationExecutor(context.connections.get(label), orm.apps(label)), label)


async def _collected(executor: MigrationExecutor, label: str) -> str:
    from tortoise.migrations.recorder import MigrationRecorder
    from tortoise.migrations.schema_generator.state import State
    from tortoise.migrations.schema_generator.state_apps import StateApps

    listener = _Listener(executor.connection.capabilities)
    executor.loader.recorder = MigrationRecorder(listener)

    def editor() -> BaseSchemaEditor:
        made = executor._schema_editor(atomic=False, collect_sql=True)
        made.client = listener  # type: ignore[assignment]
        return made

    await executor.loader.build_graph()
    await executor.recorder.ensure_schema(editor())
    said = [_HEAD, *(_ended(one) for one in listener.heard)]
    state = State(models={}, apps=StateApps(default_connections={"postroom": label}))
    for key in executor._full_plan():
        migration = executor.loader.graph.nodes[key]
        assert migration is not None
        collecting = editor()  # one that lives on hands a column's comment to a later migration
        await migration.apply(state, schema_editor=collecting, collect_sql=True)
        said.append(f"\n-- {key.name}\n")
        said += [_ended(one) for one in collecting.collected_sql if not one.startswith("--")]
        said.append(
            'INSERT INTO "tortoise_migrations" ("app", "name", "applied_at")'
            f" VALUES ('{key.app_label}', '{key.name}', {_NOW[label]});\n"
        )
    return "".join(said)


def _ended(statement: str) -> str:
    return statement.strip().removesuffix(";") + ";\n"


def main() -> None:
    """Write both files anew."""
    for label in _NOW:
        written_down(label).write_text(asyncio.run(statements(label)), "utf-8")


if __name__ == "__main__":
    main()
