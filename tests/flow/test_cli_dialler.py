"""`postroom dialler`, `customer attempt`, `donotcontact`: what a person sees, what a program reads, the exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.flow.command import Command, said, told, write
from tests.flow.conftest import furnish
from tests.flow.dialling import ANN, BEN, CAMPAIGN, set_up

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office


@pytest.fixture
def postroom(command: Command) -> Command:
    async def prepare(_: Office) -> None:
        await furnish()
        await set_up(words="Hello {{ customer.first_name }}")

    command.within(prepare)
    return command


def test_an_attempt_is_told_and_what_was_written_on_it(postroom: Command) -> None:
    attempt = ("customer", "attempt", CAMPAIGN, "R1", "--outcome", "no answer")
    assert said(postroom(*attempt, "--key", "7")) == (
        "customer R1 is in progress\ntext on first try: message 1 is in the outbox"
    )
    assert said(postroom(*attempt, "--key", "7")) == "customer R1 is in progress: told before, nothing changed"
    found = told(postroom(*attempt, "--callback", "2026-07-01 14:30", "--personal", "--as", "ann", "--json"))
    assert (found["status"], found["new"], found["letters"]) == ("callback", True, [])
    (row,) = told(postroom("customer", "list", "--status", "callback", "--json"))
    assert row["callback_at"] == "2026-07-01T13:30:00Z" and row["callback_for"] == "ann"
    (message,) = told(postroom("message", "list", "--json"))
    assert (message["purpose"], message["to"], message["text"]) == ("dialler event", ANN, "Ann, we rang.")
    bad = postroom("customer", "attempt", CAMPAIGN, "R1", "--outcome", "bussy")
    assert bad.code == 2 and bad.words == "there is no outcome bussy; did you mean busy?"
    bad = postroom("customer", "attempt", CAMPAIGN, "R1", "--outcome", "busy", "--callback", "soon")
    assert bad.code == 2 and "write it as 2026-03-02 14:30" in bad.words


def test_an_agent_is_handed_one_after_another(postroom: Command) -> None:
    shown = said(postroom("dialler", "next", CAMPAIGN, "--as", "ann"))
    assert shown.startswith(f"{ANN}  Ann Lee\nreference R1, list north\n") and shown.endswith("\n\nHello Ann")
    found = told(postroom("dialler", "next", CAMPAIGN, "--as", "ann", "--json"))
    assert (found["reference"], found["status"], found["zone"]) == ("R1", "unused", "Europe/London")
    (row,) = told(postroom("dialler", "list", "--json"))
    assert (row["campaign"], row["due"], row["unused"], row["in_hand"]) == (CAMPAIGN, 0, 3, 1)
    assert said(postroom("dialler", "give-back", str(found["customer_id"]), "--as", "ann")) == "given back"
    assert postroom("dialler", "give-back", str(found["customer_id"]), "--as", "ann").code == 1
    for reference in ("R1", "R2"):
        said(postroom("customer", "attempt", CAMPAIGN, reference, "--outcome", "answered"))
    assert said(postroom("dialler", "next", CAMPAIGN, "--as", "ann")) == "nobody is to be rung now"
    assert json.loads(postroom("dialler", "next", CAMPAIGN, "--as", "ann", "--json").out) is None
    assert postroom("dialler", "next", CAMPAIGN).code == 2


def test_whoever_rings_is_told_that_the_customer_wants_no_texts_and_since_when(postroom: Command) -> None:
    found = told(postroom("dialler", "next", CAMPAIGN, "--as", "ann", "--json"))
    assert (found["reference"], found["no_texts_since"]) == ("R1", None)
    assert "wants no texts" not in said(postroom("dialler", "next", CAMPAIGN, "--as", "ann"))
    said(postroom("optout", "add", ANN))
    (row,) = told(postroom("optout", "list", "--json"))
    found = told(postroom("dialler", "next", CAMPAIGN, "--as", "ann", "--json"))
    assert found["no_texts_since"] == row["at"]
    since = f"{row['at'][:10]} {row['at'][11:16]} UTC"
    assert f"\nwants no texts since {since}\n" in said(postroom("dialler", "next", CAMPAIGN, "--as", "ann"))


def test_a_file_of_results(postroom: Command, folder: Path) -> None:
    path = write(folder / "results.csv", "reference,outcome\nR1,busy\nR9,busy\n")
    done = postroom("dialler", "import", CAMPAIGN, path)
    assert (done.code, done.out) == (1, "1 attempts, 0 told before, 1 bad lines\n")
    assert done.err == "line 3: campaign Spring has no customer R9\n"
    done = postroom("dialler", "import", CAMPAIGN, path, "--json")
    assert json.loads(done.out)["repeated"] == 1
    assert postroom("dialler", "import", CAMPAIGN, "none.csv").code == 2


def test_templates_are_previewed_for_customers_and_kept(postroom: Command) -> None:
    said(postroom("template", "set", "hello", "--body", "Dear {{ customer.name }}", "--when-missing", "customer"))
    assert said(postroom("template", "preview", "hello", "--customer", "R2")).splitlines() == [
        "Dear Ben Ray", "", "12 characters, 1 parts of GSM-7"
    ]  # fmt: skip
    found = told(postroom("template", "preview", "hello", "--list", "north", "--json"))
    assert (found["customers"], found["written"], found["worst_for"]) == (3, 3, "R1")
    assert said(postroom("template", "preview", "hello", "--list", "north")).startswith("The worst of 3, for R1:")
    assert said(postroom("template", "preview", "hello", "--campaign", "Spring")).startswith("The worst of 3, for R1:")
    assert postroom("template", "preview", "hello", "--campaign", "Spring", "--list", "north").code == 2
    assert postroom("template", "preview", "hello", "--customer", "R2", "--field", "a=b").code == 2
    said(postroom("template", "set", "hello", "--body", "In {{ customer.city }}"))
    assert said(postroom("template", "preview", "hello", "--customer", "R2")).startswith("In customer\n"), "kept"
    said(postroom("template", "set", "hello", "--body", "In {{ customer.city }}", "--leave-out"))
    shown = said(postroom("template", "preview", "hello", "--list", "north"))
    assert shown.startswith("3 of 3 would get none:\nR1: template hello, body line 1: the field customer.city is empty")
    rows = told(postroom("template", "versions", "hello", "--json"))
    assert [(row["number"], row["body"], row["author"]) for row in rows] == [
        (2, "In {{ customer.city }}", "command"), (1, "Dear {{ customer.name }}", "command")
    ]  # fmt: skip
    assert "Dear" in said(postroom("template", "versions", "hello"))
    said(postroom("template", "restore", "hello", "1"))
    (row,) = [row for row in told(postroom("template", "list", "--json")) if row["name"] == "hello"]
    assert (row["body"], row["when_missing"]) == ("Dear {{ customer.name }}", None)


def test_do_not_contact_lists(postroom: Command, folder: Path) -> None:
    add = ("donotcontact", "add", "07700 900001")
    assert "from this desk" in said(postroom(*add, "--reason", "asked us"))
    assert postroom(*add).code == 1
    assert "from campaign Spring" in said(postroom(*add, "--campaign", CAMPAIGN))
    assert postroom(*add, "--campaign", "Sprung").code == 2 and postroom("donotcontact", "add", "nobody").code == 2
    refused = postroom(*add, "--as", "ann")
    assert refused.code == 1 and "only a supervisor" in refused.words
    rows = told(postroom("donotcontact", "list", "--json"))
    assert [(row["address"], row["channel"], row["campaign"]) for row in rows] == [
        (ANN, "sms", CAMPAIGN), (ANN, "sms", "")
    ]  # fmt: skip
    assert rows[1]["source"] == "asked us (command)"
    assert len(told(postroom("donotcontact", "list", "900001", "--campaign", "", "--json"))) == 1
    assert ANN in said(postroom("donotcontact", "remove", ANN)) and postroom("donotcontact", "remove", ANN).code == 1
    lines = f"name;number\nAnn;{ANN}\nBen;{BEN}\nBen again;07700900002\nCat;Cat@Mail.example\nDan;dan\n\n"
    path = write(folder / "list.csv", lines)
    done = postroom("donotcontact", "import", path)
    assert done.out == "3 added, 0 were on it, 1 lines cannot be read\n" and done.err.startswith("line 6: 'dan'")
    again = json.loads(postroom("donotcontact", "import", path, "--json").out)
    assert (again["added"], again["known"], again["bad_count"]) == (0, 3, 1)
    assert [row["address"] for row in told(postroom("donotcontact", "list", "CAT", "--json"))] == ["cat@mail.example"]
    plain = write(folder / "plain.txt", "+44 7700 900 003\n")
    assert said(postroom("donotcontact", "import", plain, "--campaign", CAMPAIGN)).startswith("1 added")
