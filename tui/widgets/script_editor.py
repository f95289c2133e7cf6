"""Where a script is written: its text, what may come next, a line to find words, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from core.routing.completion import Completions, completions
from core.routing.names import DeskNames
from core.text import one_line
from tui.actions import SOURCE, bindings_of
from tui.widgets.keysline import first_key
from tui.widgets.script_verdict import Trouble, verdict
from tui.widgets.source import ERROR, WARNING, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult


__all__ = ["ScriptEditor", "Trouble"]
_NAMING = re.compile(r"""(["'][^"',)]*|\w\.\w*)$""")
"""Before the cursor: a name in quotes, or what stands behind a dot. There the choices come by themselves."""


class Question(Input):
    """A line that asks for words or a line's number. Keys that came behind its Enter or Esc are the script's."""

    def __init__(self, name: str, source: Source, answered: Callable[[str | None], None]) -> None:
        """`answered` gets the words at Enter, None at Esc."""
        super().__init__(id=name)
        self._source = source
        self._answered = answered

    async def _on_key(self, event: events.Key) -> None:
        if self.screen.focused is self._source:
            event.stop()
            event.prevent_default()
            await self._source.obey(event)
        elif event.key in ("enter", "escape"):
            event.stop()
            event.prevent_default()
            self._answered(self.value if event.key == "enter" else None)
            if self.screen.focused is self._source:
                self._source.hold()
                self.call_later(self._source.release)
        else:
            await super()._on_key(event)


class ScriptEditor(Vertical):
    """One script. Its owner hears `Changed`, judges the text, and says its `troubles`."""

    BINDINGS: ClassVar = bindings_of(SOURCE)
    DEFAULT_CSS = """
    ScriptEditor {
        height: 1fr;
        & Source { height: 1fr; }
        & OptionList {
            display: none; overlay: screen; constrain: inside inflect; width: auto; min-width: 16; max-width: 50;
            height: auto; max-height: 8; border: none; padding: 0 1; background: $panel;
        }
        & Input, & Input:focus { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
        & .verdict { height: auto; max-height: 4; padding: 0 1; }
        &.-choosing OptionList { display: block; }
        &.-asking Input, &.-asking Input:focus { display: block; }
    }
    """

    @dataclass
    class Changed(Message):
        """Another text stands there."""

        editor: ScriptEditor

        @property
        def control(self) -> ScriptEditor:
            """The editor."""
            return self.editor

    def __init__(self, *, name: str) -> None:
        """`name`: its id; its text is `name-source`."""
        super().__init__(id=name)
        self.names = DeskNames()
        """What may be named; its owner says it."""
        self.scripts: tuple[str, ...] = ()
        """What may be loaded."""
        self.source = Source(name=f"{name}-source", first=self.steer, edited=self._edited)
        self._choices = OptionList(id=f"{name}-choices", markup=False)
        self._choices.can_focus = False
        self._input = Question(f"{name}-asking", self.source, self._answered)
        self._verdict = Static(Content(""), classes="verdict")
        self._offered = Completions("", ())
        self._choosing_in = 0
        self._troubles: list[Trouble] = []
        self._judged = False
        self._forbidden = ""
        self._said = Content("")
        self._finding = True

    def compose(self) -> ComposeResult:
        """Text, choices, question, verdict."""
        yield self.source
        yield self._choices
        yield self._input
        yield self._verdict

    @property
    def text(self) -> str:
        """The script as it is typed."""
        return self.source.text

    def load(self, text: str) -> None:
        """Show another script, from its beginning."""
        self._troubles, self._judged = [], False
        self.source.load_text(text)
        self.source.mark({})
        self._say()

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """What is wrong with the text as it stands."""
        self._troubles, self._judged = sorted(troubles, key=lambda one: (one.line, one.column)), True
        marks = {one.line: WARNING for one in self._troubles if not one.fatal}
        self.source.mark(marks | {one.line: ERROR for one in self._troubles if one.fatal})
        self._say()

    def forbid(self, reason: str) -> None:
        """Let nobody type here, and say why; empty: it may be written."""
        if reason != self._forbidden:
            self._forbidden = reason
            self.source.read_only = bool(reason)
            self._say()

    def put(self, text: str) -> None:
        """Another text in the place of what is written; Ctrl+Z brings that back."""
        self.source.put(text)

    def _say(self) -> None:
        words = self._verdict_words()
        if words != self._said:
            self._said = words
            self._verdict.update(words)

    def _verdict_words(self) -> Content:
        row, column = self.source.cursor_location
        return verdict(
            (row + 1, column + 1), self._troubles, self._forbidden, self._judged, partial(first_key, self.app)
        )

    # -- typing -------------------------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._judged = False
        self._say()
        self.post_message(self.Changed(self))

    def _edited(self) -> None:
        if self.has_class("-choosing") or (self.source.is_being_typed and _NAMING.search(self.source.before_cursor)):
            self._offer(again=True)

    @on(TextArea.SelectionChanged)
    def _moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        if self.has_class("-choosing") and self.source.cursor_location[0] != self._choosing_in:
            self.remove_class("-choosing")
        self._say()

    def action_complete(self) -> None:
        """What may come next: the only choice at once, several as a list."""
        self._offer(again=False)

    def _offer(self, *, again: bool) -> None:
        found = self._offered = completions(self.source.before_cursor, self.names, self.scripts)
        if len(found.choices) == 1 and not again:
            self._take(found.choices[0])
            return
        self._choices.clear_options()
        self._choices.add_options(
            [Option(Content(one_line(one, 80)), id=str(i)) for i, one in enumerate(found.choices)]
        )
        self._choices.highlighted = 0 if found.choices else None
        self._choices.absolute_offset = self.source.cursor_screen_offset - Offset(cell_len(found.typed) + 1, -1)
        self._choosing_in = self.source.cursor_location[0]
        self.set_class(bool(found.choices), "-choosing")
        self.source.refresh(layout=bool(found.choices))

    def _take(self, choice: str) -> None:
        self.remove_class("-choosing")
        typed = self._offered.typed
        before, after = self.source.before_cursor, self.source.after_cursor
        quote = before.removesuffix(typed)[-1:]
        if quote in ('"', "'") and not choice.endswith(quote):  # a name in quotes: they are closed, or gone over
            after = after.removeprefix(quote)
            self.source.complete(typed, choice + quote, over=len(self.source.after_cursor) - len(after))
        else:
            self.source.complete(typed, choice)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self._offered.choices[int(event.option_id or 0)])
        self.screen.set_focus(self.source)

    def steer(self, key: str) -> bool:
        """Whether a key was for the choices: to move among them, to take one, or Tab behind words to see them."""
        if self.has_class("-choosing"):
            return self._steer_choices(key)
        if key == "tab" and self.source.before_cursor.strip() and not self.source.read_only:
            self.action_complete()
            return True
        return False

    def _steer_choices(self, key: str) -> bool:
        match key:
            case "down":
                self._choices.action_cursor_down()
            case "up":
                self._choices.action_cursor_up()
            case "enter" | "tab" if self._choices.highlighted is not None:
                self._take(self._offered.choices[self._choices.highlighted])
            case "escape":
                self.remove_class("-choosing")
            case _:
                return False
        return True

    # -- finding ------------------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Ask for words."""
        self._finding = True
        self._ask("words to find; Enter goes to the next, Esc back to the script", self.source.selected_text)

    def action_line(self) -> None:
        """Ask for a line."""
        self._finding = False
        self._ask("a line's number", "")

    def _ask(self, question: str, value: str) -> None:
        self.add_class("-asking")
        self._input.placeholder = question
        self._input.value = one_line(value, 200)
        self.screen.set_focus(self._input)  # at once: the next key is its own

    @on(Input.Changed)
    def _asking(self, event: Input.Changed) -> None:
        event.stop()

    def _answered(self, words: str | None) -> None:
        if words is not None and self._finding:
            self.action_find_next()
            return
        if words is not None and words.strip().isdecimal():
            self.source.go_to(int(words[:9]))
        self._back()

    def action_find_next(self) -> None:
        """The next place of the words."""
        if self._finding and self._input.value and not self.source.find_next(self._input.value):
            self.app.notify(f"“{one_line(self._input.value, 40)}” is not in this script", markup=False)

    def action_problem(self) -> None:
        """The next line with a problem."""
        row = self.source.cursor_location[0] + 1
        if self._troubles:
            after = next((one for one in self._troubles if one.line > row), self._troubles[0])
            self.source.go_to(after.line, after.column)
            self.screen.set_focus(self.source)

    def _back(self) -> None:
        self.remove_class("-asking")
        self.screen.set_focus(self.source)
