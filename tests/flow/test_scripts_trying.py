"""The bench: typed texts, .eml files as intake reads them, contacts that came. Nothing is sent, nothing is stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.errors import NotFound, Refused, Wrong
from core.models import Calendar, CallClass, Contact, ScriptRun
from core.routing.decision import Reply, SetClass, ToQueue
from core.routing.failure import Kind
from core.scripts.answering import Answer
from core.scripts.calendars import Hours
from core.scripts.newcomers import Letter, Typed
from core.scripts.templates import Wording
from core.scripts.trying import Bench, Past
from tests.flow.arriving import ANN, email_arrives, take_in, text_arrives, triage
from tests.flow.mails import ARRIVED, email, text_mail
from tests.flow.scripted import LOADING, ONE_QUEUE, SETTINGS, TWO_QUEUES, WORDS, WRONG

if TYPE_CHECKING:
    from core.office import Office

TEXTS, HELP = "texts@acme.example", "help@acme.example"
ECHO = """
def route(contact):
    c = contact
    print(c.channel, c.sender, c.number, c.name, c.to, c.subject, c.text, c.account, c.class_, c.event, c.previous)
    print(c.received.weekday, c.received.hour, c.received.date, calendars.office.open, queues.front.waiting)
    return queue("front")
"""


@pytest.fixture
def bench(office: Office) -> Bench:
    return office.routing.bench


async def everything(office: Office) -> list[object]:
    """What a trial could change by mistake."""
    return [
        (await office.database.read(f"SELECT count(*) AS n FROM {table}"))[0]["n"]
        for table in ("contact", "message", "mail", "outbox", "journal", "script_run", "opt_out", "script_version")
    ]


async def test_a_typed_text_shows_decision_answer_trace_and_time_and_leaves_nothing(
    office: Office, bench: Bench
) -> None:
    await CallClass.create(name="Refund")
    await office.routing.templates.set("sorry", Wording("sms", "Sorry, {{ contact.number }}: {{ order }}"), actor="sue")
    source = (
        'def route(contact):\n    print("words", len(contact.words))\n'
        '    return [set_class("Refund"), reply("sorry", order = 7), opt_out(), queue("billing", priority = 7)]\n'
    )
    before = await everything(office)
    trial = await bench.test(source, Typed("I want a refund", "07700 900456"), account=TEXTS)
    assert trial.decision is not None
    assert trial.decision.placing == ToQueue("billing", 7)
    assert trial.decision.placing.at.line == 3
    assert trial.decision.side[:2] == (SetClass("Refund"), Reply("sorry", {"order": "7"}))
    assert trial.answers == (Answer("Sorry, +447700900456: 7", "", "sorry"),)
    assert [(line.text, line.at.line) for line in trial.trace.printed] == [("words 4", 2)]
    assert trial.failure is None
    assert 0 < trial.trace.seconds < 1
    assert await everything(office) == before


async def test_a_typed_text_is_what_would_arrive(office: Office, bench: Bench) -> None:
    await Calendar.create(name="office", open='["mon-fri 09:00-17:30"]')
    sunday = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    trial = await bench.test(ECHO, Typed("Hi", received=sunday), account=TEXTS)
    assert [line.text for line in trial.trace.printed] == [
        "sms +447700900123 +447700900123  texts@acme.example  Hi texts@acme.example Enquiry route None",
        "sun 12 2026-03-01 False 0",
    ]
    trial = await bench.test(ECHO, Typed("Hi", "Cat@Mail.example", "Cat", "Subject"), account=HELP)
    assert [line.text for line in trial.trace.printed] == [
        "email cat@mail.example None Cat help@acme.example Subject Hi help@acme.example None route None",
        "mon 10 2026-03-02 True 0",
    ]


async def test_an_eml_is_what_intake_would_make_of_it(office: Office, bench: Bench) -> None:
    await office.routing.calendars.add("office", Hours(("mon-fri 09:00-17:30",)), actor="sue")
    mail = email("Cat <cat@mail.example>", "=?utf-8?q?Caf=C3=A9?=", "Hello\r\n\r\n> quoted\r\n")
    trial = await bench.test(ECHO, Letter(mail, ARRIVED), account=HELP)
    text = text_mail(ANN, "Where is it?")
    texted = await bench.test(ECHO, Letter(text, ARRIVED), account=TEXTS)
    before = [[line.text for line in one.trace.printed] for one in (trial, texted)]
    await office.routing.scripts.publish("echo", ECHO, actor="sue")
    for account in (TEXTS, HELP):
        await office.routing.scripts.set_on_account(account, "echo", actor="sue")
    await take_in(office, 2, mail)
    await take_in(office, 1, text)
    await triage(office)
    runs = await ScriptRun.all().order_by("-contact__account_id")
    assert [folded(json.loads(run.trace)) for run in runs] == [folded(lines) for lines in before]
    assert "Café" in before[0][0]
    assert "quoted" not in before[0][0]


def folded(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize(
    ("raw", "account", "words"),
    [
        (text_mail(ANN, "STOP"), TEXTS, "a word of consent"),
        (
            email("cat@mail.example", "Out", "Away", headers="Auto-Submitted: auto-replied\r\n"),
            HELP,
            "automatic answer",
        ),
        (b"nonsense", HELP, "it is unreadable (nobody can be answered"),
    ],
)
async def test_a_mail_that_makes_no_contact_says_what_it_is(bench: Bench, raw: bytes, account: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        await bench.test(ONE_QUEUE, Letter(raw), account=account)
    assert str(refused.value).startswith("that mail makes no contact: it is ")
    assert words in str(refused.value)


async def test_a_contact_that_came_is_tried_by_the_facts_of_its_day(office: Office, bench: Bench) -> None:
    await office.routing.scripts.publish("door", TWO_QUEUES, actor="sue")
    await office.routing.scripts.set_on_account(TEXTS, "door", actor="sue")
    contact = await text_arrives(office, ANN, "A refund please")
    await Contact.filter(id=contact).update(name="changed since")
    run = await ScriptRun.get(contact_id=contact)
    for past in (Past(contact), Past(contact, run.id)):
        trial = await bench.test(WRONG.replace("fornt", "billing"), past)
        assert trial.facts.contact.name == ""
        assert trial.decision is not None
        assert trial.decision.placing == ToQueue("billing")
    with pytest.raises(NotFound, match=f"contact {contact} has no run 77"):
        await bench.test(ONE_QUEUE, Past(contact, 77))


async def test_a_contact_whose_facts_were_not_kept_is_tried_as_it_is(office: Office, bench: Bench) -> None:
    contact = await email_arrives(office)
    trial = await bench.test(TWO_QUEUES, Past(contact))
    assert (trial.facts.contact.sender, trial.facts.contact.subject) == ("cat@mail.example", "Hello")
    with pytest.raises(NotFound, match="there is no contact 99"):
        await bench.test(ONE_QUEUE, Past(99))


async def test_what_fails_says_where(bench: Bench) -> None:
    trial = await bench.test(WRONG, Typed("Hi"), name="door", account=TEXTS)
    assert trial.decision is None
    assert trial.failure is not None
    assert (trial.failure.kind, trial.failure.line, trial.failure.script) == (Kind.NAME, 3, "door")
    assert trial.failure.source == '        return queue("fornt")'
    trial = await bench.test("def route(:", Typed("Hi"), account=TEXTS)
    assert trial.failure is not None
    assert trial.failure.kind is Kind.SYNTAX


async def test_an_endless_script_ends_and_the_next_trial_goes_on(bench: Bench) -> None:
    endless = "def route(contact):\n    for a in range(1 << 30):\n        pass\n    return queue('front')\n"
    trial = await bench.test(endless, Typed("Hi"), account=TEXTS)
    assert trial.failure is not None
    assert trial.failure.kind is Kind.TIME
    assert (await bench.test(ONE_QUEUE, Typed("Hi"), account=TEXTS)).decision is not None


async def test_a_template_that_cannot_be_filled_in_fails_the_trial_as_it_would_fail_the_contact(
    office: Office, bench: Bench
) -> None:
    await office.routing.templates.set("sorry", Wording("sms", "Order {{ order }}"), actor="sue")
    source = 'def route(contact):\n    return [queue("front"), reply("sorry")]\n'
    trial = await bench.test(source, Typed("Hi"), account=TEXTS)
    assert trial.decision is None
    assert trial.failure is not None
    assert trial.failure.line == 2
    assert trial.failure.message.startswith("template sorry, body line 1: there is no field order")


async def test_a_draft_sees_the_accounts_settings_and_what_is_active_for_it_to_load(
    office: Office, bench: Bench
) -> None:
    await office.routing.scripts.publish("words", WORDS, actor="sue")
    await office.routing.scripts.publish("door", SETTINGS, actor="sue")
    await office.routing.scripts.set_on_account(TEXTS, "door", {"place": "billing"}, actor="sue")
    trial = await bench.test(SETTINGS, Typed("Hi"), account=TEXTS)
    assert trial.decision is not None
    assert trial.decision.placing == ToQueue("billing")
    trial = await bench.test(LOADING, Typed("bad thing"), account=HELP)
    assert trial.decision is not None
    assert trial.decision.placing == ToQueue("billing")


async def test_what_cannot_be_tried_is_told(bench: Bench) -> None:
    with pytest.raises(Wrong, match="say which account it came to"):
        await bench.test(ONE_QUEUE, Typed("Hi"))
    with pytest.raises(NotFound, match=r"there is no account nobody@acme\.example"):
        await bench.test(ONE_QUEUE, Typed("Hi"), account="nobody@acme.example")
