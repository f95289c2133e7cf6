"""Why somebody takes no work, and what becomes of her contacts when she leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.dialogs.asking import ChoiceDialog

if TYPE_CHECKING:
    from collections.abc import Sequence

GO, STAY = "go", "stay"


class NotReadyDialog(ChoiceDialog):
    """Gives back a reason that the desk knows."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            "Not ready",
            [(one, one) for one in reasons],
            "Nothing new comes to you; what you have stays. Why?",
        )


class LeavingDialog(ChoiceDialog):
    """What becomes of open contacts: `go` signs out and gives them back, `stay` keeps them for a while."""

    def __init__(self, count: int, *, quitting: bool) -> None:
        many = f"{count} contacts" if count > 1 else "contact"
        verb = "go" if count > 1 else "goes"
        choices = [(GO, f"sign out: your {many} {verb} back to where {'they' if count > 1 else 'it'} waited")]
        if quitting:
            choices.append((STAY, "leave, and sit down elsewhere in a moment: all stays as it is until then"))
        super().__init__(
            "Sign out", choices, f"You have {count} open contact{'s' if count > 1 else ''}. Esc stays here."
        )
