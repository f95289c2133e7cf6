"""Answers to everybody, files that go and come, a message nobody saw, and trying again what failed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from core.desk import Answer
from core.desk.files import (
    LIMIT,
    file_wrong,
    free_place,
    is_program,
    place_wrong,
    read_file,
    safe_name,
    write_file,
)
from core.errors import NotFound, Refused, Wrong
from core.mail import FileToSend
from core.models import Contact, Outbox
from core.models.states import OutboxState
from core.text import size_words
from core.views import thread
from core.views.customer import also_written_to
from core.views.files import content_of, files_that_came, named
from tests.flow.arriving import ANN, email_arrives, take_in, text_arrives
from tests.flow.mails import text_mail
from tests.flow.test_desk import everything, journal_of, letter_of

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office

PHOTO = b"\xff\xd8 not really \x00 a photo"


def with_file(sender: str, name: str = "photo.jpg", content: bytes = PHOTO, n: int = 1) -> bytes:
    """An e-mail with one file."""
    return (
        f"From: {sender}\r\nTo: help@acme.example\r\nMessage-ID: <file{n}{name}@mail.example>\r\nSubject: Photo\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n"
        f"See here {n}\r\n--x\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n{base64.b64encode(content).decode()}\r\n--x--\r\n'
    ).encode()


async def mine(office: Office, kind: str = "text") -> int:
    contact_id = await (text_arrives(office) if kind == "text" else email_arrives(office))
    await office.desk.take(contact_id, login="ann")
    return contact_id


# -- to whom ---------------------------------------------------------------------------------------------------------


async def test_a_reply_to_all_goes_to_who_else_was_written_to_and_never_to_ourselves(office: Office) -> None:
    others = "Cc: Eve <eve@x.example>, TEXTS@acme.example, Cat@Mail.example, help@acme.example, bo@x.example\r\n"
    contact_id = await email_arrives(office, headers=others)
    assert await also_written_to(office.database, contact_id) == ("eve@x.example", "bo@x.example")
    _, (message,), _ = await thread(office.database, contact_id)
    assert "eve@x.example" in message.recipients
    assert await also_written_to(office.database, await text_arrives(office)) == ()
    with pytest.raises(NotFound):
        await also_written_to(office.database, 99)


async def test_a_reply_goes_to_the_sender_alone_unless_copies_are_asked_for(office: Office) -> None:
    contact_id = await email_arrives(office, headers="Cc: eve@x.example\r\n")
    await office.desk.take(contact_id, login="ann")
    letter = await letter_of(await office.desk.reply(contact_id, Answer("Soon"), login="ann"))
    assert (letter["To"], letter["Cc"]) == ("cat@mail.example", None)


# -- a message nobody saw --------------------------------------------------------------------------------------------


async def test_a_message_that_came_meanwhile_is_told_of_before_an_answer_leaves(office: Office) -> None:
    contact_id = await mine(office)
    await take_in(office, 1, text_mail(ANN, "never mind"))
    before = await everything(office)
    with pytest.raises(Refused, match=f"contact {contact_id} has a new message: look at it before you answer"):
        await office.desk.reply(contact_id, Answer("It is on its way"), login="ann", seen=1)
    assert await everything(office) == before
    await office.desk.reply(contact_id, Answer("Fine"), login="ann", seen=2)


# -- trying again ----------------------------------------------------------------------------------------------------


async def test_who_has_the_contact_tries_again_what_failed(office: Office) -> None:
    contact_id = await mine(office)
    message_id = await office.desk.reply(contact_id, Answer("hello"), login="ann")
    await Outbox.all().update(state=OutboxState.FAILED, attempts=3)
    with pytest.raises(Refused, match="open with ann"):
        await office.desk.retry(message_id, login="bob")
    await office.desk.retry(message_id, login="ann")
    row = await Outbox.get()
    assert (row.state, row.attempts) == (OutboxState.QUEUED, 0)
    await Outbox.all().update(state=OutboxState.UNKNOWN)
    with pytest.raises(Refused, match=f"message {message_id} is unknown"):
        await office.desk.retry(message_id, login="sue")
    with pytest.raises(NotFound, match="message 99 belongs to no contact"):
        await office.desk.retry(99, login="ann")


# -- files -----------------------------------------------------------------------------------------------------------


async def test_files_that_came_are_listed_and_read_and_go_with_what_is_forwarded(office: Office) -> None:
    await take_in(office, 2, with_file("cat@mail.example"), with_file("cat@mail.example", "../../etc/passwd", n=2))
    contact_id = int((await Contact.get()).id)
    found = await files_that_came(office.database, contact_id)
    assert [(file.number, file.name, file.size) for file in found] == [
        (1, found[0].name, len(PHOTO)), (2, "photo.jpg", len(PHOTO))
    ]  # fmt: skip
    assert "/" not in safe_name(found[0].name)
    assert (await content_of(office.database, named(found, 2))).content == PHOTO
    with pytest.raises(NotFound, match="there is no file 3; there are 1 to 2"):
        named(found, 3)
    with pytest.raises(NotFound, match="none came"):
        named([], 1)
    await Contact.all().update(state="open", agent_id=1)
    files = [await content_of(office.database, file) for file in found]
    message_id = await office.desk.forward(contact_id, "boss@acme.example", "Look", login="ann", attachments=files)
    sent = [part.get_payload(decode=True) for part in (await letter_of(message_id)).walk() if part.get_filename()]
    assert sent == [PHOTO, PHOTO]
    assert (await journal_of(contact_id))[-1][2].endswith("with 2 files")


async def test_only_a_contacts_own_files_are_forwarded_with_it(office: Office) -> None:
    await take_in(office, 2, with_file("cat@mail.example"))
    old = int((await Contact.get()).id)
    await Contact.all().update(state="closed")
    await take_in(office, 2, with_file("cat@mail.example", "label.png", n=2))
    new = int((await Contact.exclude(id=old).get()).id)
    assert [file.name for file in await files_that_came(office.database, new)] == ["label.png", "photo.jpg"]
    assert [file.name for file in await files_that_came(office.database, new, own=True)] == ["label.png"]


async def test_files_that_no_mail_takes_are_refused_before_anything_leaves(office: Office) -> None:
    contact_id = await mine(office, "email")
    before = await everything(office)
    for name, content, words in (
        ("Setup.EXE", b"MZ", r"Setup\.EXE is a program, and mail servers refuse those: take it out"),
        ("a.txt", bytes(LIMIT + 1), r"the files come to 18\.0 MB, and a mail holds 18\.0 MB"),
    ):
        file = FileToSend(name, "text/plain", content)
        with pytest.raises(Wrong, match=words):
            await office.desk.reply(contact_id, Answer("here", attachments=(file,)), login="ann")
        with pytest.raises(Wrong, match=words):
            await office.desk.forward(contact_id, "a@x.example", login="ann", attachments=(file,))
    assert await everything(office) == before


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("a.exe", True),
        ("a.JS", True),
        ("a.exe. ", True),
        ("a.tar.gz", False),
        ("exe", False),
        ("", False),
        (".bat", False),
    ],
)
def test_programs_are_known_by_their_ending(name: str, program: bool) -> None:
    assert is_program(name) is program


def test_what_is_wrong_with_a_file_to_send_is_said_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.txt").write_text("hello")
    (folder / "virus.scr").write_text("x")
    for name, size in (("big", LIMIT + 1), ("half", LIMIT // 2 + 1), ("other half", LIMIT // 2 + 1)):
        with (folder / name).open("wb") as file:
            file.truncate(size)
    for said, words in (
        (str(folder / "a.txt"), ""),
        (str(folder), "that is a folder: name a file in it"),
        (str(folder / "none"), "there is no such file"),
        (str(folder / "virus.scr"), "virus.scr is a program, and mail servers refuse those"),
        (str(folder / "big"), "18.0 MB is too much for a mail, which holds 18.0 MB"),
        ("~nobody-of-that-name/x", "there is no such file"),
        ("a\0b", "there is no such file"),
        ("x" * 5000, "File name too long"),
    ):
        assert file_wrong(said) == words
    assert "all files together would be 18.0 MB" in file_wrong(
        str(folder / "half"), [str(folder / "other half"), "gone"]
    )
    assert read_file(str(folder / "a.txt")) == FileToSend("a.txt", "text/plain", b"hello")
    with pytest.raises(Wrong, match="cannot be read: there is no such file; take it out of the message"):
        read_file(str(folder / "none"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "_.._etc_passwd"), ("..", "file"), ("-rf", "rf"), (".bashrc", "bashrc"), ("~/x", "_x"),
     ("a\\b", "a_b"), ("", "file"), ("inv\u202egpj.exe", "inv⟨U+202E⟩gpj.exe"), ("a\nb", "a b"), ("\x1b[2J", "␛[2J")],
)  # fmt: skip
def test_a_strangers_file_name_stays_in_its_folder_and_hides_nothing(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_file_is_never_written_over_another(folder: Path) -> None:
    place = free_place(folder, "photo.jpg")
    assert write_file(str(place), b"one") == folder / "photo.jpg"
    assert place.stat().st_mode & 0o777 == 0o600
    assert place_wrong(str(place)) == "there is a file of that name already: choose another name"
    with pytest.raises(Refused, match="is there already: choose another name"):
        write_file(str(place), b"two")
    assert place.read_bytes() == b"one"
    again = free_place(folder, "photo.jpg")
    assert (again.name, place_wrong(str(again))) == ("photo 2.jpg", "")
    (folder / "link").symlink_to(folder / "nowhere")
    assert "already" in place_wrong(str(folder / "link"))
    with pytest.raises(Refused):
        write_file(str(folder / "link"), b"x")
    assert place_wrong(str(folder)) == "that is a folder: name the file too"
    assert place_wrong(str(folder / "no" / "x")) == f"there is no folder {folder / 'no'}"
    with pytest.raises(Wrong, match="cannot be written: No such file or directory; choose another place"):
        write_file(str(folder / "no" / "x"), b"x")


@pytest.mark.parametrize(
    ("octets", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB")]
)
def test_a_size_is_said_in_few_letters(octets: int, words: str) -> None:
    assert size_words(octets) == words
