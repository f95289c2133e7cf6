"""Mail servers that die, stop, forget and hang: the others are served meanwhile, nothing is lost, nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.flow.mails import text_mail
from tests.servers.scripted_imap import HANG, Say, ScriptedImap
from tests.stories.running import RunningDesk, account_toml, bare_toml, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.xdist_group("faults")

NOBODY_LISTENS = 9
"""The outgoing server's port where nothing is sent."""
SERVED_WITHIN = 3.0
_numbers = count(1)


@dataclass(frozen=True)
class Box:
    """An account's mailbox in a desk that runs, and what was put into it."""

    desk: RunningDesk
    dovecot: Dovecot
    user: str
    address: str
    sent: list[str]

    def deliver(self, how_many: int) -> None:
        """So many more texts of different customers."""
        words = [f"{self.user} {next(_numbers)}" for _ in range(how_many)]
        self.sent.extend(words)
        self.dovecot.deliver(self.user, *[text_mail(f"+4477009{next(_numbers):05d}", said) for said in words])

    def is_served(self) -> None:
        """A text that is put into it now is on the desk within three seconds."""
        began = time.monotonic()
        self.deliver(1)
        until(f"{self.address} is served", lambda: self.sent[-1] in self.desk.texts(self.address), 10)
        assert time.monotonic() - began < SERVED_WITHIN

    @property
    def health(self) -> str:
        return self.desk.mailbox(self.address).health

    def has_all_once(self, seconds: float = 20.0) -> None:
        """Everything that was put into it is on the desk, once; and what is on the server is accounted for."""
        until(f"{self.address} is read", lambda: len(self.desk.texts(self.address)) >= len(self.sent), seconds)
        until(f"{self.address} is well", self.is_well, 5)
        assert Counter(self.desk.texts(self.address)) == Counter(self.sent)

    def is_well(self) -> bool:
        """Read to the end, and whatever is on the server is accounted for."""
        state = self.desk.mailbox(self.address)
        return state.health == "ok" and state.error == "" and state.on_server == state.accounted

    def is_looked_at(self) -> None:
        """Whatever was looked at before, it is looked at now."""
        polled = (
            f"SELECT last_poll_at FROM mailbox m JOIN account a ON a.id = account_id WHERE address = '{self.address}'"
        )
        before = self.desk.query(polled)
        until(f"{self.address} is looked at", lambda: self.desk.query(polled) != before)


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot, other_dovecot: Dovecot
) -> Iterator[tuple[Box, Box]]:
    """A desk that runs with an account on each of two mail servers; the second may be mistreated."""
    with RunningDesk(tmp_path_factory.mktemp("pair")) as desk:
        boxes = [Box(desk, server, server.add_user(), f"{name}@desk.example", [])
                 for name, server in (("good", dovecot), ("bad", other_dovecot))]  # fmt: skip
        desk.apply(bare_toml(smtp_port=NOBODY_LISTENS) + "".join(
            account_toml(box.address, user=box.user, password=box.dovecot.password, imap_port=box.dovecot.port,
                         poll_seconds=1)
            for box in boxes))  # fmt: skip
        engine = desk.start()
        until("both are well", lambda: all(box.health == "ok" for box in boxes))
        yield boxes[0], boxes[1]
        desk.stop(engine)


def test_a_killed_mail_server_holds_up_nobody_and_is_read_when_it_is_back(pair: tuple[Box, Box]) -> None:
    good, bad = pair
    bad.deliver(300)
    until("some are fetched", lambda: bad.desk.texts(bad.address))
    bad.dovecot.kill()
    try:
        good.is_served()
        until("it is seen to be gone", lambda: bad.health == "broken")
        words = bad.desk.mailbox(bad.address).error
        assert words.startswith(f"127.0.0.1:{bad.dovecot.port} ") and "\n" not in words
        good.is_served()
        bad.deliver(5)
    finally:
        bad.dovecot.start()
    good.is_served()
    bad.has_all_once()
    good.has_all_once()


def test_a_mail_server_that_stops_answering_holds_up_nobody_and_is_read_when_it_goes_on(pair: tuple[Box, Box]) -> None:
    good, bad = pair
    bad.has_all_once()
    bad.dovecot.pause()
    try:
        bad.deliver(5)
        good.is_served()
        until("it is seen to be silent", lambda: bad.health == "broken", 20)
        assert "does not answer" in bad.desk.mailbox(bad.address).error
        good.is_served()
    finally:
        bad.dovecot.resume()
    bad.has_all_once()
    bad.is_served()


def test_a_restarted_mail_server_is_read_on(pair: tuple[Box, Box]) -> None:
    good, bad = pair
    bad.deliver(50)
    bad.dovecot.restart()
    bad.deliver(50)
    bad.has_all_once()
    good.has_all_once()


def test_a_folder_that_is_numbered_anew_brings_nothing_twice(pair: tuple[Box, Box]) -> None:
    _, bad = pair
    bad.deliver(20)
    bad.has_all_once()
    bad.dovecot.bump_uidvalidity(bad.user)
    bad.deliver(1)
    bad.has_all_once()
    (row,) = [row for row in bad.desk.json("account", "list") if row["address"] == bad.address]
    assert row["on_server"] == row["accounted"] == len(bad.sent)
    assert (row["contacts"], row["duplicates"]) == (1, len(bad.sent) - 1)


def test_a_refused_login_and_a_missing_folder_are_told_and_mended_without_a_restart(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    user, locked, lost = (dovecot.add_user() for _ in range(3))
    with RunningDesk(tmp_path) as desk:
        account = partial(account_toml, imap_port=dovecot.port, poll_seconds=1)
        good = Box(desk, dovecot, user, "good@desk.example", [])
        wrong = Box(desk, dovecot, locked, "wrong@desk.example", [])
        toml = (
            bare_toml(smtp_port=NOBODY_LISTENS)
            + account(good.address, user=user, password=dovecot.password)
            + account("lost@desk.example", user=lost, password=dovecot.password, folder="Über uns")
        )
        wrong.deliver(3)
        desk.apply(toml + account(wrong.address, user=locked, password="not geheim"))
        engine = desk.start()
        until("it is refused", lambda: wrong.health == "broken")
        until("it is missed", lambda: desk.mailbox("lost@desk.example").health == "broken")
        good.is_looked_at()
        good.is_served()
        rows = {row["address"]: row for row in desk.json("account", "list")}
        assert [rows[a]["status"] for a in ("good@desk.example", "lost@desk.example", wrong.address)] == [
            "ok", "broken", "broken"]  # fmt: skip
        assert f"refused the login of {locked}" in rows[wrong.address]["error"]
        assert "has no folder 'Über uns'" in rows["lost@desk.example"]["error"]
        assert "not geheim" not in desk.log.read_text()

        desk.apply(toml + account(wrong.address, user=locked, password=dovecot.password))
        dovecot.deliver(lost, text_mail("+447700900123", "found"), folder="Über uns")
        wrong.has_all_once()
        until("the folder is read", lambda: desk.texts("lost@desk.example") == ["found"], 20)
        desk.stop(engine)


RAW = text_mail("+447700900123", "whole at last")
ENVELOPE = b'* 1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "02-Mar-2026 09:55:00 +0000")\r\n{tag} OK done\r\n' % len(RAW)
HALF = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(RAW) + RAW[: len(RAW) // 2]
WHOLE = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(RAW) + RAW + b")\r\n{tag} OK done\r\n"


async def test_a_server_that_hangs_in_mid_sentence_holds_up_nobody_and_its_mail_comes_whole_in_the_end(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    async with ScriptedImap(
        {
            "SELECT": Say(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 77] fine\r\n{tag} OK [READ-WRITE] selected\r\n"),
            "UID SEARCH": Say(b"* SEARCH 1\r\n{tag} OK done\r\n"),
            # It falls silent in the middle of a mail; then it hangs up there; then all is well.
            "UID FETCH": [Say(ENVELOPE), Say(HALF), Say(ENVELOPE), Say(HALF, close=True), Say(ENVELOPE), Say(WHOLE)],
            "UID STORE": Say(b"{tag} OK done\r\n"),
            "IDLE": HANG,
        }
    ) as server:
        await asyncio.to_thread(_hang, tmp_path, dovecot, server)


def _hang(folder: Path, dovecot: Dovecot, server: ScriptedImap) -> None:
    with RunningDesk(folder) as desk:
        good = Box(desk, dovecot, dovecot.add_user(), "good@desk.example", [])
        account = partial(account_toml, password=dovecot.password, poll_seconds=1)
        desk.apply(
            bare_toml(smtp_port=NOBODY_LISTENS)
            + account(good.address, user=good.user, imap_port=dovecot.port)
            + account("odd@desk.example", user="odd", imap_port=server.port)
        )
        engine = desk.start()
        until("it hangs", lambda: len(server.heard("UID FETCH")) == 2)
        good.is_looked_at()
        good.is_served()
        desk.stop(engine)
        engine = desk.start()
        good.is_looked_at()
        until("it is seen to be broken", lambda: desk.mailbox("odd@desk.example").health == "broken")
        assert "closed the connection" in desk.mailbox("odd@desk.example").error
        good.is_served()
        until("the mail comes whole", lambda: desk.texts("odd@desk.example") == ["whole at last"], 10)
        good.has_all_once()
        desk.stop(engine)
