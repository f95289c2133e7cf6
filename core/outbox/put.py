"""Putting a message into the outbox: the one verb by which anything leaves."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

from core.errors import NotFound, Wrong
from core.models import Account, Desk
from core.models.fields import to_moment
from core.models.states import Channel, Direction, OutboxState
from core.outbox.draft import as_text, dialect_of, storable
from core.outbox.skeleton import Skeleton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.clock import Clock
    from core.outbox.draft import Draft, Letter
    from core.secrets import Vault
    from core.store import Database


_MESSAGE = ("id", "contact_id", "account_id", "direction", "channel", "address", "name", "recipients", "subject",
            "text", "quoted", "parts", "letter_id", "in_reply_to", "reference_ids", "author_id", "automatic", "marks",
            "files", "at")  # fmt: skip
_ROW = ("id", "message_id", "account_id", "purpose", "lane", "state", "due_at", "attempts", "claimed_by", "sender",
        "recipients", "address", "letter_id", "code", "reply", "created_at", "delivery", "delivery_reason")  # fmt: skip


BREATH = 50
"""Letters that are written without letting anybody else have a turn."""


@dataclass(frozen=True, slots=True)
class Written:
    """A draft with its letter."""

    draft: Draft
    letter: Letter


class Outbox:
    """Where messages wait to leave."""

    def __init__(self, database: Database, clock: Clock, vault: Vault) -> None:
        self.database = database
        self.clock = clock
        self.vault = vault

    async def put(self, draft: Draft) -> int:
        """Write the message and its row in the caller's transaction, mint its Message-ID; the message's id.

        Raises Wrong when the gateway cannot carry it (too long, nothing in it), NotFound for no such account.
        """
        return (await self.put_many([draft]))[0]

    async def put_many(self, drafts: Sequence[Draft]) -> list[int]:
        """As `put`, for many in a few statements: the messages' ids in this order. With an error none is written."""
        return await self.put_letters(await self.letters(drafts))

    async def put_letters(self, letters: Sequence[Written]) -> list[int]:
        """As `put_many`, for letters that are written by now."""
        if not letters:
            return []
        now = to_moment(self.clock.now())
        messages = await self.database.new_ids("message", len(letters))
        rows = await self.database.new_ids("outbox", len(letters))
        await self.database.insert_many(
            "message", _MESSAGE, [_message(id_, one, now) for id_, one in zip(messages, letters, strict=True)]
        )
        await self.database.insert_many(
            "outbox", _ROW, [_row(*each, now) for each in zip(rows, messages, letters, strict=True)]
        )
        contents = [(id_, one.letter.content) for id_, one in zip(rows, letters, strict=True)]
        await self.database.insert_many("letter", ("outbox_id", "content"), contents)
        return list(messages)

    async def letters(self, drafts: Sequence[Draft]) -> list[Written]:
        """Write the letters of drafts, and nothing into the database. Raises as `put` does."""
        if not drafts:
            return []
        drafts = [storable(draft) for draft in drafts]
        accounts = await Account.filter(id__in={draft.account_id for draft in drafts}).select_related("gateway")
        by_id = {account.id: account for account in accounts}
        skeletons: dict[int, Skeleton] = {}
        desk = await Desk.get(id=1)
        now = self.clock.now()
        letters: list[Written] = []
        for draft in drafts:
            account = by_id.get(draft.account_id)
            if account is None:
                raise NotFound(f"there is no account {draft.account_id}")
            if not draft.text.strip():
                raise Wrong("the message is empty: write something first")
            if as_text(draft, account) and account.gateway is None:
                words = f"{account.address} has no gateway: name one in its settings before texts can leave"
                raise Wrong(words)
            if account.id not in skeletons:
                gateway = None
                if account.kind is Channel.SMS and account.gateway is not None:
                    gateway = dialect_of(account.gateway, self.vault)
                skeletons[account.id] = Skeleton(account, gateway, desk.region, loop_token(desk))
            letters.append(Written(draft, skeletons[account.id].letter(draft, now)))
            if len(letters) % BREATH == 0:
                await asyncio.sleep(0)
        return letters


def _message(id_: int, written: Written, now: int) -> tuple[object, ...]:
    draft, letter = written.draft, written.letter
    files = [{"name": f.name, "content_type": f.content_type, "size": len(f.content)} for f in draft.attachments]
    return (
        id_, draft.contact_id, draft.account_id, Direction.OUT.value, letter.channel.value,
        draft.address, draft.name[:200],
        json.dumps(list(draft.cc)) if draft.cc else "[]", draft.subject, draft.text, "", letter.parts,
        letter.letter_id, draft.in_reply_to,
        " ".join(draft.references), draft.author_id, draft.automatic, "[]",
        json.dumps(files) if files else "[]", now,
    )  # fmt: skip


def _row(id_: int, message_id: int, written: Written, now: int) -> tuple[object, ...]:
    draft, letter = written.draft, written.letter
    # RFC 3834 3.3: nothing may answer an automatic e-mail; a gateway knows its account by the envelope.
    sender = "" if draft.automatic and letter.channel is Channel.EMAIL else letter.sender
    return (
        id_, message_id, draft.account_id, draft.purpose.value, draft.lane, OutboxState.QUEUED.value, now, 0, "",
        sender,
        _as_json(letter.recipients), draft.address, letter.letter_id, 0, "", now, "", "",
    )  # fmt: skip


def _as_json(addresses: tuple[str, ...]) -> str:
    return f"[{encode_basestring_ascii(addresses[0])}]" if len(addresses) == 1 else json.dumps(addresses)


def loop_token(desk: Desk) -> str:
    """What our own loop header says: the desk's name is enough, since any value means that a desk wrote it."""
    return (desk.name.encode("ascii", "ignore").decode() or "postroom").replace("\n", " ")[:60]
