"""Wallboard: every queue and every agent now, how today goes, and what a supervisor does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from core.views.wallboard import ORDER, AgentNow, QueueNow, Wallboard, wallboard
from tui.actions import WALLBOARD, bindings_of
from tui.screens.agent_verbs import AgentVerbs
from tui.screens.wallboard_columns import (
    AGENT_COLUMNS,
    QUEUE_COLUMNS,
    agent_cells,
    agents_title,
    chart_lines,
    queue_cells,
)
from tui.widgets.listing import Listing, has_words
from tui.widgets.plate import Plate
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tui.widgets.columns import Cell

VIEWS = ("", "-queues-alone", "-agents-alone")


class WallboardScreen(AgentVerbs):
    """Queues above, agents below, and a chart of the queue under the cursor between them."""

    AREA = "wallboard"
    CSS_PATH = "wallboard.tcss"
    BINDINGS: ClassVar = bindings_of(WALLBOARD)

    def __init__(self) -> None:
        super().__init__()
        self.queues = Listing("Queues", QUEUE_COLUMNS, self._queue_cells, name="board-queues")
        self.agents = Listing("Agents", AGENT_COLUMNS, self._agent_cells, name="board-agents")
        self.chart = Plate(name="board-chart")
        self.view = ""

    def compose_work(self) -> Iterable[Widget]:
        """Three things, one above the other."""
        yield self.queues
        yield self.chart
        yield self.agents

    async def read(self) -> Wallboard:
        """All of it."""
        return await wallboard(self.office.database, self.house.now())

    def paint(self, found: Wallboard) -> None:
        """Both lists and the chart."""
        queues = [row for row in found.queues if has_words(self.queues.words, row.name)]
        agents = [
            row for row in found.agents if has_words(self.agents.words, row.login, row.name, row.state, row.reason)
        ]
        if len(queues) != len(self.queues.rows.keys):
            self.queues.rows.refresh(layout=True)
        self.queues.rows.show([row.id for row in queues], {row.id: row for row in queues})
        self.agents.rows.show([row.id for row in agents], {row.id: row for row in agents})
        total = found.total
        level = f" · {total.service_level:.0f}% in time" if total.service_level is not None else ""
        self.queues.entitle(
            f"Queues · {sum(row.waiting for row in found.queues):,} waiting · today {total.arrived:,} came,"
            f" {total.answered:,} answered{level}"
        )
        states = [row.state for row in found.agents]
        self.agents.entitle(agents_title({state: states.count(state) for state in ORDER}))
        self._say_chart()

    def _say_chart(self) -> None:
        row = self.queues.rows.current_row
        self.chart.say(*chart_lines(row if isinstance(row, QueueNow) else None))

    def _queue_cells(self, row: QueueNow) -> Sequence[Cell | str]:
        return queue_cells(row, self.house.now())

    def _agent_cells(self, row: AgentNow) -> Sequence[Cell | str]:
        return agent_cells(row, self.house.now())

    @on(Rows.Moved, "#board-queues-rows")
    def _moved(self) -> None:
        self._say_chart()

    @on(Listing.Reordered)
    def _reordered(self) -> None:
        self.refresh_soon()

    @on(Rows.Opened, "#board-queues-rows")
    async def _into_the_queue(self, event: Rows.Opened) -> None:
        await self.house.switch_mode("queues")
        if (screen := self.house.work_screen) is not None:
            screen.show_thing(str(event.key))

    @on(Rows.Opened, "#board-agents-rows")
    def _at_her_contacts(self) -> None:
        self.look_at_contacts()

    @property
    def agent(self) -> AgentNow | None:
        """The agent under the cursor."""
        row = self.agents.rows.current_row
        return row if isinstance(row, AgentNow) else None

    def action_view(self) -> None:
        """Both lists, one of them, the other."""
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]
        for name in VIEWS[1:]:
            self.set_class(self.view == name, name)
        (self.agents if self.view == "-agents-alone" else self.queues).rows.focus()
