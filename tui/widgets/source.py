"""The text of a script: Python's colours, a mark at each line with a problem, and room for what may come next."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual import events
    from textual.document._document import EditResult
    from textual.document._edit import Edit

ERROR, WARNING = "✖", "▲"
CUT = "›"
"""At the right edge of a line that goes on beyond it."""


def _colours_of(theme: str) -> dict[str, Style]:
    built_in = TextAreaTheme.get_builtin_theme(theme)
    return dict(built_in.syntax_styles) if built_in is not None else {}


_PLAIN = {
    "keyword": Style(bold=True), "string": Style(color="green"), "comment": Style(dim=True),
    "function": Style(color="cyan"), "function.call": Style(color="cyan"), "number": Style(color="magenta"),
    "operator": Style(), "boolean": Style(color="magenta"), "constant.builtin": Style(color="magenta"),
}  # fmt: skip
COLOURS = (
    TextAreaTheme("script-dark", syntax_styles=_colours_of("vscode_dark")),
    TextAreaTheme("script-light", syntax_styles=_colours_of("github_light")),
    TextAreaTheme("script-plain", syntax_styles=_PLAIN),
)
"""Of the text: on a dark ground, on a light one, with 16 colours."""
INDENT = 4


class Source(TextArea):
    """A text area for a script. Its owner asks it what is typed and tells it where problems are.

    Keys are obeyed one after the other however fast they come: a terminal far away sends ten at once. Tab indents where
    a line begins; Esc is the owner's, so that nobody is locked in.
    """

    DEFAULT_CSS = """
    Source, Source:focus { border: none; padding: 0; background: $surface; scrollbar-size: 0 1; }
    Source:ansi, Source:ansi:focus { background: ansi_default; }
    """

    def __init__(
        self, *, name: str, first: Callable[[str], bool] = lambda key: False, edited: Callable[[], None] = lambda: None
    ) -> None:
        """`name` is its id. `first` sees every key before the text does, and says whether it was for another; `edited`
        is called at each change, before the next key."""
        super().__init__("", language="python", id=name, show_line_numbers=True, soft_wrap=False, tab_behavior="focus")
        self.indent_width = INDENT
        self.match_cursor_bracket = True
        self.is_being_typed = False
        """Whether the last change was a key of the person's; not so after a paste, an undo or another text."""
        self._marks: dict[int, str] = {}
        self._first = first
        self._edited = edited
        self._free = asyncio.Event()
        self._free.set()

    def on_mount(self) -> None:
        """The colours go with the theme of the screen."""
        for theme in COLOURS:
            self.register_theme(theme)
        self.watch(self.app, "theme", self._dress)

    def _dress(self) -> None:
        dark, light, plain = (theme.name for theme in COLOURS)
        self.theme = plain if self.app.native_ansi_color else dark if self.app.current_theme.dark else light

    @property
    def before_cursor(self) -> str:
        """The line up to the cursor."""
        row, column = self.cursor_location
        return self.document.get_line(row)[:column]

    @property
    def after_cursor(self) -> str:
        """The line from the cursor on."""
        row, column = self.cursor_location
        return self.document.get_line(row)[column:]

    def mark(self, marks: Mapping[int, str]) -> None:
        """Show a glyph beside lines, counted from 1; whatever was marked before is not."""
        if marks != self._marks:
            self._marks = dict(marks)
            self._line_cache.clear()
            self.refresh()

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor on a line and column, both counted from 1; the nearest there is."""
        row = max(0, min(line - 1, self.document.line_count - 1))
        self.move_cursor((row, max(0, min(column - 1, len(self.document.get_line(row))))), center=True)

    def find_next(self, words: str, *, backward: bool = False) -> bool:
        """Select the next place of these words from the cursor on, round the end; whether there is one."""
        pattern = re.compile(re.escape(words), re.IGNORECASE)
        places = [
            ((row, found.start()), (row, found.end()))
            for row, line in enumerate(self.document.lines)
            for found in pattern.finditer(line)
            if words
        ]
        if not places:
            return False
        here = (min(self.selection), max(self.selection))
        if backward:
            start, end = next((place for place in reversed(places) if place < here), places[-1])
        else:
            start, end = next((place for place in places if place > here), places[0])
        self.move_cursor(start, center=True)
        self.move_cursor(end, select=True)
        return True

    def put(self, text: str) -> None:
        """Put another text in the place of all that is there; Ctrl+Z takes it back."""
        self.is_being_typed = False
        self.history.checkpoint()
        self.replace(text, (0, 0), self.document.end)
        self.history.checkpoint()
        self.go_to(1)

    def on_resize(self) -> None:
        """The line with the cursor stays in sight."""
        self.call_after_refresh(self.scroll_cursor_visible)

    def complete(self, typed: str, choice: str, *, over: int = 0) -> None:
        """Put a choice in the place of what is typed of it, and of so many characters behind the cursor."""
        self.is_being_typed = False
        row, column = self.cursor_location
        done = self.replace(choice, (row, column - len(typed)), (row, column + over))
        self.move_cursor(done.end_location)

    def _render_line(self, y: int) -> Strip:
        strip = super()._render_line(y)
        line = self._line_at(y)
        mark = self._marks.get(line)
        if mark is not None:
            color = self.app.theme_variables["text-error" if mark == ERROR else "text-warning"]
            # a theme's colour may be one of the terminal's own, which Rich calls otherwise
            style = Style(color=Color.parse(color.split()[0]).rich_color, bold=True)
            # the first of the two blanks behind the number
            strip = self._with(strip, self.gutter_width - 2, mark, style)
        room = self.scrollable_content_region.width - self.gutter_width
        if line and self._cells_of(line) > self.scroll_offset.x + room:
            strip = self._with(strip, self.gutter_width + room - 1, CUT, Style(bold=True))
        return strip

    def _with(self, strip: Strip, at: int, glyph: str, style: Style) -> Strip:
        return Strip.join([strip.crop(0, at), Strip([Segment(glyph, self.rich_style + style)]), strip.crop(at + 1)])

    def _cells_of(self, line: int) -> int:
        return cell_len(self.document.get_line(line - 1).expandtabs(INDENT))

    def _line_at(self, y: int) -> int:
        try:
            line, _ = self.wrapped_document._offset_to_line_info[y + self.scroll_offset.y]
        except IndexError:
            return 0
        return line + 1

    def edit(self, edit: Edit) -> EditResult:
        """As Textual's; its owner hears of it at once."""
        result = super().edit(edit)
        self._edited()
        return result

    def hold(self) -> None:
        """Let keys wait that come here: others that came before them are still on their way through `obey`."""
        self._free.clear()

    def release(self) -> None:
        """Obey those that waited."""
        self._free.set()

    async def _on_key(self, event: events.Key) -> None:
        await self._free.wait()
        await self.obey(event)

    async def obey(self, event: events.Key) -> None:
        """Do what a key says."""
        self.is_being_typed = event.is_printable
        if self._first(event.key):
            event.stop()
            event.prevent_default()
        elif event.key in ("ctrl+home", "ctrl+end"):
            event.stop()
            self.move_cursor((0, 0) if event.key == "ctrl+home" else self.document.end)
        elif self.read_only:
            await super()._on_key(event)
        elif event.key == "tab":
            event.stop()
            event.prevent_default()
            self.insert(" " * (INDENT - len(self.before_cursor) % INDENT))
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            self.insert("\n" + _indent_after(self.before_cursor))
        elif event.key == "backspace" and self.before_cursor and not self.before_cursor.strip(" "):
            event.stop()
            event.prevent_default()
            row, column = self.cursor_location
            if self.selected_text:
                self.action_delete_left()
            else:
                self.delete((row, column - ((column - 1) % INDENT + 1)), (row, column))
        elif bindings := [one for one in self._bindings.key_to_bindings.get(event.key, ()) if not one.priority]:
            event.stop()  # not by way of the app, where the next key would overtake it
            event.prevent_default()
            await self.run_action(bindings[0].action)
        else:
            await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        self.is_being_typed = False
        event.text = harmless(event.text).replace("\t", " " * INDENT)  # the text area's own handler comes next


def _indent_after(before: str) -> str:
    """How the next line begins: as this one, deeper after a colon, less deep after what ends a block."""
    indent = before[: len(before) - len(before.lstrip(" "))]
    words = before.strip()
    if words.endswith((":", "[", "(", "{")):
        return indent + " " * INDENT
    if words.split(" ")[0] in ("return", "pass", "break", "continue") and not words.endswith(","):
        return indent[:-INDENT]
    return indent
