"""What a person chose on this machine and finds again: the theme, and whether the bell rings."""

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
    theme = _read(path).get("theme", {}).get(login, "")
    return theme if isinstance(theme, str) else ""


def remember_theme(path: Path, login: str, theme: str) -> None:
    """Keep it for the next time. Raises Refused when the file cannot be written."""
    _keep(path, "theme", login, theme)


def is_silent(path: Path, login: str) -> bool:
    """Whether this person wants no bell."""
    return _read(path).get("bell", {}).get(login) is False


def remember_silence(path: Path, login: str, silent: bool) -> None:
    """Keep it for the next time. Raises Refused when the file cannot be written."""
    _keep(path, "bell", login, not silent)


def _keep(path: Path, what: str, login: str, said: object) -> None:
    import tempfile  # seldom needed, and dear

    known = _read(path)
    known[what] = {**known.get(what, {}), login: said}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(json.dumps(known, ensure_ascii=False))
        os.replace(file.name, path)
    except OSError as error:
        words = f"the {what} is not remembered: {path} cannot be written ({error.strerror})"
        raise Refused(words) from error


def _read(path: Path) -> dict[str, dict[str, object]]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {kind: by for kind, by in said.items() if isinstance(by, dict)} if isinstance(said, dict) else {}
