"""The engine without a screen: how it ends, what it logs, and what it says when it cannot begin."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.flow.mails import text_mail
from tests.servers.smtp_recorder import Fault, RecorderProcess
from tests.stories.running import RunningDesk, account_toml, bare_toml, desk_toml, put_many, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("headless")

WORDS = "kanarienvogel"
SECRET = "Nachtigall+7"
DRAINED_WITHIN = 10.0


def test_it_drains_in_time_though_smtp_hangs_in_mid_letter_and_imap_hangs_as_well(
    tmp_path: Path, dovecot: Dovecot, other_dovecot: Dovecot
) -> None:
    slow, hanging = "447700800000", "447700800001"
    faults = [Fault("dot", "slow 3", match=slow), Fault("dot", "hang", match=hanging)]
    user = other_dovecot.add_user()
    with RecorderProcess(tmp_path / "record", faults=faults) as server, RunningDesk(tmp_path) as desk:
        account = partial(account_toml, user=user, password=dovecot.password)
        desk.apply(
            bare_toml(smtp_port=server.port, connections=2)
            + account("idle@desk.example", imap_port=other_dovecot.port)
            + account("new@desk.example", imap_port=other_dovecot.port, more="enabled = false")
        )
        asyncio.run(put_many(desk, 2))
        engine = desk.start()
        until("two letters are on their way", lambda: on_their_way(desk) == 2)
        until("the mailbox is read", lambda: desk.mailbox("idle@desk.example").health == "ok")
        other_dovecot.pause()
        try:
            # One connection is idle, another waits for a greeting that does not come.
            desk.run("account", "enable", "new@desk.example")
            lease = "SELECT count(*) FROM lease WHERE name LIKE 'mailbox:%'"
            until("the other mailbox is tried", lambda: desk.count(lease) == 2)
            asyncio.run(put_many(desk, 3))
            began = time.monotonic()
            desk.stop(engine, DRAINED_WITHIN)
            assert time.monotonic() - began > 2.5  # the slow one had its time
        finally:
            other_dovecot.resume()
        states = dict(desk.query("SELECT recipients, state FROM outbox WHERE id <= 2"))
        assert states == {f'["{slow}@sms.example"]': "sent", f'["{hanging}@sms.example"]': "unknown"}
        assert desk.query("SELECT DISTINCT state, claimed_by FROM outbox WHERE id > 2") == [("queued", "")]
        assert desk.count("SELECT count(*) FROM lease") == desk.count("SELECT count(*) FROM engine") == 0
        assert [one.recipient for one in server.read()] == [f"{slow}@sms.example"]


def on_their_way(desk: RunningDesk) -> int:
    return desk.count("SELECT count(*) FROM outbox WHERE state = 'sending'")


def test_its_log_is_json_without_a_secret_or_a_customers_words(tmp_path: Path, dovecot: Dovecot) -> None:
    user, locked = dovecot.add_user(password=SECRET), dovecot.add_user()
    faults = [Fault("dot", f"550 5.7.1 we do not carry: {WORDS}")]
    raws = [text_mail("+447700900123", f"{WORDS} in a text", headers=f"X-Note: {WORDS}\r\n"),
            f"From: {WORDS}\r\nSubject: {WORDS}\r\n\r\n{WORDS}\r\n".encode()]  # fmt: skip
    with RecorderProcess(tmp_path / "record", faults=faults) as server, RunningDesk(tmp_path, log_level="") as desk:
        # It begins with an empty desk, and takes up what is applied while it runs.
        first, second = desk.start(), desk.start()
        until("both engines run", lambda: desk.log.exists() and desk.log.read_text().count("engine started") == 2)
        dovecot.deliver(user, *raws)
        account = partial(account_toml, imap_port=dovecot.port)
        desk.apply(
            bare_toml(smtp_port=server.port)
            + account("texts@desk.example", user=user, password=SECRET)
            + account("locked@desk.example", user=locked, password=SECRET + "!")
        )
        until("the text is queued", lambda: desk.query("SELECT 1 FROM contact WHERE state = 'queued'"))
        until("the login is refused", lambda: desk.mailbox("locked@desk.example").health == "broken")
        desk.run("contact", "take", "1", "--as", "ann")
        desk.run("contact", "reply", "1", "--as", "ann", stdin=f"{WORDS} in an answer")
        until("the answer is refused", lambda: desk.query("SELECT 1 FROM outbox WHERE state = 'failed'"))
        assert len(desk.json("status")["engine"]) == 2
        shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        desk.stop(first)
        second.send_signal(signal.SIGINT)
        assert second.wait(10) == 0
        log = desk.log.read_text()
    for line in log.splitlines():
        assert {"event", "level", "timestamp"} <= json.loads(line).keys()
    events = {json.loads(line)["event"] for line in log.splitlines()}
    assert {"engine started", "fetched", "mailbox failed", "stopping", "engine stopped"} <= events
    assert SECRET not in log + shown and WORDS not in log + shown


def test_what_libraries_log_and_warn_of_is_a_line_of_json_as_well() -> None:
    program = """
import logging, warnings
from cli.logs import set_up_logs
set_up_logs()
logging.getLogger("library").warning("two\\nlines of %s", "words")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("asyncio").exception("never retrieved")
warnings.warn("old")
logging.getLogger("aiosmtplib").warning("AUTH PLAIN secret")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"].partition("\n")[0] for line in lines][:2] == ["two", "never retrieved"]
    assert (lines[0]["level"], lines[0]["logger"]) == ("warning", "library")
    assert "ZeroDivisionError" in lines[1]["exception"]
    assert "old" in lines[2]["event"] and len(lines) == 3


def test_what_it_cannot_begin_with_is_told_in_one_line(tmp_path: Path, dovecot: Dovecot) -> None:
    with RunningDesk(tmp_path) as desk:
        toml = desk_toml(imap_port=dovecot.port, smtp_port=9, user="nobody", password=SECRET)
        desk.apply(toml)
        key = tmp_path / "desk.sqlite3.key"
        refused = partial(cannot_begin, desk)

        assert "mysql" in refused("--db", "mysql://root:" + SECRET + "@host/x", code=2)
        assert "sqlite:///PATH" in refused("--db", "sqlite:desk", code=2)
        assert "is a folder" in refused("--db", f"sqlite:///{tmp_path}", code=1)
        assert "cannot be opened" in refused("--db", f"postgresql://me:{SECRET}@127.0.0.1:9/desk", code=1)
        nothing = tmp_path / "letter.txt"
        nothing.write_text("Dear database, " * 500)
        assert "letter.txt" in refused("--db", f"sqlite:///{nothing}", code=1)
        assert nothing.read_text().startswith("Dear database")

        shutil.move(key, tmp_path / "right.key")
        with RunningDesk(tmp_path / "elsewhere") as other:
            other.folder.mkdir()
            other.apply(toml)
            shutil.copy(tmp_path / "elsewhere" / "desk.sqlite3.key", key)
        assert "key" in refused(code=1)
        shutil.copy(tmp_path / "right.key", key)

        with closing(sqlite3.connect(tmp_path / "desk.sqlite3")) as connection, connection:
            connection.execute("INSERT INTO tortoise_migrations (app, name, applied_at)"
                               " VALUES ('postroom', '9999_from_the_future', '2030-01-01')")  # fmt: skip
        assert "newer Postroom" in refused(code=1)


def cannot_begin(desk: RunningDesk, *words: str, code: int) -> str:
    """What the engine says when it is started so; it must end by itself, with this code and one line."""
    said = desk.run(*words, "--no-ui", code=code)
    assert said.startswith("postroom: ") and said.count("\n") == 1 and SECRET not in said
    return said
