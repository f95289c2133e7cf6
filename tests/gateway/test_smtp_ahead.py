"""A letter whose envelope leaves with the end of the one before: the same verdicts, one round trip less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.gateway.smtp import Letter, SmtpServer, SmtpSession, Verdict
from tests.gateway.test_smtp_verdicts import TABLE
from tests.servers.smtp_recorder import Fault, Manners, Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.servers.postfix import Postfix

FIRST = Letter("desk@desk.example", ("anna@far.example",), b"Message-ID: <1@desk>\r\n\r\nhello\r\n")
SECOND = Letter("next@desk.example", ("bert@far.example",), b"Message-ID: <2@desk>\r\n\r\nhello again\r\n")
THIRD = Letter("desk@desk.example", ("carl@far.example",), b"Message-ID: <3@desk>\r\n\r\nand again\r\n")


@pytest.fixture
async def session(recorder: Recorder) -> AsyncIterator[SmtpSession]:
    opened = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none", timeout=0.4), None)
    yield opened
    await opened.close()


async def test_letters_in_a_row_arrive_once_each_and_in_order(session: SmtpSession, recorder: Recorder) -> None:
    for letter, following in ((FIRST, SECOND), (SECOND, THIRD), (THIRD, None)):
        assert (await session.send(letter, following)).verdict is Verdict.ACCEPTED
    assert [(got.sender, got.recipients, got.raw) for got in recorder.letters] == [
        (letter.sender, letter.recipients, letter.raw) for letter in (FIRST, SECOND, THIRD)
    ]


async def test_the_envelope_leaves_early_and_nothing_of_the_letter_does(
    session: SmtpSession, recorder: Recorder
) -> None:
    recorder.faults = [Fault("data", "354 go on ; slow 0", "^bert")]
    await session.send(FIRST, SECOND)
    await recorder.until(lambda: recorder.happened("data"))
    assert [line.split()[0] for line in recorder.lines[1:]] == [b"MAIL", b"RCPT", b"DATA"] * 2
    await session.close()
    await recorder.until(lambda: not recorder.open_wires)
    assert recorder.lines[-1] == b"DATA"
    assert [letter.recipients for letter in recorder.letters] == [FIRST.recipients]


@pytest.mark.parametrize(("stage", "action", "verdict", "code", "goes_on", "taken"), TABLE)
async def test_every_trouble_of_the_letter_asked_for_ahead_has_its_verdict(
    session: SmtpSession,
    recorder: Recorder,
    stage: str,
    action: str,
    verdict: Verdict,
    code: int,
    goes_on: bool,
    taken: bool,
) -> None:
    recorder.faults = [Fault(stage, action, "^(next|bert)")]
    assert (await session.send(FIRST, SECOND)).verdict is Verdict.ACCEPTED
    result = await session.send(SECOND, THIRD)
    assert (result.verdict, result.code) == (verdict, code), result
    after = await session.send(THIRD)
    assert session.alive is goes_on
    assert after.verdict is (Verdict.ACCEPTED if goes_on else Verdict.NOT_SENT)
    expected = [FIRST, *([SECOND] if taken else []), *([THIRD] if goes_on else [])]
    assert [letter.recipients for letter in recorder.letters] == [letter.recipients for letter in expected]


@pytest.mark.parametrize(("action", "verdict"), [("452 4.3.1 full", Verdict.DEFERRED), ("554 spam", Verdict.REFUSED)])
async def test_a_refused_letter_does_not_harm_the_one_asked_for_behind_it(
    session: SmtpSession, recorder: Recorder, action: str, verdict: Verdict
) -> None:
    recorder.faults = [Fault("dot", action, "^anna")]
    assert (await session.send(FIRST, SECOND)).verdict is verdict
    assert (await session.send(SECOND)).verdict is Verdict.ACCEPTED
    assert [letter.recipients for letter in recorder.letters] == [SECOND.recipients]


async def test_a_session_that_ends_with_a_letter_ends_for_the_one_asked_for_behind_it(
    session: SmtpSession, recorder: Recorder
) -> None:
    recorder.faults = [Fault("recorded", "close", "^anna")]
    assert (await session.send(FIRST, SECOND)).verdict is Verdict.IN_DOUBT
    assert (await session.send(SECOND)).verdict is Verdict.NOT_SENT
    assert (await session.send(THIRD)).verdict is Verdict.NOT_SENT


async def test_a_letter_that_cannot_go_is_not_asked_for_ahead(session: SmtpSession, recorder: Recorder) -> None:
    impossible = Letter("desk@desk.example", ("a\r\nRSET@far.example",), b"hello\r\n")
    assert (await session.send(FIRST, impossible)).verdict is Verdict.ACCEPTED
    assert (await session.send(impossible, SECOND)).verdict is Verdict.REFUSED
    assert (await session.send(SECOND)).verdict is Verdict.ACCEPTED
    assert [letter.recipients for letter in recorder.letters] == [FIRST.recipients, SECOND.recipients]


async def test_another_letter_than_was_asked_for_is_a_mistake_of_ours(session: SmtpSession) -> None:
    await session.send(FIRST, SECOND)
    with pytest.raises(RuntimeError):
        await session.send(THIRD)
    with pytest.raises(RuntimeError):
        await session.noop()


async def test_without_pipelining_nothing_is_asked_ahead(recorder: Recorder) -> None:
    recorder.manners = Manners(pipelining=False)
    session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none"), None)
    await session.send(FIRST, SECOND)
    assert await session.noop()
    assert recorder.lines.count(b"DATA") == 1
    await session.close()


@pytest.mark.parametrize("security", ["none", "tls"])
async def test_postfix_takes_letters_asked_for_ahead(postfix: Postfix, security: str) -> None:
    name = f"ahead-{security}"
    postfix.add_user(name)
    to = (f"{name}@desk.example",)
    port = postfix.tls_port if security == "tls" else postfix.port
    session = await SmtpSession.open(SmtpServer(postfix.host, port, security, 10, postfix.ca_file), None)
    letters = [Letter("desk@desk.example", to, b"Message-ID: <ahead-%d>\r\n\r\nhello\r\n" % n) for n in range(5)]
    for letter, following in zip(letters, [*letters[1:], None], strict=True):
        assert (await session.send(letter, following)).verdict is Verdict.ACCEPTED
    assert await session.noop()
    await session.close()
    arrived = postfix.wait_for_mails(name, 5)
    assert sorted(n for n in range(5) for mail in arrived if b"<ahead-%d>" % n in mail) == list(range(5))
