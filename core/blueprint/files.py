"""Files that a desk.toml names."""

from __future__ import annotations

from pathlib import Path

from core.errors import Wrong

MAX_TEXT_FILE = 2**18


def resolved(folder: Path, text: str) -> Path:
    """A path as the file has it: from its own folder, or from home."""
    path = Path(text).expanduser() if text.startswith("~") else Path(text)
    return folder / path


def text_of(path: Path) -> str:
    """What a script or template says in a file of its own. Raises Wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_TEXT_FILE + 1)
        text = raw.decode("utf-8-sig")
    except OSError as err:
        raise Wrong(f"{path} cannot be read ({err.strerror})") from err
    except UnicodeDecodeError as err:
        raise Wrong(f"{path} is not text in UTF-8") from err
    if len(raw) > MAX_TEXT_FILE:
        raise Wrong(f"{path} is larger than {MAX_TEXT_FILE // 1024} KB")
    return text.replace("\r\n", "\n")
