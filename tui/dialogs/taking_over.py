"""Taking a contact over, with what was typed at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.drafts import KeptDraft
from core.views.shadow import typed

if TYPE_CHECKING:
    from core.office import Office

SEAT = "taken over"


async def take_over(office: Office, contact_id: int, login: str) -> None:
    """The contact becomes this person's; what its agent has typed is kept as a draft of hers. Raises Refused."""
    found = await typed(office.database, contact_id)
    await office.desk.transfer(contact_id, agent=login, login=login)
    if found is not None:
        draft = KeptDraft(found.text, found.subject, found.cc, tuple(json.loads(found.files)))
        await office.drafts.keep(contact_id, draft, login=login, seat=SEAT)
