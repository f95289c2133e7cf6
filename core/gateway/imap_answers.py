"""One command to an IMAP server, what comes back to it, and what a refusal means."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aioimaplib import aioimaplib

from core.errors import ServerGone
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.gateway.imap_grammar import Reply, Status

ALLOWANCE = 16 * 2**20
"""Octets a server may answer to anything that does not fetch mails: room for a million EXPUNGE or the UIDs of two."""
LOGIN_ALLOWANCE = 2**18
"""Octets it may send before we have logged in."""
MAX_WORDS = 200
"""Characters of a server's own words in an error."""
MISSING_CODES = frozenset({"TRYCREATE", "NONEXISTENT", "NOPERM", "CANNOT"})
"""Response codes (RFC 5530) of a folder that is not there for us."""
_BUSY_CODES = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"})
_BUSY_WORDS = re.compile(r"too many|temporar|try again|try later|unavailable|in use|limit", re.IGNORECASE)


def sounds_busy(status: Status) -> bool:
    """Whether a refusal asks for patience: by its code (RFC 5530), or by its words where it has no telling code.

    Gmail, for one, says `[ALERT] Too many simultaneous connections`.
    """
    if status.code in ("", "ALERT"):
        return _BUSY_WORDS.search(status.text) is not None
    return status.code in _BUSY_CODES


def harmless_words(text: str, secrets: Sequence[str]) -> str:
    """A server's words fit to show, with every secret struck out: some servers repeat the command they did not like."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return one_line(text, MAX_WORDS) or "no reason given"


class MoreThanAsked(ServerGone):
    """The server sent more than it was asked for; the connection was cut."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to one command: its status, and the untagged replies that belong to it."""

    status: Status
    replies: list[Reply]
    words: str
    """The server's own words: harmless, on one line, at most MAX_WORDS, without our secrets."""

    @property
    def ok(self) -> bool:
        """Whether the server did it."""
        return self.status.word == "OK"


class Question(aioimaplib.Command):  # type: ignore[misc]  # the library is not typed
    """A command under way. `keep` names the untagged replies it wants; `responses` answer the server's `+`, in turn."""

    def __init__(
        self, name: str, tag: str, *arguments: str, uid: bool, keep: bytes, responses: Sequence[bytes]
    ) -> None:
        super().__init__(name, tag, *arguments, prefix="UID" if uid else None)
        self.keep = keep
        self.responses = list(responses)
        self.replies: list[Reply] = []
        self.status: Status | None = None
        self.settled = asyncio.Event()
        self.continued = asyncio.Event()

    def __repr__(self) -> str:
        return f"<{self.name}>"  # the arguments may be a password

    @property
    def line(self) -> bytes:
        """What goes over the wire, without the line end; octets of a password that are no UTF-8 go as they came."""
        return str(super().__repr__()).encode("utf-8", "surrogateescape")
