"""Three small questions: yes or no, a text, one of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import Button, Input, OptionList
from textual.widgets.option_list import Option

from core.text import clip, harmless
from tui.actions import CONFIRM, bindings_of
from tui.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import App
    from textual.widget import Widget


class ConfirmDialog(Dialog[bool]):
    """Yes or no; the focus is on No, so that Enter alone destroys nothing."""

    BINDINGS: ClassVar = bindings_of(CONFIRM)
    BUTTONS = (("accept", "Yes", "warning"), ("cancel", "No", "default"))

    def __init__(self, title: str, question: str, yes: str = "Yes") -> None:
        super().__init__(title, question)
        self.yes = yes

    def on_mount(self) -> None:
        """Name the deed on the button."""
        self.query_one("#accept", Button).label = Content(self.yes)
        self.query_one("#cancel", Button).focus()

    def accept(self) -> None:
        """Yes."""
        self.dismiss(True)

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(True)

    def action_no(self) -> None:
        """No."""
        self.dismiss(None)


class TextDialog(Dialog[str]):
    """One line of text; `check` says what is wrong with it, in one sentence."""

    def __init__(
        self,
        title: str,
        question: str = "",
        *,
        value: str = "",
        placeholder: str = "",
        password: bool = False,
        check: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(title, question)
        self._input = Input(value, placeholder=placeholder, password=password)
        self._check = check

    def body(self) -> Iterable[Widget]:
        """The line."""
        yield self._input

    def on_mount(self) -> None:
        """Type at once."""
        self._input.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.mistake(self._check(event.value) if self._check and event.value else "")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.accept()

    def accept(self) -> None:
        """The text, unless something is wrong with it."""
        wrong = self._check(self._input.value) if self._check else ""
        self.mistake(wrong)
        if not wrong:
            self.dismiss(self._input.value)


async def ask_number(app: App[Any], title: str, question: str, most: int) -> int | None:
    """One of the numbers from 1 to `most`, typed as `1234` or as it is shown, `1,234`; None where nobody says one."""

    def number_in(text: str) -> int:
        said = text.replace(",", "").strip()
        return int(said) if said.isdecimal() and said.isascii() and len(said) < 12 else 0

    def wrong(text: str) -> str:
        return "" if 1 <= number_in(text) <= most else f"a number from 1 to {most:,}"

    said = await app.push_screen_wait(TextDialog(title, question, check=wrong))
    return number_in(said) if said else None


class ChoiceDialog(Dialog[str]):
    """One of several; typing narrows them down. With `free`, what was typed is an answer too."""

    def __init__(
        self, title: str, choices: Sequence[tuple[str, str]], question: str = "", *, free: bool = False, value: str = ""
    ) -> None:
        """`choices`: each what is given back and what is shown."""
        super().__init__(title, question)
        self.choices = choices
        self.free = free
        words = "type to narrow down, or your own words" if free else "type to narrow down"
        self._input = Input(value, placeholder=words)
        self._list = OptionList(markup=False)
        self._list.can_focus = False

    def body(self) -> Iterable[Widget]:
        """The line to type in, and what it leaves."""
        yield self._input
        yield self._list

    def on_mount(self) -> None:
        """Type at once."""
        self._narrow()
        self._input.focus()

    @on(Input.Changed)
    def _narrow(self) -> None:
        words = self._input.value.casefold().split()
        self._list.clear_options()
        for number, (_, shown) in enumerate(self.choices):
            if all(word in shown.casefold() for word in words):
                self._list.add_option(Option(Content(clip(harmless(shown, lines=False), 200)), id=str(number)))
        self._list.highlighted = 0 if self._list.option_count else None

    def key_down(self) -> None:
        """The next choice."""
        self._list.action_cursor_down()

    def key_up(self) -> None:
        """The choice before."""
        self._list.action_cursor_up()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.accept()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.accept()

    def accept(self) -> None:
        """The choice that stands out, or the words where those are an answer."""
        if self._list.highlighted is not None:
            chosen = self._list.get_option_at_index(self._list.highlighted)
            self.dismiss(self.choices[int(chosen.id or 0)][0])
        elif self.free and self._input.value.strip():
            self.dismiss(self._input.value.strip())
        else:
            self.mistake("nothing of that name: type less, or choose with the arrow keys")
