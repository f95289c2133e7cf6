"""Do-not-contact lists and opt-outs as a screen reads them: by pages, searched, counted, written into a file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core import consent, journal
from core.consent import ledger
from core.donotcontact import Entry, entries
from core.errors import NotFound, Refused
from core.models import Campaign, DoNotContact, Journal, OptOut
from core.models.states import Channel
from core.views import barred
from core.views.barred import BarredFilter, barred_counts, barred_ids, barred_lines, barred_rows
from core.views.stretch import Stretch
from tests.flow.conftest import furnish

if TYPE_CHECKING:
    from pathlib import Path

    from core.clock import FrozenClock
    from core.office import Office
    from tests.flow.command import Command

ANN, BEN, CAT = "+447700900001", "+447700900002", "cat@mail.example"
DESK, SPRING = BarredFilter("desk"), BarredFilter("campaign", "spring")
OUT, ENDED = BarredFilter("opted out"), BarredFilter("ended")


async def addresses(office: Office, which: BarredFilter, **stretch: int) -> list[str]:
    ids = await barred_ids(office.database, which, Stretch(**stretch))
    rows = await barred_rows(office.database, which, ids)
    return [rows[one].address for one in ids]


async def lists(office: Office) -> None:
    await Campaign.create(name="spring")
    await Campaign.create(name="autumn")
    for address in (ANN, BEN, CAT):
        await office.donotcontact.add(address, actor="sue", reason=f"asked about {address[-3:]}")
    await office.donotcontact.add(ANN, actor="sue", campaign="spring")
    await office.optouts.add(BEN, by="sue", reason="STOP")
    await office.optouts.add(CAT, by="sue", reason="stop it")
    await office.optouts.remove(BEN, by="sue", reason="START")


async def test_each_list_is_read_by_pages_newest_first_and_searched(office: Office, clock: FrozenClock) -> None:
    await lists(office)
    assert await addresses(office, DESK) == [CAT, BEN, ANN]
    assert await addresses(office, DESK, limit=2) == [CAT, BEN]
    assert await addresses(office, DESK, before=3, limit=1) == [BEN]
    assert await addresses(office, SPRING) == [ANN]
    assert await addresses(office, BarredFilter("campaign", "autumn")) == []
    assert (await addresses(office, OUT), await addresses(office, ENDED)) == ([CAT], [BEN])
    assert await addresses(office, BarredFilter("desk", words="07700 900009")) == []
    assert await addresses(office, BarredFilter("desk", words="07700 900001")) == [ANN]
    assert await addresses(office, BarredFilter("desk", words="ASKED 002")) == [BEN]
    (row,) = (await barred_rows(office.database, SPRING, await barred_ids(office.database, SPRING, Stretch()))).values()
    assert (row.campaign, row.source, row.at) == ("spring", "recorded by hand (sue)", clock.now())
    (row,) = (await barred_rows(office.database, ENDED, await barred_ids(office.database, ENDED, Stretch()))).values()
    assert (row.source, row.ended_at, row.ended_by) == ("STOP (sue)", clock.now(), "sue")
    assert await barred_counts(office.database, "spring") == {"desk": 3, "campaign": 1, "opted out": 1, "ended": 1}
    assert await barred_counts(office.database) == {"desk": 3, "opted out": 1, "ended": 1}


async def test_a_long_list_is_not_counted_to_its_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await lists(office)
    monkeypatch.setattr(barred, "MOST_COUNTED", 1)
    assert (await barred_counts(office.database))["desk"] == 2


async def test_a_list_is_written_into_a_file_that_an_import_reads(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barred, "PART", 2)
    await lists(office)
    text = "".join([line async for line in barred_lines(office.database, DESK)])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["address"] for row in rows] == [CAT, f"'{BEN}", f"'{ANN}"]
    assert rows[2]["source"] == "asked about 001 (sue)" and rows[2]["since"].startswith("20")
    (folder / "list.csv").write_text(text)
    found = await office.donotcontact.take_in(folder / "list.csv", actor="sue", campaign="autumn")
    assert (found.added, found.bad_count) == (3, 0)
    assert sorted(one.address for one in await entries(office.database, campaign="autumn")) == [ANN, BEN, CAT]
    ended = "".join([line async for line in barred_lines(office.database, ENDED)])
    assert len(list(csv.DictReader(io.StringIO(ended)))) == 1 and "STOP (sue)" in ended


async def test_what_was_taken_off_goes_back_as_it_was(office: Office, clock: FrozenClock) -> None:
    await lists(office)
    entry = Entry(ANN, "sms", "spring", "leads.csv", clock.now() - timedelta(days=9))
    assert await office.donotcontact.remove(ANN, actor="sue", campaign="spring", reason="rang us")
    assert await office.donotcontact.put_back([entry], actor="sue") == 1
    assert await office.donotcontact.put_back([entry], actor="sue") == 0
    assert await entries(office.database, campaign="spring") == [entry]
    with pytest.raises(Refused, match="supervisor"):
        await office.donotcontact.put_back([entry], actor="ann")
    said = [one.text for one in await Journal.filter(kind__in=["campaign", "desk"]).order_by("-id").limit(2)]
    assert said == [f"{ANN}: taken back", f"{ANN}: rang us"]
    assert (await Journal.filter(verb="opt-in").get()).text == f"{BEN}: START"
    assert await OptOut.filter(address=BEN, ended_at=None).count() == 0


async def test_rows_are_those_of_the_list_that_is_asked_for_alone(office: Office) -> None:
    await lists(office)
    every = list(range(1, 20))  # each list has numbers of its own
    for which, there in ((DESK, [ANN, BEN, CAT]), (SPRING, [ANN]), (OUT, [CAT]), (ENDED, [BEN])):
        found = await barred_rows(office.database, which, every)
        assert sorted(row.address for row in found.values()) == there, which


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (ledger, consent):
        monkeypatch.setattr(place, "MOST_AT_ONCE", 2)


class Breaks:
    """A journal that cannot be written any more at its third line."""

    def __init__(self) -> None:
        self.left = 2

    async def append(self, **line: Any) -> None:
        if not self.left:
            raise RuntimeError("the disk is full")
        self.left -= 1


@pytest.mark.usefixtures("two_at_once")
async def test_many_are_taken_off_all_or_none_and_put_back_all_or_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lists(office)
    verbs, before = office.donotcontact, await entries(office.database)
    ids = [one.id for one in await DoNotContact.all()]
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(journal, "append", Breaks().append)
        await verbs.take_off(ids, actor="sue")
    assert await entries(office.database) == before
    with pytest.raises(Refused, match="ann is an agent"):
        await verbs.take_off(ids, actor="ann")
    assert await verbs.remove(BEN, actor="sue")
    taken = await verbs.take_off([*ids, 999], actor="sue", reason="moved")
    assert sorted(taken, key=repr) == sorted((one for one in before if one.address != BEN), key=repr), "what was there"
    assert await verbs.take_off(ids, actor="sue") == [] == await entries(office.database)
    told = await Journal.filter(verb="may be contacted").order_by("id")
    assert [(one.kind, one.text) for one in told] == [
        ("desk", BEN), ("desk", f"{ANN}: moved"), ("desk", f"{CAT}: moved"), ("campaign", f"{ANN}: moved")
    ]  # fmt: skip
    with pytest.raises(NotFound, match="sprung"):
        await verbs.put_back([*taken, replace(taken[0], campaign="sprung")], actor="sue")
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(journal, "append", Breaks().append)
        await verbs.put_back(taken, actor="sue")
    assert await entries(office.database) == []
    assert await verbs.put_back(taken, actor="sue") == 3
    assert sorted(await entries(office.database), key=repr) == sorted(taken, key=repr)


@pytest.mark.usefixtures("two_at_once")
async def test_many_opt_outs_are_ended_and_restored_all_or_none_with_their_evidence(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    await lists(office)
    for address, mail_id in ((ANN, 7), ("dan@mail.example", None), ("BANK", None)):
        channel = Channel.EMAIL if "@" in address else Channel.SMS
        await consent.opt_out(
            office.database, channel=channel, address=address, source="wrote stop", at=clock.now(), mail_id=mail_id
        )
    verbs, ids = office.optouts, [one.id for one in await OptOut.all()]
    standing = OptOut.filter(ended_at=None)
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(journal, "append", Breaks().append)
        await verbs.end(ids, by="sue")
    assert await standing.count() == 4
    assert await consent.opt_in(office.database, channel=Channel.EMAIL, address=CAT, by="wrote start", at=clock.now())
    ended = await verbs.end(ids, by="sue", reason="rang us")
    assert {one.address for one in await OptOut.filter(id__in=ended)} == {ANN, "dan@mail.example", "BANK"}
    assert await verbs.end(ids, by="sue") == [] and await standing.count() == 0
    clock.advance(minutes=1)
    assert await office.optouts.add("dan@mail.example", by="sue", reason="rang again")
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(journal, "append", Breaks().append)
        await verbs.restore([*ended, *(one.id for one in await OptOut.filter(address__in=[BEN, CAT]))], by="sue")
    assert await standing.count() == 1
    assert await verbs.restore(ended, by="sue") == 2 and await verbs.restore(ended, by="sue") == 0
    again = await OptOut.get(address=ANN, ended_at=None)
    assert (again.source, again.mail_id, again.at) == ("wrote stop", 7, clock.now())
    assert (await Journal.filter(verb="opt-out").order_by("-id").first()).text.endswith(": restored: wrote stop")  # type: ignore[union-attr]
    assert await OptOut.filter(address=ANN).count() == 2, "what was ended stays so"


async def test_only_a_supervisor_records_and_ends_opt_outs_by_hand(office: Office) -> None:
    await lists(office)
    (id_,) = [one.id for one in await OptOut.filter(ended_at=None)]
    steps = (
        lambda by: office.optouts.add(ANN, by=by, reason="x"), lambda by: office.optouts.remove(CAT, by=by),
        lambda by: office.optouts.end([id_], by=by), lambda by: office.optouts.restore([1], by=by),
    )  # fmt: skip
    for step in steps:
        with pytest.raises(Refused, match="ann is an agent: only a supervisor or an administrator may record and end"):
            await step("ann")
        with pytest.raises(Refused, match="zoe is no user"):
            await step("zoe")
    assert await office.optouts.add(ANN, by="command", reason="x"), "whoever runs the command has the database anyway"


def test_the_command_writes_opt_outs(command: Command, folder: Path) -> None:
    for address in (ANN, BEN, CAT):
        assert command("optout", "add", address, "--reason", "asked us").code == 0
    assert command("optout", "remove", BEN).code == 0
    done = command("optout", "export", "out.csv")
    assert (done.code, done.out) == (0, "2 opt-outs in out.csv\n")
    text = (folder / "out.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["address"], row["source"]) for row in rows] == [
        (CAT, "asked us (command)"), (f"'{ANN}", "asked us (command)")
    ]  # fmt: skip
    assert command("optout", "export", "-").out == text
    again = command("optout", "export", "out.csv", "--ended")
    assert (again.code, again.words) == (1, "out.csv is there already: name another file")
    (ended,) = csv.DictReader(io.StringIO(command("optout", "export", "-", "--ended").out))
    assert (ended["address"], ended["ended_by"]) == (f"'{BEN}", "command")


def test_the_command_names_who_records_an_opt_out(command: Command) -> None:
    command.within(lambda _: furnish())
    refused = command("optout", "add", ANN, "--as", "ann")
    assert refused.code == 1 and "ann is an agent" in refused.words
    assert command("optout", "add", ANN, "--as", "sue").code == 0
    assert command("optout", "remove", ANN, "--as", "ann").code == 1
    assert "recorded by hand (sue)" in command("optout", "list").out


def test_the_command_writes_a_list_and_reads_it_again(command: Command, folder: Path) -> None:
    assert command("donotcontact", "add", ANN, "--reason", "asked us").code == 0
    done = command("donotcontact", "export", "list.csv")
    assert (done.code, done.out) == (0, "1 addresses in list.csv\n")
    assert command("donotcontact", "export", "list.csv").words == "list.csv is there already: name another file"
    assert command("donotcontact", "export", "-").out == (folder / "list.csv").read_bytes().decode()
    assert command("donotcontact", "remove", ANN, "--reason", "a mistake").code == 0
    assert command("donotcontact", "import", "list.csv").out.startswith("1 added")
    assert command("donotcontact", "export", "-", "--campaign", "sprung").code == 2
    assert command("optout", "add", ANN).code == 0 and command("optout", "remove", ANN, "--reason", "START").code == 0
