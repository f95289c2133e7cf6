"""`postroom user`, `agent`, `reason`, `outcome`, `canned`, `report` and what agents do with offers: words and codes."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from core.drafts import KeptDraft
from core.models import Agent, AgentGroup, Contact, Person, Queue
from tests.flow.arriving import text_arrives
from tests.flow.conftest import furnish

if TYPE_CHECKING:
    from core.office import Office
    from tests.flow.command import Command


@pytest.fixture
def postroom(command: Command) -> Command:
    """A desk with two texts that wait (contacts 1 and 2) and a group; billing is that group's."""

    async def prepare(office: Office) -> None:
        await furnish()
        await text_arrives(office, "+447700900001")
        await text_arrives(office, "+447700900002")
        payers = await AgentGroup.create(name="payers")
        await (await Queue.get(name="billing")).groups.add(payers)

    command.within(prepare)
    return command


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def share(postroom: Command) -> None:
    async def work(office: Office) -> None:
        await office.distribution.share()

    postroom.within(work)


def test_a_user_is_added_shown_changed_and_removed(postroom: Command) -> None:
    added = postroom("user", "add", "dee", "--name", "Dee", "--group", "payers", "--texts", "1", "--auto-accept")
    assert (added.code, added.out) == (0, "user dee is there: 'postroom user password dee' gives a password\n")
    assert postroom("user", "add", "dee").words == "there is a user dee already"
    assert postroom("user", "skill", "dee", "french", "3").out == "dee has french at level 3\n"
    assert postroom("user", "change", "dee", "--e-mails", "0").code == 0
    row = json.loads(postroom("user", "show", "dee", "--json").out)
    assert row == {
        "login": "dee", "name": "Dee", "role": "agent", "groups": ["payers"], "skills": {"french": 3},
        "capacity_sms": 1, "capacity_email": 0, "auto_accept": True, "password": False, "state": "signed out",
    }  # fmt: skip
    assert (
        "skills  french 3\nroom    1 texts, 0 e-mails; offers open by themselves" in postroom("user", "show", "dee").out
    )
    assert postroom("user", "change", "dee", "--no-groups", "--ask").code == 0
    assert postroom("user", "skill", "dee", "french", "--remove").out == "dee has french no more\n"
    row = json.loads(postroom("user", "show", "dee", "--json").out)
    assert (row["groups"], row["skills"], row["auto_accept"], row["capacity_sms"]) == ([], {}, False, 1)
    assert postroom("user", "remove", "dee").out == "user dee is removed\n"
    assert [row["login"] for row in json.loads(postroom("user", "list", "--json").out)] == ["ann", "bob", "sue"]
    assert "supervisor" in postroom("user", "list").out


REFUSED = [
    (("add", "dee", "--role", "king"), 2, "there is no role king; there are: agent, supervisor, administrator"),
    (("add", "Command"), 2, "Command is what the journal calls a part of this program: take another login"),
    (("add", "broadcasts"), 2, "broadcasts is what the journal calls"),
    (("add", "d e"), 2, "d e is no login: letters, digits and . _ @ + - after the first"),
    (("add", "dee", "--group", "payrs"), 2, "there is no group payrs; there are: payers"),
    (("add", "dee", "--as", "ann"), 1, "ann is an agent: only a supervisor or an administrator may set up users"),
    (("change", "ann"), 2, "say what is to change of ann: "),
    (("change", "nobody", "--name", "N"), 2, "there is no user nobody: 'postroom user list' shows them"),
    (("change", "sue", "--role", "agent"), 1, "nobody would be left who may set the desk up"),
    (("change", "ann", "--role", "administrator", "--as", "sue"), 1, "only an administrator may set up an adm"),
    (("skill", "ann", "french"), 2, "say the level of the skill, from 1 to 9, or --remove"),
    (("skill", "ann", "french", "10"), 2, "the level of french is 10: it is 1 to 9"),
    (("skill", "ann", "french", "--remove"), 2, "ann has no skill french"),
    (("show", "nobody"), 2, "there is no user nobody"),
]


def test_what_cannot_be_done_with_a_user_is_one_line(postroom: Command) -> None:
    for said, code, words in REFUSED:
        done = postroom("user", *said)
        assert (done.code, words in done.words) == (code, True), done


def test_a_password_is_one_line_of_the_input_and_checked(postroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "")
    assert postroom("user", "password", "ann").words.startswith("there is no password on the standard input")
    typed(monkeypatch, "short\n")
    assert postroom("user", "password", "ann").words == "a password has at least 8 characters"
    assert postroom("user", "password", "nobody").words.startswith("there is no user nobody")
    typed(monkeypatch, "correct horse\nmore\n")
    assert postroom("user", "password", "ann", "--as", "ann").out == "the password of ann is set\n"
    typed(monkeypatch, "correct horse\n")
    assert postroom("user", "password", "sue", "--as", "ann").code == 1

    async def works(office: Office) -> None:
        await office.presence.check("ann", "correct horse")
        assert not (await Person.get(login="sue")).password

    postroom.within(works)


def test_two_passwords_typed_on_a_terminal_must_be_the_same(postroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    answers = ["correct horse", "another horse"]
    monkeypatch.setattr("getpass.getpass", lambda _: answers.pop(0))
    assert postroom("user", "password", "ann").words == "the two are not the same: nothing was changed, try again"
    answers += ["correct horse"] * 2
    assert postroom("user", "password", "ann").code == 0


@pytest.mark.parametrize("noun", ["reason", "outcome"])
def test_reasons_and_outcomes_are_added_and_removed(postroom: Command, noun: str) -> None:
    assert postroom(noun, "list").out == "none\n"
    assert postroom(noun, "add", "lunch break").out.startswith(f"{noun} lunch break is there")
    assert postroom(noun, "add", "lunch break").words == f"there is a {noun} lunch break already"
    assert postroom(noun, "add", "x", "--as", "ann").words.endswith(f"may change the {noun}s")
    assert json.loads(postroom(noun, "list", "--json").out)[0]["name"] == "lunch break"
    assert postroom(noun, "remove", "lunch break").code == 0
    assert postroom(noun, "remove", "lunch break").words == f"there is no {noun} lunch break"


def test_a_canned_reply_is_added_filled_in_changed_and_removed(postroom: Command) -> None:
    assert postroom("canned", "add", "hi", "--text", "Hello from {{ agent.name }}").out == "canned reply /hi is there\n"
    assert postroom("canned", "show", "/hi", "--contact", "1", "--as", "ann").out == "Hello from Ann\n"
    assert postroom("canned", "change", "hi", "--channel", "email").code == 0
    assert json.loads(postroom("canned", "list", "--json").out) == [
        {"word": "hi", "text": "Hello from {{ agent.name }}", "channel": "email"}
    ]
    assert postroom("canned", "list", "--channel", "sms").out == "none\n"
    assert postroom("canned", "add", "bad", "--text", "{{ agent.shoe }}").code == 2
    assert postroom("canned", "add", "bad").words == "say what it says: a file with it, or --text"
    assert postroom("canned", "change", "ho", "--text", "x").words == "there is no canned reply /ho; there are: hi"
    assert postroom("canned", "add", "x", "--text", "x", "--as", "ann").words.endswith("may change canned replies")
    assert postroom("canned", "remove", "hi").code == 0


def test_an_agent_is_ready_not_ready_and_gone_and_a_supervisor_may_say_so(postroom: Command) -> None:
    assert postroom("agent", "list").out == "nobody is signed in\n"
    assert postroom("agent", "ready", "--as", "ann").out == "ann is ready\n"
    assert postroom("agent", "not-ready", "ann", "--reason", "lunch", "--as", "sue").out == "ann is not ready: lunch\n"
    assert postroom("agent", "ready", "ann", "--as", "bob").words == (
        "bob is an agent: only a supervisor or an administrator may set ann's state"
    )
    (row,) = [one for one in json.loads(postroom("agent", "list", "--json").out) if one["login"] == "ann"]
    assert (row["state"], row["reason"], row["queues"], row["sms"]["capacity"]) == ("not ready", "lunch", ["front"], 3)
    assert "lunch" in postroom("agent", "list").out
    assert postroom("agent", "ready", "ann").code == 0
    share(postroom)
    assert "2 of 3, 2 offered" in postroom("agent", "list").out
    assert postroom("agent", "sign-out", "ann").out == "ann is signed out; 2 contacts wait again\n"
    assert postroom("agent", "sign-out", "ann").words == "ann is not signed in"
    assert postroom("agent", "ready", "nobody").words == "there is no user nobody; there are: ann, bob, sue"


def test_why_an_agent_gets_no_work_is_said_for_each_reason(postroom: Command) -> None:
    def why(login: str = "ann") -> list[str]:
        return list(json.loads(postroom("agent", "explain", login, "--json").out)["reasons"])

    def change(work: Any) -> None:
        postroom.within(lambda _: work())

    assert why() == ["ann has never signed in"]
    postroom("agent", "not-ready", "ann", "--reason", "lunch")
    assert why()[0].startswith("ann is not ready since 20") and why()[0].endswith(" UTC: lunch")
    postroom("agent", "ready", "ann")
    assert why() == [
        "no engine runs, so nobody gives out the 2 texts waiting in front: start one, or take them by hand"
    ]
    change(lambda: Contact.filter(id=1).update(skills='["french"]'))
    assert why()[0] == "ann lacks the skill french that the text waiting in front asks for"
    change(lambda: Agent.all().update(seen_at=0))
    assert why()[0].startswith("the screen of ann was last heard of ")
    change(lambda: Agent.all().update(seen_at=None))
    change(lambda: Person.filter(login="ann").update(capacity_sms=0))
    assert why() == ["ann takes no texts: the capacity for them is 0"]
    change(lambda: Person.filter(login="ann").update(capacity_sms=1))
    share(postroom)
    assert why()[:2] == ["1 contact is offered to ann: accept or refuse", "ann is full: 1 of 1 texts"]

    async def to_billing() -> None:
        await Contact.filter(state="queued").update(queue_id=(await Queue.get(name="billing")).id)

    change(to_billing)
    assert why()[-1] == "ann is in no group that serves a queue with waiting contacts; there wait 1 in billing"
    change(lambda: Contact.filter(state="queued").update(state="closed"))
    assert why()[-1] == "nothing waits in any queue"
    change(lambda: Agent.all().update(state="signed out", reason="line lost"))
    assert why()[0].startswith("ann is signed out since ") and why()[0].endswith("(line lost)")
    change(lambda: Agent.all().update(state="not ready", reason="missed offers"))
    assert "too many offers in a row were missed" in postroom("agent", "explain", "ann").out
    assert postroom("agent", "explain", "nobody").code == 2


def test_a_contact_says_its_place_who_could_take_it_and_why_others_cannot(postroom: Command) -> None:
    postroom("agent", "ready", "ann")
    postroom("agent", "ready", "sue")
    steps = json.loads(postroom("contact", "explain", "2", "--json").out)
    past = max(step["at"] for step in steps if step["who"] != "now")
    assert all(step["at"] > past for step in steps if step["who"] == "now")
    said = [step["what"] for step in steps]
    assert said[-3:] == [
        "1 before it in front", "could be taken now by ann, sue, in this order", "not by bob: bob has never signed in"
    ]  # fmt: skip

    async def meant(office: Office) -> None:
        sue = await Person.get(login="sue")
        await Contact.filter(id=2).update(skills='["french"]', for_agent_id=sue.id)

    postroom.within(meant)
    said = [step["what"] for step in json.loads(postroom("contact", "explain", "2", "--json").out)]
    assert "could be taken now by sue (whom it is meant for), in this order" in said
    assert "not by ann: ann lacks the skill french that the text waiting in front asks for" in said
    share(postroom)
    said = [step["what"] for step in json.loads(postroom("contact", "explain", "2", "--json").out)]
    assert said[-1].startswith("offered to sue until 20")


def test_the_next_contact_is_what_is_offered_or_one_line_why_nothing_is(postroom: Command) -> None:
    nothing = postroom("contact", "next", "--as", "ann", "--wait", "0.1")
    assert (nothing.code, nothing.words) == (1, "nothing is offered to ann: ann has never signed in")
    postroom("agent", "ready", "ann")
    share(postroom)
    assert json.loads(postroom("contact", "next", "--as", "ann", "--json").out)["state"] == "open"
    assert postroom("contact", "accept", "1", "--as", "ann").words == (
        "contact 1 cannot be accepted: it is open with ann"
    )
    assert postroom("contact", "refuse", "2", "--as", "ann").out == "contact 2 waits again\n"
    share(postroom)
    assert postroom("contact", "accept", "2", "--as", "ann").out == "contact 2 is yours\n"
    assert postroom("contact", "next", "--as", "nobody").code == 2
    postroom("user", "change", "ann", "--auto-accept")
    assert postroom("contact", "next", "--as", "ann").words.endswith("'postroom contact list --agent ann' shows it")


def test_a_supervisor_gives_many_another_priority_or_queue_and_closes_them(postroom: Command) -> None:
    refused = postroom("contact", "priority", "1", "2", "--to", "5", "--as", "ann")
    assert (refused.code, "supervisor" in refused.words) == (1, True)
    raised = postroom("contact", "priority", "2", "--to", "-5", "--as", "sue")
    assert (raised.code, raised.out) == (0, "1 of 1 at priority -5\n")
    assert postroom("contact", "move", "1", "2", "--queue", "billing", "--as", "sue").out == "2 of 2 in billing\n"
    rows = json.loads(postroom("contact", "list", "--queue", "billing", "--json").out)
    assert [(row["id"], row["priority"]) for row in rows] == [(1, 0), (2, -5)]
    assert postroom("contact", "take", "2", "--as", "sue").code == 0
    closed = postroom("contact", "close-waiting", "1", "2", "--outcome", "done", "--as", "sue")
    assert (closed.code, closed.out) == (1, "1 of 2 closed: done; 1 did not wait and stay as they are\n")
    assert postroom("contact", "move", "2", "--queue", "nowhere", "--as", "sue").code == 2


def test_wrap_up_begins_lasts_longer_and_is_left(postroom: Command) -> None:
    postroom("contact", "take", "1", "--as", "ann")
    assert postroom("contact", "wrap-up", "1", "--as", "ann").words == (
        "front has no wrap-up: close contact 1 with its outcome"
    )
    postroom.within(lambda _: Queue.all().update(wrap_up_seconds=60))
    postroom("agent", "ready", "ann")
    assert postroom("contact", "wrap-up", "1", "--as", "ann").out == "contact 1 is in wrap-up for 60 s\n"
    explained = postroom("agent", "explain", "ann").out
    assert explained.startswith("ann is in wrap-up of contact 1, until ")
    (row,) = [one for one in json.loads(postroom("agent", "list", "--json").out) if one["login"] == "ann"]
    assert (row["state"], row["wrapping"], row["ready"]) == ("wrap-up", 1, True) and row["until"] > row["since"]
    assert postroom("contact", "extend-wrap-up", "1", "--seconds", "30", "--as", "ann").code == 0
    assert postroom("contact", "extend-wrap-up", "1", "--seconds", "0", "--as", "ann").code == 2
    assert postroom("contact", "resume", "1", "--as", "ann").out == "contact 1 is open again\n"
    assert postroom("contact", "extend-wrap-up", "1", "--as", "ann").words.endswith("it is open with ann")


def test_asking_whispering_merging_and_taking_over(postroom: Command) -> None:
    for number in ("1", "2"):
        postroom("contact", "take", number, "--as", "ann")
    asked = postroom("contact", "ask", "1", "bob", "Do we refund?", "--as", "ann")
    number = asked.out.split()[1]
    assert asked.out == f"question {number} is with bob\n"
    (question,) = json.loads(postroom("contact", "questions", "--as", "bob", "--json").out)
    assert (str(question["id"]), question["author"], question["text"]) == (number, "ann", "Do we refund?")
    assert "Do we refund?" in postroom("contact", "questions", "--as", "bob").out
    assert postroom("contact", "answer-question", number, "Yes", "--as", "ann").code == 1
    assert postroom("contact", "answer-question", number, "Yes", "--as", "bob").code == 0
    assert postroom("contact", "whisper", "1", "A voucher", "--as", "sue").out == "whispered\n"
    assert postroom("contact", "whisper", "1", "A voucher", "--as", "bob").words.endswith("may whisper")
    assert postroom("contact", "merge", "2", "--into", "1", "--as", "ann").out == "contact 2 is a part of contact 1\n"
    assert postroom("contact", "merge", "1", "--into", "1", "--as", "ann").code == 2
    assert postroom("contact", "take-over", "1", "--as", "bob").words == (
        "contact 1 cannot be changed: it is open with ann"
    )
    assert postroom("contact", "take-over", "1", "--as", "sue").out == "contact 1 is yours\n"


def test_reports_are_tables_csv_and_json_and_can_be_counted_again(postroom: Command) -> None:
    postroom("contact", "take", "1", "--as", "ann")
    told = json.loads(
        postroom("report", "queue", "--since", "2026-01-01", "--until", "2028-12-01", "--format", "json").out
    )
    assert told["rows"][0]["queue"] == "front" and told["total"]["taken"] == 1
    assert postroom("report", "recompute").out.startswith("counted ")
    for kind in ("queue", "agent", "class", "account"):
        table = postroom("report", kind, "--since", "last 30 days", "--by", "day")
        assert (table.code, table.out.splitlines()[0].split()[0]) == (0, "From")
        assert postroom("report", kind, "--format", "csv").out.startswith("since,until,")
    contacts = postroom("report", "contact", "--since", "2026-01-01", "--until", "2028-12-01", "--format", "csv").out
    assert len(contacts.splitlines()) == 3
    assert postroom("report", "contact").code == 0
    assert postroom("report", "queue", "--format", "xml").words == (
        "there is no format xml; there are: table, csv, json"
    )
    assert postroom("report", "queue", "--since", "soon").code == 2
    assert postroom("report", "queue", "--by", "year").code == 2


def test_the_wallboard_alarms_and_what_is_typed_are_read_by_commands(postroom: Command) -> None:
    async def work(office: Office) -> None:
        await office.desk.take(1, login="ann")
        await office.drafts.keep(1, KeptDraft("It comes on Fri"), login="ann", seat="one")

    assert postroom("contact", "draft", "1").out == "nothing is typed\n"
    postroom.within(work)
    assert postroom("contact", "draft", "1").out == "It comes on Fri\n"
    done = postroom("wallboard", "--json")
    assert done.code == 0, done.err
    board = json.loads(done.out)
    assert [(one["name"], one["waiting"]) for one in board["queues"]] == [("billing", 0), ("front", 1)]
    (ann,) = [one for one in board["agents"] if one["login"] == "ann"]
    assert ann["open"]["sms"] == 1
    said = postroom("wallboard").out
    assert "front" in said and "signed out" in said
    assert any("no engine" in one["words"] for one in json.loads(postroom("alarm", "list", "--json").out))
    assert "Alarm" in postroom("alarm", "list").out
