"""The last question before a version of a script decides."""

from __future__ import annotations

from core.text import harmless
from tui.dialogs.asking import TextDialog


class PublishDialog(TextDialog):
    """Gives back the remark, which may be empty; None: not yet."""

    BUTTONS = (("accept", "Publish", "primary"), ("cancel", "Not yet", "default"))

    def __init__(self, title: str, question: str, remark: str) -> None:
        words = harmless(remark, lines=False)
        super().__init__(title, question, value=words, placeholder="a remark, if you like: what is new in it")
