"""A person's own keys: `keys.toml` in the config folder, `"queues.take" = "T"` a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platformdirs import user_config_path

from core.errors import Wrong
from tui.actions import ACTIONS, SCOPES

if TYPE_CHECKING:
    from pathlib import Path


def keymap_path() -> Path:
    """Where the file is looked for."""
    return user_config_path("postroom", appauthor=False) / "keys.toml"


def read_keymap(path: Path) -> dict[str, str]:
    """Action id -> keys; empty where there is no file. Raises Wrong for what cannot be read or is no action."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Wrong(f"{path} cannot be read: {error}; the usual keys stand") from error
    import tomllib  # few people have such a file
    from difflib import get_close_matches

    try:
        said = tomllib.loads(text)
    except ValueError as error:
        raise Wrong(f"{path} cannot be read: {error}; the usual keys stand") from error
    keymap: dict[str, str] = {}
    for name, keys in said.items():
        if name not in ACTIONS:
            near = get_close_matches(name, ACTIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else "F1 lists them"
            raise Wrong(f"{path}: there is no action {name}; {hint}")
        if not isinstance(keys, str) or not keys.strip():
            raise Wrong(f'{path}: {name} needs a key, as in "{name}" = "{ACTIONS[name].keys}"')
        keymap[name] = keys
    _refuse_twice(path, keymap)
    return keymap


def written_keymap() -> str:
    """Every action with its keys as they are without a keymap, each line behind a #."""
    lines = []
    for one in SCOPES:
        lines.append(f"\n# -- {one.title}")
        lines += [f'# "{action.id}" = "{action.keys}"  # {action.help}' for action in one.actions]
    return "\n".join(lines) + "\n"


def _refuse_twice(path: Path, keymap: dict[str, str]) -> None:
    """No key can do two things in one place."""
    for one in SCOPES:
        taken: dict[str, str] = {}
        # Those that the file names stand first in the sentence.
        for action in sorted(one.actions, key=lambda action: action.id not in keymap):
            for key in keymap.get(action.id, action.keys).split(","):
                other = taken.setdefault(key.strip(), action.id)
                if other != action.id:
                    raise Wrong(f"{path}: {other} and {action.id} are both on {key.strip()}; the usual keys stand")
