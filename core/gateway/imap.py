"""Mailboxes over IMAP (RFC 3501): list, measure, fetch, mark, move, wait for news.

One `Mailbox` is one connection for one role and one task. Any error but `FolderMissing`, `ServerBusy` and
`Refused` is the end of it: `close` it and open another. A time-out or a cancelled call ends it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from core.errors import FolderMissing, PostroomError, Refused, ServerBusy
from core.gateway.imap_answers import ALLOWANCE, MISSING_CODES, Answer, MoreThanAsked, sounds_busy
from core.gateway.imap_grammar import (
    encode_mailbox,
    fetched,
    listed_mailbox,
    quote,
    read_date,
    read_status,
    searched,
    uid_sets,
)
from core.gateway.imap_opening import ImapServer, log_in, open_wire, reach
from core.gateway.imap_protocol import SELECTED, ImapWire
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.gateway.login import Login

__all__ = ["Envelope", "ImapServer", "Mailbox", "MoreThanAsked", "append", "folders", "log_in", "reach"]

MAX_UID = 2**32 - 1
DEFAULT_BATCH = 64 * 2**20
"""Octets that one `bodies` call may bring where its caller does not say how many it expects."""
_CHUNK = 1_000
"""Mails per command where each answers with one short line, or none."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a mail before it is fetched. `size` is the server's RFC822.SIZE in octets."""

    uid: int
    size: int
    arrived: datetime
    """INTERNALDATE in UTC; now where the server gives none that can be read."""


class Mailbox:
    """One selected folder over one connection."""

    def __init__(self, wire: ImapWire, server: ImapServer, uidvalidity: int) -> None:
        self._wire = wire
        self._server = server
        self.uidvalidity = uidvalidity
        """UIDs mean what they did as long as this is the same; 0 where the server gives none."""
        self.capabilities = frozenset(wire.capabilities)

    @classmethod
    async def open(cls, server: ImapServer, login: Login) -> Self:
        """Connect, encrypt, log in and select the server's folder.

        Raises ServerGone, ServerBusy, TlsFailed, LoginRefused, FolderMissing; none ever holds a secret.
        """
        return await cls.select(await open_wire(server, login), server)

    @classmethod
    async def select(cls, wire: ImapWire, server: ImapServer) -> Self:
        """Select the server's folder on a wire that is logged in; one that fails is closed. Raises as `open` does."""
        try:
            answer = await wire.ask("SELECT", _name(server.folder), keep=b"OK")
            if not answer.ok:
                raise _folder_error(server, server.folder, answer)
        except BaseException:
            await wire.farewell()
            raise
        wire.state = SELECTED
        wire.stirred.clear()
        return cls(wire, server, _uidvalidity(answer))

    @property
    def exists(self) -> int:
        """How many mails the folder holds, as far as the server has told."""
        return self._wire.exists

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of news by itself."""
        return "IDLE" in self.capabilities

    @property
    def can_move(self) -> bool:
        """Whether the server moves in one step (RFC 6851)."""
        return "MOVE" in self.capabilities

    async def uids(self, since: int = 1) -> list[int]:
        """Every UID from `since` on, ascending."""
        if since > MAX_UID:
            return []
        self._wire.stirred.clear()  # what comes from now on may not be in this answer
        answer = await self._done("SEARCH", "UID", f"{max(since, 1)}:*", uid=True, keep=b"SEARCH")
        # `n:*` always holds the last mail, be it older than n (RFC 3501 section 6.4.8).
        return sorted(uid for uid in searched(answer.replies) if since <= uid <= MAX_UID)

    async def envelopes(self, uids: Sequence[int]) -> list[Envelope]:
        """Size and arrival of these mails, ascending by UID; those that are gone are missing."""
        found: dict[int, Envelope] = {}
        for uid, items in await self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)", _CHUNK, ALLOWANCE):
            size = items.get(b"RFC822.SIZE", b"")
            if size.isdigit() and len(size) < 20:
                arrived = read_date(items.get(b"INTERNALDATE", b"")) or datetime.now(UTC)
                found[uid] = Envelope(uid, int(size), arrived)
        return [found[uid] for uid in sorted(found)]

    async def bodies(self, uids: Sequence[int], octets: int = DEFAULT_BATCH) -> dict[int, bytes]:
        """The raw mails by UID, in one command; those that are gone are missing. Nothing is marked as read.

        `octets` is the sum of their sizes: a server that sends much more is cut off with MoreThanAsked (a ServerGone),
        and its mail can still be read with `head`. The caller bounds the batch.
        """
        allow = octets + octets // 4 + 4096 * len(uids) + 2**20
        found = await self._fetch(uids, "(UID BODY.PEEK[])", max(len(uids), 1), allow)
        return {uid: items[b"BODY[]"] for uid, items in found if b"BODY[]" in items}

    async def head(self, uid: int, limit: int = 65536) -> bytes:
        """The first `limit` octets of the mail's header; empty when the mail is gone."""
        wanted = f"(UID BODY.PEEK[HEADER]<0.{limit}>)"
        for _, items in await self._fetch([uid], wanted, 1, limit + 2**20):
            for name in (b"BODY[HEADER]<0>", b"BODY[HEADER]"):
                if name in items:
                    return items[name][:limit]
        return b""

    async def mark_seen(self, uids: Sequence[int]) -> None:
        """Set \\Seen; mails that are gone do not matter."""
        await self._store(uids, "\\Seen")

    async def delete(self, uids: Sequence[int]) -> None:
        """Delete these mails and no others.

        Without UIDPLUS (RFC 4315) EXPUNGE takes every mail that is marked as deleted: it is then left out when one is
        marked that we did not mark, and ours stay behind with the mark.
        """
        await self._store(uids, "\\Deleted")
        if "UIDPLUS" in self.capabilities:
            for part in uid_sets(uids, _CHUNK):
                await self._done("EXPUNGE", part, uid=True)
        elif uids:
            answer = await self._done("SEARCH", "DELETED", uid=True, keep=b"SEARCH")
            if searched(answer.replies) <= set(uids):
                await self._done("EXPUNGE")

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """Move these mails to another folder. Raises FolderMissing when it does not exist (it is not created).

        Without MOVE it is a copy and a `delete`; cut off between the two, a second try copies again.
        """
        for part in uid_sets(uids, _CHUNK):
            answer = await self._wire.ask("MOVE" if self.can_move else "COPY", part, _name(folder), uid=True)
            if not answer.ok and answer.status.code != "EXPUNGEISSUED":
                raise _folder_error(self._server, folder, answer)
        if not self.can_move:
            await self.delete(uids)

    async def refresh(self) -> int:
        """Ask for news; the number of mails in the folder now."""
        await self._done("NOOP")
        return self.exists

    async def idle(self, seconds: float) -> bool:
        """Wait for a change of the folder: True at once when there was one, False after `seconds`.

        What changed since `uids` last looked counts, so that nothing is missed between the two. A server that does
        not end the waiting within 10 seconds when told to is gone (ServerGone). Refused without IDLE.
        """
        if not self.can_idle:
            raise Refused(f"{self._server.where} does not offer IDLE: ask for news with refresh.")
        if self._wire.lost is not None or not self._wire.stirred.is_set():
            refusal = await self._wire.idle(seconds)
            if refusal is not None:
                raise _refusal(self._server, "IDLE", refusal)
        changed = self._wire.stirred.is_set()
        self._wire.stirred.clear()
        return changed

    async def close(self) -> None:
        """Say goodbye, for 2 seconds at most, and cut the connection. Never raises; may be called again."""
        await self._wire.farewell()

    # -- inside --------------------------------------------------------------------------------------------------

    async def _done(self, name: str, *arguments: str, uid: bool = False, keep: bytes = b"") -> Answer:
        answer = await self._wire.ask(name, *arguments, uid=uid, keep=keep)
        if not answer.ok:
            raise _refusal(self._server, name, answer)
        return answer

    async def _store(self, uids: Sequence[int], flag: str) -> None:
        for part in uid_sets(uids, _CHUNK):
            answer = await self._wire.ask("STORE", part, "+FLAGS.SILENT", f"({flag})", uid=True)
            if not answer.ok and answer.status.code != "EXPUNGEISSUED":
                raise _refusal(self._server, "STORE", answer)

    async def _fetch(
        self, uids: Sequence[int], wanted: str, per_command: int, allow: int
    ) -> list[tuple[int, dict[bytes, bytes]]]:
        """The items of every reply to UID FETCH that is about one of these mails."""
        asked = set(uids)
        found: list[tuple[int, dict[bytes, bytes]]] = []
        for part in uid_sets(uids, per_command):
            answer = await self._wire.ask("FETCH", part, wanted, uid=True, keep=b"FETCH", allow=allow)
            if not answer.ok and answer.status.code != "EXPUNGEISSUED":  # RFC 5530: some of them are gone
                raise _refusal(self._server, "FETCH", answer)
            for reply in answer.replies:
                items = fetched(reply)
                uid = items.get(b"UID", b"")
                if uid.isdigit() and len(uid) <= 10 and int(uid) in asked:
                    found.append((int(uid), items))
        return found


async def folders(server: ImapServer, login: Login) -> list[str]:
    """The names of all folders that can be selected, sorted. Raises as `Mailbox.open` does, but FolderMissing."""
    wire = await open_wire(server, login)
    try:
        answer = await wire.ask("LIST", '""', '"*"', keep=b"LIST")
        if not answer.ok:
            raise _refusal(server, "LIST", answer)
        return sorted({name for reply in answer.replies if (name := listed_mailbox(reply)) is not None})
    finally:
        await wire.farewell()


async def append(server: ImapServer, login: Login, raw: bytes, folder: str = "INBOX") -> None:
    """Put a mail (CRLF line ends, as on the wire) into a folder; it arrives unread. Raises as `Mailbox.open` does."""
    wire = await open_wire(server, login)
    try:
        answer = await wire.ask("APPEND", _name(folder), f"{{{len(raw)}}}", responses=[raw])
        if not answer.ok:
            raise _folder_error(server, folder, answer)
    finally:
        await wire.farewell()


def _name(folder: str) -> str:
    return quote(encode_mailbox(folder))


def _uidvalidity(answer: Answer) -> int:
    for reply in answer.replies:
        status = read_status(reply[0][2:])
        if status.code == "UIDVALIDITY" and status.arguments.isdecimal() and len(status.arguments) <= 10:
            return int(status.arguments)
    return 0


def _refusal(server: ImapServer, doing: str, answer: Answer) -> PostroomError:
    return ServerBusy(f"{server.where} did not {doing} ({answer.words}): it is tried again by itself.")


def _folder_error(server: ImapServer, folder: str, answer: Answer) -> PostroomError:
    """A refused SELECT, MOVE, COPY or APPEND: many servers give no code, so that their words must do."""
    status = answer.status
    missing = status.code in MISSING_CODES or (not status.code and not sounds_busy(status))
    if status.word == "NO" and missing:
        name = one_line(folder, 100)
        return FolderMissing(
            f"{server.where} has no folder {name!r} for this login ({answer.words}): create it, or choose another."
        )
    return ServerBusy(f"{server.where} does not open {one_line(folder, 100)!r} now ({answer.words}): try later.")
