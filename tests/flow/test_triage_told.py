"""What is told of a contact that a script has decided: the explanation, the journal, the script's row, the queue."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.models import Account, Contact, Journal, Script
from core.views import explain_contact
from core.views.journal import explain
from core.views.scripts import scripts
from tests.flow.command import Command
from tests.flow.conftest import NOW
from tests.flow.routed import FRONT, ScriptedDesk, route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.clock import FrozenClock
    from core.office import Office

WORDY = """
def route(contact):
    print("sees", len(contact.words), "words")
    if "boom" in contact.words:
        return queue("nowhere")
    return [set_class("Billing"), queue("billing", priority = 7, skills = ["refunds"], timeout = 15 * MINUTE)]

def waited(contact):
    return assign("ann", otherwise = "overflow")
"""


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[ScriptedDesk]:
    async with ScriptedDesk(office) as desk:
        yield desk


async def came_at(contact: int) -> str:
    """When a contact came, as facts say it."""
    return f"{(await Contact.get(id=contact)).received_at:%a %Y-%m-%d %H:%M}".lower()


async def told(desk: ScriptedDesk, contact: int) -> list[tuple[str, str]]:
    """Who and what of an explanation, without intake's line."""
    steps = await explain_contact(desk.office.database, contact)
    return [(step.who, step.what) for step in steps if step.who != "intake"]


async def test_an_explanation_tells_script_version_facts_prints_and_decision(
    desk: ScriptedDesk, clock: FrozenClock
) -> None:
    await desk.script(FRONT)
    await desk.script(WORDY)
    contact = await desk.text("refund please")
    await desk.ask(contact)
    facts = f"sms to texts@acme.example; {await came_at(contact)}; 2 words; class Enquiry; open office"
    assert await told(desk, contact) == [
        ("front-door v2", f"asked where it belongs; saw {facts}"),
        ("front-door v2", "printed: sees 2 words"),
        ("front-door v2", "decided: queue billing, priority 7, skills refunds, 15 min; class Billing"),
        ("now", "0 before it in billing"),
        ("now", "asks for refunds; its script is asked again at 2026-03-02 10:15:00 UTC"),
    ]
    clock.advance(minutes=16)
    await desk.ask(contact)
    steps = await told(desk, contact)
    assert steps[3][0] == "front-door v2"
    assert steps[3][1].startswith("asked again, for it has waited its time; saw sms to texts@acme.example")
    assert "960 s in billing at priority 7" in steps[3][1]
    assert steps[4:] == [
        ("front-door v2", "decided: agent ann, otherwise queue overflow"),
        ("now", "0 before it in overflow"),
        ("now", "meant for ann"),
    ]


async def test_an_explanation_of_a_failure_tells_the_line_as_it_stands(desk: ScriptedDesk) -> None:
    version = await desk.script(WORDY)
    contact = await desk.text("boom")
    await desk.ask(contact)
    reason = 'there is no queue "nowhere". There are: billing, front, overflow.'
    steps = await told(desk, contact)
    assert steps[1:3] == [
        ("front-door v1", "printed: sees 1 words"),
        ("front-door v1", f'failed: line 5: {reason}  [return queue("nowhere")]'),
    ]
    assert steps[3][0] == "triage"
    assert steps[3][1].startswith("not routed: into front, its account's own queue: front-door v1, line 5: there is no")
    told_by_journal = await explain(desk.office.database, "contact", contact, desk.office.clock.now())
    assert [step.what for step in told_by_journal.steps if step.who == "front-door v1"] == [
        what for who, what in steps if who == "front-door v1"
    ]
    assert (await desk.run_of(contact))["version"] == version


async def test_an_explanation_of_a_contact_without_a_script_is_as_it_was(desk: ScriptedDesk) -> None:
    contact = await desk.text()
    await desk.ask(contact)
    assert await told(desk, contact) == [
        ("triage", "queued in front, the account's own queue, priority 0"), ("now", "0 before it in front")
    ]  # fmt: skip


async def test_a_decision_of_a_script_that_was_deleted_is_told(desk: ScriptedDesk) -> None:
    await desk.script(FRONT)
    contact = await desk.text()
    await desk.ask(contact)
    await Account.all().update(script_id=None)
    await Script.all().delete()
    assert (await told(desk, contact))[1] == ("a script that was deleted", "decided: queue front")


async def test_the_journal_has_one_line_for_a_batch_and_one_for_each_that_failed(desk: ScriptedDesk) -> None:
    await desk.script(WORDY)
    await desk.script(FRONT, "letters", accounts=(2,))
    for words in ("one", "boom", "two"):
        await desk.text(words)
    await desk.mail("cat@mail.example")
    await desk.triage.step()
    lines = await Journal.filter(actor="triage").order_by("id")
    assert [(line.kind, line.verb) for line in lines] == [
        ("contact", "not routed"), ("script", "routed"), ("script", "routed")
    ]  # fmt: skip
    assert [line.text for line in lines[1:]] == [
        "3 contacts by front-door v1: 2 queued in billing, 1 queued in front; 1 of them failed",
        "1 contact by letters v1: 1 queued in front",
    ]


async def test_a_scripts_row_counts_runs_and_errors(desk: ScriptedDesk) -> None:
    await desk.script(WORDY)
    for words in ("one", "boom", "two"):
        await desk.text(words)
    await desk.triage.step()
    (row,) = await scripts(desk.office.database, desk.office.clock.now())
    assert (row.runs, row.errors, row.last_error_line) == (3, 1, 5)
    assert row.last_error.startswith('there is no queue "nowhere"')
    assert row.p95_ms is not None and row.p95_ms > 0


async def test_an_account_that_is_debugged_has_facts_and_prints_in_the_journal(desk: ScriptedDesk) -> None:
    await desk.script(WORDY)
    await Account.filter(id=1).update(debug=True)
    debugged, other = await desk.text("refund please"), await desk.mail("cat@mail.example")
    await desk.triage.step()
    assert await desk.said(debugged) == [
        f"facts: sms to texts@acme.example; {await came_at(debugged)}; 2 words; class Enquiry; open office",
        "printed: line 3: sees 2 words",
    ]
    assert await desk.said(other) == []
    assert [what for _, what in await told(desk, debugged) if "line 3" in what] == []


async def test_contacts_whose_account_has_no_script_any_more_stay(desk: ScriptedDesk, clock: FrozenClock) -> None:
    await desk.script(WORDY)
    contact = await desk.text()
    await desk.ask(contact)
    await Account.all().update(script_id=None)
    clock.advance(hours=1)
    found = await desk.ask(contact)
    assert (found.queue, found.priority, found.waits) == ("billing", 7, None)
    line = await Journal.filter(actor="triage").order_by("-id").first()
    assert line is not None and line.text.startswith("1 outstayed their timeout, but no script can be asked")
    assert await desk.triage.step() == 0


# -- who gets it -----------------------------------------------------------------------------------------------------


async def test_a_queue_gives_an_agent_first_what_is_meant_for_her_by_the_same_rule(desk: ScriptedDesk) -> None:
    body = """
    if "ann" in contact.words:
        return assign("ann", otherwise = "front")
    return queue("front", priority = int(contact.words[0]))
    """
    await desk.script(route(body))
    high, first, second, low = [await desk.text(words) for words in ("9 urgent", "ann one", "ann two", "1 later")]
    await desk.triage.step()
    await Contact.filter(id=second).update(priority=5)
    ann = [await desk.office.desk.take_next("front", login="ann") for _ in range(3)]
    assert ann == [second, first, high]
    assert await desk.office.desk.take_next("front", login="bob") == low


async def test_what_is_meant_for_somebody_waits_for_everybody(desk: ScriptedDesk) -> None:
    await desk.script(route('return assign("ann", otherwise = "front")'))
    contact = await desk.text()
    await desk.triage.step()
    assert await desk.office.desk.take_next("front", login="bob") == contact


async def test_a_transfer_ends_what_the_script_asked_of_the_queue_before(
    desk: ScriptedDesk, clock: FrozenClock
) -> None:
    await desk.script(WORDY)
    contact = await desk.text()
    await desk.ask(contact)
    await desk.office.desk.take(contact, login="ann")
    await desk.office.desk.transfer(contact, queue="front", login="ann")
    found = await desk.stands(contact)
    assert (found.queue, found.waits, found.agent, found.skills) == ("front", None, "", ("refunds",))
    moved = await desk.text()
    await desk.ask(moved)
    await desk.office.waiting.move([moved], queue="overflow", login="sue")
    clock.advance(hours=1)
    assert await desk.triage.step() == 0
    assert (await desk.stands(moved)).queue == "overflow"


async def test_a_contact_in_an_agents_hands_is_not_asked_about(desk: ScriptedDesk, clock: FrozenClock) -> None:
    await desk.script(WORDY)
    contact = await desk.text()
    await desk.ask(contact)
    await desk.office.desk.take(contact, login="ann")
    clock.advance(hours=1)
    assert await desk.triage.step() == 0
    assert (await Contact.get(id=contact)).state == "open"


async def test_late_contacts_are_asked_about_the_longest_waiting_first(desk: ScriptedDesk, clock: FrozenClock) -> None:
    waited = '\ndef waited(contact):\n    return queue("overflow")\n'
    await desk.script(route('return queue("front", timeout = int(contact.words[0]) * MINUTE)') + waited)
    contacts = [await desk.text(str(minutes)) for minutes in (5, 3, 60)]
    await desk.triage.step()
    clock.advance(minutes=6)
    assert await desk.triage.step() == 2
    assert [(await desk.stands(contact)).queue for contact in contacts] == ["overflow", "overflow", "front"]
    left = (await Contact.get(id=contacts[2])).timeout_at
    assert left == NOW + timedelta(minutes=60)


# -- the command -----------------------------------------------------------------------------------------------------


async def test_the_command_explains_a_contact_for_people_and_programs(
    desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.script(WORDY)
    contact = await desk.text("boom")
    await desk.ask(contact)
    postroom = Command(desk.office.settings.db, monkeypatch, capsys)
    done = await asyncio.to_thread(postroom.apart, "contact", "explain", str(contact), "--json")
    steps = json.loads(done.out)
    (run,) = [step["run"] for step in steps if step["run"]]
    assert (run["script"], run["version"], run["event"], run["line"], run["decided"]) == (
        "front-door", 1, "route", 5, ""
    )  # fmt: skip
    assert run["printed"] == ["sees 1 words"] and run["source"] == 'return queue("nowhere")'
    assert run["error"].startswith('there is no queue "nowhere"') and run["facts"].startswith("sms to texts@")
    shown = await asyncio.to_thread(postroom.apart, "contact", "explain", str(contact))
    (line,) = [line for line in shown.out.splitlines() if "failed: " in line]
    assert " ".join(line.split())[21:].startswith("front-door v1 failed: line 5: there is no queue")
