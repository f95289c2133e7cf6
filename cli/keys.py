"""`postroom keys`: every action of the screen with its keys, as a file to begin one's own with."""

from __future__ import annotations

import typer


def keys() -> None:
    """Write every action and its keys as a keys.toml; in the folder that it names, its lines without # are yours."""
    from tui.keymap import keymap_path, written_keymap

    typer.echo(f"# These lines count in {keymap_path()}, without the # before them.")
    typer.echo(written_keymap(), nl=False)
