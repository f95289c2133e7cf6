"""What somebody has typed of a script and not saved: kept on this machine as it is typed, there again next time."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from core.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ScriptDraft:
    """A text, and the newest version it was made from."""

    text: str
    known: int


def draft_path(db: str, login: str, script: str) -> Path:
    """The file for one person, desk and script."""
    name = hashlib.sha256(json.dumps([db, login, script]).encode()).hexdigest()[:24]
    return user_state_path("postroom", appauthor=False) / "scripts" / f"{name}.json"


def kept_draft(path: Path) -> ScriptDraft | None:
    """What is kept there; a file that cannot be read is as none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return ScriptDraft(str(said["text"]), int(said["known"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def keep_draft(path: Path, draft: ScriptDraft) -> None:
    """Keep it, whole or not at all, for this user of the machine alone. Raises Refused where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            json.dump({"text": draft.text, "known": draft.known}, file, ensure_ascii=False)
        os.replace(file.name, path)
    except OSError as error:
        raise Refused(f"what you type is not kept: {path} cannot be written ({error.strerror}); save soon") from error


def drop_draft(path: Path) -> None:
    """It is saved, or no longer wanted."""
    path.unlink(missing_ok=True)
