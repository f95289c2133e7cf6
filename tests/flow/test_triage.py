"""What scripts may read, what they may answer, and what becomes of it: the specification as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.models import (
    Account,
    CallClass,
    Contact,
    Journal,
    Message,
    Outbox,
    Person,
    Queue,
    Script,
    ScriptRun,
    Template,
    Variable,
)
from core.models.states import Purpose
from tests.flow.conftest import NOW
from tests.flow.routed import FRONT, Routed, ScriptedDesk, new_number, route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.clock import FrozenClock
    from core.office import Office

PLAIN = Routed("queued", "front", 0, "", (), (), "Enquiry", "", None, "")


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[ScriptedDesk]:
    async with ScriptedDesk(office) as desk:
        yield desk


# -- what a script may answer ----------------------------------------------------------------------------------------

ACTIONS = [
    ('return queue("billing")', replace(PLAIN, queue="billing")),
    ('return [queue("billing")]', replace(PLAIN, queue="billing")),
    ('return queue("billing", priority = 7)', replace(PLAIN, queue="billing", priority=7)),
    ('return queue("front", priority = -3)', replace(PLAIN, priority=-3)),
    ('return queue("front", skills = ["french", "refunds"])', replace(PLAIN, skills=("french", "refunds"))),
    ('return queue("front", timeout = 15 * MINUTE)', replace(PLAIN, waits=900)),
    ('return queue("front", timeout = 2 * HOUR + 5 * SECOND)', replace(PLAIN, waits=7205)),
    ('return assign("bob", otherwise = "billing")', replace(PLAIN, queue="billing", agent="bob")),
    ('return assign(None, otherwise = "billing")', replace(PLAIN, queue="billing")),
    ('return close("spam")', replace(PLAIN, state="closed", queue="", outcome="spam")),
    ('return forward("back@office.example")', replace(PLAIN, state="closed", queue="", outcome="forwarded")),
    ('return [set_class("Billing"), queue("front")]', replace(PLAIN, class_="Billing")),
    ('return [tag("vip", "late"), queue("front"), tag("vip")]', replace(PLAIN, tags=("vip", "late"))),
    ('return [note("look twice"), queue("front")]', PLAIN),
    ('return [opt_out(), close("stop")]', replace(PLAIN, state="closed", queue="", outcome="stop")),
    ('return [opt_in(), queue("front")]', PLAIN),
    ('return [reply_text("One moment."), queue("front")]', PLAIN),
    ('return [reply("away", order = 4711), queue("front")]', PLAIN),
]  # fmt: skip


async def test_each_action_does_what_it_says(desk: ScriptedDesk) -> None:
    for body, wanted in ACTIONS:
        version = await desk.script(route(body))
        contact = await desk.text()
        assert await desk.ask(contact) == wanted, body
        run = await desk.run_of(contact)
        assert (run["version"], run["event"], run["error"], run["line"]) == (version, "route", "", 0), body
    assert await ScriptRun.all().count() == len(ACTIONS)
    assert await Contact.filter(state="new").count() == 0
    answers = await Message.filter(direction="out").order_by("id")
    assert [answer.text for answer in answers if "forwarded" not in answer.text] == [
        "One moment.", f"Hello {answers[-1].address}, Acme has your order 4711."
    ]  # fmt: skip
    notes = await Journal.filter(actor="triage", verb="noted")
    assert [note.text for note in notes] == ["look twice"]


async def test_waited_may_keep_its_place_or_move_it(desk: ScriptedDesk, clock: FrozenClock) -> None:
    table = [
        ("return stay()", replace(PLAIN, priority=2)),
        ("return stay(timeout = 5 * MINUTE)", replace(PLAIN, priority=2, waits=300)),
        ('return queue("overflow", priority = contact.priority + 2)', replace(PLAIN, queue="overflow", priority=4)),
        ('return [tag("late"), assign("ann", otherwise = "billing")]',
         replace(PLAIN, queue="billing", priority=2, agent="ann", tags=("late",))),
        ('return close("nobody came")', replace(PLAIN, state="closed", priority=2, outcome="nobody came")),
        ('return forward("back@office.example")', replace(PLAIN, state="closed", priority=2, outcome="forwarded")),
    ]  # fmt: skip
    for body, wanted in table:
        waited = f"\ndef waited(contact):\n    print(contact.queue, contact.priority, contact.waited)\n    {body}\n"
        await desk.script(route('return queue("front", priority = 2, timeout = 10 * MINUTE)') + waited)
        contact = await desk.text()
        assert (await desk.ask(contact)).waits == 600
        clock.advance(minutes=9)
        assert await desk.triage.step() == 0
        clock.advance(minutes=2)
        found = await desk.ask(contact)
        assert found == wanted, body
        run = await desk.run_of(contact)
        assert (run["event"], run["trace"]) == ("waited", ["front 2 660"]), body
        await Contact.filter(id=contact).update(timeout_at=None)


async def test_a_script_without_waited_lets_it_stay(desk: ScriptedDesk, clock: FrozenClock) -> None:
    await desk.script(route('return queue("billing", timeout = 60)'))
    contact = await desk.text()
    await desk.ask(contact)
    clock.advance(minutes=2)
    assert await desk.ask(contact) == replace(PLAIN, queue="billing")
    assert await desk.triage.step() == 0


async def test_a_place_in_the_queue_is_that_of_the_arrival_wherever_it_is_sent(
    desk: ScriptedDesk, clock: FrozenClock
) -> None:
    moving = '\ndef waited(contact):\n    return queue("overflow")\n'
    await desk.script(route('return queue("front" if "late" in contact.words else "overflow", timeout = 60)') + moving)
    first = await desk.text("late")
    await desk.triage.step()
    clock.advance(minutes=5)
    second = await desk.text("soon")
    await desk.triage.step()
    assert (await desk.stands(first)).queue == "overflow"
    taken = [await desk.office.desk.take_next("overflow", login="bob") for _ in range(2)]
    assert taken == [first, second]


# -- what a script may read ------------------------------------------------------------------------------------------


async def test_a_script_sees_each_fact_of_a_text(desk: ScriptedDesk) -> None:
    number = new_number()
    first = await desk.text("Hello", number)
    await desk.script(route('return close("done")'))
    await desk.ask(first)
    await Contact.filter(id=first).update(agent_id=1, closed_at=NOW - timedelta(hours=2))
    await Variable.create(name="words", value='["a", "b"]')
    await Account.filter(id=1).update(script_settings='{"place": "billing", "many": [1, 2]}')
    names = {
        "channel": "sms", "sender": number, "number": number, "name": "", "to": "texts@acme.example", "subject": "",
        "text": "Refund,  please\nNOW!", "words": '["refund", "please", "now"]',
        "lines": '["Refund,  please", "NOW!"]', "account": "texts@acme.example", "class_": "Enquiry", "tags": "[]",
        "event": "route", "queue": "None", "priority": "0", "waited": "0", "customer": "None",
    }  # fmt: skip
    prints = [f"print(contact.{name})" for name in names] + [
        "r = contact.received",
        "print(r.hour, r.minute, r.weekday, r.date, r.iso)",
        "p = contact.previous",
        "print(p.agent, p.closed_ago, p.outcome, p.class_)",
        "print(queues.front.waiting, queues.front.ready, queues.front.oldest, queues.billing.waiting)",
        "print(calendars.office.open, variables.closed, variables.words, settings.place, settings.many)",
        "print(json.encode({'a': [1]}), struct(a = 1).a, matches('ref.nd', contact.text.lower()))",
        'return queue("front")',
    ]
    await desk.script(route("\n".join(prints)))
    contact = await desk.text("Refund,  please\nNOW!", number)
    assert (await desk.ask(contact)).queue == "front"
    received = (await Contact.get(id=contact)).received_at
    ago = int((received - NOW + timedelta(hours=2)).total_seconds())
    assert (await desk.run_of(contact))["trace"] == [
        *(value.replace("\n", " ") for value in names.values()),
        f"9 {received.minute} mon 2026-03-02 {received.isoformat(timespec='seconds')}",
        f"ann {ago} done Enquiry",
        "0 0 0 0",
        'True False ["a", "b"] billing [1, 2]',
        '{"a":[1]} 1 True',
    ]  # fmt: skip


async def test_a_script_sees_an_email_with_its_name_and_subject_in_the_desks_zone(desk: ScriptedDesk) -> None:
    await desk.office.database.rows("UPDATE desk SET timezone = 'America/New_York'")
    lines = [
        "print(contact.channel, contact.sender, contact.number, contact.name, contact.subject, contact.to)",
        "print(contact.received.hour, contact.received.weekday, contact.class_, contact.previous)",
        'return queue("front")',
    ]
    await desk.script(route("\n".join(lines)))
    await desk.mail("cat@mail.example", subject="Two kettles")
    await Contact.all().update(name="Cat Müller")
    contact = (await Contact.all().get()).id
    await desk.ask(contact)
    assert (await desk.run_of(contact))["trace"] == [
        "email cat@mail.example None Cat Müller Two kettles help@acme.example", "4 mon None None"
    ]  # fmt: skip


async def test_a_script_sees_the_queues_as_they_are(desk: ScriptedDesk, clock: FrozenClock) -> None:
    await desk.script(FRONT)
    for _ in range(3):
        await desk.text()
    await desk.triage.step()
    clock.advance(minutes=10)
    await desk.script(route('print(queues.front.waiting, queues.front.oldest > 500)\nreturn queue("billing")'))
    contact = await desk.text()
    await desk.ask(contact)
    assert (await desk.run_of(contact))["trace"] == ["3 True"]


async def test_all_that_a_customer_wrote_before_it_was_asked_is_seen(desk: ScriptedDesk) -> None:
    await desk.script(route('print(contact.lines)\nreturn queue("front")'))
    number = new_number()
    await desk.text("first", number)
    contact = await desk.text("second", number)
    await desk.ask(contact)
    assert (await desk.run_of(contact))["trace"] == ['["first", "second"]']


async def test_a_message_that_joins_a_contact_does_not_route_it_again(desk: ScriptedDesk) -> None:
    await desk.script(route('return queue("billing" if "refund" in contact.words else "front")'))
    number = new_number()
    contact = await desk.text("hello", number)
    assert (await desk.ask(contact)).queue == "front"
    assert await desk.text("refund", number) == contact
    assert await desk.triage.step() == 0
    assert (await desk.stands(contact)).queue == "front"
    assert await ScriptRun.all().count() == 1


# -- what goes wrong -------------------------------------------------------------------------------------------------

ERRORS = [
    ('return queue("fornt")', 2, 'no queue "fornt"; did you mean "front"? There are: billing, front, overflow'),
    ('x = 1\nreturn [set_class("Bill"), queue("front")]', 3, "There are: Billing, Enquiry"),
    ('return [reply("awya"), queue("front")]', 2, 'did you mean "away"?'),
    ('return assign("anna", otherwise = "front")', 2, 'no user "anna"; did you mean "ann"? There are: ann, bob'),
    ('return assign("ann", otherwise = "nowhere")', 2, "There are: billing, front, overflow"),
    ('if calendars.ofice.open:\n    pass\nreturn queue("front")', 2, "There are: office"),
    ('if variables.open:\n    pass\nreturn queue("front")', 2, "There are: closed"),
    ('if queues.fornt.waiting:\n    pass\nreturn queue("front")', 2, "billing, front, overflow"),
    ('return queue(settings.place)', 2, "place"),
    ("return queue(contact.colour)", 2, "contact"),
    ("return None", 1, "answered nothing"),
    ('return [queue("front"), close("x")]', 2, "twice"),
    ('return [tag("x")]', 2, "nowhere"),
    ("return stay()", 2, "stay() is for waited"),
    ('return "front"', 1, "an action"),
    ('return forward("nobody")', 2, "wants an e-mail address"),
    ("return 1 // 0", 2, "zero"),
    ("return [][3]", 2, "index"),
    ('fail("I give up")', 2, "I give up"),
    ('load_nothing("x")\nreturn queue("front")', 2, "load_nothing"),
    ('matches("(", "x")\nreturn queue("front")', 2, "("),
    ('return [reply("away"), queue("front")]', 2, "template away, body line 1: there is no field order"),
    ('return [reply("away", order = "1", desk = "x"), close("x")]', 2, 'the field "desk" is the desk\'s own'),
    ('return [reply_text("x" * 9000), queue("billing")]', 2, "parts"),
]  # fmt: skip


async def test_each_error_leads_to_the_accounts_own_queue_with_its_line_and_says_why(desk: ScriptedDesk) -> None:
    await Account.filter(id=1).update(queue_id=(await Queue.get(name="overflow")).id)
    for body, line, words in ERRORS:
        version = await desk.script(route(body))
        contact = await desk.text()
        found = await desk.ask(contact)
        assert found == replace(PLAIN, queue="overflow", error=found.error), body
        assert found.error.startswith(f"front-door v{version}, line {line}: "), (body, found.error)
        assert words in found.error, (body, found.error)
        run = await desk.run_of(contact)
        assert (run["version"], run["line"], run["decision"]) == (version, line, None), body
        assert run["error"] and words in run["error"], body
        assert await desk.said(contact) == [f"not routed: into overflow, its account's own queue: {found.error}"], body
    assert await Outbox.all().count() == 0


async def test_scripts_that_cannot_run_at_all_lead_to_the_accounts_own_queue(desk: ScriptedDesk) -> None:
    table = [
        ("def route(contact)\n    return 1\n", "front-door v1, line 1: "),
        ("x = 1\n", "front-door v2"),
        ('load("missing", "x")\n' + FRONT, "front-door v3, line 1: "),
        ('load("front-door", "x")\n' + FRONT, "front-door v4, line 1: "),
        ("", "front-door v5"),
        ('x = fail("at the top")\n' + FRONT, "front-door v6, line 1: "),
    ]
    for source, begins in table:
        await desk.script(source)
        contact = await desk.text()
        found = await desk.ask(contact)
        assert (found.state, found.queue) == ("queued", "front"), source
        assert found.error.startswith(begins), (source, found.error)


async def test_a_script_without_an_active_version_leads_to_the_accounts_own_queue(desk: ScriptedDesk) -> None:
    await desk.script(FRONT.replace("front", "billing"))
    await Script.all().update(active=None)
    contact = await desk.text()
    error = "front-door: script front-door has no active version: activate one"
    assert await desk.ask(contact) == replace(PLAIN, error=error)
    assert (await desk.run_of(contact))["version"] is None


async def test_settings_that_cannot_be_read_are_named(desk: ScriptedDesk) -> None:
    await desk.script(FRONT.replace("front", "billing"))
    await Account.filter(id=1).update(script_settings='{"place": {"deep": 1}}')
    contact, other = await desk.text(), await desk.mail("cat@mail.example")
    await desk.triage.step()
    assert "the settings of texts@acme.example cannot be read" in (await desk.stands(contact)).error
    assert (await desk.stands(other)).queue == "billing"


async def test_other_contacts_of_a_batch_are_not_touched_by_one_that_fails(desk: ScriptedDesk) -> None:
    body = """
    if "boom" in contact.words:
        return queue("nowhere")
    if "big" in contact.words:
        return [reply_text("x" * 9000), close("x")]
    return [reply_text("Thank you."), queue("billing", priority = 1)]
    """
    await desk.script(route(body))
    words = ["one", "boom", "two", "big", "three"]
    contacts = [await desk.text(word) for word in words]
    assert await desk.triage.step() == 5
    found = [await desk.stands(contact) for contact in contacts]
    assert [(one.queue, bool(one.error)) for one in found] == [
        ("billing", False), ("front", True), ("billing", False), ("front", True), ("billing", False)
    ]  # fmt: skip
    assert await Message.filter(direction="out").count() == await Outbox.filter(purpose=Purpose.ROUTING).count() == 3
    assert await ScriptRun.all().count() == 5


async def test_a_failure_in_waited_leads_to_the_accounts_own_queue_once(desk: ScriptedDesk, clock: FrozenClock) -> None:
    waited = "\ndef waited(contact):\n    return 1 // 0\n"
    await desk.script(route('return queue("billing", priority = 4, timeout = 60)') + waited)
    contact = await desk.text()
    await desk.ask(contact)
    clock.advance(minutes=2)
    found = await desk.ask(contact)
    assert found == replace(PLAIN, priority=4, error=found.error)
    assert found.error.startswith("front-door v1, line 5: ")
    clock.advance(days=1)
    assert await desk.triage.step() == 0


async def test_what_is_gone_by_the_time_it_is_written_is_an_error_with_its_line(desk: ScriptedDesk) -> None:
    """The names a script is checked against are read before it runs; somebody may delete one meanwhile."""
    table = [
        ('return queue("overflow")', Queue.filter(name="overflow").delete, 'there is no queue "overflow" any more'),
        ('return [set_class("Billing"), queue("front")]',
         CallClass.filter(name="Billing").delete, 'there is no class "Billing" any more'),
        ('return assign("bob", otherwise = "front")', Person.filter(login="bob").delete, 'no user "bob" any more'),
        ('return [reply("away", order = 1), queue("front")]', Template.filter(name="away").delete, "any more"),
    ]  # fmt: skip
    for body, deleting, words in table:
        await desk.script(route(body))
        contact = await desk.text()
        run = desk.triage._sandbox.run

        async def and_delete(*given: object, run: object = run, deleting: object = deleting) -> object:
            found = await run(*given)  # type: ignore[operator]
            await deleting()  # type: ignore[operator]
            return found

        desk.triage._sandbox.run = and_delete  # type: ignore[assignment]
        found = await desk.ask(contact)
        desk.triage._sandbox.run = run  # type: ignore[method-assign]
        assert (found.state, found.queue) == ("queued", "front"), body
        assert words in found.error and ", line 2: " in found.error, (body, found.error)
