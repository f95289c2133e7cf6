"""The fields of a form: what one is, the widget it is filled in with, and the value that stands in that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.content import Content
from textual.widgets import Checkbox, Input, Select, Static, TextArea

from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

Kind = Literal["text", "number", "secret", "choice", "flag", "lines", "fixed"]
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form."""

    key: str
    """Under which its value is given back."""
    label: str
    hint: str = ""
    """One sentence, shown while the focus is on it."""
    kind: Kind = "text"
    choices: tuple[tuple[str, str], ...] = ()
    """Of a choice: value and words; an empty value means none."""

    @property
    def id(self) -> str:
        """Of its widget."""
        return "field-" + self.key.replace(".", "-").replace("_", "-")


class Tick(Checkbox):
    """A flag that says itself what it is: Textual tells a set one from another by its colour alone."""

    def __init__(self, key: str, value: bool, yes: str = "yes", no: str = "no") -> None:
        """`key` is its id; `yes`, `no`: what stands beside the mark."""
        super().__init__("", value, compact=True, id=key)
        self._words = (no, yes)
        self._say()

    def watch_value(self) -> None:
        """The mark and the word, beside what the class above does."""
        if self.is_attached:
            self._say()
        super().watch_value()

    def _say(self) -> None:
        self.BUTTON_INNER = "X" if self.value else " "
        self.label = Content(self._words[self.value])


class Lines(TextArea):
    """A text of several lines, which leaves F6 and F7 to the form."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without what Textual has on those keys."""
        return action not in ("select_line", "select_all")


def _shown(value: object) -> str:
    """A value as it may stand in a field: a text from anywhere is harmless there too."""
    return "" if value is None else harmless(str(value))


def field_widget(field: Field, value: object) -> Widget:
    """The widget in which a field is filled in, with this in it."""
    text = _shown(value)
    if field.kind == "choice":
        options = [(Content(harmless(words, lines=False)), key) for key, words in field.choices]
        known = {key for key, _ in field.choices}
        start = text if text in known else field.choices[0][0]
        return Select(options, value=start, allow_blank=False, compact=True, id=field.id)
    if field.kind == "flag":
        return Tick(field.id, bool(value))
    if field.kind == "lines":
        return Lines(text, id=field.id, compact=True)
    if field.kind == "fixed":
        return Static(Content(text.replace("\n", " ")), id=field.id)
    return Input(text, placeholder="…", password=field.kind == "secret", id=field.id, compact=True)


def field_value(field: Field, widget: Widget, initial: Mapping[str, object]) -> object:
    """What stands in it: text, whole number, truth; untouched it is what it was in `initial`."""
    if isinstance(widget, Select | Checkbox):
        return widget.value
    before = initial.get(field.key)
    if isinstance(widget, TextArea | Input) and before is not None:
        said = widget.text if isinstance(widget, TextArea) else widget.value
        if said == _shown(before):
            return before
    if isinstance(widget, TextArea):
        return widget.text
    if isinstance(widget, Input):
        text = widget.value if field.kind == "secret" else widget.value.strip()
        if field.kind == "number" and text.isdecimal() and text.isascii() and len(text) < 12:
            return int(text)
        return text
    return initial.get(field.key, "")
