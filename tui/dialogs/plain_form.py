"""A form that is saved, and nothing else."""

from __future__ import annotations

from typing import ClassVar

from tui.dialogs.form import FormDialog


class PlainForm(FormDialog):
    """Without `Save and check`."""

    BUTTONS: ClassVar = (("accept", "Save", "primary"), ("cancel", "Cancel", "default"))
