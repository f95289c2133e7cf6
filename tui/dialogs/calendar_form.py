"""The form of a calendar: hours, exceptions, zone; holidays come from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui.dialogs.form import FormDialog

if TYPE_CHECKING:
    from textual.widgets import Button


class CalendarForm(FormDialog):
    """Hours a week, exceptions, zone; holidays come from a file."""

    BUTTONS: ClassVar = (
        ("accept", "Save", "primary"),
        ("import", "Holidays", "default"),
        ("cancel", "Cancel", "default"),
    )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save what is typed, and read a file then."""
        if event.button.id == "import":
            self.accept("import")
