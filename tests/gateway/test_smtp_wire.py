"""The reader of replies: any cut of the stream gives the same replies, and nothing a server sends is too much."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gateway.smtp import Letter, SmtpServer, SmtpSession, Verdict
from core.gateway.smtp_pipeline import MAX_LINE, MAX_REPLY, MAX_WORDS, Reply, Wire, harmless_words
from core.text import harmless, one_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

WORDS = st.binary(max_size=30).map(lambda text: text.translate(None, b"\r\n"))
REPLIES = st.lists(
    st.tuples(st.integers(200, 599).filter(lambda code: code != 421), st.lists(WORDS, min_size=1, max_size=4)),
    min_size=1,
    max_size=6,
)


class Deaf(asyncio.Transport):
    """A transport that takes everything and brings nothing."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None: ...

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None: ...


def on_the_wire(replies: list[tuple[int, list[bytes]]]) -> bytes:
    lines = [
        b"%d%s%s\r\n" % (code, b" " if number == len(words) else b"-", text)
        for code, words in replies
        for number, text in enumerate(words, start=1)
    ]
    return b"".join(lines)


@given(replies=REPLIES, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_any_cut_of_the_stream_gives_the_same_replies(replies: list[tuple[int, list[bytes]]], cuts: list[int]) -> None:
    stream = on_the_wire(replies)

    async def read() -> list[Reply]:
        wire = Wire(Deaf(), 1)
        places = sorted({0, *(min(cut, len(stream)) for cut in cuts), len(stream)})
        for start, end in itertools.pairwise(places):
            wire.data_received(stream[start:end])
        assert not wire.trouble
        got = await wire.replies(len(replies))
        assert not wire.unasked
        wire.connection_lost(None)
        return got

    expected = [Reply(code, b"\n".join(text.rstrip(b"\r") for text in words)) for code, words in replies]
    assert asyncio.run(read()) == expected


@given(noise=st.lists(st.binary(max_size=200), max_size=10))
def test_noise_never_raises_and_words_are_always_printable(noise: list[bytes]) -> None:
    async def read() -> None:
        wire = Wire(Deaf(), 0.001)
        for data in noise:
            wire.data_received(data)
        for reply in await wire.replies(3):
            assert 200 <= reply.code <= 599
            assert one_line(reply.words, MAX_WORDS) == reply.words
        assert one_line(wire.trouble, MAX_WORDS) == wire.trouble
        wire.connection_lost(None)

    asyncio.run(read())


@given(st.binary(), st.integers(1, 50))
def test_words_are_one_printable_line_within_their_limit(raw: bytes, limit: int) -> None:
    words = harmless_words(raw, limit)
    assert len(words) <= limit
    assert harmless(words, lines=False) == words


async def talking(talk: Talk) -> tuple[asyncio.Server, int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 here\r\n")
            await reader.readline()
            writer.write(b"250-here\r\n250 PIPELINING\r\n")
            await reader.readline()
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def one_long_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"2" * 500)
        await writer.drain()
        await asyncio.sleep(0)


async def one_endless_reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"250-and another line\r\n" * 20)
        await writer.drain()
        await asyncio.sleep(0)


async def a_slow_drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for number in range(1000):
        writer.write(b"250-%d\r\n" % number)
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.fixture
async def servers() -> AsyncIterator[list[asyncio.Server]]:
    started: list[asyncio.Server] = []
    yield started
    for server in started:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("talk", [one_long_line, one_endless_reply, a_slow_drip])
async def test_a_reply_without_end_is_cut_short(servers: list[asyncio.Server], talk: Talk) -> None:
    server, port = await talking(talk)
    servers.append(server)
    session = await SmtpSession.open(SmtpServer("127.0.0.1", port, "none", timeout=0.3), None)
    async with asyncio.timeout(3):
        result = await session.send(Letter("desk@desk.example", ("anna@far.example",), b"hello\r\n"))
    assert result.verdict is Verdict.NOT_SENT
    assert not session.alive
    await session.close()


async def test_a_reply_at_its_limits_is_read_and_one_octet_more_is_not() -> None:
    for size, good in ((MAX_LINE, True), (MAX_LINE + 1, False)):
        wire = Wire(Deaf(), 1)
        wire.data_received(b"250 ".ljust(size, b"x") + b"\r\n")
        assert (not wire.trouble) is good
    for count, good in ((MAX_REPLY // 1024, True), (MAX_REPLY // 1024 + 1, False)):
        wire = Wire(Deaf(), 1)
        lines = [b"250-".ljust(1024, b"x")] * (count - 1) + [b"250 ".ljust(1024, b"x")]
        wire.data_received(b"\r\n".join(lines) + b"\r\n")
        assert (not wire.trouble) is good
