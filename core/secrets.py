"""Credentials: sealed with Fernet (AES-128-CBC and HMAC-SHA256) by a key that never stands in the database.

The key is POSTROOM_KEY, else a file beside the database. Several keys, separated by commas, are how a key is
changed: all of them open, the first one seals. First `old,new` wherever the desk runs, then `new,old` (all that is
stored is then sealed anew when the desk opens), then `new`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import LoginRefused, Permanent
from core.gateway.login import Login
from core.models import Account, Gateway, OutgoingServer
from core.settings import KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from core.settings import Settings

COMMAND_SECONDS = 10.0
"""How long a command that prints a password or a token may take."""

_WORD = "postroom"
_MAX_KEY_FILE = 4096
_MAX_OUTPUT = 65536


class WrongKey(Permanent):
    """The key does not open this desk's credentials."""


class KeyExposed(Permanent):
    """The key file can be read by others."""


class Store(Protocol):
    """What is needed of `core.store.Database`, which stands on the same step."""

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """One transaction."""

    async def rows(self, sql: str, *values: object) -> list[dict[str, object]]:
        """One statement's rows."""


class Credentials(Protocol):
    """A row with a login: an account or the outgoing server."""

    @property
    def user(self) -> str:
        """The name to log in with; empty where no login is needed."""

    @property
    def secret(self) -> str:
        """The password, sealed."""

    @property
    def password_command(self) -> str:
        """Prints the password."""

    @property
    def token_command(self) -> str:
        """Prints an OAuth2 access token."""


class Vault:
    """Seals and opens texts. Empty stays empty: no password is not a secret."""

    def __init__(self, keys: Sequence[str], where: str) -> None:
        self.where = where
        """Where the key was found, as a person would name it."""
        self._fernets = [_fernet(key, where) for key in keys]
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
    keys = _keys_at_hand(settings, may_create=not check)
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


async def login_for(row: Credentials, vault: Vault) -> Login:
    """The login of an account or of the outgoing server; with an empty user where none is needed.

    Runs the row's password or token command without a shell. Raises LoginRefused when that fails or says nothing,
    or there is no password at all; WrongKey.
    """
    whose = str(getattr(row, "address", "") or "the outgoing server")
    if row.token_command:
        return Login(row.user, token=await _said_by(row.token_command, whose, "token"))
    if row.password_command:
        return Login(row.user, password=await _said_by(row.password_command, whose, "password"))
    if row.user and not row.secret:
        raise LoginRefused(f"{whose} has no password: give it one in desk.toml and apply that")
    return Login(row.user, password=vault.unseal(row.secret))


# -- the key -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Keys:
    keys: tuple[str, ...]
    where: str
    created: bool = False


def _keys_at_hand(settings: Settings, *, may_create: bool) -> _Keys:
    given = _split(os.environ.get(KEY_VARIABLE, ""))
    if given:
        return _Keys(given, KEY_VARIABLE)
    path, created = settings.key_file, False
    if not path.exists():
        if not may_create:
            raise WrongKey(
                f"the key to this desk's passwords is missing (looked for {KEY_VARIABLE} and {path}): put it back;"
                " if it is lost, `postroom apply FILE --new-key` forgets the passwords"
            )
        created = _create_key(path)
    return _Keys(_read_key(path), str(path), created)


def _split(text: str) -> tuple[str, ...]:
    return tuple(key for part in text.split(",") if (key := part.strip()))


def _read_key(path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(_MAX_KEY_FILE).decode("ascii", "replace")
    except OSError as err:
        raise WrongKey(f"the key file {path} cannot be read ({err.strerror}): make it yours, with mode 600") from err
    if mode & 0o077:
        raise KeyExposed(f"the key file {path} may be read by others (mode {mode:o}): say `chmod 600 {path}`")
    keys = _split(text)
    if not keys:
        raise WrongKey(f"the key file {path} is empty: put the key back, or set {KEY_VARIABLE}")
    return keys


def _create_key(path: Path) -> bool:
    """Write a new key; False when somebody else was first. It appears whole or not at all: written, then linked."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:  # O_EXCL and 0600
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            os.link(file.name, path)
    except FileExistsError:
        return False
    except OSError as err:
        raise WrongKey(
            f"the key file {path} cannot be made ({err.strerror}): set {KEY_VARIABLE}, or take another place with --db"
        ) from err
    return True


def _fernet(key: str, where: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise WrongKey(
            f"{where} holds something that is no key: it must be 44 characters, 32 random octets in URL-safe base64"
        ) from None


def _opens(fernet: Fernet, sealed: str) -> bool:
    with contextlib.suppress(InvalidToken):
        fernet.decrypt(sealed)
        return True
    return False


# -- the database --------------------------------------------------------------------------------------------------


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


# -- commands ------------------------------------------------------------------------------------------------------


async def _said_by(command: str, whose: str, thing: str) -> str:
    """The first line that the command prints. Neither the command nor what it says ever stands in an error."""
    what = f"the {thing} command of {whose}"
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            code, output = await _run(shlex.split(command))
    except TimeoutError:
        raise LoginRefused(f"{what} did not end within {COMMAND_SECONDS:g} seconds: run it by hand") from None
    except OSError as err:
        raise LoginRefused(f"{what} cannot be started ({os.strerror(err.errno or 0)}): check desk.toml") from None
    except ValueError:
        raise LoginRefused(f"{what} cannot be read as words: check its quotes in desk.toml") from None
    line = output.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "surrogateescape")
    if code != 0:
        raise LoginRefused(f"{what} ended with exit code {code}: run it by hand as the user that runs Postroom")
    if not line:
        raise LoginRefused(f"{what} ended with exit code 0 and printed nothing: run it by hand")
    return line


class _Listener(asyncio.SubprocessProtocol):
    """Keeps the beginning of what a process prints; the rest is read and dropped, or it would wait for ever."""

    def __init__(self) -> None:
        self.output = b""
        self.exited = asyncio.Event()
        self.ended = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.output = (self.output + data)[:_MAX_OUTPUT]

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()


async def _run(words: list[str]) -> tuple[int | None, bytes]:
    """Exit code and output of a command; cancelled, it ends the command and what that has started."""
    if not words:
        raise ValueError("no command")
    transport, listener = await asyncio.get_running_loop().subprocess_exec(
        _Listener,
        *words,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name != KEY_VARIABLE},
        start_new_session=True,  # a process group of its own
    )
    try:
        await listener.ended.wait()
        return transport.get_returncode(), listener.output
    finally:
        if transport.get_returncode() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            await listener.exited.wait()
        transport.close()
