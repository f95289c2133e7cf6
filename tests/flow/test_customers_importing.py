"""Customers from files onto lists: added, changed, left alone; broken off and done again."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from core.campaigns import Audience, CampaignSettings, ImportWish
from core.errors import NotFound, Refused, Wrong
from core.models import Customer, CustomerList, Journal, Person
from core.views import customers as views
from tests.flow.conftest import ONLY_POSTGRES

if TYPE_CHECKING:
    from pathlib import Path

    from core.campaigns.importing import Progress
    from core.office import Office
    from core.views.customers import CustomerRecord


async def import_text(office: Office, folder: Path, text: str, *, list_name: str = "leads", **more: object) -> object:
    path = folder / "c.csv"
    path.write_text(text, encoding="utf-8")
    return await office.imports.run(ImportWish(list_name, path, **more), actor="sue")  # type: ignore[arg-type]


def numbers(result: object) -> tuple[int, ...]:
    names = ("rows", "added", "updated", "unchanged", "left_out", "remarks")
    return tuple(getattr(result, name) for name in names)


async def records(office: Office, list_name: str = "leads") -> list[CustomerRecord]:
    return await views.customers(office.database, Audience(list=list_name))


async def test_a_file_is_imported_and_the_list_remembers_its_columns(office: Office, folder: Path) -> None:
    await office.lists.create("leads", actor="sue")
    text = "Ref,Name,Mobile,E-mail,Owner,Tariff\nA1,Zoë,07700900123,A@Home.Example,ann,gold\nA2,Bo,rubbish,,,\n"
    result = await import_text(office, folder, text, mapping={"plan": "Tariff"})
    assert numbers(result) == (2, 2, 0, 0, 0, 1)
    first, second = await records(office)
    assert (first.name, first.number, first.email, first.owner) == ("Zoë", "+447700900123", "a@home.example", "ann")
    assert (first.fields, first.status) == ({"plan": "gold"}, "unused")
    assert (second.number, second.number_as_written) == ("", "rubbish")
    on_list = await CustomerList.get(name="leads")
    assert json.loads(on_list.own_fields) == ["plan"]
    assert json.loads(on_list.mapping)["plan"] == "Tariff"
    look = await office.imports.look("leads", folder / "c.csv")
    assert (look.mapping["plan"], look.own_fields, len(look.rows)) == ("Tariff", ("plan",), 2)
    lines = [(one.verb, one.text) for one in await Journal.filter(kind="list").order_by("id")]
    assert [verb for verb, _ in lines] == ["added", "import began", "imported"]
    assert lines[-1][1] == "c.csv: 2 rows read, 2 added, 0 changed, 0 left out"


@ONLY_POSTGRES
async def test_the_database_knows_at_once_how_many_came(office: Office, folder: Path) -> None:
    await office.lists.create("leads", actor="sue")
    await import_text(office, folder, "ref,name\n" + "".join(f"R{n},Ann\n" for n in range(20)))
    (row,) = await office.database.rows("SELECT reltuples::int AS known FROM pg_class WHERE relname = 'customer'")
    assert row["known"] == 20


async def test_the_same_file_again_changes_nothing_and_another_only_what_it_says(office: Office, folder: Path) -> None:
    await office.lists.create("leads", actor="sue")
    text = "ref,name,number,tariff\n" + "".join(f"R{n},Ann,0770090{n:04d},gold\n" for n in range(20))
    assert numbers(await import_text(office, folder, text)) == (20, 20, 0, 0, 0, 0)
    await Customer.filter(reference="R3").update(status="contacted", tries=2)
    changed_at = (await Customer.get(reference="R3")).changed_at
    office.clock.advance(hours=1)  # type: ignore[attr-defined]
    assert numbers(await import_text(office, folder, text)) == (20, 0, 0, 20, 0, 0)
    assert (await Customer.get(reference="R3")).changed_at == changed_at
    more = "ref,paid,name\nR3,yes,Zoe\nR99,no,New\n"
    assert numbers(await import_text(office, folder, more, update=False)) == (2, 1, 0, 1, 0, 0)
    assert numbers(await import_text(office, folder, more)) == (2, 0, 1, 1, 0, 0)
    three = await Customer.get(reference="R3")
    assert (three.name, three.number, three.status, three.tries) == ("Zoe", "+447700900003", "contacted", 2)
    assert json.loads(three.own_fields) == {"tariff": "gold", "paid": "yes"}
    assert json.loads((await CustomerList.get(name="leads")).own_fields) == ["tariff", "paid"]


async def test_an_empty_field_that_was_never_there_is_no_change(office: Office, folder: Path) -> None:
    await office.lists.create("leads", actor="sue")
    await import_text(office, folder, "ref,name\nA1,Ann\n")
    assert numbers(await import_text(office, folder, "ref,name,plan\nA1,Ann,\n")) == (1, 0, 0, 1, 0, 0)
    assert numbers(await import_text(office, folder, "ref,name,plan\nA1,Ann,gold\n")) == (1, 0, 1, 0, 0, 0)
    assert numbers(await import_text(office, folder, "ref,name,plan\nA1,Ann,\n")) == (1, 0, 1, 0, 0, 0), "emptied"


async def test_a_file_that_moves_a_call_back_ends_the_promise_of_who_gave_it(office: Office, folder: Path) -> None:
    await office.lists.create("leads", actor="sue")
    text = "ref,callback\nA,2026-07-01 12:00\nB,2026-07-01 12:00\nC,2026-07-01 12:00\n"
    await import_text(office, folder, text)
    ann = await Person.get(login="ann")
    await Customer.all().update(callback_for_id=ann.id)
    again = "ref,callback,status\nA,2026-07-01 12:00,\nB,2026-07-02 12:00,\nC,,contacted\n"
    assert numbers(await import_text(office, folder, again)) == (3, 0, 2, 1, 0, 0)
    assert [(one.status, one.callback_for) for one in await records(office)] == [
        ("callback", "ann"), ("callback", ""), ("contacted", ""),
    ]  # fmt: skip


async def test_a_list_has_only_so_many_fields_of_its_own(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.campaigns.importing.MOST_FIELDS", 2)
    await office.lists.create("leads", actor="sue")
    await import_text(office, folder, "ref,a,b\n1,x,y\n")
    with pytest.raises(Wrong, match="3 fields of its own"):
        await import_text(office, folder, "ref,c\n2,z\n")
    assert len(await records(office)) == 1


async def test_a_dry_run_says_what_would_become_of_every_row_and_writes_nothing(office: Office, folder: Path) -> None:
    await office.lists.create("leads", actor="sue")
    await import_text(office, folder, "ref,name\nA,Ann\n")
    lines = await Journal.all().count()
    result = await import_text(office, folder, "ref,name\nA,Zoe\nB,Bo\nB,Bo\n,\n", dry_run=True)
    assert numbers(result) == (3, 1, 1, 0, 1, 0)
    assert [one.name for one in await records(office)] == ["Ann"]
    assert await Journal.all().count() == lines


async def test_customers_of_two_lists_are_reported_and_taken(office: Office, folder: Path) -> None:
    await office.lists.create("leads", actor="sue")
    await office.lists.create("others", actor="sue")
    await import_text(office, folder, "ref,number,email\nX,07700900123,z@home.example\n", list_name="others")
    text = "ref,number,email\nA,+447700900123,\nB,,Z@home.example\nC,,c@home.example\n"
    result = await import_text(office, folder, text)
    assert numbers(result) == (3, 3, 0, 0, 0, 2)
    said = [(one.line, one.column, one.reason) for one in result.problems]  # type: ignore[attr-defined]
    assert said == [(2, "number", "stands on list others too"), (3, "email", "stands on list others too")]


async def test_numbers_are_read_as_the_campaign_reads_them(office: Office, folder: Path) -> None:
    await office.campaigns.save(CampaignSettings("fr", region="FR"), actor="sue")
    await office.lists.create("leads", actor="sue", campaign="fr")
    await import_text(office, folder, "ref,number\nA,06 12 34 56 78\n")
    assert [one.number for one in await records(office)] == ["+33612345678"]


async def test_an_import_that_is_broken_off_leaves_whole_batches_and_goes_on_when_done_again(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.campaigns.importing.BATCH", 10)
    await office.lists.create("leads", actor="sue")
    path = folder / "c.csv"
    path.write_text("ref\n" + "".join(f"R{n}\n" for n in range(95)))
    seen: list[Progress] = []
    task: asyncio.Task[object] | None = None

    def on_progress(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            assert task is not None
            task.cancel()

    wish = ImportWish("leads", path, {"reference": "ref"})
    task = asyncio.ensure_future(office.imports.run(wish, actor="sue", on_progress=on_progress))
    with pytest.raises(asyncio.CancelledError):
        await task
    there = await Customer.all().count()
    assert there in (30, 40)
    line = await Journal.filter(kind="list").order_by("-id").first()
    assert line is not None
    assert (line.verb, line.text) == ("broken off", "c.csv: 30 rows read, 30 added, 0 changed, 0 left out")
    seen.clear()
    result = await office.imports.run(wish, actor="sue", on_progress=seen.append)
    assert numbers(result) == (95, 95 - there, 0, there, 0, 0)
    assert [one.rows for one in seen] == [*range(10, 95, 10), 95]
    assert seen[-1].octets == seen[-1].total_octets == path.stat().st_size


async def test_two_imports_of_one_file_at_once_add_everybody_once(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.campaigns.importing.BATCH", 10)
    await office.lists.create("leads", actor="sue")
    path = folder / "c.csv"
    path.write_text("ref,name\n" + "".join(f"R{n},Ann\n" for n in range(60)))
    wish = ImportWish("leads", path)
    await asyncio.gather(*(office.imports.run(wish, actor="sue") for _ in range(2)))
    assert await Customer.all().count() == 60


async def test_a_line_that_cannot_be_read_ends_the_import_and_says_which(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.campaigns.importing.BATCH", 2)
    await office.lists.create("leads", actor="sue")
    with pytest.raises(Wrong, match="line 6"):
        await import_text(office, folder, 'ref,name\n1,\n2,\n3,\n4,\n5,"' + "x\n" * 100_000)
    assert await Customer.all().count() == 4
    assert await Journal.filter(verb="broken off").count() == 1


async def test_agents_import_nothing_and_a_list_must_be_there(office: Office, folder: Path) -> None:
    path = folder / "c.csv"
    path.write_text("ref\n1\n")
    with pytest.raises(NotFound, match=r"no list leads.*list create"):
        await office.imports.run(ImportWish("leads", path), actor="sue")
    await office.lists.create("leads", actor="sue")
    for dry_run in (True, False):
        with pytest.raises(Refused, match="ann is an agent"):
            await office.imports.run(ImportWish("leads", path, dry_run=dry_run), actor="ann")


async def test_a_trial_onto_a_new_list_leaves_nothing_behind_and_the_import_makes_it(
    office: Office, folder: Path
) -> None:
    await office.campaigns.save(CampaignSettings("spring", region="DE"), actor="sue")
    before = await Journal.all().count()
    new: dict[str, object] = {"list_name": "west", "new": True, "campaign": "spring"}
    trial = await import_text(office, folder, "ref,mobile\nA1,030 901820\nA2,rubbish\n", dry_run=True, **new)  # type: ignore[arg-type]
    assert numbers(trial) == (2, 2, 0, 0, 0, 1)
    assert not await CustomerList.exists() and await Journal.all().count() == before
    done = await import_text(office, folder, "ref,mobile\nA1,030 901820\nA2,rubbish\n", **new)  # type: ignore[arg-type]
    assert numbers(done) == numbers(trial)
    first, _ = await records(office, "west")
    assert (first.number, first.campaign) == ("+4930901820", "spring")
    with pytest.raises(Refused, match="there is a list west already: choose it"):
        await import_text(office, folder, "ref\nA3\n", dry_run=True, **new)  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="there is no campaign autumn"):
        await import_text(office, folder, "ref\nA3\n", list_name="east", new=True, campaign="autumn")
    with pytest.raises(Wrong, match="is no name for a list"):
        await import_text(office, folder, "ref\nA3\n", list_name=" ", new=True, dry_run=True)


async def test_a_file_that_cannot_be_read_makes_no_new_list(office: Office, folder: Path) -> None:
    with pytest.raises(Wrong):
        await office.imports.run(ImportWish("west", folder / "none.csv", new=True), actor="sue")
    assert not await CustomerList.exists()
    look = await office.imports.look("", _named(folder))
    assert dict(look.mapping) == {"reference": "ref", "number": "mobile"}


def _named(folder: Path) -> Path:
    path = folder / "d.csv"
    path.write_text("ref,mobile\nA1,07700900123\n")
    return path
