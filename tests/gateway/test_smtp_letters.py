"""A letter's octets and envelope: they arrive as they were given, within what the server offers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.gateway import smtp_pipeline
from core.gateway.smtp import MAX_BODY_LINE, Letter, Result, SmtpServer, SmtpSession, Verdict
from core.gateway.smtp_letter import stuffed
from tests.servers.smtp_recorder import Fault, Manners, Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LINES = st.lists(
    st.one_of(
        st.sampled_from([b"", b".", b"..", b". ", b".hello", b"...", b"QUIT", b".\x00"]),
        st.binary(max_size=60).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b"")),
    ),
    max_size=12,
)


@pytest.fixture
async def session(recorder: Recorder) -> AsyncIterator[SmtpSession]:
    opened = await open_at(recorder)
    yield opened
    await opened.close()


async def open_at(recorder: Recorder, timeout: float = 5.0) -> SmtpSession:
    return await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none", timeout=timeout), None)


async def send(session: SmtpSession, raw: bytes) -> Result:
    return await session.send(Letter("desk@desk.example", ("anna@far.example",), raw))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, ended=st.booleans())
@example(lines=[b".", b".", b"."], ended=False)
@example(lines=[], ended=True)
async def test_every_letter_arrives_octet_by_octet(
    session: SmtpSession, recorder: Recorder, lines: list[bytes], ended: bool
) -> None:
    raw = b"\r\n".join(lines) + (b"\r\n" if ended else b"")
    assert (await send(session, raw)).verdict is Verdict.ACCEPTED
    assert recorder.letters[-1].raw == (raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n")
    assert session.alive


@given(lines=LINES)
def test_stuffing_is_undone_by_taking_one_dot_from_every_line_that_begins_with_one(lines: list[bytes]) -> None:
    raw = b"".join(line + b"\r\n" for line in lines)
    stuffed_lines = stuffed(raw).split(b"\r\n")
    assert stuffed_lines[-2:] == [b".", b""]
    assert all(line != b"." for line in stuffed_lines[:-2])
    assert [line[1:] if line.startswith(b".") else line for line in stuffed_lines[:-2]] == lines


@pytest.mark.parametrize(
    ("raw", "arrived"),
    [
        (b"one\ntwo\n", b"one\r\ntwo\r\n"),
        (b"one\rtwo\r\n", b"one\r\ntwo\r\n"),
        (b"smuggled\n.\nMAIL FROM:<x>\r\n", b"smuggled\r\n.\r\nMAIL FROM:<x>\r\n"),
        (b"smuggled\r.\r\nMAIL FROM:<x>\r\n", b"smuggled\r\n.\r\nMAIL FROM:<x>\r\n"),
        (b"end\r", b"end\r\n"),
        (b"", b""),
    ],
)
async def test_lone_line_ends_become_whole_ones(
    session: SmtpSession, recorder: Recorder, raw: bytes, arrived: bytes
) -> None:
    assert (await send(session, raw)).verdict is Verdict.ACCEPTED
    assert [letter.raw for letter in recorder.letters] == [arrived]


@pytest.mark.parametrize("before", [b"", b"short\r\n", b"x" * 990 + b"\r\n"])
@pytest.mark.parametrize("after", [b"", b"\r\n", b"\r\nshort\r\n"])
async def test_a_line_may_have_998_octets_and_not_one_more(
    session: SmtpSession, recorder: Recorder, before: bytes, after: bytes
) -> None:
    fits, too_long = b"y" * MAX_BODY_LINE, b"y" * (MAX_BODY_LINE + 1)
    assert (await send(session, before + fits + after)).verdict is Verdict.ACCEPTED
    result = await send(session, before + too_long + after)
    assert (result.verdict, result.code) == (Verdict.REFUSED, 0)
    assert "999 octets" in result.reply
    assert len(recorder.letters) == 1
    assert session.alive


async def test_a_line_of_a_megabyte_is_refused_before_anything_is_asked(
    session: SmtpSession, recorder: Recorder
) -> None:
    result = await send(session, b"Subject: x\r\n\r\n" + b"y" * 1_000_000 + b"\r\nbye\r\n")
    assert result.verdict is Verdict.REFUSED
    assert "1000000 octets" in result.reply
    assert not any(line.startswith(b"MAIL") for line in recorder.lines)


async def test_a_letter_over_the_server_s_size_is_refused_without_asking(recorder: Recorder) -> None:
    recorder.manners = Manners(size=1000)
    session = await open_at(recorder)
    assert session.max_size == 1000
    assert (await send(session, b"x" * 498 + b"\r\n" + b"y" * 498 + b"\r\n")).verdict is Verdict.ACCEPTED
    result = await send(session, b"x" * 498 + b"\r\n" + b"y" * 499 + b"\r\n")
    assert (result.verdict, result.code) == (Verdict.REFUSED, 0)
    assert "1001 octets" in result.reply
    assert sum(line.startswith(b"MAIL") for line in recorder.lines) == 1
    await session.close()


async def test_what_the_server_offers_is_used_and_nothing_else(recorder: Recorder) -> None:
    eight_bit = "Subject: x\r\n\r\nhéllo\r\n".encode()
    session = await open_at(recorder)
    await send(session, b"\r\nhello\r\n")
    await send(session, eight_bit)
    await session.send(Letter("desk@desk.example", ("änna@far.example",), b"\r\nhello\r\n"))
    await session.close()
    recorder.manners = Manners(eight_bit=False, utf8=False)
    session = await open_at(recorder)
    await send(session, eight_bit)
    await session.close()
    size = len(eight_bit)
    assert [letter.parameters for letter in recorder.letters] == [
        "SIZE=9",
        f"SIZE={size} BODY=8BITMIME",
        "SIZE=9 SMTPUTF8",
        f"SIZE={size}",
    ]
    assert recorder.letters[2].recipients == ("änna@far.example",)
    assert recorder.letters[3].raw == eight_bit


@pytest.mark.parametrize("letter", [("desk@desk.example", "änna@x.example"), ("dèsk@desk.example", "anna@x.example")])
async def test_a_foreign_address_without_smtputf8_is_refused_in_words(
    recorder: Recorder, letter: tuple[str, str]
) -> None:
    recorder.manners = Manners(utf8=False)
    session = await open_at(recorder)
    result = await session.send(Letter(letter[0], (letter[1],), b"hello\r\n"))
    assert (result.verdict, result.code) == (Verdict.REFUSED, 0)
    assert "is not ASCII and 127.0.0.1" in result.reply
    assert "SMTPUTF8" in result.reply
    assert recorder.lines == [recorder.lines[0]]
    assert (await send(session, b"hello\r\n")).verdict is Verdict.ACCEPTED
    await session.close()


async def test_one_impossible_recipient_does_not_keep_the_letter_from_the_others(recorder: Recorder) -> None:
    recorder.manners = Manners(utf8=False)
    recorder.faults = [Fault("rcpt", "550 5.1.1 nobody", "^dora")]
    session = await open_at(recorder)
    everybody = ("änna@x.example", "dora@x.example", "bert@x.example")
    result = await session.send(Letter("desk@desk.example", everybody, b"hello\r\n"))
    assert result.verdict is Verdict.ACCEPTED
    assert [(to, why[:9]) for to, why in result.refused] == [
        ("änna@x.example", "The addre"),
        ("dora@x.example", "550 5.1.1"),
    ]
    assert recorder.letters[0].recipients == ("bert@x.example",)
    await session.close()


@pytest.mark.parametrize(
    "address",
    [
        "anna@x.example>\r\nRCPT TO:<other@x.example",
        "anna@x.example> NOTIFY=NEVER",
        "<anna@x.example",
        "anna\n@x.example",
        "anna\x00@x.example",
        "anna\x7f@x.example",
        "an\u202ena@x.example",
        "an\ud800na@x.example",
    ],
)
async def test_an_address_cannot_smuggle_a_command(session: SmtpSession, recorder: Recorder, address: str) -> None:
    for letter in (Letter(address, ("anna@x.example",), b""), Letter("desk@desk.example", (address,), b"")):
        result = await session.send(letter)
        assert (result.verdict, result.code) == (Verdict.REFUSED, 0)
        assert result.reply.isprintable()
    assert len(recorder.lines) == 1
    assert (await send(session, b"hello\r\n")).verdict is Verdict.ACCEPTED


async def test_nobody_is_no_recipient_but_a_fine_sender(session: SmtpSession, recorder: Recorder) -> None:
    assert (await session.send(Letter("", ("anna@x.example",), b"hi\r\n"))).verdict is Verdict.ACCEPTED
    assert recorder.letters[0].sender == ""
    assert (await session.send(Letter("desk@desk.example", (), b""))).verdict is Verdict.REFUSED
    assert (await session.send(Letter("desk@desk.example", ("",), b""))).verdict is Verdict.REFUSED


BIG = (b"x" * 70 + b"\r\n") * 400_000


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_big_letter_that_stalls_half_way_is_certainly_not_sent(recorder: Recorder, pipelining: bool) -> None:
    recorder.manners = Manners(pipelining=pipelining)
    recorder.faults = [Fault("body", "hang")]
    session = await open_at(recorder, timeout=0.5)
    result = await send(session, BIG)
    assert result.verdict is Verdict.NOT_SENT
    assert "said nothing for 0.5 seconds" in result.reply
    assert not session.alive
    assert not session.may_have_left
    await session.close()


async def test_octets_that_the_kernel_never_took_were_not_sent(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_pipeline, "CHUNK", 2 * len(BIG))
    recorder.faults = [Fault("body", "hang")]
    session = await open_at(recorder, timeout=0.5)
    assert (await send(session, BIG)).verdict is Verdict.NOT_SENT
    assert not session.may_have_left
    await session.close()


@pytest.mark.parametrize(
    ("action", "verdict", "code"),
    [
        ("552 5.3.4 too big ; hang", Verdict.REFUSED, 552),
        ("552 5.3.4 too big", Verdict.REFUSED, 552),
        ("452 4.3.1 disk full ; hang", Verdict.DEFERRED, 452),
        ("250 2.0.0 taken half way ; hang", Verdict.NOT_SENT, 0),
        ("garbage ; hang", Verdict.NOT_SENT, 0),
        ("close", Verdict.NOT_SENT, 0),
    ],
)
async def test_a_server_that_speaks_in_the_middle_of_a_big_letter_never_gets_the_dot(
    recorder: Recorder, action: str, verdict: Verdict, code: int
) -> None:
    recorder.faults = [Fault("body", action)]
    session = await open_at(recorder)
    result = await send(session, BIG)
    assert (result.verdict, result.code) == (verdict, code)
    assert not session.alive
    assert not session.may_have_left
    await session.close()
    assert not recorder.letters


async def test_a_big_letter_arrives_whole(session: SmtpSession, recorder: Recorder) -> None:
    dotted = b".\r\n" * 100_000 + BIG
    assert (await send(session, dotted)).verdict is Verdict.ACCEPTED
    assert recorder.letters[0].raw == dotted


async def test_a_cancel_in_the_middle_of_a_big_letter_leaves_no_doubt(recorder: Recorder) -> None:
    recorder.faults = [Fault("body", "hang")]
    session = await open_at(recorder)
    sending = asyncio.create_task(send(session, BIG))
    await recorder.until(lambda: recorder.happened("body"))
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert not session.alive
    assert not session.may_have_left
