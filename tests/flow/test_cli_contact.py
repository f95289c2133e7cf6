"""`postroom contact`: hold and resume, everybody's copies, files and the customer; what is said and the exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from core.models import Contact, Message, Outbox
from tests.flow.arriving import take_in, text_arrives, triage
from tests.flow.conftest import furnish
from tests.flow.mails import email
from tests.flow.test_desk_answers import PHOTO, with_file

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from core.office import Office
    from tests.flow.command import Command

CAT = "cat@mail.example"


@pytest.fixture
def postroom(command: Command) -> Command:
    """A desk with a text (contact 1) and an e-mail with a file and copies (contact 2), both with ann."""

    async def prepare(office: Office) -> None:
        await furnish()
        await text_arrives(office)
        cc = email(CAT, "Photo", "see", headers="Cc: eve@x.example, texts@acme.example\r\n")
        await take_in(office, 2, with_file(CAT), cc)
        await triage(office)
        for contact_id in (1, 2):
            await office.desk.take(contact_id, login="ann")

    command.within(prepare)
    return command


def test_a_contact_is_held_shown_and_brought_back(postroom: Command) -> None:
    done = postroom("contact", "hold", "1", "--for", "2 h", "--as", "ann")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("contact 1 is held until 20") and done.out.rstrip().rpartition(" ")[2] in ("GMT", "BST")
    assert "  until 20" in postroom("contact", "show", "1").out
    (row,) = [row for row in json.loads(postroom("contact", "list", "--json").out) if row["id"] == 1]
    assert row["state"] == "held" and row["held_until"].endswith("Z")
    assert postroom("contact", "hold", "1", "--until", "tomorrow 9:00", "--as", "ann").out.split()[-2] == "09:00"
    assert postroom("contact", "resume", "1", "--as", "ann").out == "contact 1 is open again\n"
    again = postroom("contact", "resume", "1", "--as", "ann")
    assert (again.code, again.words) == (1, "contact 1 cannot be resumed: it is open with ann")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((), "say --for how long or --until when, as in --for '2 h' or --until 'tue 9:00'"),
        (("--for", "1 h", "--until", "9:00"), "say --for how long or --until when"),
        (("--for", "tomorrow"), "--for tomorrow is no length of time: say 45 min, 2 h or 3 days"),
        (("--for", "0 min"), "--for 0 min is no length of time"),
        (("--until", "soon"), "“soon” is no time to come back at: say 45 min, 2 h, 14:30, tomorrow, tue 9:00"),
        (("--until", "2020-01-01"), "is past: say"),
    ],
)
def test_a_time_that_is_none_is_a_wrong_question(postroom: Command, said: tuple[str, ...], words: str) -> None:
    done = postroom("contact", "hold", "1", *said, "--as", "ann")
    assert done.code == 2 and words in done.words


def test_a_reply_to_all_has_copies_and_a_plain_one_has_none(postroom: Command) -> None:
    assert postroom("contact", "reply", "2", "Thanks", "--all", "--cc", "bo@x.example", "--as", "ann").code == 0
    assert postroom("contact", "reply", "2", "You alone", "--as", "ann").code == 0

    async def sent(office: Office) -> list[Any]:
        return [json.loads(row.recipients) for row in await Message.filter(direction="out").order_by("id")]

    assert postroom.within(sent) == [["eve@x.example", "bo@x.example"], []]


def test_files_are_listed_saved_and_never_written_over(postroom: Command, folder: Path) -> None:
    (file,) = json.loads(postroom("contact", "files", "2", "--json").out)
    assert (file["number"], file["name"], file["content_type"], file["size"]) == (
        1,
        "photo.jpg",
        "image/jpeg",
        len(PHOTO),
    )
    assert "photo.jpg" in postroom("contact", "files", "2").out
    assert postroom("contact", "save", "2", "1").out == f"saved as {folder / 'photo.jpg'}\n"
    assert (folder / "photo.jpg").read_bytes() == PHOTO
    assert postroom("contact", "save", "2", "1").out == f"saved as {folder / 'photo 2.jpg'}\n"
    taken = postroom("contact", "save", "2", "1", "--to", str(folder))
    assert taken.code == 1 and taken.words.endswith("photo.jpg is there already: choose another name")
    assert postroom("contact", "save", "2", "7").words == "there is no file 7; there are 1 to 1"
    assert postroom("contact", "files", "1").out == "none\n"


def test_a_contact_is_forwarded_with_its_files_or_without(postroom: Command) -> None:
    assert postroom("contact", "forward", "2", "--to", "a@x.example", "Look", "--files", "--as", "ann").code == 0
    assert postroom("contact", "forward", "2", "--to", "b@x.example", "--as", "ann").code == 0

    async def sent(office: Office) -> list[Any]:
        return [len(json.loads(row.files)) for row in await Message.filter(direction="out").order_by("id")]

    assert postroom.within(sent) == [1, 0]


def test_a_program_is_not_sent(postroom: Command, folder: Path) -> None:
    (folder / "setup.exe").write_bytes(b"MZ")
    done = postroom("contact", "reply", "2", "Run it", "--attach", str(folder / "setup.exe"), "--as", "ann")
    assert (done.code, done.words) == (2, "setup.exe is a program, and mail servers refuse those: take it out")

    async def count(office: Office) -> int:
        return await Outbox.all().count()

    assert postroom.within(count) == 0


def test_the_customer_is_told_with_earlier_contacts(postroom: Command) -> None:
    async def again(office: Office) -> None:
        await office.desk.close(2, "", login="ann")
        await take_in(office, 2, email(CAT, "Hello", "once more"))
        await triage(office)
        assert await Contact.all().count() == 3

    postroom.within(again)
    said = postroom("contact", "customer", "3").out
    assert said.startswith(f"{CAT}\n3 received, 0 sent, since 20") and "closed" in said
    assert [one["id"] for one in json.loads(postroom("contact", "customer", "3", "--json").out)["earlier"]] == [2]
