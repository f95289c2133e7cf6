"""`postroom broadcast`: what a person sees, what a program reads, the exit codes."""

from __future__ import annotations

import asyncio
import csv
import json
from typing import TYPE_CHECKING

import pytest

from cli import broadcast_watching
from core.clock import to_moment
from tests.flow.arriving import text_arrives
from tests.flow.broadcasting import add, leaves, numbered, sent_to, set_up
from tests.flow.conftest import ONLY_SQLITE, furnish

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office
    from tests.flow.command import Command

pytestmark = ONLY_SQLITE
TO_ALL = ("--campaign", "spring", "--account", "texts@acme.example", "--template", "parcel")


@pytest.fixture
def postroom(command: Command) -> Command:
    async def prepare(office: Office) -> None:
        await furnish()
        await set_up(office)
        await add(office, *numbered(4), {"number": "+447700900000", "reference": "=twin"}, {"reference": "none"})

    command.within(prepare)
    return command


async def _turns(office: Office) -> None:
    """An engine's work, and a server that takes everything but one."""
    await office.broadcasts.feed()
    await leaves(office, "failed", "550 no such subscriber", ["+447700900002"])
    await leaves(office)
    await office.broadcasts.feed()


def test_a_plan_is_shown_and_sends_nothing(postroom: Command, folder: Path) -> None:
    done = postroom("broadcast", "plan", *TO_ALL, "--preview", "1", "--left-out", "out.csv")
    assert (done.code, done.err) == (0, "")
    for line in ("6 customers", "-1 same number twice", "-1 no number", "4 will get it", "4 parts in all"):
        assert line in done.out
    assert "Hello Ann, your parcel 4711 comes on Friday." in done.out
    rows = list(csv.DictReader((folder / "out.csv").read_text().splitlines()))
    left_out = [(row["reason"], row["reference"]) for row in rows]
    assert left_out == [("same number twice", "'=twin"), ("no number", "none")]
    said = json.loads(postroom("broadcast", "plan", *TO_ALL, "--json").out)
    assert (said["recipients"], said["excluded"]) == (4, {"same number twice": 1, "no number": 1})
    assert json.loads(postroom("broadcast", "list", "--json").out) == []


def test_who_is_left_out_runs_nothing_in_a_spreadsheet(postroom: Command, folder: Path) -> None:
    postroom.within(lambda office: add(office, {"reference": "+1+cmd|'/C calc'!A0", "name": "@x", "number": "+441"}))
    assert postroom("broadcast", "plan", *TO_ALL, "--left-out", "out.csv").code == 0
    rows = {row["name"]: row for row in csv.DictReader((folder / "out.csv").read_text().splitlines())}
    assert (rows["'@x"]["reference"], rows["'@x"]["reason"]) == ("'+1+cmd|'/C calc'!A0", "number not valid")


def test_a_broadcast_is_started_by_its_count_and_accounted_for(postroom: Command, folder: Path) -> None:
    asked = postroom("broadcast", "start", *TO_ALL)
    assert (asked.code, asked.words) == (2, "say --yes 4 to send it: that is how many would get it")
    wrong = postroom("broadcast", "start", *TO_ALL, "--yes", "5")
    assert wrong.code == 1 and "5 is not the number of the plan" in wrong.words
    done = postroom("broadcast", "start", *TO_ALL, "--yes", "4", "--name", "Friday")
    assert (done.code, done.words) == (
        1, "no engine runs: broadcast 1 begins to leave when one does ('postroom --no-ui')"
    )  # fmt: skip
    said = json.loads(done.out.splitlines()[0])
    assert (said["held"], said["per_minute"]) == (0, 0.0) and said["time"].endswith("Z")
    assert (said["state"], said["planned"], said["waiting"]) == ("running", 4, 4)
    postroom.within(_turns)
    (row,) = json.loads(postroom("broadcast", "list", "--json").out)
    keys = {"id", "state", "planned", "queued", "sent", "failed", "unknown", "suppressed", "cancelled", "excluded"}
    assert keys <= row.keys() and (row["state"], row["sent"], row["failed"]) == ("done", 3, 1)
    shown = postroom("broadcast", "show", "1").out
    assert "Friday #1  done" in shown and "1 x 550 no such subscriber" in shown
    assert json.loads(postroom("broadcast", "show", "1", "--json").out)["failures"] == [["550 no such subscriber", 1]]
    (failed,) = json.loads(postroom("broadcast", "ledger", "1", "--state", "failed", "--json").out)
    assert failed["address"] == "+447700900002"
    assert postroom("broadcast", "ledger", "1", "--csv", "ledger.csv").code == 0
    assert len((folder / "ledger.csv").read_text().splitlines()) == 5
    nowhere = postroom("broadcast", "ledger", "1", "--csv", "no/ledger.csv")
    assert (nowhere.code, nowhere.words) == (
        1, "no/ledger.csv cannot be written: No such file or directory; name another file"
    )  # fmt: skip
    assert postroom("broadcast", "retry", "1").out == "1 are tried again\n"


def test_pause_resume_and_cancel(postroom: Command) -> None:
    postroom("broadcast", "start", *TO_ALL, "--yes", "4", "--no-wait", "--rate", "60", "--brake", "10")
    assert postroom("broadcast", "pause", "1").out == "broadcast 1 is paused\n"
    again = postroom("broadcast", "pause", "1")
    assert again.code == 1 and "is paused" in again.words
    assert postroom("broadcast", "resume", "1").code == 0
    assert postroom("broadcast", "cancel", "1").code == 0
    (row,) = json.loads(postroom("broadcast", "list", "--json").out)
    assert (row["state"], row["cancelled"]) == ("cancelled", 4)
    none = postroom("broadcast", "show", "7")
    assert none.code == 2 and "no broadcast 7" in none.words


def test_a_start_is_scheduled_in_the_desks_zone(postroom: Command) -> None:
    done = postroom("broadcast", "start", *TO_ALL, "--yes", "4", "--at", "2099-07-01T09:30")
    assert json.loads(done.out.splitlines()[0])["state"] == "scheduled"
    (row,) = json.loads(postroom("broadcast", "list", "--json").out)
    assert row["starts_at"] == "2099-07-01T08:30:00Z"
    assert postroom("broadcast", "start", *TO_ALL, "--yes", "4", "--at", "soon").code == 2


def test_a_second_person_is_asked_for_by_the_command_too(postroom: Command) -> None:
    assert postroom("variable", "set", "broadcast_approval_over", "2").code == 0
    nobody = postroom("broadcast", "start", *TO_ALL, "--yes", "4")
    assert nobody.code == 1 and "say who confirms it, with --as LOGIN" in nobody.words
    done = postroom("broadcast", "start", *TO_ALL, "--yes", "4", "--as", "sue")
    waits = "broadcast 1 waits for a second person: 'postroom broadcast approve 1 --as LOGIN'"
    assert (done.code, done.words) == (1, waits)
    assert postroom("broadcast", "resume", "1").words == waits
    assert postroom("broadcast", "approve", "1").code == 1
    assert postroom("broadcast", "approve", "1", "--as", "sue").code == 1


def test_who_answers_is_a_command(postroom: Command) -> None:
    postroom("broadcast", "start", *TO_ALL, "--yes", "4", "--no-wait")
    postroom.within(_turns)

    async def answer(office: Office) -> None:
        await text_arrives(office, "+447700900001", "Friday is fine")
        now = to_moment(office.clock.now())
        await office.database.rows("UPDATE contact SET received_at = ?, last_in_at = ?", now, now)

    postroom.within(answer)
    (row,) = json.loads(postroom("broadcast", "answers", "1", "--json").out)
    assert (row["address"], row["text"]) == ("+447700900001", "Friday is fine")
    assert "Friday is fine" in postroom("broadcast", "answers", "1").out
    assert postroom("broadcast", "answers", "9").code == 2


@pytest.mark.parametrize(("ends", "code", "words"), [
    ("paused", 1, "broadcast 1 is paused: 9 of 20 have failed; 'postroom broadcast resume 1' goes on"),
    ("cancelled", 1, "broadcast 1 is cancelled: 9 of 20 have failed"), ("done", 0, ""),
])  # fmt: skip
def test_a_start_that_is_followed_says_how_it_ended(
    postroom: Command, monkeypatch: pytest.MonkeyPatch, ends: str, code: int, words: str
) -> None:
    """An engine and a person elsewhere are played: what counts is how the command ends."""

    async def runs(office: Office) -> bool:
        await office.database.rows("UPDATE broadcast SET state = ?, reason = '9 of 20 have failed'", ends)
        return True

    monkeypatch.setattr(broadcast_watching, "_engines", runs)
    monkeypatch.setattr(broadcast_watching, "LOOK_SECONDS", 0.01)
    done = postroom("broadcast", "start", *TO_ALL, "--yes", "4")
    assert done.code == code and (done.words if code else done.err) == words
    assert [json.loads(line)["state"] for line in done.out.splitlines()] == ["running", ends]


def test_a_message_goes_to_oneself(postroom: Command) -> None:
    assert postroom("broadcast", "test", "07700 900777", *TO_ALL).out == "message 1 is in the outbox\n"


def test_a_template_with_a_field_that_nobody_can_have_is_warned_of(postroom: Command) -> None:
    done = postroom("template", "set", "typo", "--body", "Hi {{ customer.frist_name }} of {{ campaign.title }}")
    assert (done.code, done.out) == (0, "template typo is there\n")
    assert "no list has campaign.title, customer.frist_name, did you mean customer.first_name" in done.err
    own = "UPDATE customer_list SET own_fields = ? WHERE id = 1"
    postroom.within(lambda office: office.database.rows(own, json.dumps(["parcel no"])))
    done = postroom("template", "set", "right", "--body", "{{ customer.parcel_no }} {{ customer.name }} {{ order }}")
    assert (done.code, done.err) == (0, "")


async def test_who_breaks_off_the_command_is_told_that_the_broadcast_goes_on(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def runs(_: Office) -> bool:
        return True

    monkeypatch.setattr(broadcast_watching, "_engines", runs)
    number = await sent_to(office, 3)
    following = asyncio.create_task(broadcast_watching.follow(office, number, is_live=False, to_the_end=True))
    said = ""
    deadline = asyncio.get_running_loop().time() + 10
    while '"running"' not in said:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)
        said += capsys.readouterr().out
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert (
        capsys.readouterr().err == f"broadcast {number} goes on: 'postroom broadcast show {number}' says how it does\n"
    )
