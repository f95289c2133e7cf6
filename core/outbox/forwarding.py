"""What a contact's messages look like when they are sent on to somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.states import Channel
from core.text import clip, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

LONGEST_THREAD = 1_000_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the thread."""

    address: str
    at: datetime
    text: str
    ours: bool


def forwarded_text(words: str, thread: Iterable[Said]) -> str:
    """Somebody's words, and below them the thread, oldest first."""
    said = "\n\n".join(f"{'us' if m.ours else m.address}, {m.at:%d %b %Y %H:%M} UTC:\n{m.text}" for m in thread)
    return clip(f"{words}\n\n---- forwarded ----\n{said}".strip(), LONGEST_THREAD)


def forwarded_subject(channel: Channel, subject: str, preview: str) -> str:
    """`Fwd: ` and what it is about."""
    return f"Fwd: {one_line(preview if channel is Channel.SMS else subject or preview, 120)}"
