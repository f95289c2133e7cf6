"""The head of every screen: whose desk, who sits here, what is wrong, what time it is; and the work areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from core.text import one_line
from tui.ages import zone

if TYPE_CHECKING:
    from datetime import datetime

    from textual import events
    from textual.app import RenderResult

    from core.views.standing import PersonRow, Standing

TAB_GAPS = (2, 1)
"""Between two areas; the smaller one before a name is cut."""
LONGEST_NAME = 12


def alarms(standing: Standing) -> list[str]:
    """What somebody should look at, the worst first, in a few words each."""
    found = []
    if standing.unknown:
        found.append(f"✖ {standing.unknown} in doubt")
    if standing.server == "broken":
        found.append("✖ no sending")
    if standing.broken:
        found.append(f"✖ {standing.broken} mailbox{'es' if standing.broken > 1 else ''} broken")
    if not standing.engines:
        found.append("▲ no engine")
    if not standing.server and standing.accounts:
        found.append("▲ no outgoing server")
    if standing.late:
        found.append(f"▲ {standing.late} queue{'s' if standing.late > 1 else ''} late")
    return found


def head_line(
    width: int, standing: Standing | None, person: PersonRow | None, login: str, now: datetime, state: str = ""
) -> tuple[str, str, str]:
    """The first line in three pieces: desk, person and her state; alarms; clock. Cut so that clock and the first alarm
    stay, and of the rest the state.
    """
    desk = one_line(standing.desk, 40) if standing else ""
    who = one_line(login, 24)
    if person:
        who = f"{one_line(person.login, 24)}, {person.role}"
    elif standing and standing.people:
        who += " (not a user here)"
    clock = f"{now.astimezone(zone(standing.timezone)):%H:%M %Z}" if standing else ""
    said = alarms(standing) if standing else []
    left = " Postroom" + (f" · {desk}" if desk else "")
    warn = ""
    for count in range(len(said), -1, -1):
        more = f" +{len(said) - count}" if count < len(said) else ""
        warn = ("  ".join(said[:count]) + more) if said else "● all well" if standing else ""
        if len(left) + len(who) + len(warn) + len(clock) + 8 <= width or count <= 1:
            break
    room = max(0, width - len(warn) - len(clock) - 6)
    if not state:
        return f"{left}   {who}"[:room], warn, clock
    for words in (f"{left}   {who}", f" Postroom   {who}", f" {who}", f" {one_line(login, 24)}"):
        if len(words) + 3 + len(state) <= room:
            return f"{words}   {state}", warn, clock
    return f" {state}"[:room], warn, clock


class Masthead(Widget):
    """Head of a screen. It shows what the app has read; the numbers open the areas."""

    DEFAULT_CSS = """
    Masthead { dock: top; height: 2; background: $panel; color: $foreground; }
    Masthead:ansi { background: ansi_default; }
    """

    def __init__(self, area: str) -> None:
        super().__init__(id="masthead")
        self.area = area
        self.areas: list[tuple[str, str, str]] = []
        """Number, mode and name of each."""
        self.standing: Standing | None = None
        self.person: PersonRow | None = None
        self.login = ""
        self.now: datetime | None = None
        self.state = ""
        """How the person stands, in glyph and words."""
        self._said: object = None

    def say(
        self, standing: Standing | None, person: PersonRow | None, login: str, now: datetime, state: str = ""
    ) -> None:
        """Show these; drawn again only where a word differs."""
        self.standing, self.person, self.login, self.now, self.state = standing, person, login, now, state
        said = (head_line(self.size.width, standing, person, login, now, state), tuple(self.areas))
        if said != self._said:
            self._said = said
            self.refresh()

    def render(self) -> RenderResult:
        """Both lines."""
        return Content.assemble(self._first(), "\n", self._second())

    def _first(self) -> Content:
        width = self.size.width
        if self.now is None:
            return Content(" Postroom")
        left, warn, clock = head_line(width, self.standing, self.person, self.login, self.now, self.state)
        style = "$error" if warn.startswith("✖") else "$warning" if warn.startswith("▲") else "$success"
        blank = " " * max(1, width - len(left) - len(warn) - len(clock) - 3)
        return Content.assemble((left, "bold"), blank, (warn, style), "  ", (clock, "bold"))

    def _second(self) -> Content:
        parts: list[Content | str | tuple[str, str]] = [" "]
        gap, tabs = self._tabs()
        for mode, words in tabs:
            parts.append((words, "bold $primary underline" if mode == self.area else "$text-muted"))
            parts.append(" " * gap)
        return Content.assemble(*parts)

    def _tabs(self) -> tuple[int, list[tuple[str, str]]]:
        """The gap between them, and mode and words of each; without room only the open area has its whole name."""
        tabs: list[tuple[str, str]] = []
        for letters in range(LONGEST_NAME, -1, -1):
            tabs = [
                (mode, f"{number} {name if mode == self.area else name[:letters]}".rstrip())
                for number, mode, name in self.areas
            ]
            for gap in TAB_GAPS:
                if sum(len(words) + gap for _, words in tabs) <= self.size.width:
                    return gap, tabs
        return TAB_GAPS[-1], tabs

    async def on_click(self, event: events.Click) -> None:
        """A click on an area opens it."""
        if event.y != 1:
            return
        start = 1
        gap, tabs = self._tabs()
        for mode, words in tabs:
            if start <= event.x < start + len(words):
                await self.app.switch_mode(mode)
                return
            start += len(words) + gap
