"""Files of a dialler's results: read once however often they come, line by line, in folders that are watched."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.dialler import results as results_module
from core.dialler.lines import opened
from core.dialler.watching import REST_SECONDS, resting
from core.errors import Refused, Wrong
from core.models import Attempt, Campaign, Customer, Journal
from core.models.states import CustomerStatus
from core.store import StoreBusy
from tests.flow.conftest import NOW
from tests.flow.dialling import ANN, CAMPAIGN, set_up, status, texts

if TYPE_CHECKING:
    from pathlib import Path

    from core.dialler import Imported
    from core.office import Office

FILE = """Reference;Number;Outcome;Terminate;Call-back;At;Agent;Colour
R1;;no answer;no;;2026-03-02 09:00;ann;blue
;07700 900002;Answered;;2026-07-01 14:30;;;
R3;;busy;yes;;;;

R9;;busy;;;;;
R1;;engaged;;;;;
R1;;busy;perhaps;;;;
R1;;busy;;next week;;;
R1;;busy;;;;eve;
;12;busy;;;;;
"""


def write(folder: Path, text: str | bytes, name: str = "results.csv", *, age: float = 60) -> Path:
    """A file that was last written to so many seconds ago."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    then = time.time() - age
    os.utime(path, (then, then))
    return path


async def read_in(office: Office, path: Path) -> Imported:
    return await office.dialler.results.read_in(CAMPAIGN, path)


async def test_each_line_is_an_attempt_and_each_bad_one_is_named(office: Office, folder: Path) -> None:
    await set_up()
    found = await read_in(office, write(folder, FILE))
    assert (found.attempts, found.repeated, found.bad_count) == (3, 0, 6)
    assert [bad.line for bad in found.bad] == [6, 7, 8, 9, 10, 11]
    reasons = ("no customer R9", "no outcome engaged", "terminate is yes or no", "next week", "no user eve", "number")
    for bad, reason in zip(found.bad, reasons, strict=True):
        assert reason in bad.reason
    assert await texts() == ["Ann, we rang.", "Ben, we rang."]
    first = await Attempt.get(customer__reference="R1")
    assert (first.at, first.source, first.person_id, first.terminated) == (
        datetime(2026, 3, 2, 9, tzinfo=UTC), "results.csv", 1, False
    )  # fmt: skip
    ben = await Customer.get(reference="R2")
    assert (ben.status, ben.callback_at) == (CustomerStatus.CALLBACK, datetime(2026, 7, 1, 13, 30, tzinfo=UTC))
    assert await status("R3") == CustomerStatus.TERMINATED
    assert {line.actor for line in await Journal.filter(verb="attempt")} == {"ann", "dialler"}
    (line,) = await Journal.filter(verb="results")
    assert line.text == "results.csv: 3 attempts, 0 told before, 6 bad lines"


async def test_a_file_that_comes_twice_tells_nothing_twice(office: Office, folder: Path) -> None:
    await set_up()
    path = write(folder, FILE)
    await read_in(office, path)
    before = await Customer.all().order_by("id").values()
    found = await read_in(office, path)
    assert (found.attempts, found.repeated, found.bad_count) == (0, 3, 6)
    assert await Customer.all().order_by("id").values() == before
    found = await read_in(office, write(folder, FILE.replace("no answer", "busy")))
    assert (found.attempts, found.repeated) == (1, 2), "another day's file of the same name tells what is new in it"


async def test_an_id_of_the_dialler_makes_it_the_same_attempt_in_any_file(office: Office, folder: Path) -> None:
    await set_up()
    await read_in(office, write(folder, "id,reference,outcome\n7,R1,busy\n8,R2,busy\n"))
    found = await read_in(office, write(folder, "id,reference,outcome\n8,R2,busy\n9,R1,busy\n", "other.csv"))
    assert (found.attempts, found.repeated) == (1, 1)


async def test_json_lines_too(office: Office, folder: Path) -> None:
    await set_up()
    lines = [
        json.dumps({"reference": "R1", "outcome": "busy", "terminate": True, "call_back": None}), "", "[1]", "{",
        json.dumps({"number": ANN, "outcome": "no answer", "id": 12}), "{" + '"a":' * 2000,
    ]  # fmt: skip
    found = await read_in(office, write(folder, "\n".join(lines), "results.jsonl"))
    assert (found.attempts, [bad.line for bad in found.bad]) == (2, [3, 4, 6])
    assert await status("R1") == CustomerStatus.TERMINATED


@pytest.mark.parametrize(
    "text", ["reference,outcome\r\nÉ1,busy\r\n".encode("cp1252"), "\ufeffreference\toutcome\nÉ1\tbusy"]
)
async def test_files_as_spreadsheets_write_them(office: Office, folder: Path, text: str | bytes) -> None:
    await set_up()
    await Customer.filter(reference="R1").update(reference="É1")
    assert (await read_in(office, write(folder, text))).attempts == 1


async def test_what_is_no_file_of_results_is_said(office: Office, folder: Path) -> None:
    await set_up()
    for text, words in ((" \n", "is empty"), ("a,b\n1,2\n", "reference .or number. and outcome"), ("\n\nx", "outcome")):
        with pytest.raises(Wrong, match=words):
            await read_in(office, write(folder, text))
    with pytest.raises(Wrong, match="cannot be read: no such file"):
        await read_in(office, folder / "none.csv")


async def test_a_bad_line_in_the_middle_keeps_none_of_the_others_back(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Complaint 13: one bad customer, and all behind it are told."""
    monkeypatch.setattr(results_module, "AT_ONCE", 2)
    await set_up()
    body = "reference,outcome\n" + "R9,busy\n" * 5 + "R1,busy\n" + "R1,what\n" * 3 + "R2,busy\n"
    found = await read_in(office, write(folder, body))
    assert (found.attempts, found.bad_count) == (2, 8)


async def test_a_file_that_is_broken_off_in_the_middle_is_read_on_and_tells_nothing_twice(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the engine dies: what was told stays told, and the file is there."""
    await set_up(results_folder=str(folder / "results"))
    (folder / "results").mkdir()
    path = write(folder / "results", "reference,outcome\nR1,busy\nR2,busy\nR1,no answer\nR2,answered\n")
    really, told = office.dialler.attempts.attempt_on, 0

    async def dies(*values: Any, **more: Any) -> Any:
        nonlocal told
        told += 1
        if told == 3:
            raise StoreBusy("the database went away")
        return await really(*values, **more)

    with monkeypatch.context() as broken:
        broken.setattr(office.dialler.attempts, "attempt_on", dies)
        with pytest.raises(StoreBusy):
            await office.dialler.watch.look()
    assert path.exists() and await Attempt.all().count() == 2
    assert await office.dialler.watch.look() == 1 and not path.exists()
    assert await Attempt.all().count() == 4 and len(await texts()) == 2


@given(st.binary(max_size=400))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_file_is_lines_or_wrong(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(b"reference,outcome\n" + content)
    for line in opened(path):
        assert line.problem or set(line.values) <= {"reference", "outcome"}
    path.write_bytes(content)
    try:
        list(opened(path))
    except Wrong as error:
        assert str(error).startswith(str(path))


async def test_halves_of_characters_and_zeros_in_json_are_bad_lines_at_most(office: Office, folder: Path) -> None:
    await set_up()
    bad, keys = 0, ("reference", "outcome", "note", "id", "agent", "list", "number", "at", "callback")
    for number, key in enumerate(keys):
        for text in ("\\ud800", "a\\u0000b"):
            line = json.dumps({"reference": "R1", "outcome": "busy"} | {key: "?"}).replace("?", text)
            found = await read_in(office, write(folder, line + "\n", f"{number}.jsonl"))
            assert found.attempts + found.bad_count == 1
            bad += found.bad_count
    assert bad >= len(keys)


def test_an_open_quote_is_one_bad_line_and_swallows_none_of_the_others(folder: Path) -> None:
    for begin, at in (('R2,busy,"x\n', 2), ('R2,busy,"a\nb"\nR2,busy,"x\n', 4)):
        for many in (3, 20_000):
            lines = list(opened(write(folder, "reference,outcome,note\n" + begin + "R1,busy\n" * many)))
            (bad,) = (line for line in lines if line.problem)
            assert bad.number == at and "a quote is not closed" in bad.problem
            assert [line.number for line in lines[-many:]] == list(range(at + 1, at + many + 1))


def test_a_quote_that_is_open_in_the_first_line_swallows_nothing(folder: Path) -> None:
    lines = list(opened(write(folder, 'reference,outcome,"note\n' + "R1,busy\n" * 20_000)))
    assert (lines[0].number, bool(lines[0].problem), len(lines)) == (1, True, 20_001)


async def test_a_line_without_end_is_one_bad_line(office: Office, folder: Path) -> None:
    await set_up()
    text = "reference,outcome,note\nR1,busy," + "x" * 450_000 + "\nR2,busy,y\n"
    found = await read_in(office, write(folder, text))
    assert (found.attempts, [bad.line for bad in found.bad]) == (1, [2])
    assert "a cell has more than" in found.bad[0].reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
async def test_results_are_read_in_what_a_spreadsheet_calls_unicode(
    office: Office, folder: Path, encoding: str
) -> None:
    await set_up()
    found = await read_in(office, write(folder, "reference\toutcome\nR1\tbusy\n".encode(encoding)))
    assert found.attempts == 1


async def test_a_file_that_goes_away_while_it_is_read_is_said(office: Office, folder: Path) -> None:
    await set_up()
    path = write(folder, "reference,outcome\nR1,busy\n")
    lines = opened(path)
    path.unlink()
    with pytest.raises(Wrong, match="cannot be read to its end: no such file"):
        results_module._some(lines, path)


async def test_an_agent_reads_in_no_results(office: Office, folder: Path) -> None:
    await set_up()
    with pytest.raises(Refused, match="ann is an agent"):
        await office.dialler.results.read_in(CAMPAIGN, write(folder, "reference,outcome\nR1,busy\n"), actor="ann")


# -- watched folders -------------------------------------------------------------------------------------------------


@pytest.fixture
async def dropped(office: Office, folder: Path) -> Path:
    """The folder of the campaign's results."""
    found = folder / "results"
    found.mkdir()
    await set_up(results_folder=str(found))
    return found


async def test_a_file_that_rests_is_read_and_put_aside_with_a_report_of_its_bad_lines(
    office: Office, dropped: Path
) -> None:
    write(dropped, FILE)
    assert await office.engine().chores["results"]() == 1
    assert sorted(path.name for path in dropped.iterdir()) == ["results.csv.done", "results.csv.report"]
    report = (dropped / "results.csv.report").read_text("utf-8").splitlines()
    assert len(report) == 6 and report[0] == "line 6: campaign Spring has no customer R9"
    assert await Attempt.all().count() == 3
    assert await office.dialler.watch.look() == 0
    write(dropped, "reference,outcome\nR1,busy\n")
    assert await office.dialler.watch.look() == 1, "the next day's file has the same name"
    assert (dropped / "results.csv.2.done").exists() and not (dropped / "results.csv.2.report").exists()
    assert await Attempt.all().count() == 4


async def test_a_file_that_is_still_written_to_is_left_until_it_rests(office: Office, dropped: Path) -> None:
    path = write(dropped, "reference,outcome\nR1,bu", age=0)
    write(dropped, "x", ".hidden.csv")
    write(dropped, "x", "results.csv.part")
    assert resting(dropped) == [] and await office.dialler.watch.look() == 0
    write(dropped, "reference,outcome\nR1,busy\n", age=REST_SECONDS + 1)
    assert resting(dropped) == [path] and await office.dialler.watch.look() == 1
    assert await status("R1") == CustomerStatus.IN_PROGRESS


async def test_a_file_that_is_none_is_put_aside_with_its_reason(office: Office, dropped: Path) -> None:
    write(dropped, "a,b\n1,2\n")
    write(dropped, "reference,outcome\nR1,busy\n", "zz.csv")
    assert await office.dialler.watch.look() == 2
    assert "names no columns" in (dropped / "results.csv.report").read_text("utf-8")
    assert await Attempt.all().count() == 1


async def test_what_nobody_foresaw_in_a_file_is_its_report_and_ends_nothing(
    office: Office, dropped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*values: Any, **more: Any) -> Any:
        raise RuntimeError("a secret")

    with monkeypatch.context() as broken:
        broken.setattr(office.dialler.attempts, "attempt_on", fails)
        path = write(dropped, "reference,outcome\nR1,busy\n")
        assert await office.dialler.watch.look() == 1
    assert not path.exists()
    (report,) = dropped.glob("*.report")
    assert "nobody foresaw (RuntimeError)" in report.read_text() and "secret" not in report.read_text()


def test_a_folder_whose_name_no_system_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match="is no folder for files of others"):
        resting(tmp_path / "a\0b")


async def test_of_two_engines_one_reads_a_folder(office: Office, dropped: Path) -> None:
    (campaign,) = await Campaign.all()
    path = write(dropped, FILE)
    other = office.engine().leases
    assert await other.take(f"results:{campaign.id}")
    assert await office.dialler.watch.look() == 0 and path.exists()
    await other.release_all()
    assert await office.dialler.watch.look() == 1


async def test_a_folder_that_is_not_there_is_looked_for_again(office: Office, dropped: Path) -> None:
    dropped.rmdir()
    assert await office.dialler.watch.look() == await office.dialler.watch.look() == 0
    line = await Journal.get(kind="campaign", verb="no results")
    assert line.text == f"results in {dropped} cannot be read: No such file or directory"
    dropped.mkdir()
    write(dropped, "reference,outcome\nR1,busy\n")
    assert await office.dialler.watch.look() == 1
    assert (await Customer.get(reference="R1")).tried_at == NOW
