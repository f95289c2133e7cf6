"""The demo with its speed turned up: each kind of conversation once, to its end, and what the desk made of it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import tempfile
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from core.errors import Refused
from core.models import Account, Engine, Queue
from core.models.states import Channel, Security
from core.office import open_office
from core.settings import Settings
from core.store import Leases
from demo import clerks as clerks_module
from demo import people as people_module
from demo import town as town_module
from demo.desk import open_demo
from demo.pace import Pace
from demo.talks import replies, talks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from demo.desk import Demo
    from demo.people import Person

SPEED = 30.0
LONGEST = 60.0


@dataclass
class Evidence:
    """What was there when every talk had been held, and after the end."""

    people: dict[str, Person] = field(default_factory=dict)
    """By the name of their talk."""
    contacts: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    opt_outs: list[dict[str, Any]] = field(default_factory=list)
    left_on_server: int = -1
    log: str = ""
    tasks_left: list[str] = field(default_factory=list)
    descriptors: tuple[int, int] = (0, 0)
    folders_left: list[str] = field(default_factory=list)

    def contact(self, talk: str) -> dict[str, Any]:
        """The one contact of a talk."""
        (found,) = [row for row in self.contacts if row["address"] == self.people[talk].address]
        return found

    def out(self, talk: str) -> list[dict[str, Any]]:
        """What left for the person of a talk."""
        address = self.people[talk].address
        return [row for row in self.messages if row["address"] == address and row["direction"] == "out"]

    def came(self, talk: str) -> list[dict[str, Any]]:
        """What came from the person of a talk."""
        address = self.people[talk].address
        return [row for row in self.messages if row["address"] == address and row["direction"] == "in"]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """Every talk held once, on a temporary desk of the demo's own."""
    evidence = Evidence()
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        # A slow machine is not sped up with the people: nobody loses patience with it.
        patch.setattr(people_module, "PATIENCE", 10_000.0)
        patch.setattr(clerks_module, "_QUIET", (45.0, 50.0))
        asyncio.run(_hold(evidence))
    evidence.folders_left = os.listdir(folder)
    yield evidence


async def _hold(evidence: Evidence) -> None:
    log = io.StringIO()
    descriptors = len(os.listdir("/proc/self/fd"))
    pace = Pace(SPEED, once=True, dice=random.Random(1))
    async with open_demo(None, live_log=log, pace=pace) as demo:
        await _until(lambda: _over(demo))
        read = demo.office.database.read
        evidence.people = {person.talk.name: person for person in demo.town.people.values()}
        evidence.contacts = await read(
            "SELECT c.*, q.name AS queue, p.login AS agent FROM contact c JOIN queue q ON q.id = c.queue_id"
            " JOIN person p ON p.id = c.agent_id ORDER BY c.id"
        )
        evidence.messages = await read(
            "SELECT m.*, o.state, o.delivery, o.delivery_reason, o.purpose, p.login AS author FROM message m"
            " LEFT JOIN outbox o ON o.message_id = m.id LEFT JOIN person p ON p.id = m.author_id ORDER BY m.id"
        )
        evidence.mails = await read("SELECT * FROM mail ORDER BY id")
        evidence.opt_outs = await read("SELECT * FROM opt_out")
        evidence.left_on_server = await demo.servers.mails()
    evidence.log = log.getvalue()
    evidence.tasks_left = [str(task) for task in asyncio.all_tasks() - {asyncio.current_task()}]
    await asyncio.get_running_loop().shutdown_default_executor()
    evidence.descriptors = (descriptors, len(os.listdir("/proc/self/fd")))


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LONGEST):
        while not await true():  # noqa: ASYNC110 - the database has no event for it
            await asyncio.sleep(0.05)


async def _over(demo: Demo) -> bool:
    if not demo.town.all_said.is_set():
        return False
    rows = await demo.office.database.read(
        "SELECT 1 FROM contact WHERE state <> 'closed' UNION ALL SELECT 1 FROM outbox o JOIN account a"
        " ON a.id = o.account_id WHERE a.address LIKE 'orders@%' AND o.delivery NOT IN ('delivered', 'failed')"
        " UNION ALL SELECT 1 FROM mail WHERE NOT acknowledged"
    )
    return not rows


WITH_CONTACT = [talk.name for talk in talks() if talk.name != "stop and start"]
ANSWERED = [name for name in WITH_CONTACT if name != "dead number"]


@pytest.mark.parametrize("talk", WITH_CONTACT)
def test_a_customer_becomes_one_contact_that_ends_closed(held: Evidence, talk: str) -> None:
    contact = held.contact(talk)
    assert contact["state"] == "closed"
    assert contact["outcome"]
    assert [row["text"] for row in held.came(talk) if not row["automatic"]] == [
        line.say for line in held.people[talk].talk.lines
    ]


@pytest.mark.parametrize("talk", ANSWERED)
def test_the_answer_is_on_their_screen_and_threaded_under_their_words(held: Evidence, talk: str) -> None:
    person = held.people[talk]
    answers = [letter for letter in person.got if not letter.automatic]
    sent = [row for row in held.out(talk) if row["purpose"] == "reply"]
    assert [letter.message_id for letter in answers] == [row["letter_id"] for row in sent]
    assert answers[0].in_reply_to == person.sent[0]
    for letter, row in zip(answers, sent, strict=True):
        assert letter.text == row["text"]
        assert letter.in_reply_to in person.sent
        assert letter.references[-1] == letter.in_reply_to


def test_stop_is_recorded_and_confirmed_once_and_start_ends_it(held: Evidence) -> None:
    person = held.people["stop and start"]
    assert [row["text"] for row in held.came("stop and start")] == ["STOP please", "Stop.", "START"]
    (opt_out,) = held.opt_outs
    assert opt_out["address"] == person.address
    assert opt_out["ended_at"] is not None
    confirmations = [row["text"] for row in held.out("stop and start")]
    assert ["no more texts" in text for text in confirmations] == [True, False]
    assert [letter.text for letter in person.got] == confirmations
    assert all(letter.automatic for letter in person.got)
    assert person.address not in [contact["address"] for contact in held.contacts]


def test_a_bounce_marks_the_answer_failed_and_the_customer_not_reached(held: Evidence) -> None:
    (answer,) = held.out("dead number")
    assert (answer["state"], answer["delivery"]) == ("failed", "failed")
    assert "not in service" in answer["delivery_reason"]
    assert held.contact("dead number")["outcome"] == "not reached"
    assert not held.people["dead number"].got


def test_receipts_mark_what_was_delivered(held: Evidence) -> None:
    assert {row["delivery"] for row in held.out("order status")} == {"delivered"}
    assert {row["delivery"] for row in held.out("appointment")} == {""}, "that provider sends none"


def test_a_slow_handset_is_first_reported_delayed_and_then_delivered(held: Evidence) -> None:
    told = [line[10:] for line in held.log.splitlines() if line[10:20].strip() in ("delayed", "delivered", "phone")]
    about_her = [line.split()[0] for line in told if " Emma" in line]
    assert about_her == ["delayed", "phone", "delivered"]


def test_an_automatic_reply_is_filed_and_bothers_nobody(held: Evidence) -> None:
    (reply,) = [row for row in held.came("out of office") if row["automatic"]]
    (mail,) = [mail for mail in held.mails if mail["id"] == reply["mail_id"]]
    assert mail["outcome"] == "auto-reply"
    assert len([row for row in held.out("out of office") if row["purpose"] == "reply"]) == 1


def test_an_html_letter_is_read_without_the_history_it_quotes(held: Evidence) -> None:
    first = held.came("html letter")[0]
    assert first["text"] == held.people["html letter"].talk.lines[0].say
    assert "312.00 pounds" in first["quoted"]


def test_a_photo_comes_with_the_letter_it_was_attached_to(held: Evidence) -> None:
    first, second = held.came("attachment")
    assert [file["name"] for file in json.loads(first["files"])] == ["broken-teapot.png"]
    assert json.loads(second["files"]) == []


def test_a_contact_at_the_wrong_desk_is_passed_on_and_answered_there(held: Evidence) -> None:
    contact = held.contact("wrong desk")
    assert (contact["queue"], contact["agent"]) == ("clinic", "ben")


def test_a_letter_is_acknowledged_once_when_it_makes_a_contact(held: Evidence) -> None:
    assert [row["purpose"] for row in held.out("plain letter")].count("receipt reply") == 1


def test_nothing_is_set_aside_and_nothing_stays_on_the_server(held: Evidence) -> None:
    assert {mail["outcome"] for mail in held.mails} == {
        "contact", "joined", "consent", "receipt", "bounce", "auto-reply",
    }  # fmt: skip
    assert held.left_on_server == 0


def test_every_event_is_one_line_of_at_most_eighty_columns(held: Evidence) -> None:
    events = [line for line in held.log.splitlines() if line[2:3] == ":"]
    assert len(events) > 100
    assert max(map(cell_len, events)) <= 80
    assert all(character.isprintable() for line in events for character in line)
    assert not [line for line in events if "lost" in line or "set aside" in line]


def test_the_log_tells_every_kind_of_event(held: Evidence) -> None:
    kinds = {line[10:20].strip() for line in held.log.splitlines() if line[2:3] == ":"}
    assert kinds >= {
        "text", "e-mail", "taken", "note", "answer", "automatic", "phone", "inbox", "delivered", "delayed", "bounced",
        "opt-out", "opt-in", "away", "moved", "closed",
    }  # fmt: skip


def test_events_are_told_in_the_order_in_which_they_happened(held: Evidence) -> None:
    told = [line[10:20].strip() for line in held.log.splitlines() if " Tom" in line]
    told.remove("delivered")  # the provider takes its time
    assert told == ["text", "taken", "answer", "phone", "text", "closed"]


def test_the_end_leaves_no_task_no_descriptor_and_no_file(held: Evidence) -> None:
    assert held.tasks_left == []
    assert held.descriptors[1] <= held.descriptors[0]
    assert held.folders_left == []


def test_every_line_of_every_talk_has_an_answer_of_its_own() -> None:
    default = replies()[-1]
    unanswered = [line.say for talk in talks() for line in talk.lines if not line.say.lower().startswith(("st", "ok,"))]
    assert not [say for say in unanswered if next(r for r in replies() if r.fits(say)) is default]


# -- with a person at the desk ---------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(f"sqlite:///{tmp_path / 'desk.sqlite3'}", tmp_path / "desk.key")


async def test_without_agents_customers_wait_and_the_town_waits_with_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town_module, "MOST_AT_ONCE", 3)
    async with open_demo(settings, agents=False, pace=Pace(SPEED)) as demo:
        await _until(lambda: _are(demo, "queued", 3))
        await asyncio.sleep(20 / SPEED)  # three more would have written by now
        assert set(await _states(demo)) == {"queued"}
        assert len(await _states(demo)) == 3


async def test_a_demo_goes_on_where_it_ended(settings: Settings) -> None:
    for ended in (2, 4):
        async with open_demo(settings, pace=Pace(SPEED, once=True)) as demo:
            await _until(partial(_are, demo, "closed", ended))


async def _are(demo: Demo, state: str, count: int) -> bool:
    return (await _states(demo)).count(state) >= count


async def _states(demo: Demo) -> list[str]:
    return [row["state"] for row in await demo.office.database.read("SELECT state FROM contact")]


async def test_a_desk_of_somebody_else_is_not_touched(settings: Settings) -> None:
    async with open_office(settings):
        queue = await Queue.create(name="front")
        await Account.create(
            kind=Channel.EMAIL, address="help@acme.example", queue=queue,
            imap_host="mail.acme.example", imap_port=993, imap_security=Security.TLS,
        )  # fmt: skip
    with pytest.raises(Refused, match=r"a desk of its own with help@acme\.example"):
        async with open_demo(settings):
            pytest.fail("it began")
    async with open_office(settings):
        assert await Account.all().count() == 1


async def test_a_desk_that_another_process_runs_is_not_touched(settings: Settings) -> None:
    async with open_office(settings) as office:
        leases = Leases(office.database, office.clock)
        await leases.take(f"engine:{leases.holder}")
        await Engine.create(holder=leases.holder, host="here", pid=4711, version="1", started_at=office.clock.now())
    with pytest.raises(Refused, match=r"another process \(4711\) runs this desk"):
        async with open_demo(settings):
            pytest.fail("it began")
