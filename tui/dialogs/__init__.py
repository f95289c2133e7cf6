"""Modal screens. Each gives back a value with `dismiss`, and changes nothing by itself."""

from tui.dialogs.asking import ChoiceDialog, ConfirmDialog, TextDialog
from tui.dialogs.dialog import Dialog
from tui.dialogs.form import FormDialog
from tui.dialogs.page import PageDialog

__all__ = ["ChoiceDialog", "ConfirmDialog", "Dialog", "FormDialog", "PageDialog", "TextDialog"]
