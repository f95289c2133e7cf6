"""A form: pages of fields, judged as they are typed, given back as one set of values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, Select, Static, TabbedContent, TabPane, TextArea

from tui.actions import ACTIONS, FORM, bindings_of
from tui.dialogs.dialog import Dialog
from tui.dialogs.form_fields import Field, Tick, Values, field_value, field_widget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual import events
    from textual.widget import Widget

__all__ = ["Entered", "Field", "FormDialog", "Tick", "Values"]


@dataclass(frozen=True, slots=True)
class Entered:
    """What a form gives back."""

    values: Values
    then: str = ""
    """`check` or `delete` where another button than the first was pressed."""


class FormDialog(Dialog[Entered]):
    """Pages of fields. `check` says by key what is wrong with the values; it is asked at every keystroke."""

    CSS_PATH: ClassVar = ["dialog.tcss", "form.tcss"]  # type: ignore[assignment]
    BINDINGS: ClassVar = [
        *bindings_of(FORM),
        replace(ACTIONS["dialog.accept"].binding(), description="Save", show=True),
    ]
    BUTTONS: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("accept", "Save", "primary"), ("check", "Save and check", "default"), ("cancel", "Cancel", "default"),
    )  # fmt: skip

    def __init__(
        self,
        title: str,
        pages: Sequence[tuple[str, Sequence[Field]]],
        values: Mapping[str, object],
        check: Callable[[Values], Mapping[str, str]],
        *,
        draft: Mapping[str, object] | None = None,
    ) -> None:
        """`values`: what is stored; `draft`: what was typed before, where it was not taken."""
        super().__init__(title)
        self.pages = pages
        self.fields = [field for _, fields in pages for field in fields]
        self.initial = dict(values)
        self._check = check
        shown = {**values, **(draft or {})}
        self._widgets: dict[str, Widget] = {one.key: field_widget(one, shown.get(one.key)) for one in self.fields}
        self._began: Values = {}
        self._tried = False
        self._first = next(field for field in self.fields if field.kind != "fixed")
        self._said = ""
        self.hint = Static("", classes="hint")

    def begin_at(self, key: str, reason: str = "") -> None:
        """Begin with this field, and with a sentence that says why; before the form is shown."""
        self._first = next((field for field in self.fields if field.key == key), self._first)
        self.because(reason)

    def body(self) -> Iterable[Widget]:
        """Pages, and a line that explains the field that has the focus."""
        first = next(number for number, (_, fields) in enumerate(self.pages) if self._first in fields)
        with TabbedContent(initial=f"page-{first}"):
            for number, (title, fields) in enumerate(self.pages):
                with TabPane(title, id=f"page-{number}"):
                    for field in fields:
                        label = Static(Content(field.label), classes="label", id=f"label-{field.id}")
                        yield Horizontal(label, self._widgets[field.key], classes=f"row -{field.kind}")
        yield self.hint
        yield from self.below()

    def below(self) -> Iterable[Widget]:
        """What stands below the pages whichever is open."""
        return ()

    def on_mount(self) -> None:
        """Type at once."""
        self._began = self.typed()
        self._widgets[self._first.key].focus()

    # -- values -------------------------------------------------------------------------------------------------------

    def typed(self) -> Values:
        """Every field's value as it stands: text, whole number, truth; what is no number stays text."""
        return {field.key: field_value(field, self._widgets[field.key], self.initial) for field in self.fields}

    def entered(self) -> Values:
        """What the form gives back; a form may leave out or put together."""
        return self.typed()

    def set_text(self, key: str, text: str) -> None:
        """Put another text into a field of one line."""
        widget = self._widgets[key]
        if isinstance(widget, Input):
            widget.value = text

    # -- judging ------------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    @on(TextArea.Changed)
    def _changed(self, event: Input.Changed | Select.Changed | Checkbox.Changed | TextArea.Changed) -> None:
        event.stop()
        if self._began:
            self.judge()

    def judge(self) -> dict[str, str]:
        """Everything that is wrong, by key; fields that were typed in are marked (all, once saving was tried)."""
        found = dict(self._check(self.entered()))
        typed = self.typed()
        shown = {
            key: words
            for key, words in found.items()
            if self._tried or key not in typed or typed[key] != self._began.get(key)
        }
        if not self._tried and typed == self._began:
            shown = {}
        for field in self.fields:
            label, wrong = self.query_one(f"#label-{field.id}", Static), field.key in shown
            if wrong != label.has_class("-wrong"):  # each label that is set lays out the whole form anew
                label.set_class(wrong, "-wrong")
                label.update(Content(("✖ " if wrong else "") + field.label))
        self.mistake(self._sentence(shown) or ("" if typed != self._began else self._reason))
        return found

    def mistake(self, words: str) -> None:
        """Say what is wrong, where that is another sentence than before: saying it lays out the whole form anew."""
        if words != self._said:
            self._said = words
            super().mistake(words)

    def _sentence(self, shown: Mapping[str, str]) -> str:
        """The one about the field with the focus, else the first."""
        keys = [field.key for field in self.fields if field.key in shown]
        keys.sort(key=lambda key: not self._widgets[key].has_focus)
        labels = {field.key: field.label for field in self.fields}
        if keys:
            return f"{labels[keys[0]]}: {shown[keys[0]]}"
        return next((f"{key} {words}".strip() for key, words in shown.items()), "")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Explain the field."""
        field = next((one for one in self.fields if self._widgets[one.key] is event.widget), None)
        if field is not None:
            self.hint.update(Content(field.hint), layout=False)  # one line, as wide as the form
            if self._began:
                self.judge()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    # -- doing --------------------------------------------------------------------------------------------------------

    def accept(self, then: str = "") -> None:
        """Give the values back, or go to the first field that is wrong."""
        self._tried = True
        found = self.judge()
        if not found:
            self.dismiss(Entered(self.entered(), then))
            return
        for number, (_, fields) in enumerate(self.pages):
            wrong = next((field for field in fields if field.key in found and field.kind != "fixed"), None)
            if wrong is not None:
                self._go_to(number, wrong)
                return

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a form with that button saves and checks, and only one with pages has another."""
        if action == "check":
            return any(name == "check" for name, _, _ in self.BUTTONS)
        return action != "page" or len(self.pages) > 1

    def action_check(self) -> None:
        """Save, then check."""
        self.accept("check")

    def action_page(self, by: int) -> None:
        """Another page, its first field."""
        number = (self._page + by) % len(self.pages)
        stops = self._stops(number)
        if stops:
            self._go_to(number, stops[0])

    def focus_next(self, selector: str | type[Widget] = "*") -> Widget | None:
        """Tab behind the last field of a page leads into the next page."""
        number, here = self._page + 1, self._here
        stops = self._stops(self._page)
        if here is not None and here is stops[-1] and number < len(self.pages):
            return self._go_to(number, self._stops(number)[0])
        return super().focus_next(selector)

    def focus_previous(self, selector: str | type[Widget] = "*") -> Widget | None:
        """Shift+Tab before the first field of a page leads into the page before."""
        number, here = self._page - 1, self._here
        if here is not None and here is self._stops(self._page)[0] and number >= 0:
            return self._go_to(number, self._stops(number)[-1])
        return super().focus_previous(selector)

    @property
    def _page(self) -> int:
        return int(self.query_one(TabbedContent).active.rpartition("-")[2])

    @property
    def _here(self) -> Field | None:
        return next((field for field in self.fields if self._widgets[field.key] is self.focused), None)

    def _stops(self, number: int) -> list[Field]:
        return [field for field in self.pages[number][1] if field.kind != "fixed"]

    def _go_to(self, number: int, field: Field) -> Widget:
        """At once, so that the next key is already the field's."""
        self.query_one(TabbedContent).active = f"page-{number}"
        widget = self._widgets[field.key]
        self.set_focus(widget)
        return widget

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Check, beside what every dialog has: Textual asks the handler of each class by itself."""
        if event.button.id == "check":
            self.accept("check")
