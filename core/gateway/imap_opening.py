"""From an address to a logged-in IMAP connection: connect, encrypt, log in. No step falls back to a weaker one."""

from __future__ import annotations

import asyncio
import base64
import functools
import os
import re
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import LoginRefused, PostroomError, ServerBusy, ServerGone, TlsFailed, Wrong
from core.gateway.imap_answers import LOGIN_ALLOWANCE, MAX_WORDS, Answer, sounds_busy
from core.gateway.imap_grammar import quote
from core.gateway.imap_protocol import AUTH, NONAUTH, ImapWire
from core.text import one_line

if TYPE_CHECKING:
    from core.gateway.login import Login

_UNSENDABLE = re.compile(r"[\x00\x01\r\n]")
_MAX_INITIAL_RESPONSE = 4_000
"""Octets of a token that may stand in the command line itself."""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where mails are fetched. `security` is `none`, `starttls` or `tls`; nothing falls back to a weaker one."""

    host: str
    port: int
    security: str
    folder: str = "INBOX"
    timeout: float = 30.0
    """Seconds the server may be silent when it was asked something."""
    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""

    def __post_init__(self) -> None:
        if self.security not in ("none", "starttls", "tls"):
            raise Wrong(f"security {self.security!r} of {self.host} is not known: say none, starttls or tls.")
        if not 0 < self.port < 65536:
            raise Wrong(f"port {self.port} of {self.host} does not exist: say one from 1 to 65535.")

    @property
    def where(self) -> str:
        """Host and port as people write them."""
        return f"{self.host}:{self.port}"


async def open_wire(server: ImapServer, login: Login) -> ImapWire:
    """Connect, encrypt and log in; `capabilities` are those after the login.

    Raises ServerGone, ServerBusy, TlsFailed, LoginRefused.
    """
    wire = await reach(server)
    await log_in(wire, login)
    return wire


async def reach(server: ImapServer) -> ImapWire:
    """Connect and encrypt: a wire that knows nobody yet. Raises ServerGone, ServerBusy, TlsFailed."""
    wire = await _connect(server)
    try:
        await wire.greeting()
        if server.security == "starttls":
            await _encrypt(wire, server)
        await _ask_capabilities(wire)
    except BaseException:
        await wire.farewell()
        raise
    return wire


async def log_in(wire: ImapWire, login: Login) -> None:
    """Log in on a wire that was reached; one that fails is closed. Raises ServerGone, ServerBusy, LoginRefused."""
    try:
        if wire.state == NONAUTH:  # else the server greeted with PREAUTH: it knows us already
            await _log_in(wire, login)
            await _ask_capabilities(wire)
    except BaseException:
        await wire.farewell()
        raise


async def _connect(server: ImapServer) -> ImapWire:
    context = await _tls_context(server) if server.security == "tls" else None
    wire = ImapWire(server.where, server.timeout)
    try:
        async with asyncio.timeout(server.timeout):
            await asyncio.get_running_loop().create_connection(
                lambda: wire,
                server.host,
                server.port,
                ssl=context,
                server_hostname=server.host if context else None,
                happy_eyeballs_delay=0.25,  # RFC 8305: a broken IPv6 must not hide a working IPv4
            )
    except (OSError, ValueError) as err:
        raise _unreachable(server, err) from err
    return wire


async def _encrypt(wire: ImapWire, server: ImapServer) -> None:
    await _ask_capabilities(wire)
    if wire.state != NONAUTH or "STARTTLS" not in wire.capabilities:
        raise TlsFailed(
            f"{server.where} does not offer STARTTLS, or somebody between hides it: "
            "no login was sent; try tls, or ask its operator."
        )
    context = await _tls_context(server)
    try:
        async with asyncio.timeout(2 * server.timeout):
            await wire.encrypt(context, server.host)
    except (OSError, ValueError) as err:
        raise _unreachable(server, err) from err


async def _ask_capabilities(wire: ImapWire) -> None:
    """The library reads them out of whatever line comes by; here they are asked for (RFC 3501 section 6.1.1)."""
    answer = await wire.ask("CAPABILITY", keep=b"CAPABILITY", allow=LOGIN_ALLOWANCE)
    listed = b" ".join(reply[0] for reply in answer.replies).decode("ascii", "replace").upper()
    wire.capabilities = set(listed.split()) - {"*", "CAPABILITY"}


async def _tls_context(server: ImapServer) -> ssl.SSLContext:
    try:
        changed = os.stat(server.ca_file).st_mtime_ns if server.ca_file else 0  # one stat
        return await asyncio.to_thread(_load_authorities, server.ca_file, changed)
    except (OSError, ValueError) as err:
        raise TlsFailed(
            f"The authorities for {server.where} cannot be read from {server.ca_file}: check ca_file."
        ) from err


@functools.lru_cache(maxsize=8)
def _load_authorities(ca_file: str | None, _changed: int) -> ssl.SSLContext:
    """A context that checks certificates. The system's authorities take 25 ms and 1 MB: load them once for all."""
    return ssl.create_default_context(cafile=ca_file)


# -- login ---------------------------------------------------------------------------------------------------------


async def _log_in(wire: ImapWire, login: Login) -> None:
    secret = login.token or login.password
    if _UNSENDABLE.search(login.user + secret):
        raise LoginRefused(f"The login for {wire.place} holds a line break or another control: take it out.")
    wire.secrets = _secret_forms(login)
    if login.token:
        if "AUTH=XOAUTH2" not in wire.capabilities:
            raise LoginRefused(f"{wire.place} does not take XOAUTH2 tokens: use a password.")
        answer = await _authenticate(wire, "XOAUTH2", f"user={login.user}\1auth=Bearer {login.token}\1\1")
    elif "AUTH=PLAIN" in wire.capabilities and (
        "LOGINDISABLED" in wire.capabilities or not (login.user + secret).isascii()
    ):
        # Only PLAIN says how letters beyond ASCII are to be read: as UTF-8 (RFC 4616).
        answer = await _authenticate(wire, "PLAIN", f"\0{login.user}\0{login.password}")
    elif "LOGINDISABLED" in wire.capabilities:
        raise LoginRefused(f"{wire.place} takes no login on an open line: set security to starttls or tls.")
    else:
        answer = await wire.ask("LOGIN", quote(login.user), quote(login.password), allow=LOGIN_ALLOWANCE)
    if not answer.ok:
        raise _login_error(wire, login, answer)
    wire.state = AUTH


async def _authenticate(wire: ImapWire, mechanism: str, response: str) -> Answer:
    """AUTHENTICATE (RFC 3501 section 6.2.2), with the initial response in the command where allowed (RFC 4959).

    XOAUTH2 tells of a failure in a challenge and says NO only after an empty response to it.
    """
    encoded = base64.b64encode(response.encode("utf-8", "surrogateescape"))
    if "SASL-IR" in wire.capabilities and len(encoded) <= _MAX_INITIAL_RESPONSE:
        arguments, responses = [mechanism, encoded.decode()], [b""]
    else:
        arguments, responses = [mechanism], [encoded, b""]
    return await wire.ask("AUTHENTICATE", *arguments, allow=LOGIN_ALLOWANCE, responses=responses)


def _login_error(wire: ImapWire, login: Login, answer: Answer) -> PostroomError:
    if sounds_busy(answer.status):
        return ServerBusy(f"{wire.place} takes no login just now ({answer.words}): it is tried again by itself.")
    user, secret = one_line(login.user, 100), "token" if login.token else "password"
    return LoginRefused(f"{wire.place} refused the login of {user} ({answer.words}): check user and {secret}.")


def _secret_forms(login: Login) -> list[str]:
    """Every form in which a secret may have gone over the wire, the longest first."""
    forms = {form for secret in (login.password, login.token) if secret for form in (secret, quote(secret)[1:-1])}
    whole = (f"user={login.user}\1auth=Bearer {login.token}\1\1", f"\0{login.user}\0{login.password}")
    forms.update(base64.b64encode(text.encode("utf-8", "surrogateescape")).decode() for text in whole)
    return sorted(forms, key=len, reverse=True)


# -- errors --------------------------------------------------------------------------------------------------------


def _unreachable(server: ImapServer, err: Exception) -> PostroomError:
    """What asyncio raises while a connection is made, as ours."""
    if isinstance(err, ssl.SSLCertVerificationError):
        return TlsFailed(
            f"The certificate of {server.where} is not trusted ({one_line(err.verify_message, MAX_WORDS)}): "
            "no login was sent; check the host's name, or ca_file."
        )
    if isinstance(err, ssl.SSLError) and not isinstance(err, ssl.SSLEOFError):
        reason = one_line(str(err.reason or "no handshake"), MAX_WORDS).replace("_", " ").lower()
        return TlsFailed(f"No encryption with {server.where} ({reason}): check port and security.")
    if isinstance(err, TimeoutError):
        return ServerGone(
            f"{server.where} did not answer within {server.timeout:g} seconds: check host and port, or wait."
        )
    if isinstance(err, OSError):
        known = isinstance(err.errno, int) and err.errno > 0
        reason = os.strerror(err.errno or 0) if known else one_line(str(err.strerror or err), MAX_WORDS)
        return ServerGone(f"{server.where} cannot be reached ({reason}): check host and port, and that it runs.")
    return ServerGone(f"{server.where} is no name that a host can have: check host.")
