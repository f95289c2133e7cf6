"""Where a script is written: its text, what may come next, a line to find words, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from core.routing.completion import Completions, completions
from core.routing.names import DeskNames
from core.text import one_line
from tui.actions import SOURCE, bindings_of
from tui.widgets.source import ERROR, WARNING, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about one line of a script."""

    line: int
    """Counted from 1, as columns are."""
    column: int
    words: str
    fatal: bool
    """Whether the script cannot be activated with it."""


class ScriptEditor(Vertical):
    """One script. Its owner hears `Changed`, judges the text, and says its `troubles`."""

    BINDINGS: ClassVar = bindings_of(SOURCE)
    DEFAULT_CSS = """
    ScriptEditor {
        height: 1fr;
        & Source { height: 1fr; }
        & OptionList { display: none; height: auto; max-height: 6; border: none; padding: 0 1; background: $panel; }
        & Input, & Input:focus { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
        & .verdict { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
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
        self.source = Source(name=f"{name}-source", first=self.steer_choices)
        self._choices = OptionList(id=f"{name}-choices", markup=False)
        self._choices.can_focus = False
        self._input = Input(id=f"{name}-asking")
        self._verdict = Static("", classes="verdict")
        self._offered = Completions("", ())
        self._troubles: list[Trouble] = []
        self._judged = False
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

    def load(self, text: str, *, read_only: bool = False) -> None:
        """Show another script, from its beginning."""
        self._troubles, self._judged = [], False
        self.source.read_only = read_only
        self.source.load_text(text)
        self.source.mark({})
        self._say()

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """What is wrong with the text as it stands."""
        self._troubles, self._judged = sorted(troubles, key=lambda one: (one.line, one.column)), True
        marks = {one.line: WARNING for one in self._troubles if not one.fatal}
        self.source.mark(marks | {one.line: ERROR for one in self._troubles if one.fatal})
        self._say()

    def _say(self) -> None:
        row, column = self.source.cursor_location
        here = next((one for one in self._troubles if one.line == row + 1), None)
        place = f"{row + 1}:{column + 1}"
        if here is not None:
            style, words = "$error" if here.fatal else "$warning", here.words
            self._verdict.update(
                Content.assemble((f"{ERROR if here.fatal else WARNING} ", style), one_line(words, 500))
            )
        elif self._troubles:
            first, more = self._troubles[0], len(self._troubles) - 1
            glyph, style = (ERROR, "$error") if first.fatal else (WARNING, "$warning")
            words = f"line {first.line}: {one_line(first.words, 400)}" + (f" (and {more} more)" if more else "")
            self._verdict.update(Content.assemble((f"{glyph} ", style), words))
        else:
            self._verdict.update(Content.assemble(("● in order  " if self._judged else "", "$success"), place))

    # -- typing -------------------------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.has_class("-choosing"):
            self._offer(again=True)
        self.post_message(self.Changed(self))

    @on(TextArea.SelectionChanged)
    def _moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self._say()

    @on(Source.CompletionWanted)
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
        self.set_class(bool(found.choices), "-choosing")

    def _take(self, choice: str) -> None:
        self.remove_class("-choosing")
        self.source.complete(self._offered.typed, choice)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self._offered.choices[int(event.option_id or 0)])
        self.source.focus()

    def steer_choices(self, key: str) -> bool:
        """Whether a key was for the list of choices."""
        if not self.has_class("-choosing"):
            return False
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
        self._input.focus()

    @on(Input.Submitted)
    def _asked(self, event: Input.Submitted) -> None:
        event.stop()
        if self._finding:
            self.action_find_next()
            return
        if event.value.strip().isdecimal():
            self.source.go_to(int(event.value))
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
            self.source.focus()

    def key_escape(self, event: events.Key) -> None:
        """From the question back to the script."""
        if self._input.has_focus:
            event.stop()
            self._back()

    def _back(self) -> None:
        self.remove_class("-asking")
        self.source.focus()
