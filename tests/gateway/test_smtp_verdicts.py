"""What a session says of a letter, for everything that a server can do to it, in both rhythms."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.gateway.smtp import Letter, SmtpServer, SmtpSession, Verdict
from core.text import one_line
from tests.servers.smtp_recorder import Fault, Manners, Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LETTER = Letter("desk@desk.example", ("anna@far.example",), b"Message-ID: <1@desk>\r\n\r\nhello\r\n")
NEXT = Letter("desk@desk.example", ("bert@far.example",), b"Message-ID: <2@desk>\r\n\r\nhello again\r\n")
A, R, D, N, I = Verdict.ACCEPTED, Verdict.REFUSED, Verdict.DEFERRED, Verdict.NOT_SENT, Verdict.IN_DOUBT  # noqa: E741

TABLE = [
    # stage, what the server does, verdict, code, may the session go on, did the server take the letter
    ("mail", "451 4.3.0 later", D, 451, True, False),
    ("mail", "550 5.7.1 not you", R, 550, True, False),
    ("rcpt", "450 4.2.0 grey", D, 450, True, False),
    ("rcpt", "550 5.1.1 nobody", R, 550, True, False),
    ("rcpt", "550-5.1.1 nobody\r\n550-5.1.1 by that\r\n550 5.1.1 name", R, 550, True, False),
    ("data", "451 4.3.0 later", D, 451, True, False),
    ("data", "554 5.7.1 no", R, 554, True, False),
    ("data", "503 5.5.1 what", R, 503, True, False),
    ("dot", "452 4.3.1 disk full", D, 452, True, False),
    ("dot", "554 5.7.1 spam", R, 554, True, False),
    ("mail", "421 4.3.2 bye ; close", D, 421, False, False),
    ("rcpt", "421 4.3.2 bye ; close", D, 421, False, False),
    ("data", "421 4.3.2 bye ; close", D, 421, False, False),
    ("dot", "421 4.3.2 bye ; close", D, 421, False, False),
    ("mail", "421 4.3.2 bye ; hang", D, 421, False, False),
    ("rcpt", "550 5.1.1 nobody ; close", R, 550, False, False),
    ("mail", "close", N, 0, False, False),
    ("rcpt", "close", N, 0, False, False),
    ("data", "close", N, 0, False, False),
    ("mail", "reset", N, 0, False, False),
    ("data", "reset", N, 0, False, False),
    ("body", "close", I, 0, False, False),
    ("dot", "close", I, 0, False, False),
    ("dot", "reset", I, 0, False, False),
    ("recorded", "close", I, 0, False, True),
    ("recorded", "reset", I, 0, False, True),
    ("mail", "hang", N, 0, False, False),
    ("rcpt", "hang", N, 0, False, False),
    ("data", "hang", N, 0, False, False),
    ("dot", "hang", I, 0, False, False),
    ("recorded", "hang", I, 0, False, True),
    ("mail", "garbage", N, 0, False, False),
    ("rcpt", "garbage", N, 0, False, False),
    ("data", "garbage", N, 0, False, False),
    ("dot", "garbage", I, 0, False, False),
    ("recorded", "garbage", I, 0, False, True),
    ("mail", "354 go on", N, 0, False, False),
    ("rcpt", "354 go on", N, 0, False, False),
    ("data", "250 fine", N, 0, False, False),
    ("data", "354 go on\r\n250 taken already", N, 0, False, False),
    ("recorded", "354 go on", I, 0, False, True),
    ("recorded", "250-one thing\r\n550 and another", I, 0, False, True),
    ("mail", "slow 0.1", A, 250, True, True),
    ("rcpt", "slow 0.1", A, 250, True, True),
    ("data", "slow 0.1", A, 250, True, True),
    ("dot", "slow 0.1", A, 250, True, True),
    ("mail", "250", A, 250, True, True),
    ("recorded", "250-2.0.0 yes\r\n250 2.0.0 thanks", A, 250, True, True),
    ("recorded", "299 odd but yes", A, 299, True, True),
]


@pytest.fixture(params=[True, False], ids=["pipelined", "one at a time"])
async def session(request: pytest.FixtureRequest, recorder: Recorder) -> AsyncIterator[SmtpSession]:
    recorder.manners = Manners(pipelining=request.param)
    opened = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none", timeout=0.4), None)
    assert opened.pipelining is request.param
    yield opened
    await opened.close()


@pytest.mark.parametrize(("stage", "action", "verdict", "code", "goes_on", "taken"), TABLE)
async def test_every_trouble_has_its_verdict(
    session: SmtpSession,
    recorder: Recorder,
    stage: str,
    action: str,
    verdict: Verdict,
    code: int,
    goes_on: bool,
    taken: bool,
) -> None:
    recorder.faults = [Fault(stage, action)]
    result = await session.send(LETTER)
    assert (result.verdict, result.code) == (verdict, code), result
    assert bool(recorder.letters) is taken
    assert result.reply == one_line(result.reply, 500)
    recorder.faults = []
    after = await session.send(NEXT)
    assert session.alive is goes_on
    if goes_on:
        assert after.verdict is Verdict.ACCEPTED
        assert recorder.letters[-1].recipients == NEXT.recipients
        assert len(recorder.letters) == 1 + taken
    else:
        assert after.verdict is Verdict.NOT_SENT
        assert not await session.noop()
        assert len(recorder.letters) == taken


async def test_the_words_of_the_server_are_kept_and_made_harmless(session: SmtpSession, recorder: Recorder) -> None:
    recorder.faults = [Fault("rcpt", "550-5.1.1 \x1b[31mred\u202e\r\n550 " + "x" * 2000)]
    result = await session.send(LETTER)
    assert result.reply.startswith("5.1.1 ␛[31mred⟨U+202E⟩ xxx")
    assert len(result.reply) == 500


async def test_some_recipients_refused_is_accepted_for_the_others(session: SmtpSession, recorder: Recorder) -> None:
    recorder.faults = [Fault("rcpt", "550 5.1.1 nobody", "^dora"), Fault("rcpt", "451 4.2.0 later", "^emil")]
    everybody = ("anna@x.example", "dora@x.example", "emil@x.example", "fritz@x.example")
    result = await session.send(Letter("desk@desk.example", everybody, b"hello\r\n"))
    assert result.verdict is Verdict.ACCEPTED
    assert result.refused == (("dora@x.example", "550 5.1.1 nobody"), ("emil@x.example", "451 4.2.0 later"))
    assert recorder.letters[0].recipients == ("anna@x.example", "fritz@x.example")


async def test_all_refused_but_one_only_for_now_is_deferred(session: SmtpSession, recorder: Recorder) -> None:
    recorder.faults = [Fault("rcpt", "550 5.1.1 nobody", "^dora"), Fault("rcpt", "451 4.2.0 later", "^emil")]
    result = await session.send(Letter("desk@desk.example", ("dora@x.example", "emil@x.example"), b"hello\r\n"))
    assert (result.verdict, result.code, result.reply) == (Verdict.DEFERRED, 451, "4.2.0 later")
    assert (await session.send(NEXT)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("answer", ["", "250 2.0.0 taken by mistake"])
async def test_a_server_that_wants_a_letter_for_nobody_gets_a_lone_dot(recorder: Recorder, answer: str) -> None:
    recorder.manners = Manners(patient=True)
    recorder.faults = [Fault("rcpt", "550 5.1.1 nobody", times=1)]
    recorder.faults += [Fault("dot", answer, times=1)] if answer else []
    session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none", timeout=0.4), None)
    result = await session.send(LETTER)
    assert (result.verdict, result.code) == (Verdict.REFUSED, 550)
    assert session.alive
    assert not recorder.letters
    assert (await session.send(NEXT)).verdict is Verdict.ACCEPTED
    assert [letter.recipients for letter in recorder.letters] == [NEXT.recipients]
    await session.close()


async def test_one_at_a_time_a_refused_letter_is_not_asked_for_any_further(recorder: Recorder) -> None:
    recorder.manners = Manners(pipelining=False)
    recorder.faults = [Fault("rcpt", "550 5.1.1 nobody", "^anna"), Fault("mail", "451 later", "^late")]
    session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none"), None)
    await session.send(LETTER)
    await session.send(Letter("late@desk.example", ("bert@far.example",), b""))
    asked = [line.split()[0] for line in recorder.lines]
    assert asked == [b"EHLO", b"MAIL", b"RCPT", b"RSET", b"MAIL", b"RSET"]
    await session.close()


@pytest.mark.parametrize("action", ["close", "hang", "garbage", "354 more", "421 bye"])
async def test_trouble_over_the_lone_dot_keeps_the_refusal_and_ends_the_session(
    recorder: Recorder, action: str
) -> None:
    recorder.manners = Manners(patient=True)
    recorder.faults = [Fault("rcpt", "550 5.1.1 nobody"), Fault("dot", action)]
    session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none", timeout=0.3), None)
    result = await session.send(LETTER)
    assert (result.verdict, result.code) == (Verdict.REFUSED, 550)
    assert not session.alive
    await session.close()


async def test_a_refused_sender_and_a_354_never_get_a_lone_dot(recorder: Recorder) -> None:
    recorder.manners = Manners(patient=True)
    recorder.faults = [Fault("mail", "550 5.7.1 not you")]
    session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none", timeout=0.4), None)
    result = await session.send(LETTER)
    assert (result.verdict, result.code) == (Verdict.REFUSED, 550)
    assert not session.alive
    assert not recorder.letters
    await session.close()


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
async def test_nobody_waits_for_more_after_a_goodbye(recorder: Recorder, stage: str) -> None:
    recorder.faults = [Fault(stage, "421 4.3.2 bye ; hang")]
    session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none", timeout=30), None)
    async with asyncio.timeout(5):
        assert (await session.send(LETTER)).code == 421
    assert not session.alive
    await session.close()


async def test_a_goodbye_while_idle_leaves_the_next_letter_unsent(session: SmtpSession, recorder: Recorder) -> None:
    recorder.faults = [Fault("recorded", "250 2.0.0 yes\r\n421 4.4.2 idle too long ; close")]
    assert (await session.send(LETTER)).verdict is Verdict.ACCEPTED
    recorder.faults = []
    result = await session.send(NEXT)
    assert (result.verdict, result.code) == (Verdict.NOT_SENT, 0)
    assert not session.alive
    assert len(recorder.letters) == 1


async def test_a_server_that_cannot_reset_ends_the_session_not_the_verdict(
    session: SmtpSession, recorder: Recorder
) -> None:
    recorder.faults = [Fault("rcpt", "550 5.1.1 nobody"), Fault("rset", "502 what?")]
    result = await session.send(LETTER)
    assert (result.verdict, result.code) == (Verdict.REFUSED, 550)
    assert not session.alive


async def test_noop_tells_the_living_from_the_dead(session: SmtpSession, recorder: Recorder) -> None:
    assert await session.noop()
    recorder.faults = [Fault("noop", "hang")]
    assert not await session.noop()
    assert not session.alive


@pytest.mark.parametrize(
    ("stage", "may_have_left"),
    [("mail", False), ("rcpt", False), ("data", False), ("dot", True), ("recorded", True)],
)
async def test_a_cancel_closes_the_session_and_says_whether_the_letter_may_be_gone(
    session: SmtpSession, recorder: Recorder, stage: str, may_have_left: bool
) -> None:
    await session.send(NEXT)
    recorder.faults = [Fault(stage, "slow 30")]
    sending = asyncio.create_task(session.send(LETTER))
    await recorder.until(lambda: recorder.happened(stage))
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert not session.alive
    assert session.may_have_left is may_have_left
    await recorder.until(lambda: not recorder.open_wires)
    assert (await session.send(NEXT)).verdict is Verdict.NOT_SENT


async def test_one_session_does_one_thing_at_a_time(session: SmtpSession, recorder: Recorder) -> None:
    recorder.faults = [Fault("mail", "slow 0.2")]
    sending = asyncio.create_task(session.send(LETTER))
    await recorder.until(lambda: recorder.happened("mail"))
    with pytest.raises(RuntimeError):
        await session.send(NEXT)
    assert (await sending).verdict is Verdict.ACCEPTED


async def test_close_says_quit_and_never_waits_long(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none"), None)
    await session.close()
    assert recorder.lines[-1] == b"QUIT"
    await session.close()
    monkeypatch.setattr("core.gateway.smtp.GOODBYE", 0.1)
    recorder.faults = [Fault("quit", "hang")]
    stuck = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none"), None)
    async with asyncio.timeout(2):
        await stuck.close()
    assert not stuck.alive


async def test_closing_under_a_letter_on_its_way_ends_it_honestly(session: SmtpSession, recorder: Recorder) -> None:
    recorder.faults = [Fault("recorded", "slow 30")]
    sending = asyncio.create_task(session.send(LETTER))
    await recorder.until(lambda: recorder.happened("recorded"))
    await session.close()
    assert (await sending).verdict is Verdict.IN_DOUBT
