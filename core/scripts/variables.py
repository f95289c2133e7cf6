"""Global variables: values that every script reads; a change acts on the next contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.models import Variable
from core.routing.values import MOST_VALUES, dumped
from core.scripts.names import missing, right_word, some
from core.scripts.turns import turn
from core.scripts.values import right_value, shown_value, stored_value

if TYPE_CHECKING:
    from core.clock import Clock
    from core.routing.values import Value
    from core.scripts.uses import Uses
    from core.store import Database

KIND = "variable"


class Variables:
    """Verbs on variables. Each raises Refused to an agent."""

    def __init__(self, database: Database, clock: Clock, uses: Uses) -> None:
        self.database = database
        self.clock = clock
        self.uses = uses

    async def set(self, name: str, given: object, *, actor: str) -> Value | None:
        """Give a variable its value; the one it had, None for a new one. Raises Wrong for what no script can hold."""
        right_word(name, KIND)
        new = right_value(given, f"variable {name}")
        async with turn(self.database, self.clock, actor) as by:
            row = await Variable.get_or_none(name=name)
            if row is not None and row.value == dumped(new):
                return new
            if row is None:
                if await Variable.all().count() >= MOST_VALUES:
                    raise Refused(f"a desk has at most {MOST_VALUES} variables: delete one that no script reads")
                row = await Variable.create(name=name, value=dumped(new))
                before = None
            else:
                before = stored_value(row.value)
                await Variable.filter(id=row.id).update(value=dumped(new))
            await by.write("set", KIND, row.id, f"{name} = {shown_value(new)}")
        return before

    async def delete(self, name: str, *, actor: str) -> Value:
        """Delete a variable; the value it had. Raises NotFound; Refused with the active scripts that read it."""
        readers = await self.uses.active(KIND, name)
        async with turn(self.database, self.clock, actor) as by:
            row = await Variable.get_or_none(name=name)
            if row is None:
                raise missing(KIND, name, [one.name for one in await Variable.all().order_by("name")])
            if readers:
                raise Refused(f"variable {name} is read by {some(readers)}: change that first")
            await row.delete()
            await by.write("delete", KIND, row.id, f"{name}, which was {shown_value(stored_value(row.value))}")
        return stored_value(row.value)
