"""What every dialog has: a frame with a title, buttons at its foot, a line of keys, Esc to leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, cast

from textual import events
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Button, Static

from core.text import harmless
from tui.actions import DIALOG, bindings_of
from tui.widgets.keysline import KeysLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.widget import Widget
    from textual.worker import Worker

    from tui.app import PostroomApp


class Dialog(ModalScreen[ScreenResultType | None], Generic[ScreenResultType]):
    """A modal screen that gives back a value, or None where the person leaves it."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar = bindings_of(DIALOG)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (21, "-high")]  # noqa: RUF012 - Textual declares it so
    LOW: ClassVar[bool] = False
    """Whether it stands at the foot of the desk, below the thread."""
    AUTO_FOCUS = ""
    """Each dialog says where its focus begins."""
    BUTTONS: ClassVar[tuple[tuple[str, str, str], ...]] = (("accept", "OK", "primary"), ("cancel", "Cancel", "default"))
    """Id, words and variant of each; `accept` and `cancel` are known."""

    def __init__(self, title: str, question: str = "") -> None:
        super().__init__()
        self.heading = title
        self.question = question
        self._reason = ""
        self._early: list[events.Event | None] | None = []
        """Keys that came before the focus, and None for `accept`; None once they have been let in."""

    def compose(self) -> ComposeResult:
        """Question, body, what is wrong, buttons; at the foot of the screen the keys that work in it."""
        with Vertical() as frame:
            frame.border_title = Content(harmless(self.heading, lines=False))
            if self.question:
                yield Static(Content(harmless(self.question)), classes="question")
            yield from self.body()
            yield Static("", classes="mistake")
            with Horizontal(classes="buttons"):
                for name, words, variant in self.BUTTONS:
                    yield Button(Content(words), id=name, variant=variant)  # type: ignore[arg-type]
        yield KeysLine()

    def body(self) -> Iterable[Widget]:
        """What the dialog asks with."""
        return ()

    def mistake(self, words: str) -> None:
        """Say what is wrong with what was typed; empty when nothing is."""
        line = self.query_one(".mistake", Static)
        line.set_class(bool(words), "-said")
        line.update(Content(harmless(words)))

    def because(self, reason: str) -> None:
        """Why it comes, or comes again: said in it, where no toast would last. Before it is shown."""
        self._reason = reason

    def on_mount(self) -> None:
        """A dialog that asks for no focus gets its keys all the same. What was said before does not lie over it."""
        self.app.clear_notifications()
        if self._reason:
            self.mistake(self._reason)
        self.app.call_later(self._let_keys_in)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """The first focus lets the keys in."""
        super().set_focus(widget, scroll_visible, from_app_focus)
        if widget is not None:
            self._let_keys_in()

    def _forward_event(self, event: events.Event) -> None:
        # People type on while a dialog opens: their keys wait until it has its focus.
        if self._early is not None and isinstance(event, events.Key | events.Paste):
            self._early.append(event)
        else:
            super()._forward_event(event)

    def _let_keys_in(self) -> None:
        early, self._early = self._early or [], None
        for event in early:
            if event is None:
                self.action_accept()
            else:
                (self.focused or self)._forward_event(event)

    def accept(self) -> None:
        """Take what was typed: dismiss with a value, or say what is wrong."""
        raise NotImplementedError

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Accept or cancel."""
        event.stop()
        if event.button.id == "accept":
            self.accept()
        elif event.button.id == "cancel":
            self.dismiss(None)

    def key_space(self, event: events.Key) -> None:
        """Space presses a button as Enter does."""
        if isinstance(self.focused, Button):
            event.stop()
            self.focused.press()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The end of a worker does not bubble: pass it on to the one place that says errors."""
        cast("PostroomApp", self.app).on_worker_state_changed(event)

    def action_cancel(self) -> None:
        """Leave it."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """The first button, once all that was typed before has arrived where it was typed."""
        if self._early is not None:
            self._early.append(None)
        else:
            (self.focused or self).call_later(self._accept_once)

    def _accept_once(self) -> None:
        if self.is_current:
            self.accept()
