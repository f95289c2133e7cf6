"""The recorder itself: what it said 250 to is in its record, whatever happens to the client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.gateway.smtp import Letter, SmtpServer, SmtpSession, Verdict
from tests.servers.smtp_recorder import Fault, RecorderProcess, read_record

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = """
import asyncio, sys
from core.gateway.smtp import Letter, SmtpServer, SmtpSession
async def main():
    session = await SmtpSession.open(SmtpServer("127.0.0.1", int(sys.argv[1]), "none"), None)
    for number in range(1_000_000):
        raw = b"Message-ID: <%d@desk>\\r\\n\\r\\nhello\\r\\n" % number
        result = await session.send(Letter("desk@desk.example", ("anna@far.example",), raw))
        print(number, result.verdict, flush=True)
asyncio.run(main())
"""


def letter(number: int, *to: str) -> Letter:
    raw = b"Subject: x\r\nmessage-id: <%d@desk>\r\n\r\nMessage-ID: <not@this>\r\n" % number
    return Letter("desk@desk.example", to or ("anna@far.example",), raw)


async def test_a_recorder_of_its_own_process_records_each_recipient(tmp_path: Path) -> None:
    faults = [Fault("rcpt", "550 5.1.1 nobody", "^dora")]
    with RecorderProcess(tmp_path / "record", faults=faults) as recorder:
        session = await SmtpSession.open(SmtpServer("127.0.0.1", recorder.port, "none"), None)
        assert (await session.send(letter(1, "anna@x.example", "dora@x.example", "emil@x.example"))).refused
        assert (await session.send(letter(2, "dora@x.example"))).verdict is Verdict.REFUSED
        await session.close()
        lines = [(line.recipient, line.message_id, line.sender, line.size) for line in recorder.read()]
    assert lines == [
        ("anna@x.example", "<1@desk>", "desk@desk.example", len(letter(1).raw)),
        ("emil@x.example", "<1@desk>", "desk@desk.example", len(letter(1).raw)),
    ]


async def test_it_comes_back_at_the_same_port_and_goes_on_with_its_record(tmp_path: Path) -> None:
    with RecorderProcess(tmp_path / "record") as first:
        session = await SmtpSession.open(SmtpServer("127.0.0.1", first.port, "none"), None)
        await session.send(letter(1))
        await session.close()
    with RecorderProcess(tmp_path / "record", port=first.port, pipelining=False) as second:
        session = await SmtpSession.open(SmtpServer("127.0.0.1", second.port, "none"), None)
        assert not session.pipelining
        await session.send(letter(2))
        await session.close()
    assert [line.message_id for line in read_record(tmp_path / "record")] == ["<1@desk>", "<2@desk>"]


def test_what_a_killed_client_was_told_stands_in_the_record(tmp_path: Path) -> None:
    with RecorderProcess(tmp_path / "record") as recorder:
        client = subprocess.Popen([sys.executable, "-c", CLIENT, str(recorder.port)], stdout=subprocess.PIPE, text=True)
        assert client.stdout is not None
        told = [client.stdout.readline() for _ in range(50)]
        os.kill(client.pid, signal.SIGKILL)
        told += client.stdout.readlines()
        client.stdout.close()
        client.wait()
        ids = [line.message_id for line in recorder.read()]
    accepted = [f"<{line.split()[0]}@desk>" for line in told if line.endswith("accepted\n")]
    assert len(accepted) >= 50
    assert ids[: len(accepted)] == accepted
    assert len(ids) <= len(accepted) + 1


def test_a_torn_last_line_of_a_record_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "record"
    assert read_record(file) == []
    whole = {"recipient": "a@x", "message_id": "<1@x>", "sender": "b@x", "size": 3, "time": 1.5}
    file.write_text(json.dumps(whole) + "\n" + json.dumps(whole)[:20])
    assert [line.recipient for line in read_record(file)] == ["a@x"]


def test_a_fault_at_an_unknown_stage_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no stage"):
        Fault("dotty", "close")
