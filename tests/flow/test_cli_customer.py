"""`postroom campaign`, `list` and `customer`: words, JSON, codes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.models import Template
from tests.flow.command import Command, write
from tests.flow.conftest import ONLY_SQLITE, furnish

if TYPE_CHECKING:
    from core.office import Office


ROOT = Path(__file__).parents[2]


@pytest.fixture
def postroom(command: Command) -> Command:
    """A desk with a template, and nobody to write to."""

    async def prepare(_: Office) -> None:
        await furnish()
        await Template.create(name="hello", channel="sms", body="Hello")

    command.within(prepare)
    return command


def test_a_campaign_its_list_and_its_customers_from_nothing_to_nothing(postroom: Command, folder: Path) -> None:
    made = postroom("campaign", "create", "spring", "--sms-account", "texts@acme.example", "--first-try-sms", "hello")
    assert (made.code, made.out) == (0, "campaign spring is there\n")
    assert postroom("campaign", "create", "spring").words == "there is a campaign spring already"
    assert postroom("campaign", "set", "spring", "--quiet-hours", "20:00-08:00", "--words", "Say hello").code == 0
    assert postroom("campaign", "set", "spring").code == 2
    assert "20:00-08:00" in postroom("campaign", "show", "spring").out
    assert postroom("list", "create", "leads", "--campaign", "spring").code == 0
    file = write(folder / "c.csv", "ref,name,mobile,tariff\nA1,Ann,07700900123,gold\nA2,=1+1,rubbish,\nA2,Bo,,\n")
    done = postroom("customer", "import", "leads", file, "--map", "plan=tariff")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [one["problem"]["line"] for one in lines if "problem" in one] == [3, 4]
    assert lines[-1] | {"file": "", "mapping": {}} == {
        "done": True, "list": "leads", "file": "", "dry_run": False, "rows": 3, "added": 2, "updated": 0,
        "unchanged": 0, "left_out": 1, "remarks": 1, "mapping": {},
    }  # fmt: skip
    (campaign,) = json.loads(postroom("campaign", "list", "--json").out)
    assert (campaign["lists"], campaign["statuses"]["unused"], campaign["first_try_sms"]) == (["leads"], 2, "hello")
    assert postroom("customer", "set-status", "A1", "callback", "--at", "2026-07-01 12:00", "--by", "ann").code == 0
    (due,) = json.loads(postroom("customer", "list", "--status", "callback", "--json").out)
    assert (due["reference"], due["callback_at"], due["callback_for"]) == ("A1", "2026-07-01T11:00:00Z", "ann")
    assert postroom("customer", "set", "A1", "--field", "plan=silver", "--email", "a@home.example").code == 0
    story = json.loads(postroom("customer", "show", "A1", "--list", "leads", "--json").out)
    assert story["record"]["fields"] == {"plan": "silver"}
    assert [one["what"] for one in story["history"]] == [
        "changed: e-mail address, own fields", "status set: from unused to callback",
    ]  # fmt: skip
    assert postroom("optout", "add", "07700900123").code == postroom("donotcontact", "add", "a@home.example").code == 0
    shown = postroom("customer", "show", "A1").out
    assert "no texts         since 20" in shown and "do not contact   since 20" in shown and "no e-mails" not in shown
    assert postroom("list", "delete", "leads").code == 1
    assert postroom("campaign", "delete", "spring").words.startswith("campaign spring has the lists leads")
    assert postroom("list", "delete", "leads", "--with-customers").out == "list leads is deleted, with 2 customers\n"
    assert postroom("campaign", "delete", "spring").code == 0
    assert postroom("campaign", "list").out == "none\n"


@ONLY_SQLITE
def test_what_is_exported_holds_no_formula_and_is_imported_again_as_it_was(postroom: Command, folder: Path) -> None:
    postroom("list", "create", "leads")
    text = 'ref,name,number,=note\n=A1,"@Ann, ""x""",07700900123,-1+2\nA2,Zoë,,\n'
    postroom("customer", "import", "leads", write(folder / "c.csv", text))
    before = json.loads(postroom("customer", "list", "--json").out)
    assert (before[0]["reference"], before[0]["fields"]) == ("=A1", {"=note": "-1+2"})
    exported = postroom("customer", "export", "--list", "leads").out
    for row in csv.reader(io.StringIO(exported)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    again = postroom("customer", "import", "leads", write(folder / "again.csv", exported))
    done = json.loads(again.out.splitlines()[-1])
    assert (done["rows"], done["unchanged"]) == (2, 2)
    assert "list" not in done["mapping"]
    postroom("list", "create", "others")
    postroom("customer", "import", "others", str(folder / "again.csv"))
    keys = ("reference", "name", "number", "email", "status", "fields")
    after = json.loads(postroom("customer", "list", "--list", "others", "--json").out)
    assert [{key: one[key] for key in keys} for one in after] == [{key: one[key] for key in keys} for one in before]


@ONLY_SQLITE
def test_a_wrong_question_is_one_line_and_code_two(postroom: Command, folder: Path) -> None:
    postroom("list", "create", "leads")
    file = write(folder / "c.csv", "ref\n1\n")
    for said, words in (
        (("customer", "import", "lead", file), "did you mean leads?"),
        (("customer", "import", "leads", str(folder / "none.csv")), "cannot be read"),
        (("customer", "import", "leads", file, "--map", "name=Colour"), "there is no column Colour"),
        (("customer", "import", "leads", file, "--map", "name"), "--map wants FIELD=COLUMN"),
        (("customer", "list", "--status", "finished"), "there is no status finished"),
        (("customer", "show", "R9"), "there is no customer R9"),
        (("campaign", "show", "spring"), "there is no campaign spring"),
        (("list", "set", "leads"), "say what is to change"),
    ):
        done = postroom(*said)
        assert done.code == 2
        assert words in done.words
    refused = postroom("customer", "import", "leads", file, "--as", "ann")
    assert (refused.code, "ann is an agent" in refused.words) == (1, True)


@pytest.mark.parametrize(
    "said",
    [
        ("broadcast", "show", "9" * 20), ("customer", "list", "--after", "9" * 20),
        ("customer", "list", "--words", "\udcff"), ("customer", "show", "\udcff"),
    ],
)  # fmt: skip
def test_what_no_database_takes_is_a_wrong_question(postroom: Command, said: tuple[str, ...]) -> None:
    done = postroom(*said)
    assert done.code == 2 and ("is a larger number than" in done.words or "is no text in UTF-8" in done.words)


@ONLY_SQLITE
def test_an_import_that_is_killed_is_simply_run_again(postroom: Command, folder: Path) -> None:
    postroom("list", "create", "leads")
    rows = "".join(f"R{n},Ann,0770090{n % 1000:04}\n" for n in range(12_000))
    file = write(folder / "c.csv", "ref,name,number\n" + rows)
    words = [sys.executable, "-m", "cli", "--db", postroom.db, "customer", "import", "leads", file]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        assert running.stdout is not None
        while "octets" not in running.stdout.readline():
            assert running.poll() is None
        running.kill()
    there = len(json.loads(postroom("customer", "list", "--limit", "100000", "--json").out))
    assert 0 < there < 12_000
    assert there % 2000 == 0
    done = json.loads(postroom("customer", "import", "leads", file).out.splitlines()[-1])
    assert (done["rows"], done["added"], done["unchanged"]) == (12_000, 12_000 - there, there)


@ONLY_SQLITE
def test_a_dry_run_names_the_bad_rows_and_changes_nothing(postroom: Command, folder: Path) -> None:
    postroom("list", "create", "leads")
    file = write(folder / "c.csv", "ref,status\n1,unused\n2,finished\n")
    lines = [json.loads(line) for line in postroom("customer", "import", "leads", file, "--dry-run").out.splitlines()]
    assert lines[0]["problem"] == {
        "line": 3, "column": "status", "left_out": True,
        "reason": "finished is no status; there are: unused, callback, in progress, contacted, terminated",
    }  # fmt: skip
    assert (lines[-1]["dry_run"], lines[-1]["added"]) == (True, 1)
    assert postroom("customer", "list").out == "none\n"


@ONLY_SQLITE
def test_tables_for_people_hold_the_sums(postroom: Command, folder: Path) -> None:
    postroom("list", "create", "leads")
    postroom("customer", "import", "leads", write(folder / "c.csv", "ref,name,number\n1,Ann\x1b[2J,07700900123\n"))
    listed = postroom("list", "list").out
    assert listed.split("\n")[1].split() == ["leads", "1", "1", "0", "0", "0", "0"]
    shown = postroom("customer", "list", "--list", "leads").out
    assert "Ann␛[2J" in shown
    assert "+447700900123" in postroom("customer", "show", "1").out
