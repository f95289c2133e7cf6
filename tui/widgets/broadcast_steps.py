"""The steps of the broadcast wizard that are looked at: the plan, and each recipient's message."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import ProgressBar, Static

from core.text import clip, harmless
from tui.actions import ACTIONS, PLAN, PREVIEW, bindings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

LONGEST = 20_000


class PlanStep(VerticalScroll, can_focus=True, inherit_bindings=False):
    """How far the planning is; then what came of it."""

    BINDINGS: ClassVar = [*bindings_of(PLAN), ACTIONS["page.up"].binding(), ACTIONS["page.down"].binding()]

    class Asked(Message):
        """Those left out are to be looked at or written down, or it is to be planned anew."""

        def __init__(self, what: str, key: str = "") -> None:
            """`what`: `look`, `worst`, `export`, `again`; `key`: of `broadcast_words.KEYS`."""
            super().__init__()
            self.what = what
            self.key = key

    def __init__(self) -> None:
        super().__init__(id="plan")
        self.bar = ProgressBar(show_eta=False, id="plan-bar")
        self.told = Static("", id="plan-told")

    def compose(self) -> ComposeResult:
        """Bar and words."""
        yield Horizontal(self.bar, id="plan-bar-row")
        yield self.told

    def going(self, done: int, total: int) -> None:
        """So many customers have been looked at."""
        self.set_class(True, "-going")
        self.bar.update(total=max(1, total), progress=done)
        self.told.update(Content(f"{done:,} of {total:,} customers looked at; Esc stops it"))

    def say(self, lines: Sequence[Content]) -> None:
        """The plan."""
        self.set_class(False, "-going")
        self.told.update(Content("\n").join(lines))

    def action_look(self, key: str) -> None:
        """Those left out for a reason."""
        self.post_message(self.Asked("look", key))

    def action_worst(self) -> None:
        """The longest message."""
        self.post_message(self.Asked("worst"))

    def action_export(self) -> None:
        """All left out, into a file."""
        self.post_message(self.Asked("export"))

    def action_again(self) -> None:
        """Plan anew."""
        self.post_message(self.Asked("again"))


class PreviewStep(Vertical):
    """One recipient's own message at a time."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self.head = Static("", id="preview-head")
        self.text = Static("", id="preview-text")
        self.page = PreviewPage(self.text)

    def compose(self) -> ComposeResult:
        """Whose, what."""
        yield self.head
        yield self.page

    def say(self, head: Sequence[Content], text: str) -> None:
        """This one."""
        self.head.update(Content("\n").join(head))
        self.text.update(Content(clip(harmless(text), LONGEST)))
        self.page.scroll_home(animate=False)


class PreviewPage(VerticalScroll, can_focus=True, inherit_bindings=False):
    """The text, which scrolls; the other keys turn to another recipient."""

    BINDINGS: ClassVar = [*bindings_of(PREVIEW), ACTIONS["page.up"].binding(), ACTIONS["page.down"].binding()]

    class Turned(Message):
        """To the recipient so many further, or to a number (0 = the last), or one of the other wishes."""

        def __init__(self, what: str, number: int = 0) -> None:
            """`what`: `turn`, `go`, `ask`, `worst`, `test`."""
            super().__init__()
            self.what = what
            self.number = number

    def action_turn(self, by: int) -> None:
        """So many further."""
        self.post_message(self.Turned("turn", by))

    def action_go(self, number: int) -> None:
        """To this one."""
        self.post_message(self.Turned("go", number))

    def action_number(self) -> None:
        """To one whose number is asked."""
        self.post_message(self.Turned("ask"))

    def action_worst(self) -> None:
        """The longest."""
        self.post_message(self.Turned("worst"))

    def action_test(self) -> None:
        """Send it to oneself."""
        self.post_message(self.Turned("test"))
