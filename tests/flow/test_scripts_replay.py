"""Replay: what would go elsewhere, from the facts that were kept; the version that decided changes nothing."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
import zlib
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import NotFound, Wrong
from core.models import CallClass, Contact, ScriptRun, ScriptVersion
from core.models.states import RunEvent
from core.office import open_office
from core.scripts.templates import Wording
from tests.flow.arriving import take_in, triage
from tests.flow.conftest import ONLY_SQLITE, furnish, sqlite_settings
from tests.flow.mails import text_mail
from tests.flow.scripted import LOADING, ONE_QUEUE, TWO_QUEUES, WORDS

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office
    from core.scripts.replaying import Replay

TEXTS = "texts@acme.example"
PRIORITY = 'def route(contact):\n    if "refund" in contact.words:\n        return queue("front", priority = 7)\n'
PRIORITY += '    return queue("front")\n'


async def arrives(office: Office, *words: str) -> None:
    """A contact for each, decided by its account's script."""
    start = await Contact.all().count()
    mails = [text_mail(f"+4477009{start + n:05}", text) for n, text in enumerate(words)]
    await take_in(office, 1, *mails)
    await triage(office)


async def routed_by(office: Office, source: str) -> None:
    await office.routing.scripts.publish("door", source, actor="sue")
    await office.routing.scripts.set_on_account(TEXTS, "door", actor="sue")


async def replayed(office: Office, **how: object) -> Replay:
    """The whole result."""
    *_, last = [step async for step in office.routing.replays.replay("door", **how)]  # type: ignore[arg-type]
    return last


async def test_the_version_that_decided_changes_nothing(office: Office) -> None:
    await routed_by(office, TWO_QUEUES)
    await arrives(office, "refund", "hello", "a refund please")
    result = await replayed(office)
    assert (result.version, result.total, result.done, result.same) == ("v1", 3, 3, 3)
    assert (result.differences, result.errors, result.differ, result.failed) == ((), (), 0, 0)


async def test_those_that_would_go_elsewhere_are_told_with_the_branch_that_sends_them(office: Office) -> None:
    await routed_by(office, ONE_QUEUE)
    await arrives(office, "refund", "hello", "a refund please", "good bye")
    result = await replayed(office, source=PRIORITY)
    (one,) = result.differences
    assert (one.old, one.new, one.count) == ("queue front", "queue front, priority 7", 2)
    assert (one.reason, one.line, one.failed) == ("if 'refund' in contact.words", 3, False)
    assert (result.version, result.same, result.differ, result.failed) == ("draft", 2, 2, 0)
    opened = await Contact.filter(id__in=[run.contact for run in one.runs])
    assert {contact.preview for contact in opened} == {"refund", "a refund please"}


async def test_the_sum_by_place_says_how_many_go_where(office: Office) -> None:
    await routed_by(office, ONE_QUEUE)
    await arrives(office, "refund", "hello", "a refund please", "bye", "fail")
    source = TWO_QUEUES.replace(
        "return",
        'if contact.text == "bye":\n        return close("bye")\n    if contact.text == "fail":\n'
        '        fail("no")\n    return',
    )
    result = await replayed(office, source=source)
    assert [(one.name, one.before, one.after) for one in result.places] == [
        ("queue front", 5, 1), ("queue billing", 0, 2), ("closed", 0, 1), ("error", 0, 1)
    ]  # fmt: skip


async def test_side_actions_count_as_well_and_are_told_where_they_are_all_that_differs(office: Office) -> None:
    await CallClass.create(name="Refund")
    await routed_by(office, ONE_QUEUE)
    await arrives(office, "hello")
    result = await replayed(office, source=ONE_QUEUE.replace("queue(", 'set_class("Refund"), queue(').replace(
        "return ", "return [").replace(")\n", ")]\n", 2).replace("(contact):]", "(contact):"))  # fmt: skip
    (one,) = result.differences
    assert (one.old, one.new) == ("queue front", "queue front; class Refund")


async def test_where_the_new_version_fails_is_an_error_and_no_difference(office: Office) -> None:
    await routed_by(office, ONE_QUEUE)
    await arrives(office, "refund", "hello")
    fails = PRIORITY.replace('"front", priority = 7', "contact.nmae")
    result = await replayed(office, source=fails)
    (one,) = result.errors
    assert (one.old, one.line, one.failed, one.count) == ("queue front", 3, True, 1)
    assert one.new.startswith("error in line 3: ")
    assert (result.same, result.differ, result.failed) == (1, 0, 1)


async def test_what_failed_and_would_now_be_decided_differs(office: Office) -> None:
    await routed_by(office, ONE_QUEUE.replace('"front"', "contact.text"))
    await arrives(office, "front", "nowhere")
    assert (await replayed(office)).same == 2
    result = await replayed(office, source=ONE_QUEUE)
    (one,) = result.differences
    assert one.old.startswith('error in line 2: there is no queue "nowhere"')
    assert (one.new, result.same) == ("queue front", 1)


async def test_a_template_that_cannot_be_filled_in_fails_the_replay_as_it_failed_the_contact(office: Office) -> None:
    await office.routing.templates.set("sorry", Wording("sms", "Order {{ order }}"), actor="sue")
    await routed_by(office, 'def route(contact):\n    return [queue("front"), reply("sorry")]\n')
    await arrives(office, "hello")
    assert (await ScriptRun.get()).error.startswith("template sorry")
    assert (await replayed(office)).same == 1


async def test_both_functions_are_replayed(office: Office, clock: FrozenClock) -> None:
    waits = 'def route(contact):\n    return queue("front", timeout = 60)\n\n'
    await routed_by(
        office, waits + 'def waited(contact):\n    return queue("billing", priority = contact.priority + 1)\n'
    )
    await arrives(office, "hello")
    clock.advance(minutes=5)
    await triage(office)
    assert await ScriptRun.filter(event=RunEvent.WAITED).count() == 1
    assert (await replayed(office)).same == 2
    result = await replayed(office, source=waits + "def waited(contact):\n    return stay()\n")
    (one,) = result.differences
    assert (one.old, one.new, one.count) == ("queue billing, priority 1", "stay", 1)


async def test_only_the_last_days_and_only_this_script(office: Office, clock: FrozenClock) -> None:
    await routed_by(office, ONE_QUEUE)
    await arrives(office, "old")
    clock.advance(days=10)
    await arrives(office, "new")
    await office.routing.scripts.publish("other", TWO_QUEUES, actor="sue")
    await office.routing.scripts.set_on_account(TEXTS, "other", actor="sue")
    await arrives(office, "another's")
    assert (await replayed(office)).total == 1
    assert (await replayed(office, days=None)).total == 2
    assert (await replayed(office, days=0.0001)).total == 1
    clock.advance(days=1)
    assert (await replayed(office, days=0.5)).total == 0


async def test_a_version_by_its_number_and_what_is_not_there(office: Office) -> None:
    await routed_by(office, ONE_QUEUE)
    await arrives(office, "refund")
    await office.routing.scripts.save("door", TWO_QUEUES, actor="sue")
    assert (await replayed(office)).same == 1
    result = await replayed(office, number=2)
    assert (result.version, result.differ) == ("v2", 1)
    for how, kind, words in (
        ({"number": 9}, NotFound, "script door has no v9 to replay"),
        ({"source": ""}, Wrong, "a script without a line"),
    ):
        with pytest.raises(kind, match=words):
            await replayed(office, **how)
    with pytest.raises(NotFound, match='there is no script "dor"'):
        await anext(office.routing.replays.replay("dor"))


async def test_facts_are_of_their_day_and_what_it_loads_is_of_today(office: Office) -> None:
    await office.routing.scripts.publish("words", WORDS, actor="sue")
    await office.routing.variables.set("closed", False, actor="sue")
    source = LOADING.replace("bad(contact.text)", "bad(contact.text) or variables.closed")
    await routed_by(office, source)
    await arrives(office, "bad", "good")
    await office.routing.variables.set("closed", True, actor="sue")
    assert (await replayed(office)).same == 2
    await office.routing.scripts.publish("words", WORDS.replace('"bad" in', '"good" in'), actor="sue")
    assert (await replayed(office)).differ == 2


async def test_nothing_is_written_and_the_worker_is_gone_when_it_is_left_early(office: Office) -> None:
    await routed_by(office, ONE_QUEUE)
    for _ in range(3):
        await arrives(office, *["hello"] * 150)
    before = await office.database.read("SELECT * FROM script_run ORDER BY id")
    journal = await office.database.read("SELECT count(*) AS n FROM journal")
    steps = office.routing.replays.replay("door", source=TWO_QUEUES)
    async with aclosing(steps):
        seen = [step.done async for step in steps if step.done < 300]
    assert seen == [0, 100, 200]
    async with aclosing(office.routing.replays.replay("door")) as left:
        assert (await anext(left)).total == 450
        assert (await anext(left)).done == 100
    assert await office.database.read("SELECT * FROM script_run ORDER BY id") == before
    assert await office.database.read("SELECT count(*) AS n FROM journal") == journal


# -- any script, any contacts --------------------------------------------------------------------------------------

CONDITIONS = st.sampled_from([
    '"refund" in contact.words', "len(contact.text) > 10", "contact.previous", 'matches("a+b", contact.text)',
    "variables.closed", "queues.front.waiting > 2", "contact.received.hour < 12", 'contact.name == ""',
    "contact.lines and contact.lines[0]",
])  # fmt: skip
ANSWERS = st.sampled_from([
    'queue("front")', 'queue("billing", priority = 7, skills = ["french"], timeout = 5 * MINUTE)',
    'assign("ann", otherwise = "front")', 'close("spam")', '[tag("a", "b"), note(contact.text or "-"), queue("front")]',
    '[set_class("Enquiry"), queue(contact.text)]', 'queue("nowhere")', "None", 'fail("no")', "queue(contact.words[7])",
])  # fmt: skip
TEXTS_OF = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30) | st.sampled_from(
    ["refund", "front", "aab", "one two three four five six seven eight"]), min_size=1, max_size=8)  # fmt: skip


@st.composite
def scripts(draw: st.DrawFn) -> str:
    lines = ["def route(contact):", "    print(contact.text)"]
    for condition in draw(st.lists(CONDITIONS, max_size=3)):
        lines += [f"    if {condition}:", f"        return {draw(ANSWERS)}"]
    return "\n".join([*lines, f"    return {draw(ANSWERS)}", ""])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=scripts(), words=TEXTS_OF)
async def test_whatever_decided_decides_the_same_again(
    sqlite_template: Path, clock: FrozenClock, source: str, words: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        shutil.copy(sqlite_template, Path(name, "desk.sqlite3"))
        async with open_office(sqlite_settings(Path(name)), clock) as office:
            await furnish()
            await office.routing.variables.set("closed", False, actor="sue")
            await office.routing.scripts.create("door", source, actor="sue")
            # Set by hand, since some are not right: contacts come for those as well, and go to their account's queue.
            await office.database.rows("UPDATE script SET active = 1")
            await office.database.rows("UPDATE account SET script_id = (SELECT id FROM script) WHERE id = 1")
            await arrives(office, *words)
            assert await ScriptRun.all().count() == await Contact.all().count() > 0
            result = await replayed(office)
            assert (result.same, result.differences, result.errors) == (result.total, (), ())
            assert result.total == await ScriptRun.all().count()


# -- many ----------------------------------------------------------------------------------------------------------


@ONLY_SQLITE
async def test_ten_thousand_are_replayed_in_time_and_hold_nobody_up(office: Office) -> None:
    await routed_by(office, TWO_QUEUES)
    await arrives(office, *["hello, I would like a refund for the parcel that came broken"] * 50)
    (run,) = await ScriptRun.all().order_by("id").limit(1)
    version = await ScriptVersion.get(number=1)
    text = zlib.decompress(run.facts).decode()
    # Each saw another desk, as on a day on which contacts come one by one.
    rows = [
        (run.contact_id, version.id, "route", run.at, zlib.compress(text.replace(
            '"waiting":0', f'"waiting":{n // 5}').encode(), 1), run.decision, "[]", "", 0, 100)
        for n in range(10_000)
    ]  # fmt: skip
    columns = "contact_id, version_id, event, at, facts, decision, trace, error, line, took"
    await office.database.many(
        f"INSERT INTO script_run ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [tuple(int(v.timestamp() * 1_000_000) if hasattr(v, "timestamp") else v for v in row) for row in rows],
    )
    late: list[float] = []

    async def watch() -> None:
        while True:
            at = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - at - 0.005)

    watching = asyncio.create_task(watch())
    begun = time.perf_counter()
    result = await replayed(office, source=ONE_QUEUE)
    took = time.perf_counter() - begun
    watching.cancel()
    sys.stderr.write(f"replay of {result.done:,}: {took:.1f} s, loop held at most {max(late) * 1000:.0f} ms\n")
    assert result.done == 10_050
    assert result.differ == 10_050
    assert took < 20
