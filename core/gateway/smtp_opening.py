"""From an address to an SMTP session that may send: connect, encrypt, greet, log in, each a step of its own.

aiosmtplib does the talking until the login is over. Whatever it raises is translated here, once, into
`ServerGone`, `ServerBusy`, `TlsFailed` or `LoginRefused`. None of these ever holds a secret, not even one
that the server has sent back.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiosmtplib

from core.errors import LoginRefused, PostroomError, ServerBusy, ServerGone, TlsFailed, Wrong
from core.gateway.smtp_pipeline import Wire, harmless_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from core.gateway.login import Login

_HELO_NAME = re.compile(r"[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]")
_HOST_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters leave. `security` is `none`, `starttls` or `tls`; nothing falls back to a weaker one."""

    host: str
    port: int
    security: str
    timeout: float = 30.0
    """Seconds the server may stay silent at any one step."""
    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""
    helo: str = ""
    """The name to greet with; when empty, this machine's full name or its address (RFC 5321 4.1.4)."""

    def __post_init__(self) -> None:
        if not self.host.strip() or not self.host.isprintable() or " " in self.host:
            raise Wrong(f"{self.host!r} is no host of an outgoing server: name one.")
        if not 0 < self.port < 65536:
            raise Wrong(f"{self.port} is no port of {self.host}: say one from 1 to 65535.")
        if self.helo and not _HELO_NAME.fullmatch(self.helo):
            raise Wrong(f"{self.helo!r} is no name to greet {self.host} with: say a host name or an [address].")
        if self.security not in ("none", "starttls", "tls"):
            raise Wrong(f"security {self.security!r} of {self.host} is not known: say none, starttls or tls.")

    @property
    def where(self) -> str:
        """Host and port as people write them."""
        return f"{self.host}:{self.port}"


class Opening:
    """One connection on its way to a session; take the steps in their order, and `abort` when one fails.

    Every step is bounded by the server's time-out; it raises `ServerGone`, `ServerBusy`, `TlsFailed` or
    `LoginRefused`.
    """

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.timeout,
            use_tls=server.security == "tls",
            # False, never the default None: that one goes on in plain text when the certificate is bad.
            start_tls=False,
            # Replaced as soon as the socket is there; without one aiosmtplib would ask the DNS for our name.
            local_hostname=server.helo or "localhost",
        )

    @property
    def extensions(self) -> Mapping[str, str]:
        """What the server offers (lower-case keyword -> parameters), known after `greet`."""
        return self._client.esmtp_extensions

    @property
    def login_methods(self) -> tuple[str, ...]:
        """Lower-case names of the login methods that the server offers, known after `greet`."""
        return tuple(self._client.server_auth_methods)

    async def connect(self) -> str:
        """Connect (with `tls`: encrypted from the first octet) and read the greeting; returns its words."""
        async with self._step("answer"):
            if self.server.security == "tls":
                self._client.tls_context = await self._tls_context()
            greeting = await self._client.connect()
            if not self.server.helo:
                self._client.local_hostname = _own_name(self._client)
        return _words(greeting.message)

    async def encrypt(self) -> str:
        """With `starttls`: upgrade or fail. Returns the protocol such as `TLSv1.3`, empty with `none`."""
        if self.server.security == "none":
            return ""
        async with self._step("start encryption"):
            if self.server.security == "starttls":
                await self._greet()
                await self._client.starttls(tls_context=await self._tls_context())
            return str(self._client.get_transport_info("ssl_object").version())

    async def greet(self) -> None:
        """EHLO, else HELO; anew after STARTTLS, which makes the first answer void."""
        async with self._step("greet us"):
            await self._greet()

    async def log_in(self, login: Login) -> str:
        """Log in with the token by XOAUTH2, else with the password; returns the method's name."""
        methods = self._usable_methods(login)
        refusal: aiosmtplib.SMTPAuthenticationError | None = None
        for name, method in methods:
            try:
                async with self._step("finish the login", secrets=_secrets(login)):
                    try:
                        await method()
                    except aiosmtplib.SMTPAuthenticationError as err:
                        refusal = err
                    else:
                        return name
            except ServerGone:
                # Some servers hang up on a bad password; the refusal before that says more than the loss.
                if refusal is None:
                    raise
                break
            # 535 means that the credentials are wrong (RFC 4954): more tries only lock the account. CRAM-MD5
            # is no proof of that: servers that keep hashed passwords offer it and cannot check it.
            if refusal.code in (421, 535) and name != "cram-md5":
                break
        raise self._refused(login, refusal) from None

    def take_over(self) -> Wire:
        """The open stream as a `Wire`; aiosmtplib has no more to do with it."""
        transport = self._client.transport
        if not isinstance(transport, asyncio.Transport):
            raise ServerGone(f"{self.server.where} closed the connection: try again later.")
        return Wire(transport, self.server.timeout)

    def abort(self) -> None:
        """Drop the connection now, whatever state it is in."""
        transport = self._client.transport
        if isinstance(transport, asyncio.Transport):
            transport.abort()
        self._client.close()

    # -- inside -------------------------------------------------------------------------------------------

    async def _greet(self) -> None:
        try:
            await self._client.ehlo()
        except aiosmtplib.SMTPHeloError as err:
            if err.code < 500 or not self._client.is_connected:
                raise
            await self._client.helo()

    async def _tls_context(self) -> ssl.SSLContext:
        """A context that checks the certificate; made in a thread, for loading authorities takes time."""
        try:
            return await asyncio.to_thread(ssl.create_default_context, cafile=self.server.ca_file)
        except (OSError, ValueError) as err:
            raise TlsFailed(
                f"The authorities for {self.server.where} cannot be read from {self.server.ca_file}."
            ) from err

    def _usable_methods(self, login: Login) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
        client, user, word = self._client, login.user, login.password
        known: dict[str, Callable[[], Awaitable[object]]]
        if login.token:
            known = {"xoauth2": lambda: client.auth_xoauth2(user, login.token)}
        else:
            known = {
                "plain": lambda: client.auth_plain(user, word),
                "login": lambda: client.auth_login(user, word),
                "cram-md5": lambda: client.auth_crammd5(user, word),
            }
            if self.server.security == "none":
                # Nothing hides a password on this line, so the method that does not show it comes first.
                known = dict(reversed(known.items()))
        usable = [(name, method) for name, method in known.items() if name in self.login_methods]
        if not usable:
            offered = harmless_words(" ".join(self.login_methods).encode("utf-8", "replace")) or "none"
            hint = "try starttls or tls" if self.server.security == "none" else "ask its operator"
            raise LoginRefused(
                f"{self.server.where} takes no login by {' or '.join(known)} (it offers {offered}): {hint}."
            )
        return usable

    def _refused(self, login: Login, refusal: aiosmtplib.SMTPAuthenticationError | None) -> PostroomError:
        code, words = (refusal.code, refusal.message) if refusal else (0, "")
        said = f"{code} {_words(words, _secrets(login))}".strip()
        if 400 <= code < 500:
            return ServerBusy(f"{self.server.where} cannot check the login now ({said}): try again later.")
        thing = "token" if login.token else "password"
        return LoginRefused(f"{self.server.where} refused the login of {login.user} ({said}): check user and {thing}.")

    @asynccontextmanager
    async def _step(self, doing: str, secrets: tuple[str, ...] = ()) -> AsyncIterator[None]:
        """Bound one step in time and translate what it raises."""
        try:
            async with asyncio.timeout(self.server.timeout):
                yield
        except (aiosmtplib.SMTPException, OSError, ValueError) as err:
            # Where secrets went over the line the library's error may quote them back: it is not chained.
            raise self._translated(err, doing, secrets) from (None if secrets else err)

    def _translated(self, err: Exception, doing: str, secrets: tuple[str, ...]) -> PostroomError:
        where, cause = self.server.where, err.__cause__
        if isinstance(err, ssl.SSLError) or isinstance(cause, ssl.SSLError):
            tls = err if isinstance(err, ssl.SSLError) else cause
            return TlsFailed(f"No trusted encryption with {where} ({_tls_reason(tls)}): check {_TLS_HINT}.")
        if isinstance(err, aiosmtplib.SMTPResponseException):
            return self._translated_reply(err, doing, secrets)
        if isinstance(err, TimeoutError):
            limit = f"{self.server.timeout:g} seconds"
            return ServerGone(f"{where} did not {doing} within {limit}: check host and port, or try again later.")
        if isinstance(err, aiosmtplib.SMTPServerDisconnected):
            return ServerGone(f"{where} closed the connection and did not {doing}: try again later.")
        if isinstance(err, OSError):
            reason = _system_words(cause if isinstance(cause, OSError) else err)
            return ServerGone(f"{where} cannot be reached ({reason}): check host and port, and that it runs.")
        if isinstance(err, ValueError):
            return ServerGone(f"{where} is no name that a host can have: check host.")
        if self.server.security == "starttls" and "STARTTLS" in str(err):
            return TlsFailed(f"{where} does not offer STARTTLS: try tls or another port, or ask its operator.")
        return ServerGone(f"{where} did not {doing}: try again later.")

    def _translated_reply(
        self, err: aiosmtplib.SMTPResponseException, doing: str, secrets: tuple[str, ...]
    ) -> PostroomError:
        where, said = self.server.where, _words(err.message, secrets)
        if err.code == -1:
            return ServerGone(f"{where} speaks something that is not SMTP ({said}): check host and port.")
        if 400 <= err.code < 500:
            return ServerBusy(f"{where} will not {doing} now ({err.code} {said}): try again later.")
        if doing == "start encryption":
            return TlsFailed(f"{where} refused STARTTLS ({err.code} {said}): ask its operator.")
        return ServerGone(f"{where} refused to {doing} ({err.code} {said}): ask its operator.")


_TLS_HINT = "the certificate, the host's name, the port, or ca_file"


def _tls_reason(err: BaseException | None) -> str:
    if isinstance(err, ssl.SSLCertVerificationError):
        return harmless_words(err.verify_message.encode("utf-8", "replace"))
    return str(getattr(err, "reason", None) or "no handshake").replace("_", " ").lower()


def _system_words(err: OSError) -> str:
    """The system's short name of a trouble; asyncio puts a longer text with the address in its place."""
    known = isinstance(err.errno, int) and err.errno > 0
    return os.strerror(err.errno or 0) if known else harmless_words(str(err.strerror or err).encode())


def _words(message: str, secrets: tuple[str, ...] = ()) -> str:
    """A server's words made harmless, with every secret in them struck out."""
    for secret in secrets:
        message = message.replace(secret, "***")
    return harmless_words(message.encode("utf-8", "surrogateescape"))


def _secrets(login: Login) -> tuple[str, ...]:
    """Every form in which the login's secret goes over the line, the longest first."""
    plain = [secret for secret in (login.password, login.token) if secret]
    joined = [f"\0{login.user}\0{secret}" for secret in plain]
    joined += [f"user={login.user}\x01auth=Bearer {secret}\x01\x01" for secret in plain]
    coded = [base64.b64encode(text.encode("utf-8", "replace")).decode() for text in plain + joined]
    return tuple(sorted(plain + coded, key=len, reverse=True))


def _own_name(client: aiosmtplib.SMTP) -> str:
    """This machine's full name when it has one, else the address it speaks from; asks no DNS."""
    name = socket.gethostname()
    if _HOST_NAME.fullmatch(name):
        return name
    address = str(client.get_transport_info("sockname")[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
