"""Modal screens. Each gives back a value with `dismiss`, and changes nothing by itself.

They are imported when the first one is asked for: `from tui import dialogs` costs nothing at the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from tui.dialogs.asking import ChoiceDialog, ConfirmDialog, TextDialog, ask_number
    from tui.dialogs.dialog import Dialog
    from tui.dialogs.form import FormDialog
    from tui.dialogs.page import PageDialog
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "asking": ["ChoiceDialog", "ConfirmDialog", "TextDialog", "ask_number"],
            "dialog": ["Dialog"],
            "form": ["FormDialog"],
            "page": ["PageDialog"],
        },
    )

__all__ = ["ChoiceDialog", "ConfirmDialog", "Dialog", "FormDialog", "PageDialog", "TextDialog", "ask_number"]
