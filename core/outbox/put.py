"""Putting a message into the outbox: the one verb by which anything leaves."""

from __future__ import annotations

import json
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


_MESSAGE = ("contact_id", "account_id", "direction", "channel", "address", "name", "recipients", "subject", "text",
            "quoted", "parts", "letter_id", "in_reply_to", "reference_ids", "author_id", "automatic", "marks", "files",
            "at")  # fmt: skip
_ROW = ("message_id", "account_id", "purpose", "lane", "state", "due_at", "attempts", "claimed_by", "sender",
        "recipients", "address", "letter_id", "code", "reply", "created_at", "delivery", "delivery_reason")  # fmt: skip


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
        if not drafts:
            return []
        drafts = [storable(draft) for draft in drafts]
        letters = await self._letters(drafts)
        now = to_moment(self.clock.now())
        written = [_message(draft, letter, now) for draft, letter in zip(drafts, letters, strict=True)]
        rows = await self.database.insert_many("message", _MESSAGE, written, "id, letter_id")
        messages = {row["letter_id"]: int(row["id"]) for row in rows}
        queued = [
            _row(draft, letter, messages[letter.letter_id], now) for draft, letter in zip(drafts, letters, strict=True)
        ]
        rows = await self.database.insert_many("outbox", _ROW, queued, "id, letter_id")
        ids = {row["letter_id"]: row["id"] for row in rows}
        await self.database.many(
            "INSERT INTO letter (outbox_id, content) VALUES (?, ?)",
            [(ids[letter.letter_id], letter.content) for letter in letters],
        )
        return [messages[letter.letter_id] for letter in letters]

    async def _letters(self, drafts: Sequence[Draft]) -> list[Letter]:
        accounts = await Account.filter(id__in={draft.account_id for draft in drafts}).select_related("gateway")
        by_id = {account.id: account for account in accounts}
        skeletons: dict[int, Skeleton] = {}
        desk = await Desk.get(id=1)
        now = self.clock.now()
        letters = []
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
            letters.append(skeletons[account.id].letter(draft, now))
        return letters


def _message(draft: Draft, letter: Letter, now: int) -> tuple[object, ...]:
    files = [{"name": f.name, "content_type": f.content_type, "size": len(f.content)} for f in draft.attachments]
    return (
        draft.contact_id, draft.account_id, Direction.OUT.value, letter.channel.value, draft.address, draft.name[:200],
        json.dumps(list(draft.cc)) if draft.cc else "[]", draft.subject, draft.text, "", letter.parts,
        letter.letter_id, draft.in_reply_to,
        " ".join(draft.references), draft.author_id, draft.automatic, "[]",
        json.dumps(files) if files else "[]", now,
    )  # fmt: skip


def _row(draft: Draft, letter: Letter, message_id: int, now: int) -> tuple[object, ...]:
    # RFC 3834 3.3: nothing may answer an automatic e-mail; a gateway knows its account by the envelope.
    sender = "" if draft.automatic and letter.channel is Channel.EMAIL else letter.sender
    return (
        message_id, draft.account_id, draft.purpose.value, draft.lane, OutboxState.QUEUED.value, now, 0, "", sender,
        json.dumps(list(letter.recipients)), draft.address, letter.letter_id, 0, "", now, "", "",
    )  # fmt: skip


def loop_token(desk: Desk) -> str:
    """What our own loop header says: the desk's name is enough, since any value means that a desk wrote it."""
    return (desk.name.encode("ascii", "ignore").decode() or "postroom").replace("\n", " ")[:60]
