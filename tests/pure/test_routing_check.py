"""What is found in a script before it runs, each with its line, column and words; and how a script is drawn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from core.routing import decision as d
from core.routing import picture
from core.routing.failure import Failure
from core.routing.names import DeskNames
from core.routing.picture import Node, Shape
from core.routing.problem import Problem, Severity
from core.routing.program import Program
from core.routing.ready_made import ready_made
from core.routing.sandbox import Sandbox
from tests.pure.routing_desk import CUSTOMER, DESK, NAMES, PREVIOUS, facts, program, route
from tests.pure.test_routing_language import SPECIFICATION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ERROR, WARNING = Severity.ERROR, Severity.WARNING
FRONT = 'return queue("front")'
WAITED = "def waited(contact):\n    return stay()\n"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as opened:
        yield opened


def shown(problems: tuple[Problem, ...]) -> list[tuple[Severity, int, int, str]]:
    return [(one.severity, one.line, one.column, one.message) for one in problems]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_script_of_the_specification_has_nothing_wrong(sandbox: Sandbox) -> None:
    assert await sandbox.check(program(SPECIFICATION), NAMES) == ()
    assert await sandbox.check(program(SPECIFICATION), NAMES, DESK) == ()


LINES: list[tuple[str, Severity, int, str]] = [
    ('return queue("mornign")', ERROR, 18, 'there is no queue "mornign"; did you mean "morning"?'),
    ('return assign("eve", otherwise = "frnt")', ERROR, 19, 'there is no user "eve". There are: ann, bob.'),
    ('return assign("ann", otherwise = "frnt")', ERROR, 38, 'there is no queue "frnt"; did you mean "front"?'),
    ('return [set_class("Biling"), queue("front")]', ERROR, 23, 'there is no class "Biling"; did you mean "Billing"?'),
    ('return [reply("clsed", name = 3), queue("front")]', ERROR, 19, 'there is no template "clsed"; did you mean'),
    ('return queue("front", skills = ["frnch"])', ERROR, 12, 'there is no skill "frnch"; did you mean "french"?'),
    ('return queue("front" if contact.text else "bak")', ERROR, 47, 'there is no queue "bak".'),
    ('return queue(contact.queue or "bak")', ERROR, 35, 'there is no queue "bak".'),
    ("return queue(settings.place)", ERROR, 18, 'there is no queue "nowhere".'),
    (
        "return queue(settings.plaec)",
        WARNING,
        18,
        'the setting "plaec" has no value of its own: give it one in DEFAULTS',
    ),
    ("return queue(name = settings.tone)", ERROR, 25, 'there is no queue "kind".'),
    ("print(queues.frnt.ready)", ERROR, 11, 'there is no queue "frnt"; did you mean "front"?'),
    ("print(queues.front.redy)", ERROR, 11, 'a queue has no "redy". It has: waiting, ready, oldest.'),
    ("print(calendars.ofice.open)", ERROR, 11, 'there is no calendar "ofice"; did you mean "office"?'),
    ("print(calendars.office.opened)", ERROR, 11, 'a calendar has no "opened". It has: open.'),
    ("print(variables.closd)", ERROR, 11, 'there is no variable "closd"; did you mean "closed"?'),
    ("print(contact.txt)", ERROR, 11, 'contact has no "txt". It has: account,'),
    ("print(contact.customer.ower)", ERROR, 11, 'contact.customer has no "ower". It has: campaign,'),
    ("print(contact.received.hours)", ERROR, 11, 'contact.received has no "hours". It has: date,'),
    ("print(contact.previous.who)", ERROR, 11, 'contact.previous has no "who". It has: agent,'),
    ('é = "é"', ERROR, 5, ""),
    ('print("é", contact.txt)', ERROR, 16, 'contact has no "txt".'),
    ("return queue()", ERROR, 12, "queue(): missing a required argument: 'name'."),
    ('return queue("front", prio = 3)', ERROR, 12, "queue(): got an unexpected keyword argument 'prio'."),
    ('return queue("front", 1, [], 2, 3)', ERROR, 12, "queue(): too many positional arguments."),
    ('return assign("ann")', ERROR, 12, "assign(): missing a required argument: 'otherwise'."),
    ('return queue("front", priority = "high")', ERROR, 12, 'queue() wants a whole number as priority, not "high".'),
    ('return queue("front", timeout = -5)', ERROR, 12, "The timeout of queue() must be from 1 to 2,592,000, not -5."),
    ('return forward("nobody")', ERROR, 12, "forward() wants an e-mail address such as"),
    ('return close("")', ERROR, 12, "close() wants a text as reason"),
    ('print(matches("(", contact.text))', ERROR, 19, 'the pattern "(" cannot be used (missing ): ().'),
    ("return nothing", ERROR, 12, 'there is no "nothing"'),
    ("return", ERROR, 5, "route(contact) answers nothing here."),
    ("return None", ERROR, 5, "route(contact) answers nothing here."),
    ('return tag("x")', ERROR, 12, "this answer places the contact nowhere: it needs queue, assign, forward or close."),
    ('return [queue("front"), close("x")]', ERROR, 12, "this answer places the contact twice, with queue and close."),
    ("return stay()", ERROR, 12, "stay() is for waited: a contact that has just come has no place to keep."),
    ('x = {"a": 1, "a": 2}', WARNING, 10, 'duplicate dictionary key "a"'),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("line", "severity", "column", "message"), LINES, ids=[line for line, *_ in LINES])
async def test_a_problem_is_found_where_it_stands(
    sandbox: Sandbox, line: str, severity: Severity, column: int, message: str
) -> None:
    source = 'DEFAULTS = {"place": "nowhere", "tone": "front"}\n' + route("if contact.name:", f"    {line}", FRONT)
    desk = DeskNames(**{**{name: getattr(NAMES, name) for name in NAMES.__slots__}, "settings": {"tone": "kind"}})
    problems = await sandbox.check(program(source), desk)
    found = [one for one in problems if message in one.message]
    assert found, shown(problems)
    assert (found[0].severity, found[0].line, found[0].column) == (severity, 4, column + 4)
    assert found[0].source.strip() == line and found[0].script == "front-door"
    assert found[0].message.endswith((".", "?"))


WHOLE: list[tuple[str, list[tuple[Severity, int, str]]]] = [
    ("x = 1\n", [(ERROR, 1, "it has no function route(contact), which every script must have.")]),
    ("def route():\n    " + FRONT, [(ERROR, 1, "route(contact) takes exactly one argument, the contact.")]),
    ("def route(a, b):\n    " + FRONT, [(ERROR, 1, "route(contact) takes exactly one argument, the contact.")]),
    ("def route(a, b = 1):\n    " + FRONT, []),
    (
        route("if contact.text:", "    " + FRONT),
        [(WARNING, 2, "route(contact) may come to its end without an answer.")],
    ),
    (route("if contact.text:", "    " + FRONT, "else:", '    fail("no")'), []),
    (route(FRONT) + "def waited(contact, more):\n    return stay()\n", [(ERROR, 3, "waited(contact) takes exactly")]),
    (route(FRONT) + WAITED, []),
    (route(FRONT, "print(1)"), [(WARNING, 3, "unreachable statement")]),
    ('load("keywords", "mentions")\n' + route(FRONT), [(WARNING, 1, 'unused "load" of "mentions".')]),
    ('load("keyword", "x")\n' + route(FRONT), [(ERROR, 1, 'there is no script "keyword"; did you mean "keywords"?')]),
    ('load("front-door", "x")\n' + route(FRONT), [(ERROR, 1, "in a circle")]),
    ("def note(x):\n    return x\n\n" + route(FRONT), [(WARNING, 1, "note() is a word of the language")]),
    (route("queue = close", 'return queue("x")'), []),
    (route("for i in [1]:", "    " + FRONT, "# nothing", FRONT), []),
    ("def route(c):\n    return queue(c.nam)\n", [(ERROR, 2, 'c has no "nam". It has: account')]),
    (route("x = 1", "return queue(") + "\n", [(ERROR, 3, "'(' was never closed.")]),
    ("x = 1 // 0\n" + route(FRONT), [(ERROR, 1, "floor division by zero")]),
    ("# " + "x" * 70_000, [(ERROR, 1, "a script may have 65,536.")]),
    ("", [(ERROR, 1, "it has no function route(contact)")]),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("source", "expected"), WHOLE, ids=[source[:60] or "empty" for source, _ in WHOLE])
async def test_a_whole_script_has_just_these_problems(
    sandbox: Sandbox, source: str, expected: list[tuple[Severity, int, str]]
) -> None:
    problems = await sandbox.check(program(source), NAMES)
    assert [(one.severity, one.line) for one in problems] == [(severity, line) for severity, line, _ in expected]
    assert all(message in one.message for one, (_, _, message) in zip(problems, expected, strict=True))


@pytest.mark.asyncio(loop_scope="module")
async def test_every_problem_is_found_at_once(sandbox: Sandbox) -> None:
    source = route("print(queues.a.ready, queues.b.ready)", 'return [set_class("c"), reply("d"), queue("e")]')
    problems = await sandbox.check(program(source), NAMES)
    assert [one.message.split('"')[1] for one in problems] == ["a", "b", "c", "d", "e"]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_check_finds_a_run_finds_too(sandbox: Sandbox) -> None:
    """Each error of the table above ends a run as well, where the run comes to it."""
    settled = facts(settings={"tone": "kind"}, customer=CUSTOMER, previous=PREVIOUS, queue="")
    for line, severity, _, _ in LINES:
        if severity is ERROR and "else" not in line:
            source = 'DEFAULTS = {"place": "nowhere", "tone": "front"}\n' + route(
                "if contact.name:", f"    {line}", FRONT
            )
            (run,) = await sandbox.run(program(source), [settled], NAMES)
            assert isinstance(run.failure, Failure) and run.failure.line in (2, 4), line


@pytest.mark.asyncio(loop_scope="module")
async def test_a_script_another_loads_shows_its_own_line(sandbox: Sandbox) -> None:
    source = 'load("lib", "pick")\n' + route("return pick()")
    (problem,) = await sandbox.check(program(source, lib="y = 2\nx = (\n"), NAMES)
    assert (problem.script, problem.line) == ("lib", 2)


SOURCES = st.text(st.sampled_from("abq01 \n\t()[]{}:,.\"'=+-*/%#@\\é\x00\ud800"), max_size=80) | st.lists(
    st.sampled_from([*route(FRONT).split("\n"), *SPECIFICATION.split("\n"), "    pass", "if x:", "else:"]), max_size=12
).map("\n".join)


@settings(max_examples=15, deadline=None)
@given(st.lists(SOURCES, min_size=10, max_size=10))
def test_whatever_is_typed_is_checked_and_drawn(sources: list[str]) -> None:
    async def look() -> None:
        async with Sandbox() as opened:
            for source in sources:
                problems = await opened.check(program(source), NAMES)
                lines = len(Program("x", {"x": source}).sources["x"].split("\n"))
                assert all(1 <= one.line <= lines and one.column >= 1 and one.message for one in problems)
                await opened.draw(program(source))

    asyncio.run(look())


PICTURE = """\
function route(contact) 3
  if variables.closed or not calendars.office.open 4
    answer reply closed; queue morning, priority 1 5
  if mentions(contact.text, ['refund', 'money back']) 6
    answer set_class Billing; queue billing, priority 7, skills refunds, timeout 15 * MINUTE 7
  if contact.customer and contact.customer.status == 'callback' 8
    answer assign contact.customer.owner, otherwise front 9
  answer queue front 10
function waited(contact) 12
  if queues.overflow.ready > 0 13
    answer queue overflow, priority contact.priority + 2 14
  answer stay timeout 5 * MINUTE 15
"""


def drawn(nodes: tuple[Node, ...], depth: int = 0) -> str:
    return "".join(
        f"{'  ' * depth}{node.shape} {node.text} {node.line}\n" + drawn(node.children, depth + 1) for node in nodes
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_a_script_is_drawn_as_a_tree_of_branches_with_their_outcomes(sandbox: Sandbox) -> None:
    assert drawn(await sandbox.draw(program(SPECIFICATION))) == PICTURE


def test_every_shape_is_drawn() -> None:
    source = "def pick(x):\n    return x\n\n" + route(
        '"""What it does."""',
        "n = 0",
        "for word in contact.words:",
        '    if word == "a":',
        '        return close("a")',
        '    elif word == "b":',
        "        n += 1",
        "    else:",
        "        pass",
        "if n:",
        '    return queue("x") if n > 1 else pick(n)',
        "elif n == 2:",
        "    return",
    )
    assert drawn(picture.draw(source)) == (
        "function route(contact) 4\n"
        "  step n = 0 6\n"
        "  loop for each word in contact.words 7\n"
        "    if word == 'a' 8\n"
        "      answer close a 9\n"
        "    elif word == 'b' 10\n"
        "      step n += 1 11\n"
        "    else  13\n"
        "  if n 14\n"
        "    if n > 1 15\n"
        "      answer queue x 15\n"
        "    else  15\n"
        "      answer pick(n) 15\n"
        "  elif n == 2 16\n"
        "    end no answer 17\n"
        "  end no answer 17\n"
        "function pick(x) 1\n"
        "  answer x 2\n"
    )


def test_an_answer_put_together_is_drawn_as_its_actions() -> None:
    source = route('return [tag("a")] + ([] + [queue("x", priority = 1)])', "")
    assert drawn(picture.draw(source)) == "function route(contact) 1\n  answer tag a; queue x, priority 1 2\n"
    assert "answer 'a' + contact.text" in drawn(picture.draw(route("return 'a' + contact.text")))


def test_what_cannot_be_read_is_not_drawn_and_what_is_too_deep_is_cut() -> None:
    assert picture.draw("def route(") == ()
    deep = picture.draw("def route(c):\n    return " + "-" * 3_000 + "1\n")
    assert deep == () or deep[0].children[0].shape in (Shape.STEP, Shape.ANSWER)


NEEDED = DeskNames(
    queues=frozenset({"front", "morning", "billing", "repairs", "orders", "overflow"}),
    classes=frozenset({"Billing", "Complaint", "Order"}),
    templates=frozenset({"closed"}),
    users=frozenset({"ann", "bob"}),
    calendars=frozenset({"office"}),
)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("one", ready_made(), ids=lambda one: one.name)
async def test_a_ready_made_script_has_nothing_wrong(sandbox: Sandbox, one: object) -> None:
    script = next(found for found in ready_made() if found is one)
    assert await sandbox.check(Program(script.name, {script.name: script.source}), NEEDED) == ()
    assert script.description.endswith(".")
    assert await sandbox.draw(Program(script.name, {script.name: script.source}))


async def decide(sandbox: Sandbox, name: str, **contact: object) -> d.Decision | Failure | None:
    script = next(one for one in ready_made() if one.name == name)
    desk = contact.pop("desk", DESK)
    given = facts(desk=desk, settings=contact.pop("settings", {}), **contact)  # type: ignore[arg-type]
    (run,) = await sandbox.run(Program(name, {name: script.source}), [given], NEEDED)
    return run.decision or run.failure


CLOSED = type(DESK)(DESK.queues, {"office": type(DESK.calendars["office"])(open=False)})
READY = type(DESK)({**DESK.queues, "overflow": type(DESK.queues["front"])(ready=1)})
STRANGER: dict[str, object] = {"text": "hello", "customer": None, "previous": None}
MORNING = d.ToQueue("morning", 1)

READY_MADE: list[tuple[str, dict[str, object], d.Decision]] = [
    ("one-queue", STRANGER, d.Decision(d.ToQueue("front"))),
    ("one-queue", {**STRANGER, "settings": {"queue": "billing"}}, d.Decision(d.ToQueue("billing"))),
    ("office-hours", STRANGER, d.Decision(d.ToQueue("front"))),
    ("office-hours", {**STRANGER, "desk": CLOSED}, d.Decision(MORNING, (d.Reply("closed"),))),
    ("office-hours", {**STRANGER, "desk": CLOSED, "previous": PREVIOUS}, d.Decision(MORNING)),
    (
        "keywords",
        {**STRANGER, "text": "I want a REFUND"},
        d.Decision(d.ToQueue("billing", 5), (d.SetClass("Billing"),)),
    ),
    (
        "keywords",
        {**STRANGER, "subject": "Broken cup"},
        d.Decision(d.ToQueue("repairs", 3), (d.SetClass("Complaint"),)),
    ),
    ("keywords", STRANGER, d.Decision(d.ToQueue("front"))),
    ("known-customers-first", STRANGER, d.Decision(d.ToQueue("front"))),
    ("known-customers-first", {"customer": CUSTOMER}, d.Decision(d.ToAgent("ann", "front"))),
    ("known-customers-first", {"previous": PREVIOUS}, d.Decision(d.ToAgent("bob", "front"))),
    (
        "known-customers-first",
        {"customer": type(CUSTOMER)("Ann", "C-1", "contacted", "spring", "A", None)},
        d.Decision(d.ToQueue("front", 5)),
    ),
    (
        "language-by-words",
        {**STRANGER, "text": "Bonjour, je ne suis pas là, merci!"},
        d.Decision(d.ToQueue("front", 0, ("french",), 900), (d.Tag(("french",)),)),
    ),
    (
        "language-by-words",
        {**STRANGER, "text": "Danke, ich bin nicht für Sie da."},
        d.Decision(d.ToQueue("front", 0, ("german",), 900), (d.Tag(("german",)),)),
    ),
    ("language-by-words", STRANGER, d.Decision(d.ToQueue("front"))),
    ("language-by-words", {"event": "waited", "queue": "front", "priority": 2}, d.Decision(d.ToQueue("front", 3))),
    ("overflow", STRANGER, d.Decision(d.ToQueue("front", timeout=600))),
    ("overflow", {"event": "waited", "queue": "front"}, d.Decision(d.Stay(300))),
    ("overflow", {"event": "waited", "queue": "front", "desk": READY}, d.Decision(d.ToQueue("overflow", 2))),
    ("overflow", {"event": "waited", "queue": "overflow", "desk": READY}, d.Decision(d.Stay(300))),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("name", "contact", "expected"), READY_MADE)
async def test_a_ready_made_script_decides(
    sandbox: Sandbox, name: str, contact: dict[str, object], expected: d.Decision
) -> None:
    assert await decide(sandbox, name, **contact) == expected


def test_every_ready_made_script_has_a_test() -> None:
    assert {name for name, _, _ in READY_MADE} == {one.name for one in ready_made()}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_source_that_ends_too_soon_is_marked_at_its_end(sandbox: Sandbox) -> None:
    (problem,) = await sandbox.check(program('def route(contact):\n    return queue("front")\n\ndef x():\n\n'), NAMES)
    assert (problem.line, problem.column, problem.source) == (4, 9, "def x():")
