"""What a customer's values may be: a cell of a file or what a person types, cleaned and made the form that is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from core.errors import Wrong
from core.sms import to_e164
from core.text import one_line

_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\.]{1,63}(?:\.[^\s@<>\"(),:;\[\]\\.]{1,63})+")
_STATUS_WORDS = {
    "": "", "unused": "unused", "new": "unused", "open": "unused", "callback": "callback", "call-back": "callback",
    "call back": "callback", "in progress": "in progress", "in-progress": "in progress", "contacted": "contacted",
    "terminated": "terminated", "closed": "terminated",
}  # fmt: skip


def number_of(text: str, region: str) -> str:
    """E.164, empty for a text that is no telephone number."""
    try:
        return to_e164(text, region) if text else ""
    except Wrong:
        return ""


def email_of(text: str) -> str:
    """An address in lower case, empty for an empty text. Raises Wrong."""
    text = text.strip().lower()
    if text and (len(text) > 320 or not _EMAIL.fullmatch(text)):
        raise Wrong(f"{one_line(text, 60)} is no e-mail address: write one such as ann@home.example")
    return text


def named_zone(text: str) -> str:
    """An IANA name in its own spelling, empty for an empty text. Raises Wrong."""
    text = text.strip()
    if not text:
        return ""
    found = _zones().get(text.lower())
    if found is None:
        raise Wrong(f"{one_line(text, 60)} is no time zone: write one such as Europe/London")
    return found


def status_of(text: str) -> str:
    """A customer's status, empty for an empty text. Raises Wrong."""
    found = _STATUS_WORDS.get(" ".join(text.lower().replace("_", " ").split()))
    if found is None:
        known = "unused, callback, in progress, contacted, terminated"
        raise Wrong(f"{one_line(text, 40)} is no status; there are: {known}")
    return found


def callback_of(text: str, zone: str) -> datetime | None:
    """A time in UTC from `2026-03-02 14:30` or ISO 8601; without an offset it is in `zone`. Raises Wrong."""
    text = text.strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{one_line(text, 40)} is no time: write it as 2026-03-02 14:30") from None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (OverflowError, ValueError):
        raise Wrong(f"{one_line(text, 40)} is no time that will come: write it as 2026-03-02 14:30") from None


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}
