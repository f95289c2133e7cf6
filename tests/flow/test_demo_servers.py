"""The demo's mail servers, as the desk's own clients see them."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import LoginRefused, ServerGone
from core.gateway.imap import ImapServer, Mailbox
from core.gateway.login import Login
from core.gateway.smtp import Letter, SmtpServer, SmtpSession, Verdict
from demo import servers as servers_module
from demo.servers import LOOPBACK, MailServers

MAIL = b"From: 447700900123@textline.example\r\nSubject: Hi\r\n\r\nHello\r\n"


def mail_servers(letters: list[tuple[str, bytes]] | None = None) -> MailServers:
    kept = [] if letters is None else letters
    return MailServers(["orders", "help"], "secret", lambda recipient, raw: kept.append((recipient, raw)))


async def mailbox(servers: MailServers, *, password: str = "secret") -> Mailbox:
    return await Mailbox.open(ImapServer(LOOPBACK, servers.imap_port, "none"), Login("orders", password=password))


async def test_a_mail_is_fetched_and_deleted_by_the_user_it_was_for() -> None:
    async with mail_servers().open() as servers:
        await servers.deliver("orders", MAIL)
        await servers.deliver("help", MAIL)
        box = await mailbox(servers)
        (uid,) = await box.uids()
        assert await box.bodies([uid]) == {uid: MAIL}
        await box.delete([uid])
        assert await box.uids() == []
        assert await servers.mails() == 1
        await box.close()


async def test_the_password_is_asked_for() -> None:
    async with mail_servers().open() as servers:
        with pytest.raises(LoginRefused):
            await mailbox(servers, password="guess")


async def test_mail_that_comes_while_the_client_turns_idle_is_told() -> None:
    async with mail_servers().open() as servers:
        box = await mailbox(servers)
        for turns in range(60):
            await box.delete(await box.uids())
            idling = asyncio.create_task(box.idle(5.0))
            for _ in range(turns):
                await asyncio.sleep(0)
            await servers.deliver("orders", MAIL)
            began = asyncio.get_running_loop().time()
            assert await idling, f"not told of a mail that came {turns} turns of the loop after IDLE"
            assert asyncio.get_running_loop().time() - began < 4.0
        await box.close()


async def test_a_full_mailbox_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers_module, "MOST_MAILS", 3)
    async with mail_servers().open() as servers:
        assert [await servers.deliver("orders", MAIL) for _ in range(5)] == [True, True, True, False, False]


async def test_a_letter_reaches_each_of_its_recipients_as_it_was_sent() -> None:
    letters: list[tuple[str, bytes]] = []
    async with mail_servers(letters).open() as servers:
        session = await SmtpSession.open(SmtpServer(LOOPBACK, servers.smtp_port, "none"), None)
        result = await session.send(Letter("help@fernhill.example", ("a@x.example", "b@x.example"), MAIL))
        await session.close()
    assert result.verdict is Verdict.ACCEPTED
    assert letters == [("a@x.example", MAIL), ("b@x.example", MAIL)]


async def test_clients_that_stay_are_hung_up_on_and_nothing_is_left(caplog: pytest.LogCaptureFixture) -> None:
    before = asyncio.all_tasks()
    async with mail_servers().open() as servers:
        box = await mailbox(servers)
        idling = asyncio.create_task(box.idle(30.0))
        session = await SmtpSession.open(SmtpServer(LOOPBACK, servers.smtp_port, "none"), None)
        for _ in range(60):  # turns of the loop, until the client idles
            await asyncio.sleep(0)
    with pytest.raises(ServerGone):
        await idling
    await box.close()
    await session.close()
    assert asyncio.all_tasks() == before
    assert caplog.records == []
