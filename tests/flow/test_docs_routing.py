"""docs/routing.md: each script is right on the desk that the page describes, and decides what the page says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.office import open_office
from core.routing.facts import (
    CalendarFacts,
    ContactFacts,
    CustomerFacts,
    DeskFacts,
    Facts,
    PreviousFacts,
    QueueFacts,
    Received,
)
from core.routing.program import Program
from core.scripts.answering import read_answering
from core.scripts.names import desk_names
from core.scripts.programs import active_sources
from core.scripts.wording import decision_words
from tests.flow.conftest import NOW
from tests.flow.desk_files import apply_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.office import Office
    from core.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text("utf-8")
BLOCK = re.compile(r"```starlark(?: name=(\w+))?\n(.*?)```", re.DOTALL)
ROW = re.compile(r"^\| (`.*`) \| `(.*)` \|$", re.MULTILINE)


@dataclass(frozen=True)
class Lesson:
    """One of the page's sections."""

    title: str
    library: tuple[str, str] | None
    source: str
    rows: tuple[tuple[str, str], ...]


def lessons() -> list[Lesson]:
    found = []
    for section in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]:
        section = section.partition("\n## ")[0]
        blocks = BLOCK.findall(section)
        named = [(name, source) for name, source in blocks if name]
        (source,) = [source for name, source in blocks if not name]
        rows = tuple((left, right) for left, right in ROW.findall(section))
        found.append(Lesson(section.partition("\n")[0], named[0] if named else None, source, rows))
    return found


LESSONS = lessons()


@pytest.fixture
async def office(on_sqlite: Settings) -> AsyncIterator[Office]:
    """The desk that the page describes."""
    async with open_office(on_sqlite) as office:
        (desk,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
        await apply_text(office, desk)
        yield office


def given(left: str) -> dict[str, Any]:
    """The cell's assignments, each between backticks, as a table."""
    return tomllib.loads("\n".join(re.findall(r"`([^`]*)`", left)))


async def facts_of(office: Office, cell: dict[str, Any]) -> Facts:
    """Somebody's text, but for what the cell says."""
    names = await desk_names(office.database)
    channel = cell.pop("channel", "sms")
    sender = cell.pop("sender", "+447700900123" if channel == "sms" else "cat@mail.example")
    tables = {name: cell.pop(name, {}) for name in ("queues", "calendars", "variables", "settings")}
    customer, previous = cell.pop("customer", None), cell.pop("previous", None)
    who = {"name": "Cat", "reference": "7", "status": "", "campaign": "", "list": "", "owner": None}
    ended = {"agent": None, "closed_ago": 0, "outcome": "", "class_": None}
    contact = ContactFacts(
        **{
            "channel": channel, "sender": sender, "number": sender if channel == "sms" else None, "name": "",
            "to": "desk@acme.example", "subject": "", "text": "", "account": "desk@acme.example", "class_": None,
            "received": Received.at(NOW, "Europe/London"), **cell,
        },
        customer=None if customer is None else CustomerFacts(**{**who, **customer}),
        previous=None if previous is None else PreviousFacts(**{**ended, **previous}),
    )  # fmt: skip
    desk = DeskFacts(
        {name: QueueFacts(**tables["queues"].get(name, {})) for name in names.queues},
        {name: CalendarFacts(**tables["calendars"].get(name, {"open": True})) for name in names.calendars},
        {**names.variables, **tables["variables"]},
    )
    return Facts(replace(contact, tags=tuple(contact.tags)), desk, tables["settings"])


def test_the_page_teaches_by_ten_scripts_with_two_contacts_each_at_least() -> None:
    assert [lesson.title.partition(".")[0] for lesson in LESSONS] == [str(number) for number in range(1, 11)]
    assert all(len(lesson.rows) >= 2 for lesson in LESSONS)
    assert len(BLOCK.findall(PAGE)) == 11


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
async def test_the_script_is_right_and_decides_what_the_page_says(office: Office, lesson: Lesson) -> None:
    if lesson.library:
        await office.routing.scripts.publish(*lesson.library, actor="command")
    assert await office.routing.checking.check(lesson.source) == ()
    await office.routing.scripts.publish("lesson", lesson.source, actor="command")
    program = Program("lesson", await active_sources(office.database))
    facts = [await facts_of(office, given(left)) for left, _ in lesson.rows]
    runs = await office.routing.sandbox.run(program, facts, await desk_names(office.database))
    answering = await read_answering(office.database)
    for (left, right), seen, run in zip(lesson.rows, facts, runs, strict=True):
        assert run.decision is not None, (left, run.failure)
        assert decision_words(run.decision) == right, left
        assert isinstance(answering.answers(run.decision, seen.contact), tuple), left


def test_every_action_and_every_fact_of_the_language_stands_on_the_page() -> None:
    from core.routing.decision import ACTIONS

    for word in ACTIONS:
        assert f"`{word}(" in PAGE, word
    for facts in (ContactFacts, CustomerFacts, PreviousFacts, QueueFacts, CalendarFacts, Received):
        for name in facts.__dataclass_fields__:
            assert re.search(rf"[.`]{name}\b", PAGE), f"{facts.__name__}.{name}"
