"""Sessions against a real Postfix: letters arrive, refusals are its own, and every verdict is true afterwards."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from core.errors import ServerGone, TlsFailed
from core.gateway.smtp import Letter, Opening, SmtpServer, SmtpSession, Verdict

if TYPE_CHECKING:
    from tests.servers.postfix import Postfix

NUMBERS = itertools.count(1)


def server(postfix: Postfix, security: str = "none", timeout: float = 10, trusted: bool = True) -> SmtpServer:
    port = postfix.tls_port if security == "tls" else postfix.port
    return SmtpServer(postfix.host, port, security, timeout, postfix.ca_file if trusted else None)


@pytest.fixture
def user(postfix: Postfix) -> str:
    name = f"anna{next(NUMBERS)}"
    postfix.add_user(name)
    return name


def letter(user: str, *others: str, text: bytes = b"hello\r\n") -> Letter:
    to = tuple(f"{name}@desk.example" for name in (user, *others))
    return Letter("desk@desk.example", to, b"Message-ID: <%d@desk>\r\n\r\n" % next(NUMBERS) + text)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_a_letter_is_delivered(postfix: Postfix, user: str, security: str) -> None:
    session = await SmtpSession.open(server(postfix, security), None)
    assert session.pipelining
    assert session.max_size == 50_000_000
    text = b"hello\r\n.\r\n..dots\r\n" + "naïve\r\n".encode()
    result = await session.send(letter(user, text=text))
    assert (result.verdict, result.code) == (Verdict.ACCEPTED, 250)
    assert "queued as" in result.reply
    assert await session.noop()
    await session.close()
    (mail,) = postfix.wait_for_mails(user, 1)
    assert mail.endswith(b"\n\n" + text.replace(b"\r\n", b"\n"))
    assert (b"with ESMTPS" in mail) is (security != "none")


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_step_that_encrypts_says_by_what(postfix: Postfix, security: str) -> None:
    opening = Opening(server(postfix, security))
    assert "mail.test.example" in await opening.connect()
    assert (await opening.encrypt()).startswith("TLSv1.")
    await opening.greet()
    assert "starttls" not in opening.extensions
    await SmtpSession.of(opening).close()


async def test_an_unknown_user_is_refused_at_the_door_and_the_next_letter_goes(postfix: Postfix, user: str) -> None:
    session = await SmtpSession.open(server(postfix), None)
    result = await session.send(letter("unknown"))
    assert (result.verdict, result.code) == (Verdict.REFUSED, 550)
    assert "User unknown" in result.reply
    partly = await session.send(letter("unknown", user))
    assert partly.verdict is Verdict.ACCEPTED
    assert [to for to, _ in partly.refused] == ["unknown@desk.example"]
    assert (await session.send(letter(user))).verdict is Verdict.ACCEPTED
    await session.close()
    postfix.wait_for_mails(user, 2)


async def test_a_domain_that_nobody_knows_comes_back_as_a_bounce(postfix: Postfix, user: str) -> None:
    session = await SmtpSession.open(server(postfix), None)
    away = Letter(f"{user}@desk.example", ("someone@far.example",), b"Message-ID: <away@desk>\r\n\r\nhello\r\n")
    assert (await session.send(away)).verdict is Verdict.ACCEPTED
    await session.close()
    (bounce,) = postfix.wait_for_mails(user, 1)
    assert b"report-type=delivery-status" in bounce
    assert b"<away@desk>" in bounce


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_nobody_we_trust_ends_it(postfix: Postfix, security: str) -> None:
    with pytest.raises(TlsFailed, match="certificate"):
        await SmtpSession.open(server(postfix, security, trusted=False), None)


async def test_a_server_stopped_before_the_letter_is_no_doubt(postfix: Postfix, user: str) -> None:
    session = await SmtpSession.open(server(postfix, timeout=1), None)
    postfix.pause()
    try:
        result = await session.send(letter(user))
    finally:
        postfix.resume()
    assert result.verdict is Verdict.NOT_SENT
    assert not session.alive
    await session.close()
    await gone_through_everything(postfix, user)
    assert len(postfix.mails(user)) == 1


async def test_a_server_stopped_after_the_dot_is_in_doubt_and_the_letter_may_well_arrive(
    postfix: Postfix, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await SmtpSession.open(server(postfix, timeout=1), None)
    write = session._wire.write_body

    async def stop_and_write(body: bytes, then: bytes = b"") -> None:
        postfix.pause()
        await write(body, then)

    monkeypatch.setattr(session._wire, "write_body", stop_and_write)
    try:
        result = await session.send(letter(user))
    finally:
        postfix.resume()
    assert result.verdict is Verdict.IN_DOUBT
    assert session.may_have_left
    await session.close()
    postfix.wait_for_mails(user, 1)


async def test_a_server_stopped_in_the_middle_of_a_big_letter_never_takes_it(
    postfix: Postfix, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await SmtpSession.open(server(postfix, timeout=1), None)
    write = session._wire.write_body

    async def stop_and_write(body: bytes, then: bytes = b"") -> None:
        postfix.pause()
        await write(body, then)

    monkeypatch.setattr(session._wire, "write_body", stop_and_write)
    try:
        result = await session.send(letter(user, text=(b"x" * 70 + b"\r\n") * 400_000))
    finally:
        postfix.resume()
    assert result.verdict is Verdict.NOT_SENT
    await session.close()
    await gone_through_everything(postfix, user)
    assert len(postfix.mails(user)) == 1


async def test_a_killed_server_comes_back_at_the_same_place(postfix: Postfix, user: str) -> None:
    session = await SmtpSession.open(server(postfix), None)
    postfix.kill()
    assert (await session.send(letter(user))).verdict is Verdict.NOT_SENT
    with pytest.raises(ServerGone):
        await SmtpSession.open(server(postfix), None)
    postfix.start()
    await session.close()
    await gone_through_everything(postfix, user)
    assert len(postfix.mails(user)) == 1


async def gone_through_everything(postfix: Postfix, user: str) -> None:
    """Send one more letter and wait for it and an empty queue: whatever came before has arrived or never will."""
    session = await SmtpSession.open(server(postfix), None)
    assert (await session.send(letter(user))).verdict is Verdict.ACCEPTED
    await session.close()
    postfix.wait_for_mails(user, 1)
    postfix.wait_for_empty_queue()
