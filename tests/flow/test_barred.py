"""Do-not-contact lists and opt-outs as a screen reads them: by pages, searched, counted, written into a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.donotcontact import Entry, entries
from core.errors import Refused
from core.models import Campaign, Journal, OptOut
from core.views import barred
from core.views.barred import BarredFilter, barred_counts, barred_ids, barred_lines, barred_rows
from core.views.stretch import Stretch

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
    assert await office.donotcontact.put_back(entry, actor="sue")
    assert not await office.donotcontact.put_back(entry, actor="sue")
    assert await entries(office.database, campaign="spring") == [entry]
    with pytest.raises(Refused, match="supervisor"):
        await office.donotcontact.put_back(entry, actor="ann")
    said = [one.text for one in await Journal.filter(kind__in=["campaign", "desk"]).order_by("-id").limit(2)]
    assert said == [f"{ANN}: taken back", f"{ANN}: rang us"]
    assert (await Journal.filter(verb="opt-in").get()).text == f"{BEN}: START"
    assert await OptOut.filter(address=BEN, ended_at=None).count() == 0


def test_the_command_writes_a_list_and_reads_it_again(command: Command, folder: Path) -> None:
    assert command("donotcontact", "add", ANN, "--reason", "asked us").code == 0
    done = command("donotcontact", "export", "list.csv")
    assert (done.code, done.out) == (0, "1 addresses in list.csv\n")
    assert command("donotcontact", "export", "-").out == (folder / "list.csv").read_bytes().decode()
    assert command("donotcontact", "remove", ANN, "--reason", "a mistake").code == 0
    assert command("donotcontact", "import", "list.csv").out.startswith("1 added")
    assert command("donotcontact", "export", "-", "--campaign", "sprung").code == 2
    assert command("optout", "add", ANN).code == 0 and command("optout", "remove", ANN, "--reason", "START").code == 0
