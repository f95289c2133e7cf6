"""What a person chose on this machine and finds again: the theme."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from core.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path


def choices_path() -> Path:
    """The file that keeps it, one for all who sit at this machine under one account of the system."""
    return user_state_path("postroom", appauthor=False) / "screen.json"


def remembered_theme(path: Path, login: str) -> str:
    """What this person chose last; empty where nothing is known. A file that cannot be read is as none."""
    theme = _read(path).get(login, "")
    return theme if isinstance(theme, str) else ""


def remember_theme(path: Path, login: str, theme: str) -> None:
    """Keep it for the next time. Raises Refused when the file cannot be written."""
    import tempfile  # seldom needed, and dear

    said = {**_read(path), login: theme}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(json.dumps({"theme": said}, ensure_ascii=False))
        os.replace(file.name, path)
    except OSError as error:
        raise Refused(f"the theme is not remembered: {path} cannot be written ({error.strerror})") from error


def _read(path: Path) -> dict[str, object]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    themes = said.get("theme") if isinstance(said, dict) else None
    return themes if isinstance(themes, dict) else {}
