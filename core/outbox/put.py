"""Putting a message into the outbox: the one verb by which anything leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.errors import NotFound, Wrong
from core.models import Account, Desk, Letter, Message
from core.models import Outbox as OutboxRow
from core.models.states import Channel, Direction
from core.outbox.draft import as_text, dialect_of, storable, write_letter

if TYPE_CHECKING:
    from core.clock import Clock
    from core.outbox.draft import Draft
    from core.secrets import Vault
    from core.store import Database


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
        draft = storable(draft)
        account = await Account.get_or_none(id=draft.account_id).select_related("gateway")
        if account is None:
            raise NotFound(f"there is no account {draft.account_id}")
        if not draft.text.strip():
            raise Wrong("the message is empty: write something first")
        through_gateway = as_text(draft, account)
        if through_gateway and account.gateway is None:
            raise Wrong(f"{account.address} has no gateway: name one in its settings before texts can leave")
        desk = await Desk.get(id=1)
        gateway = dialect_of(account.gateway, self.vault) if through_gateway and account.gateway else None
        letter = write_letter(draft, account, gateway, desk.region, loop_token(desk))
        now = self.clock.now()
        message = await Message.create(
            contact_id=draft.contact_id,
            account_id=account.id,
            direction=Direction.OUT,
            channel=Channel.SMS if through_gateway else Channel.EMAIL,
            address=draft.address,
            name=draft.name[:200],
            recipients=json.dumps(list(draft.cc)),
            subject=draft.subject,
            text=draft.text,
            parts=letter.parts,
            letter_id=letter.letter_id,
            in_reply_to=draft.in_reply_to,
            reference_ids=" ".join(draft.references),
            author_id=draft.author_id,
            automatic=draft.automatic,
            files=json.dumps(
                [{"name": f.name, "content_type": f.content_type, "size": len(f.content)} for f in draft.attachments]
            ),
            at=now,
        )
        row = await OutboxRow.create(
            message_id=message.id,
            account_id=account.id,
            purpose=draft.purpose,
            lane=draft.lane,
            due_at=now,
            # RFC 3834 3.3: nothing may answer an automatic e-mail; a gateway knows its account by the envelope.
            sender="" if draft.automatic and not through_gateway else account.address,
            recipients=json.dumps(list(letter.recipients)),
            address=draft.address,
            letter_id=letter.letter_id,
            created_at=now,
        )
        await Letter.create(outbox_id=row.id, content=letter.content)
        return int(message.id)


def loop_token(desk: Desk) -> str:
    """What our own loop header says: the desk's name is enough, since any value means that a desk wrote it."""
    return (desk.name.encode("ascii", "ignore").decode() or "postroom").replace("\n", " ")[:60]
