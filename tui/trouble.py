"""What goes wrong in a worker, in one sentence for a person; the details in a file for whoever mends it."""

from __future__ import annotations

import os
import traceback

from platformdirs import user_state_path

from core.errors import PostroomError
from core.text import harmless


def sentence(error: BaseException) -> str:
    """One sentence, harmless. What nobody foresaw leaves its traceback in a file that only this user can read."""
    if isinstance(error, PostroomError):
        return harmless(str(error), lines=False)
    where = ""
    try:
        path = user_state_path("postroom", appauthor=False, ensure_exists=True) / "last-error.txt"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(traceback.format_exception(error)))
        where = f"; {path} has the details for whoever mends it"
    except OSError:
        pass
    return f"something nobody foresaw ({type(error).__name__}){where}"
