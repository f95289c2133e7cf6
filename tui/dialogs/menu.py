"""A menu: the actions of one scope, each done by its key or by Enter."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.actions import SCRIPT_MENU, bindings_of
from tui.dialogs.dialog import Dialog
from tui.dialogs.help import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tui.actions import Scope


WIDEST, SHARE, FRAME, NAME = 76, 0.96, 8, 14
"""Cells of a menu at most and its share of the screen, as dialog.tcss has them; those of its frame, and of a name."""


class MenuDialog(Dialog[str]):
    """Gives back the id of an action of its scope, which does nothing by itself: `run` of each is `choose(its id)`."""

    BUTTONS = (("cancel", "Close", "default"),)
    SCOPE: ClassVar[Scope]

    def __init__(self, title: str, question: str = "") -> None:
        super().__init__(title, question)
        self.list = OptionList(markup=False)

    def body(self) -> Iterable[Widget]:
        """The actions."""
        yield self.list

    def on_mount(self) -> None:
        """Choose at once."""
        keymap = getattr(self.app, "keymap", {})
        room = min(WIDEST, int(self.app.size.width * SHARE)) - FRAME - NAME
        for action in self.SCOPE.actions:
            name = f"{keys_of(action, keymap):<3}{action.label:<{NAME - 4}} "
            words = f"\n{' ' * NAME}".join(wrap(action.help, max(20, room)))
            self.list.add_option(Option(Content.assemble((name, "bold"), words), id=action.id))
        self.list.highlighted = 0
        self.list.focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)

    def action_choose(self, action: str) -> None:
        """By its key."""
        self.dismiss(action)

    def accept(self) -> None:
        """The one that stands out."""
        if self.list.highlighted is not None:
            self.dismiss(self.list.get_option_at_index(self.list.highlighted).id)


class ScriptMenu(MenuDialog):
    """What can be done with the script of an account."""

    SCOPE = SCRIPT_MENU
    BINDINGS: ClassVar = bindings_of(SCRIPT_MENU)
