"""Setting accounts up and down, beside what desk.toml says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import journal
from core.errors import NotFound, Refused
from core.models import Account
from core.secrets import WrongKey, forget_secrets, open_vault
from core.store import opened

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Database


async def set_enabled(database: Database, address: str, enabled: bool, *, actor: str) -> bool:
    """Take an account's mailbox up or leave it alone; False when it was so already. Raises NotFound.

    What waits in the outbox leaves all the same, and contacts can still be answered.
    """
    async with database.transaction():
        account = await Account.get_or_none(address=address.lower())
        if account is None:
            raise NotFound(f"there is no account {address}: `postroom account list` names them")
        changed = await Account.filter(id=account.id, enabled=not enabled).update(enabled=enabled)
        if changed:
            verb = "enable" if enabled else "disable"
            await journal.append(actor=actor, verb=verb, kind="account", thing_id=account.id, text=account.address)
    return bool(changed)


async def give_up_key(settings: Settings, *, actor: str) -> None:
    """For a desk whose key is lost: forget every password, so that it takes the key that is there, or a new one.

    Raises Refused when the key is there and right.
    """
    async with opened(settings) as database:
        try:
            await open_vault(database, settings)
        except WrongKey:
            async with database.transaction():
                await forget_secrets(database)
                text = "every stored password was forgotten, since the key to them is lost"
                await journal.append(actor=actor, verb="forget", kind="desk", thing_id=1, text=text)
            return
    raise Refused("the key to this desk's passwords is there and right: leave --new-key out")
