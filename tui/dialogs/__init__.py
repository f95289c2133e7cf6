"""Modal screens. Each gives back a value with `dismiss`, and changes nothing by itself.

They are imported when the first one is asked for: `from tui import dialogs` costs nothing at the start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.dialogs.asking import ChoiceDialog, ConfirmDialog, TextDialog
    from tui.dialogs.dialog import Dialog
    from tui.dialogs.form import FormDialog
    from tui.dialogs.page import PageDialog

__all__ = ["ChoiceDialog", "ConfirmDialog", "Dialog", "FormDialog", "PageDialog", "TextDialog"]

_PLACES = {
    "ChoiceDialog": "asking", "ConfirmDialog": "asking", "TextDialog": "asking",
    "Dialog": "dialog", "FormDialog": "form", "PageDialog": "page",
}  # fmt: skip

if not TYPE_CHECKING:  # else a wrong name would pass as Any

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
