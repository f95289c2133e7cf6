"""Fields in a screen: the lines of a form without a dialog around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Input, Select, Static, TextArea

from core.text import harmless
from tui.dialogs.form_fields import field_value, field_widget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.suggester import Suggester
    from textual.widget import Widget

    from tui.dialogs.form_fields import Field, Values


class Fields(VerticalScroll, can_focus=False):
    """Labels with what is typed beside them; a line that explains the one with the focus, or says what is wrong."""

    DEFAULT_CSS = """
    Fields {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & .row { height: 1; padding: 0 1; }
        & .row.-lines, & .row.-lines TextArea, & .row.-lines TextArea:focus { height: 5; }
        & .label { width: 16; color: $text-muted; }
        & .label.-wrong { color: $error; text-style: bold; }
        & Input, & Input:focus { width: 1fr; height: 1; border: none; background: $panel; padding: 0; }
        & Input:focus { background: $primary 25%; }
        & TextArea, & TextArea:focus { width: 1fr; border: none; background: $panel; padding: 0 1; }
        & Select { width: 1fr; }
        & Select SelectCurrent { background: $panel; padding: 0 1; }
        & Select:focus SelectCurrent { background: $primary 25%; }
        & Checkbox { width: auto; }
        & Checkbox:focus { text-style: reverse; }
        & Input:ansi, & TextArea:ansi { background: ansi_default; text-style: underline; }
        & Input:focus:ansi, & TextArea:focus:ansi { background: ansi_default; text-style: reverse; }
        & Input:ansi > .input--selection { background: ansi_default; color: ansi_default; }
        & Select:ansi SelectCurrent { background: ansi_default; text-style: underline; }
        & Select:focus:ansi SelectCurrent { text-style: reverse; }
        & .hint { height: auto; padding: 0 1; margin: 1 0 0 0; color: $text-muted; }
        & .hint.-wrong { color: $error; }
    }
    """

    class Typed(Message):
        """Another value stands in a field."""

        def __init__(self, fields: Fields) -> None:
            super().__init__()
            self.fields = fields

        @property
        def control(self) -> Fields:
            """Whose."""
            return self.fields

    class Ended(Message):
        """Enter in the last field."""

        def __init__(self, fields: Fields) -> None:
            super().__init__()
            self.fields = fields

        @property
        def control(self) -> Fields:
            """Whose."""
            return self.fields

    def __init__(self, fields: Sequence[Field], values: Mapping[str, object], *, name: str) -> None:
        """`name`: its id."""
        super().__init__(id=name)
        self.fields = tuple(fields)
        self.initial = dict(values)
        self._widgets: dict[str, Widget] = {one.key: field_widget(one, values.get(one.key)) for one in fields}
        self._labels = {one.key: Static(Content(one.label), classes="label") for one in fields}
        self._choices = {one.key: one.choices for one in fields if one.kind == "choice"}
        self._wrong: dict[str, str] = {}
        self.hint = Static("", classes="hint")

    def compose(self) -> ComposeResult:
        """A line for each."""
        for one in self.fields:
            yield Horizontal(self._labels[one.key], self._widgets[one.key], classes=f"row -{one.kind}")
        yield self.hint

    @property
    def values(self) -> Values:
        """What stands in them."""
        return {one.key: field_value(one, self._widgets[one.key], self.initial) for one in self.fields}

    def put(self, key: str, value: object) -> None:
        """Put another value into a field."""
        widget = self._widgets[key]
        if isinstance(widget, Checkbox):
            widget.value = bool(value)
        elif isinstance(widget, Select):
            if str(value) in {one for one, _ in self._choices[key]}:
                widget.value = str(value)
        elif isinstance(widget, Input):
            widget.value = harmless(str(value))
        elif isinstance(widget, TextArea):
            widget.text = harmless(str(value))

    def offer(self, key: str, choices: Sequence[tuple[str, str]]) -> None:
        """Other choices; what was chosen stays where it is still among them."""
        widget = self._widgets[key]
        if self._choices.get(key) == tuple(choices) or not isinstance(widget, Select):
            return
        chosen = widget.value
        self._choices[key] = tuple(choices)
        widget.set_options([(Content(harmless(words, lines=False)), one) for one, words in choices])
        if chosen in {one for one, _ in choices}:
            widget.value = chosen

    def say(self, key: str, label: str) -> None:
        """Another label."""
        self._labels[key].update(Content(label), layout=False)

    def suggest(self, key: str, suggester: Suggester) -> None:
        """Complete what is typed into a field of one line."""
        widget = self._widgets[key]
        if isinstance(widget, Input):
            widget.suggester = suggester

    def begin(self, key: str = "") -> None:
        """The focus goes to this field, or to the first: at once, so that the next key is already the field's."""
        self.screen.set_focus(self._widgets[key or self.fields[0].key])

    def blame(self, wrong: Mapping[str, str]) -> None:
        """Mark the fields that are wrong, and say why in one sentence."""
        self._wrong = dict(wrong)
        for one in self.fields:
            label, bad = self._labels[one.key], one.key in wrong
            if bad != label.has_class("-wrong"):
                label.set_class(bad, "-wrong")
                label.update(Content(("✖ " if bad else "") + one.label), layout=False)
        self._explain()

    def _explain(self) -> None:
        here = next((one for one in self.fields if self._widgets[one.key].has_focus), None)
        bad = here if here is not None and here.key in self._wrong else None
        bad = bad or next((one for one in self.fields if one.key in self._wrong), None)
        self.hint.set_class(bad is not None, "-wrong")
        words = f"{bad.label}: {self._wrong[bad.key]}" if bad is not None else here.hint if here is not None else ""
        self.hint.update(Content(harmless(words, lines=False)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Explain the field."""
        self._explain()

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    @on(TextArea.Changed)
    def _changed(self, event: Input.Changed | Select.Changed | Checkbox.Changed | TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(self))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        shown = [self._widgets[one.key] for one in self.fields if one.kind != "fixed"]
        if event.input is shown[-1]:
            self.post_message(self.Ended(self))
        else:
            self.screen.focus_next()
