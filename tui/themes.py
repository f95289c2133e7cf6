"""Dark, light, and 16 colours. A state is a glyph and a word; a colour only helps."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="postroom-dark",
    primary="#7aa2f7",
    secondary="#8b93b8",
    accent="#e0af68",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#d5d9e8",
    background="#16181f",
    surface="#1b1e27",
    panel="#242836",
    dark=True,
    variables={"block-cursor-text-style": "none", "input-selection-background": "#7aa2f7 35%"},
)
LIGHT = Theme(
    name="postroom-light",
    primary="#2354b8",
    secondary="#5b6475",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#b3261e",
    success="#2f6b1f",
    foreground="#1d2330",
    background="#fafaf7",
    surface="#f2f2ee",
    panel="#e4e4de",
    dark=False,
)
SIXTEEN = "ansi-dark"
"""Textual's own: the terminal's colours and no others."""

THEMES = (DARK.name, LIGHT.name, SIXTEEN)
assert SIXTEEN in BUILTIN_THEMES
