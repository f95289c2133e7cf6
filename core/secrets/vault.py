"""The vault: seals what must not stand readable in the database, and opens it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.models import Account, Gateway, OutgoingServer
from core.secrets.keys import WrongKey, fernet, keys_at_hand
from core.settings import KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from core.settings import Settings

_WORD = "postroom"


class Store(Protocol):
    """What is needed of `core.store.Database`, which stands on the same step."""

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """One transaction."""

    async def rows(self, sql: str, *values: object) -> list[dict[str, object]]:
        """One statement's rows."""


class Vault:
    """Seals and opens texts. Empty stays empty: no password is not a secret."""

    def __init__(self, keys: Sequence[str], where: str) -> None:
        self.where = where
        """Where the key was found, as a person would name it."""
        self._fernets = [fernet(key, where) for key in keys]
        self._all = MultiFernet(self._fernets)

    def __repr__(self) -> str:
        return f"<Vault, key from {self.where}>"

    def seal(self, text: str) -> str:
        """The text, encrypted; another result each time."""
        return self._all.encrypt(text.encode("utf-8", "surrogateescape")).decode() if text else ""

    def unseal(self, sealed: str) -> str:
        """What was sealed. Raises WrongKey."""
        if not sealed:
            return ""
        try:
            return self._all.decrypt(sealed).decode("utf-8", "surrogateescape")
        except InvalidToken:
            raise WrongKey(
                f"the key in {self.where} does not open this desk's passwords: put back the key that sealed them"
                f" (in that place, or in {KEY_VARIABLE}); if it is lost, `postroom apply FILE --new-key` forgets them"
            ) from None

    def resealed(self, sealed: str) -> str:
        """The same secret, sealed with the first key; as it is where that has been done."""
        if not sealed or _opens(self._fernets[0], sealed):
            return sealed
        return self._all.rotate(sealed).decode()


def sealed_overrides(overrides: Mapping[str, object], vault: Vault) -> dict[str, object]:
    """A gateway's overrides as they are stored: each of its `secrets` sealed."""
    return _each_secret(overrides, vault.seal)


def opened_overrides(overrides: Mapping[str, object], vault: Vault) -> dict[str, object]:
    """A gateway's overrides as `core.gateway.dialects.dialect` wants them: its secrets readable. Raises WrongKey."""
    return _each_secret(overrides, vault.unseal)


async def open_vault(database: Store, settings: Settings) -> Vault:
    """The vault of this desk; a new desk gets a key. Raises WrongKey, KeyExposed."""
    check = await _stored_check(database)
    keys = keys_at_hand(settings, may_create=not check)
    vault = Vault(keys.keys, keys.where)
    if not check:
        check = await _settle_check(database, vault)
    try:
        right = vault.unseal(check) == _WORD
    except WrongKey:
        if keys.created:  # somebody else was first with another key; this one has sealed nothing
            settings.key_file.unlink(missing_ok=True)
        raise
    if not right:
        raise WrongKey(f"the desk's check word is not what it should be: the key in {keys.where} is of another desk")
    if len(keys.keys) > 1:
        await _reseal(database, vault, check)
    return vault


async def forget_secrets(database: Store) -> None:
    """Drop all that is sealed, for a desk whose key is lost; joins the caller's transaction."""
    await database.rows("UPDATE desk SET key_check = ''")
    await database.rows("UPDATE account SET secret = ''")
    await database.rows("UPDATE outgoing_server SET secret = ''")
    for gateway in await Gateway.all():
        kept = _each_secret(gateway.overrides, lambda _: "")
        if kept != gateway.overrides:
            await Gateway.filter(id=gateway.id).update(overrides=kept)


def _opens(fernet: Fernet, sealed: str) -> bool:
    with contextlib.suppress(InvalidToken):
        fernet.decrypt(sealed)
        return True
    return False


async def _stored_check(database: Store) -> str:
    found = await database.rows("SELECT key_check FROM desk WHERE id = 1")
    return str(found[0]["key_check"]) if found else ""


async def _settle_check(database: Store, vault: Vault) -> str:
    """Leave the word sealed with our key unless somebody was first; what stands there then."""
    async with database.transaction():
        await database.rows(
            "INSERT INTO desk (id, name, region, timezone, key_check) VALUES (1, '', 'GB', 'Europe/London', '')"
            " ON CONFLICT (id) DO NOTHING"
        )
        await database.rows("UPDATE desk SET key_check = ? WHERE id = 1 AND key_check = ''", vault.seal(_WORD))
        return await _stored_check(database)


async def _reseal(database: Store, vault: Vault, check: str) -> None:
    """After a change of keys, seal everything with the first one."""
    if vault.resealed(check) == check:
        return
    async with database.transaction():
        await database.rows("UPDATE desk SET key_check = ? WHERE id = 1", vault.resealed(check))
        for account in await Account.exclude(secret=""):
            await Account.filter(id=account.id).update(secret=vault.resealed(account.secret))
        for server in await OutgoingServer.exclude(secret=""):
            await OutgoingServer.filter(id=server.id).update(secret=vault.resealed(server.secret))
        for gateway in await Gateway.all():
            await Gateway.filter(id=gateway.id).update(overrides=_each_secret(gateway.overrides, vault.resealed))


def _each_secret(overrides: Mapping[str, object], change: _Change) -> dict[str, object]:
    # Imported here: it brings half of the libraries along, and a cold start counts.
    from core.gateway.dialects import SECRET_KEYS

    changed = dict(overrides)
    for key in SECRET_KEYS & overrides.keys():
        table = overrides[key]
        if isinstance(table, dict):
            changed[key] = {name: change(str(value)) for name, value in table.items()}
    return changed


class _Change(Protocol):
    def __call__(self, text: str, /) -> str: ...
