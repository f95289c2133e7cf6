"""What screens and `--json` are told of scripts, versions and runs."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.errors import NotFound
from core.models import Account, Contact, Script, ScriptRun, ScriptVersion
from core.models.states import Channel, RunEvent
from core.routing.decision import ToQueue
from core.views.calendars import templates, variables
from core.views.runs import run_facts, script_runs
from core.views.scripts import script_source, script_versions, scripts
from core.views.stretch import Stretch
from tests.flow.arriving import ANN, BOB, text_arrives
from tests.flow.scripted import ONE_QUEUE, TWO_QUEUES

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office

TEXTS = "texts@acme.example"


async def test_a_script_without_use_and_version_is_a_row_too(office: Office, clock: FrozenClock) -> None:
    await Script.create(name="empty", created_at=clock.now())
    (row,) = await scripts(office.database, clock.now())
    assert (row.name, row.active, row.newest, row.versions, row.accounts) == ("empty", None, 0, 0, ())
    assert (row.runs, row.errors, row.p95_ms, row.last_error, row.last_error_at) == (0, 0, None, "", None)
    with pytest.raises(NotFound, match="script empty has no version yet"):
        await script_source(office.database, "empty")


async def test_rows_tell_use_versions_runs_errors_and_the_last_error(office: Office, clock: FrozenClock) -> None:
    await office.routing.scripts.publish("door", ONE_QUEUE, actor="sue", remark="first")
    await office.routing.scripts.set_on_account(TEXTS, "door", actor="sue")
    await text_arrives(office, ANN, "hello")
    await office.routing.scripts.publish("door", ONE_QUEUE.replace('"front"', "contact.text"), actor="sue")
    await text_arrives(office, BOB, "nowhere")
    await office.routing.scripts.save("door", TWO_QUEUES, actor="sue")
    (row,) = await scripts(office.database, clock.now())
    assert (row.name, row.accounts, row.active, row.newest, row.versions) == ("door", (TEXTS,), 2, 3, 3)
    assert (row.runs, row.errors, row.last_error_line, row.last_error_at) == (2, 1, 2, clock.now())
    assert row.last_error.startswith('there is no queue "nowhere"')
    assert row.p95_ms is not None
    assert row.p95_ms > 0
    third, second, first = await script_versions(office.database, "door")
    assert [(one.number, one.runs, one.errors, one.active) for one in (third, second, first)] == [
        (3, 0, 0, False), (2, 1, 1, True), (1, 1, 0, False),
    ]  # fmt: skip
    assert (first.author, first.remark) == ("sue", "first")
    (row,) = await scripts(office.database, clock.now() + timedelta(days=1))
    assert (row.runs, row.errors, row.p95_ms) == (0, 0, None)


async def test_p95_is_the_time_within_which_95_of_100_ended(office: Office, clock: FrozenClock) -> None:
    await office.routing.scripts.publish("door", ONE_QUEUE, actor="sue")
    await office.routing.scripts.publish("other", TWO_QUEUES, actor="sue")
    contact = await Contact.create(account_id=1, channel=Channel.SMS, address=ANN, received_at=clock.now())
    for name, times in (("door", range(1, 101)), ("other", [5])):
        version = await ScriptVersion.get(script__name=name)
        for took in times:
            await ScriptRun.create(
                contact=contact, version=version, event=RunEvent.ROUTE, at=clock.now(), facts=b"", took=took * 1000
            )
    assert [row.p95_ms for row in await scripts(office.database, clock.now())] == [95.0, 5.0]


async def test_runs_can_be_narrowed_and_each_has_its_facts(office: Office) -> None:
    await office.routing.scripts.publish("door", ONE_QUEUE, actor="sue")
    await office.routing.scripts.set_on_account(TEXTS, "door", actor="sue")
    first = await text_arrives(office, ANN, "hello")
    await office.routing.scripts.publish("door", 'def route(contact):\n    print("hm")\n    fail("no")\n', actor="sue")
    second = await text_arrives(office, BOB, "hello")
    newest, oldest = await script_runs(office.database, "door")
    assert (newest.contact, newest.version, newest.decision, newest.line) == (second, 2, None, 3)
    assert newest.trace == ("hm",)
    assert "no" in newest.error
    assert (oldest.contact, oldest.version, oldest.address, oldest.account) == (first, 1, ANN, TEXTS)
    assert oldest.decision is not None
    assert oldest.decision.placing == ToQueue("front")
    for how, found in (
        ({"errors": True}, [newest]), ({"version": 1}, [oldest]), ({"contact": second}, [newest]),
        ({"stretch": Stretch(limit=1)}, [newest]), ({"stretch": Stretch(before=newest.id)}, [oldest]),
    ):  # fmt: skip
        assert await script_runs(office.database, "door", **how) == found
    assert await script_runs(office.database, contact=first) == [oldest]
    assert json.loads(await run_facts(office.database, oldest.id))["contact"]["sender"] == ANN
    stored = await ScriptRun.get(id=oldest.id)
    assert zlib.decompress(stored.facts).decode() == await run_facts(office.database, oldest.id)
    with pytest.raises(NotFound, match="there is no run 99"):
        await run_facts(office.database, 99)
    with pytest.raises(NotFound, match='there is no script "dor"; did you mean "door"'):
        await script_runs(office.database, "dor")


async def test_the_runs_of_a_deleted_version_are_there_without_it(office: Office) -> None:
    await office.routing.scripts.publish("door", ONE_QUEUE, actor="sue")
    await office.routing.scripts.set_on_account(TEXTS, "door", actor="sue")
    contact = await text_arrives(office, ANN, "hello")
    await office.routing.scripts.publish("door", TWO_QUEUES, actor="sue")
    await office.routing.scripts.delete_version("door", 1, actor="sue")
    (run,) = await script_runs(office.database, contact=contact)
    assert (run.script, run.version) == ("", 0)


async def test_a_source_is_the_active_ones_else_the_newest(office: Office) -> None:
    await office.routing.scripts.create("door", ONE_QUEUE, actor="sue")
    await office.routing.scripts.save("door", TWO_QUEUES, actor="sue")
    assert (await script_source(office.database, "door")).number == 2
    await office.routing.scripts.activate("door", 1, actor="sue")
    row = await script_source(office.database, "door")
    assert (row.number, row.source, row.active, row.author) == (1, ONE_QUEUE, True, "sue")
    with pytest.raises(NotFound, match="script door has no v9; there are: v1, v2"):
        await script_source(office.database, "door", 9)


async def test_variables_and_templates_are_rows_by_name(office: Office) -> None:
    await office.routing.variables.set("vips", ["a"], actor="sue")
    await office.routing.variables.set("closed", False, actor="sue")
    assert [(row.name, row.value) for row in await variables(office.database)] == [("closed", False), ("vips", ["a"])]
    assert await templates(office.database) == []
    assert await Account.all().count() == 2
