"""Cells that a spreadsheet would take for formulas: a quote before them keeps it from that, and is taken off again."""

from __future__ import annotations

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def guarded(text: str) -> str:
    """A cell that nothing runs, whoever wrote what is in it."""
    return f"'{text}" if _is_quoted(text) else text


def guarded_but_numbers(text: str) -> str:
    """The same for what people read: a telephone number begins with + and is no formula."""
    return text if text.startswith("+") and text[1:].isdigit() else guarded(text)


def unguarded(text: str) -> str:
    """What a cell said before it was guarded."""
    return text[1:] if text.startswith("'") and _is_quoted(text) else text


def _is_quoted(text: str) -> bool:
    """A beginning with quotes of its own gets one more, so that taking one off gives what it was."""
    return text.lstrip("'").startswith(BEGINNINGS)
