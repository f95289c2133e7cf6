"""A real Dovecot that is killed, stopped, restarted, or shows the wrong certificate: errors come, and come soon."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from core.errors import ServerGone, TlsFailed
from core.gateway.imap import ImapServer, Mailbox
from core.gateway.login import Login
from tests.servers.certificates import make_certificates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot


def server(dovecot: Dovecot, **changes: object) -> ImapServer:
    given = {"host": dovecot.host, "port": dovecot.port, "security": "none", **changes}
    return ImapServer(**given)  # type: ignore[arg-type]


@pytest.fixture
def mortal(dovecot: Dovecot) -> Iterator[Dovecot]:
    """The Dovecot, which is up and running again after the test."""
    yield dovecot
    dovecot.kill()
    dovecot.start()


@pytest.fixture
def login(dovecot: Dovecot, mail_user: str) -> Login:
    dovecot.deliver(mail_user, *(b"Subject: %d\r\n\r\nx\r\n" % n for n in range(3)))
    return Login(mail_user, dovecot.password)


# -- gone ----------------------------------------------------------------------------------------------------------


async def test_a_server_killed_while_we_idle_is_noticed_within_a_second(mortal: Dovecot, login: Login) -> None:
    mailbox = await Mailbox.open(server(mortal), login)
    waiting = asyncio.create_task(mailbox.idle(300))
    await asyncio.sleep(0)
    began = time.monotonic()
    mortal.kill()
    with pytest.raises(ServerGone, match="closed the connection"):
        await waiting
    assert time.monotonic() - began < 1
    with pytest.raises(ServerGone):
        await mailbox.uids()
    await mailbox.close()


async def test_a_server_stopped_while_it_answers_is_given_up_at_the_time_out(mortal: Dovecot, login: Login) -> None:
    mailbox = await Mailbox.open(server(mortal, timeout=0.5), login)
    mortal.pause()
    began = time.monotonic()
    with pytest.raises(ServerGone, match="does not answer"):
        await mailbox.mark_seen([1])
    assert 0.4 < time.monotonic() - began < 2
    await mailbox.close()


async def test_a_server_stopped_while_we_idle_is_found_out_when_it_does_not_end_it(
    mortal: Dovecot, login: Login
) -> None:
    mailbox = await Mailbox.open(server(mortal, timeout=0.5), login)
    assert not await mailbox.idle(0)  # it works before
    mortal.pause()
    with pytest.raises(ServerGone):
        await mailbox.idle(0.2)
    began = time.monotonic()
    await mailbox.close()
    await mailbox.close()
    assert time.monotonic() - began < 1


async def test_a_stopped_server_is_no_reason_to_wait_for_ever_when_opening_or_closing(
    mortal: Dovecot, login: Login
) -> None:
    mailbox = await Mailbox.open(server(mortal), login)
    mortal.pause()
    with pytest.raises(ServerGone, match="does not answer"):
        await Mailbox.open(server(mortal, timeout=0.5), login)
    with pytest.raises(ServerGone, match=r"did not answer within 0\.5 seconds"):
        await Mailbox.open(server(mortal, port=mortal.tls_port, security="tls", timeout=0.5), login)
    began = time.monotonic()
    await mailbox.close()  # its LOGOUT is never answered
    assert 1.5 < time.monotonic() - began < 4


async def test_after_a_restart_the_mails_are_there_again(mortal: Dovecot, login: Login) -> None:
    before = await Mailbox.open(server(mortal), login)
    mortal.restart()
    with pytest.raises(ServerGone):
        await before.uids()
    await before.close()
    after = await Mailbox.open(server(mortal), login)
    assert (after.uidvalidity, await after.uids()) == (before.uidvalidity, [1, 2, 3])
    await after.close()


async def test_a_port_where_nobody_listens_is_an_unreachable_server(mortal: Dovecot, login: Login) -> None:
    mortal.kill()
    with pytest.raises(ServerGone, match="Connection refused"):
        await Mailbox.open(server(mortal), login)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "a..b", "x" * 300])
async def test_a_host_that_does_not_exist_is_an_unreachable_server(host: str) -> None:
    with pytest.raises(ServerGone):
        await Mailbox.open(ImapServer(host, 1, "none", timeout=10), Login("a", "b"))


async def test_a_cancelled_call_is_the_end_of_the_connection(dovecot: Dovecot, login: Login) -> None:
    mailbox = await Mailbox.open(server(dovecot), login)
    waiting = asyncio.create_task(mailbox.idle(300))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ServerGone, match="broken off"):
        await mailbox.uids()
    await mailbox.close()


# -- encryption ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_an_encrypted_mailbox_works_as_an_open_one_does(dovecot: Dovecot, login: Login, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    mailbox = await Mailbox.open(server(dovecot, port=port, security=security, ca_file=dovecot.ca_file), login)
    assert len(await mailbox.bodies(await mailbox.uids())) == 3
    assert not await mailbox.idle(0.05)
    await mailbox.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_an_unknown_authority_is_refused_and_no_login_is_tried(
    dovecot: Dovecot, login: Login, security: str, tmp_path: Path
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    before = len(dovecot.log())
    for ca_file in (None, str(make_certificates(tmp_path).ca_file)):
        began = time.monotonic()
        with pytest.raises(TlsFailed, match=r"certificate .* is not trusted"):
            await Mailbox.open(server(dovecot, port=port, security=security, ca_file=ca_file), login)
        assert time.monotonic() - began < 0.9  # no waiting for a connection that is closed already
    assert login.user not in dovecot.log()[before:]


async def test_tls_to_a_port_that_speaks_plainly_says_so(dovecot: Dovecot, login: Login) -> None:
    with pytest.raises(TlsFailed, match="check port and security"):
        await Mailbox.open(server(dovecot, security="tls"), login)


@pytest.mark.parametrize("content", [None, "", "nonsense"])
async def test_a_file_of_authorities_that_cannot_be_read_is_named(
    dovecot: Dovecot, login: Login, tmp_path: Path, content: str | None
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    with pytest.raises(TlsFailed, match=r"ca\.pem: check ca_file"):
        await Mailbox.open(server(dovecot, security="tls", ca_file=str(ca_file)), login)
