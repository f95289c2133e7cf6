"""The specification as a table: every action, every fact, every error, each through the sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from core.routing import decision as d
from core.routing.facts import Facts
from core.routing.failure import Kind, Place
from core.routing.sandbox import Sandbox
from core.text import harmless
from tests.pure.routing_desk import CONTACT, CUSTOMER, DESK, NAMES, PREVIOUS, facts, program, route, run_one

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as opened:
        yield opened


SPECIFICATION = """\
load("keywords", "mentions")                       # another script of this desk, by name

def route(contact):                                # required: a contact arrived
    if variables.closed or not calendars.office.open:
        return [reply("closed"), queue("morning", priority = 1)]        # a template's name
    if mentions(contact.text, ["refund", "money back"]):
        return [set_class("Billing"), queue("billing", priority = 7, skills = ["refunds"], timeout = 15 * MINUTE)]
    if contact.customer and contact.customer.status == "callback":
        return assign(contact.customer.owner, otherwise = "front")
    return queue("front")

def waited(contact):                               # optional: it outstayed its timeout in contact.queue
    if queues.overflow.ready > 0:
        return queue("overflow", priority = contact.priority + 2)
    return stay(timeout = 5 * MINUTE)
"""


async def test_the_script_of_the_specification_decides_as_it_says(sandbox: Sandbox) -> None:
    refund = d.Decision(d.ToQueue("billing", 7, ("refunds",), 900), (d.SetClass("Billing"),))
    closed = replace(DESK, variables={"closed": True})
    ready = replace(DESK, queues={**DESK.queues, "overflow": replace(DESK.queues["overflow"], ready=1)})
    table = [
        (facts(), refund),
        (facts(text="hello"), d.Decision(d.ToQueue("front"))),
        (facts(text="hello", customer=CUSTOMER), d.Decision(d.ToAgent("ann", "front"))),
        (facts(desk=closed), d.Decision(d.ToQueue("morning", 1), (d.Reply("closed"),))),
        (facts(event="waited", queue="front", priority=3), d.Decision(d.Stay(300))),
        (facts(desk=ready, event="waited", queue="front", priority=3), d.Decision(d.ToQueue("overflow", 5))),
    ]
    runs = await sandbox.run(program(SPECIFICATION), [given for given, _ in table], NAMES)
    assert [run.decision for run in runs] == [expected for _, expected in table]
    assert runs[0].decision is not None and runs[0].decision.placing.at == Place("front-door", 7)


QUEUE = d.ToQueue("front")

ACTIONS: list[tuple[str, d.Decision]] = [
    ('queue("front")', d.Decision(QUEUE)),
    ('queue("front", 3, ["french"], 90)', d.Decision(d.ToQueue("front", 3, ("french",), 90))),
    ('queue(name = "front", timeout = 1.5 * MINUTE)', d.Decision(d.ToQueue("front", timeout=90))),
    ('queue("front", skills = ["french", "french"])', d.Decision(d.ToQueue("front", skills=("french",)))),
    ('assign("ann", otherwise = "front")', d.Decision(d.ToAgent("ann", "front"))),
    ('assign(None, otherwise = "front")', d.Decision(d.ToAgent(None, "front"))),
    ('forward("back-office@acme.example")', d.Decision(d.Forward("back-office@acme.example"))),
    ('close("spam")', d.Decision(d.Close("spam"))),
    ("[close('spam')]", d.Decision(d.Close("spam"))),
    ("(close('spam'))", d.Decision(d.Close("spam"))),
    ("(note('a'), close('spam'))", d.Decision(d.Close("spam"), (d.Note("a"),))),
    ('[reply("thanks"), queue("front")]', d.Decision(QUEUE, (d.Reply("thanks"),))),
    (
        '[reply("thanks", name = contact.name, number = 3, sure = True, none = None, template = "x"), queue("front")]',
        d.Decision(
            QUEUE,
            (d.Reply("thanks", {"name": "Ann Lee", "number": "3", "sure": "true", "none": "", "template": "x"}),),
        ),
    ),
    ('[reply_text("Hello " + contact.name), queue("front")]', d.Decision(QUEUE, (d.ReplyText("Hello Ann Lee"),))),
    ('[set_class("Billing"), queue("front")]', d.Decision(QUEUE, (d.SetClass("Billing"),))),
    ('[tag("a", "b", "a"), queue("front")]', d.Decision(QUEUE, (d.Tag(("a", "b")),))),
    ('[queue("front"), note("why")]', d.Decision(QUEUE, (d.Note("why"),))),
    ('[opt_out(), close("stop")]', d.Decision(d.Close("stop"), (d.OptOut(),))),
    ('[opt_in(), close("start")]', d.Decision(d.Close("start"), (d.OptIn(),))),
    ('[note("1"), tag("x"), queue("front"), note("2")]', d.Decision(QUEUE, (d.Note("1"), d.Tag(("x",)), d.Note("2")))),
]


@pytest.mark.parametrize(("answer", "expected"), ACTIONS, ids=[answer for answer, _ in ACTIONS])
async def test_an_action_becomes_a_decision(sandbox: Sandbox, answer: str, expected: d.Decision) -> None:
    run = await run_one(sandbox, route(f"return {answer}"))
    assert run.failure is None
    assert run.decision == expected
    assert run.decision is not None
    assert {one.at for one in (run.decision.placing, *run.decision.side)} == {Place("front-door", 2)}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("stay()", d.Stay()), ("stay(5 * MINUTE)", d.Stay(300)), ("[stay(timeout = HOUR)]", d.Stay(3_600))],
)
async def test_a_contact_that_has_waited_may_stay(sandbox: Sandbox, answer: str, expected: d.Stay) -> None:
    source = route('return queue("front")') + f"def waited(contact):\n    return {answer}\n"
    run = await run_one(sandbox, source, facts(event="waited", queue="front"))
    assert run.decision == d.Decision(expected)


async def test_without_a_function_waited_a_contact_stays(sandbox: Sandbox) -> None:
    run = await run_one(sandbox, route('return queue("front")'), facts(event="waited", queue="front"))
    assert run.decision == d.Decision(d.Stay())


FACTS: list[tuple[str, object]] = [
    ("contact.channel", "sms"),
    ("contact.sender", "07700 900123"),
    ("contact.number", "+447700900123"),
    ("contact.name", "Ann Lee"),
    ("contact.to", "texts@acme.example"),
    ("contact.subject", ""),
    ("contact.text", CONTACT.text),
    ("contact.words", ["i", "want", "a", "refund", "please", "it", "arrived", "broken"]),
    ("contact.lines", ["I want a refund please,", "it arrived BROKEN."]),
    ("contact.account", "texts@acme.example"),
    ("contact.class_", "Enquiry"),
    ("contact.tags", ["web"]),
    ("contact.received.hour", 13),
    ("contact.received.minute", 56),
    ("contact.received.weekday", "thu"),
    ("contact.received.date", "2026-11-19"),
    ("contact.received.iso", "2026-11-19T13:56:00+00:00"),
    ("contact.event", "route"),
    ("contact.queue", None),
    ("contact.priority", 0),
    ("contact.waited", 0),
    ("contact.customer.name", "Ann Lee"),
    ("contact.customer.reference", "C-1"),
    ("contact.customer.status", "callback"),
    ("contact.customer.campaign", "spring"),
    ("contact.customer.list", "A"),
    ("contact.customer.owner", "ann"),
    ('contact.customer.fields["vip"]', True),
    ('contact.customer.fields.get("size", 3)', 3),
    ("contact.previous.agent", "bob"),
    ("contact.previous.closed_ago", 3_600),
    ("contact.previous.outcome", "answered"),
    ("contact.previous.class_", "Billing"),
    ("queues.front.waiting", 14),
    ("queues.front.ready", 2),
    ("queues.front.oldest", 180),
    ('getattr(queues, "front").ready', 2),
    ("calendars.office.open", True),
    ("variables.closed", False),
    ("variables.words", ["refund", "money back"]),
    ("settings.tone", "kind"),
    ("SECOND + MINUTE + HOUR", 3_661),
    ('matches("re+fund", contact.text)', True),
    ('matches("^IT ARRIVED", contact.text)', True),
    ('matches("(?-i)IT ARRIVED", contact.text)', False),
    ('matches("\\\\bfund\\\\b", contact.text)', False),
    ("struct(a = 1).a", 1),
    ('json.decode("[1, null]")', [1, None]),
    ('json.encode({"a": [True]})', '{"a":[true]}'),
    ('"%s and %d" % ("a", 3)', "a and 3"),
    ('(lambda x: f"{x}!")("a")', "a!"),
]


@pytest.mark.parametrize(("expression", "expected"), FACTS, ids=[expression for expression, _ in FACTS])
async def test_a_fact_is_seen(sandbox: Sandbox, expression: str, expected: object) -> None:
    given = facts(settings={"tone": "kind"}, customer=CUSTOMER, previous=PREVIOUS)
    source = route(f"print(json.encode({expression}))", 'return queue("front")')
    run = await run_one(sandbox, source, given)
    assert run.failure is None
    assert json.loads(run.trace.printed[0].text) == expected
    assert run.trace.printed[0].at == Place("front-door", 2)


async def test_without_customer_and_history_there_is_none(sandbox: Sandbox) -> None:
    run = await run_one(
        sandbox,
        route("print(contact.customer, contact.previous, contact.number)", 'return close("x")'),
        facts(number=None),
    )
    assert run.trace.printed[0].text == "None None None"


ERRORS: list[tuple[str, Kind, str]] = [
    (
        'return queue("mornign")',
        Kind.NAME,
        'there is no queue "mornign"; did you mean "morning"? There are: billing, front, morning, overflow.',
    ),
    ('return assign("eve", otherwise = "front")', Kind.NAME, 'there is no user "eve". There are: ann, bob.'),
    ('return assign("ann", otherwise = "frnt")', Kind.NAME, 'there is no queue "frnt"; did you mean "front"?'),
    ('return [set_class("Biling"), queue("front")]', Kind.NAME, 'there is no class "Biling"; did you mean "Billing"?'),
    ('return [reply("clsed"), queue("front")]', Kind.NAME, 'there is no template "clsed"; did you mean "closed"?'),
    ('return queue("front", skills = ["frnch"])', Kind.NAME, 'there is no skill "frnch"; did you mean "french"?'),
    ("return queues.frnt", Kind.NAME, 'there is no queue "frnt"; did you mean "front"?'),
    (
        "return calendars.ofice.open",
        Kind.NAME,
        'there is no calendar "ofice"; did you mean "office"? There are: office.',
    ),
    ("return variables.closd", Kind.NAME, 'there is no variable "closd"; did you mean "closed"?'),
    ("return settings.tine", Kind.NAME, 'there is no setting "tine"; did you mean "tone"? There are: tone.'),
    ("return contact.txt", Kind.NAME, 'contact has no "txt". It has: account, channel,'),
    ("return contact.customer.ower", Kind.NAME, 'contact.customer has no "ower". It has: campaign,'),
    ("return contact.received.day", Kind.NAME, 'contact.received has no "day". It has: date, hour,'),
    ("return contact.previous.queue", Kind.NAME, 'contact.previous has no "queue". It has: agent,'),
    (
        'return contact.customer.fields["vipp"]',
        Kind.NAME,
        'there is no field "vipp"; did you mean "vip"? There are: town, vip.',
    ),
    ("return nothing", Kind.NAME, 'there is no "nothing"'),
    (
        "return",
        Kind.ANSWER,
        "route(contact) answered nothing: it must end with one of queue, assign, forward and close.",
    ),
    ("return []", Kind.ANSWER, "route(contact) answered nothing"),
    ('return "front"', Kind.ANSWER, 'An answer is an action such as queue(...) or a list of them, not "front".'),
    ('return ["front"]', Kind.ANSWER, "An answer is an action"),
    (
        'return [[queue("front")]]',
        Kind.ANSWER,
        "An answer is an action such as queue(...) or a list of them, not a list.",
    ),
    ("return queue", Kind.ANSWER, "the answer holds something that is no action"),
    ("return struct(action = 3)", Kind.ANSWER, "An answer is an action"),
    (
        'return struct(action = "queue", name = "front")',
        Kind.ANSWER,
        "queue() wants a list of texts as skills, not None.",
    ),
    (
        'return tag("x")',
        Kind.ANSWER,
        "The answer places the contact nowhere: it needs one of queue, assign, forward and close.",
    ),
    (
        'return [queue("front"), close("x")]',
        Kind.ANSWER,
        "The answer places the contact twice, with queue (line 2) and close (line 2)",
    ),
    ("return stay()", Kind.ANSWER, "stay() is for waited"),
    ('return [note("x")] * 60', Kind.ANSWER, "route(contact) answered 60 actions: at most 50 are read."),
    ("return queue(3)", Kind.ANSWER, "queue() wants the name of a queue as name, not 3."),
    ('return queue("front", priority = "high")', Kind.ANSWER, 'queue() wants a whole number as priority, not "high".'),
    ('return queue("front", priority = 1.5)', Kind.ANSWER, "queue() wants a whole number as priority, not 1.5."),
    (
        'return queue("front", priority = 2000)',
        Kind.ANSWER,
        "The priority of queue() must be from -1,000 to 1,000, not 2000.",
    ),
    ('return queue("front", timeout = 0)', Kind.ANSWER, "The timeout of queue() must be from 1 to 2,592,000, not 0."),
    ('return queue("front", skills = "french")', Kind.ANSWER, 'queue() wants a list of texts as skills, not "french".'),
    ('return forward("nobody")', Kind.ANSWER, "forward() wants an e-mail address such as"),
    ('return forward("a@b.example, c@d.example")', Kind.ANSWER, "forward() wants an e-mail address such as"),
    ('return forward("a@b.example\\nBcc: c@d.example")', Kind.ANSWER, "forward() wants an e-mail address such as"),
    ('return close("")', Kind.ANSWER, 'close() wants a text as reason, not "".'),
    (
        'return [note("x" * 2001), close("x")]',
        Kind.ANSWER,
        "The text of note() has 2,001 characters: at most 2,000 are taken.",
    ),
    ('return [reply_text("x" * 10001), close("x")]', Kind.ANSWER, "The text of reply_text() has 10,001 characters"),
    (
        'return [reply("thanks", x = [1]), close("x")]',
        Kind.ANSWER,
        "The field x of reply() wants a text or a number, not a list.",
    ),
    ('return [tag("x" * 51), close("x")]', Kind.ANSWER, "tag() takes at most 20 tags of 50 characters each."),
    ("return queue()", Kind.ERROR, 'missing parameter "name" for call to queue().'),
    ('return queue("front", prio = 1)', Kind.ERROR, 'found "prio" extra named parameter(s) for call to queue().'),
    ('return assign("ann")', Kind.ERROR, 'missing parameter "otherwise" for call to assign().'),
    ("return 1 // 0", Kind.ERROR, "floor division by zero: 1 // 0."),
    ('return fail("I give up")', Kind.ERROR, "fail: I give up."),
    ("return route(contact)", Kind.ERROR, "functions call each other too deeply: a script cannot call itself."),
    ('return matches("(", "x")', Kind.ERROR, 'the pattern "(" cannot be used (missing ): ().'),
    ('return matches("(x{500}){500}", "x")', Kind.ERROR, "cannot be used"),
    ('return matches("a{900}b{900}c{900}d{900}e{900}", "x")', Kind.ERROR, "is too large: write it shorter"),
    ('return matches("x" * 1001, "x")', Kind.ERROR, "the pattern has 1,001 characters: at most 1,000 are taken."),
    ("return matches(3, contact)", Kind.ERROR, "matches() wants two texts"),
    ("contact.text = 3", Kind.ERROR, ""),
    ("while True: pass", Kind.SYNTAX, 'cannot use reserved keyword "while".'),
    ("import os", Kind.SYNTAX, 'cannot use reserved keyword "import".'),
    ("return queue(", Kind.SYNTAX, "'(' was never closed."),
    ("x == = 3", Kind.SYNTAX, "unexpected symbol '=' here."),
    ("if x", Kind.SYNTAX, "expected ':'"),
]


@pytest.mark.parametrize(("line", "kind", "message"), ERRORS, ids=[line for line, _, _ in ERRORS])
async def test_an_error_is_one_sentence_with_its_line(sandbox: Sandbox, line: str, kind: Kind, message: str) -> None:
    given = facts(settings={"tone": "kind"}, customer=CUSTOMER, previous=PREVIOUS)
    run = await run_one(sandbox, route("x = 1", line), given)
    failure = run.failure
    assert run.decision is None and failure is not None
    message = message.replace("line 2", "line 3")
    assert message.lower() in failure.message.lower()
    assert failure.kind is kind
    assert failure.script == "front-door" and "\n" not in failure.message and failure.message.endswith((".", "?"))
    if message.startswith(
        ("route(contact)", "An answer", "the answer holds", "queue() wants a list of texts as skills, not None")
    ):
        assert (failure.line, failure.source) == (1, "def route(contact):"), "the function whose answer it is"
    else:
        assert failure.line == 3 and failure.column > 1
        assert failure.source.strip() == line
    assert failure.sentence.startswith(f"front-door, line {failure.line}: ")


LOAD = 'load("a", "x")\n'
FRONT = Place("front-door", 1)
LINKS: list[tuple[str, dict[str, str], Kind, str, Place]] = [
    ('load("keyword", "x")\n', {}, Kind.LOAD, 'there is no script "keyword"; did you mean "keywords"?', FRONT),
    ('load("keywords", "mention")\n', {}, Kind.LOAD, 'called "mention"; did you mean "mentions"?', FRONT),
    ('load("front-door", "route")\n', {}, Kind.LOAD, "in a circle: front-door → front-door.", FRONT),
    (LOAD, {"a": 'load("b", "x")\n', "b": "#\n" + LOAD}, Kind.LOAD, "in a circle: a → b → a.", Place("b", 2)),
    (LOAD, {"a": "x = 1\ny = (\n"}, Kind.SYNTAX, "was never closed", Place("a", 2)),
    (LOAD, {"a": "x = 1 // 0\n"}, Kind.ERROR, "floor division by zero", Place("a", 1)),
    (LOAD, {"a": "x = queues.frnt\n"}, Kind.NAME, 'there is no queue "frnt"', Place("a", 1)),
    (
        'load("s0", "x")\n',
        {f"s{n}": f'load("s{n + 1}", "x")\n' for n in range(12)},
        Kind.LOAD,
        "more than 8 deep",
        Place("s7", 1),
    ),
]


@pytest.mark.parametrize(
    ("head", "others", "kind", "message", "at"), LINKS, ids=[message or "syntax" for _, _, _, message, _ in LINKS]
)
async def test_a_script_that_cannot_be_loaded_is_named(
    sandbox: Sandbox, head: str, others: dict[str, str], kind: Kind, message: str, at: Place
) -> None:
    (run,) = await sandbox.run(program(head + route('return queue("front")'), **others), [facts()], NAMES)
    assert run.failure is not None
    assert message in run.failure.message
    assert (run.failure.kind, Place(run.failure.script, run.failure.line)) == (kind, at)
    assert run.failure.source


async def test_a_script_without_route_says_so(sandbox: Sandbox) -> None:
    run = await run_one(sandbox, "def rout(contact):\n    return queue('front')\n")
    assert run.failure is not None and "no function route(contact)" in run.failure.message


async def test_a_loaded_function_names_its_own_script_in_errors_and_prints(sandbox: Sandbox) -> None:
    library = 'def pick(x):\n    print("picking")\n    return queue(x)\n'
    run = await run_one(sandbox, 'load("lib", "pick")\n' + route('return pick("nowhere")'), lib=library)
    assert run.failure is not None and (run.failure.script, run.failure.line) == ("lib", 3)
    assert run.trace.printed[0].at == Place("lib", 2)


async def test_defaults_give_way_to_the_settings_of_the_account(sandbox: Sandbox) -> None:
    source = 'DEFAULTS = {"queue": "front", "priority": 1}\n' + route("return queue(settings.queue, settings.priority)")
    runs = await sandbox.run(program(source), [facts(), facts(settings={"queue": "billing"})], NAMES)
    assert [run.decision for run in runs] == [d.Decision(d.ToQueue("front", 1)), d.Decision(d.ToQueue("billing", 1))]


async def test_nothing_is_remembered_from_one_contact_to_the_next(sandbox: Sandbox) -> None:
    source = "seen = []\n" + route("seen.append(contact.text)", 'return queue("front")')
    run = await run_one(sandbox, source)
    assert run.failure is not None and "immutable" in run.failure.message.lower()


async def test_what_the_top_of_a_script_prints_stands_in_every_trace(sandbox: Sandbox) -> None:
    source = 'print("top")\n' + route('print("in", contact.text)', 'return queue("front")')
    runs = await sandbox.run(program(source), [facts(text="1"), facts(text="2")], NAMES)
    assert [[one.text for one in run.trace.printed] for run in runs] == [["top", "in 1"], ["top", "in 2"]]


async def test_prints_are_bounded_in_number_and_length(sandbox: Sandbox) -> None:
    run = await run_one(sandbox, route("for i in range(300):", '    print("x" * 3000)', 'return queue("front")'))
    assert run.decision is not None
    assert len(run.trace.printed) == 200 and run.trace.dropped == 100
    assert all(len(one.text) <= 500 and "more characters" in one.text for one in run.trace.printed)


HOSTILE_TEXTS: list[Any] = [
    "\x00",
    "\ud800",
    "\u2028\n\r\x85",
    '"}{',
    "%s {} \\",
    "ß" * 70_000,
    "\U0001f468‍\U0001f469",
    "",
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=ascii)
async def test_any_text_reaches_the_script_and_comes_back(sandbox: Sandbox, text: str) -> None:
    given = facts(text=text, name=text, sender=text)
    run = await run_one(
        sandbox, route("print(len(contact.text))", 'return [note(contact.text[:50] + "."), queue("front")]'), given
    )
    assert run.failure is None and run.decision is not None
    assert run.trace.printed[0].text == str(len(given.contact.text))
    assert run.decision.side == (d.Note(harmless(given.contact.text[:50] + ".")),)


async def test_the_facts_of_a_run_can_be_run_again(sandbox: Sandbox) -> None:
    given = facts(settings={"tone": "kind"}, customer=CUSTOMER, previous=PREVIOUS)
    (run,) = await sandbox.run(program(SPECIFICATION), [given], NAMES)
    assert run.facts == given.to_json()
    (again,) = await sandbox.run(program(SPECIFICATION), [Facts.from_json(run.facts)], NAMES)
    assert again.decision == run.decision and again.facts == run.facts
