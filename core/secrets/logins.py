"""How a login is proved: by a password that is stored, or by what a command prints."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
from typing import TYPE_CHECKING, Protocol

from core.errors import LoginRefused
from core.gateway.login import Login
from core.settings import KEY_VARIABLE

if TYPE_CHECKING:
    from core.secrets.vault import Vault

COMMAND_SECONDS = 10.0
"""How long a command that prints a password or a token may take."""

_MAX_OUTPUT = 65536


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
        raise LoginRefused(f"{whose} has no password: give it one, on the screen or in desk.toml")
    return Login(row.user, password=vault.unseal(row.secret))


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
