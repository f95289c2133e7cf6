"""Files at the desk: added, taken out, refused; and those that came, saved where nothing is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from core.desk.files import LIMIT
from core.models import Message, Outbox
from tests.flow.mails import email
from tests.flow.test_desk_answers import PHOTO, with_file
from tests.tui.conftest import BOTH, LARGE, SMALL
from tests.tui.desk_seeding import CAT, at_desk, burst, mail_desk
from tests.tui.seeding import small_desk
from tui.dialogs import Dialog
from tui.dialogs.files import FilesDialog, PathDialog, completed

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with some files in it; the program stands there."""
    home = folder / "home"
    (home / "letters").mkdir(parents=True)
    for name, text in (("label.txt", "stick it on"), ("letters/spring.pdf", "%PDF"), ("setup.exe", "MZ"), (".rc", "x")):
        (home / name).write_text(text)
    with (home / "film.avi").open("wb") as file:
        file.truncate(LIMIT + 1)
    for name in ("HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.chdir(home)
    return home


async def closed(person: Any) -> None:
    await person.until(lambda: not isinstance(person.app.screen, Dialog), "the dialog to close")


# -- to go -----------------------------------------------------------------------------------------------------------


async def test_files_are_added_listed_and_taken_out_while_one_writes(sit: Any, office: Office, home: Path) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("enter", *"Here", "f6")
        await person.sees("No file yet; a mail holds 18.0 MB.")
        await person.press(*"label.txt", "enter")
        await person.sees("label.txt  text/plain  11 bytes", "1 file, 11 bytes of 18.0 MB")
        await person.press(*"letters/spring.pdf", "enter", *"label.txt")
        await person.sees("spring.pdf  application/pdf  4 bytes", "2 files, 15 bytes", "it is attached already")
        await person.press(*["backspace"] * 9, "shift+tab", "delete")
        await person.sees("1 file, 4 bytes")
        await person.press("tab", "enter")
        await person.sees("▤ 1")
        assert desk.editor.draft.files == ("letters/spring.pdf",)
        await person.press("f6", "tab", "tab", "enter", "ctrl+s")
        await closed(person)
        assert (len(desk.editor.draft.files), desk.editor.draft.text) == (0, "Here")


async def test_postrooms_own_files_are_not_sent(sit: Any, office: Office, home: Path) -> None:
    await small_desk(office)
    own = office.settings.key_file
    assert own.is_file()
    (home / "label.csv").symlink_to(own)
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("enter", *"Here", "f6", *"label.csv", "enter")
        await person.sees("that belongs to Postroom itself: choose another file")
        await person.press("escape")
        await closed(person)
        assert desk.editor.draft.files == ()
        (home / "label.csv").unlink()
        await person.press("f6", *"label.txt", "enter")
        await person.sees("1 file, 11 bytes")
        await person.press("ctrl+s")
        await closed(person)
        await person.sees("▤ 1")
        (home / "label.txt").unlink()
        (home / "label.txt").symlink_to(own)
        await person.press("ctrl+s")
        await person.until(lambda: any("belongs to Postroom itself" in one for one in person.said()), "the refusal")
        assert not await Outbox.exists()


async def test_accepting_twice_at_once_closes_the_question_and_sends_nothing(
    sit: Any, office: Office, home: Path
) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("enter", *"not yet", "f6", *"label.txt")
        await burst(person, "ctrl+s", "ctrl+s")
        await person.sees("▤ 1")
        assert desk.editor.area.text == "not yet" and desk.sending is None
    assert await Outbox.all().count() == 0


async def test_leaving_the_files_changes_nothing(sit: Any, office: Office, home: Path) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("f6", *"label.txt", "enter")
        await person.sees("1 file")
        await person.press("escape")
        await closed(person)
        assert desk.editor.draft.files == ()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("none", "there is no such file"),
        ("letters", "that is a folder: name a file in it"),
        ("setup.exe", "setup.exe is a program, and mail servers refuse those"),
        ("film.avi", "18.0 MB is too much for a mail, which holds 18.0 MB"),
    ],
)
async def test_a_file_that_no_mail_takes_is_refused_as_it_is_typed(
    sit: Any, office: Office, home: Path, typed: str, words: str
) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Gus Hall")
        await person.press("f6", *typed)
        await person.sees(words)
        await person.press("enter", "ctrl+s")
        assert isinstance(person.app.screen, FilesDialog)
        assert person.app.screen.files == []


async def test_a_path_completes_itself(sit: Any, office: Office, home: Path) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Gus Hall")
        await person.press("f6", *"~/let")
        await person.sees("~/letters/")
        await person.press("right")
        await person.sees("~/letters/spring.pdf")
        await person.press("right", "enter")
        await person.sees("spring.pdf  application/pdf")


def test_a_completion_is_the_first_that_fits_and_hides_what_is_hidden(home: Path) -> None:
    fits = {"l": "label.txt", "lab": "label.txt", "": "film.avi", ".": ".rc", "letters/": "letters/spring.pdf"}
    none = dict.fromkeys(("x", "~nobody/x", "no/such", "a\0"))
    for typed, path in {**fits, **none, f"{home}/se": f"{home}/setup.exe"}.items():
        assert completed(typed) == path, typed
    for n in range(3):
        (home / f"zz\x1b[{n}").write_text("x")
    assert completed("zz") is None, "a name that would steer the terminal is not offered"


async def test_a_file_that_went_away_keeps_the_answer_here(sit: Any, office: Office, home: Path) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        desk = await at_desk(person, "Gus Hall")
        await person.press("f6", *"label.txt", "ctrl+s")
        await person.sees("▤ 1")
        os.remove(home / "label.txt")
        await person.press("enter", *"Here", "ctrl+s")
        await person.sees("label.txt cannot be read: there is no such file; take it out")
        assert desk.editor.area.text == "Here" and desk.sending is None
        await person.press("f6")
        await person.sees("✖ label.txt  is not there any more")
    assert await Outbox.all().count() == 0


# -- that came -------------------------------------------------------------------------------------------------------


async def test_a_file_that_came_is_saved_and_never_over_another(sit: Any, office: Office, home: Path) -> None:
    await mail_desk(office, with_file(CAT))
    async with sit("ann") as person:
        await at_desk(person, "Cat")
        await person.press("enter", "f7")
        await person.sees("photo.jpg  image/jpeg  23 bytes  Today 09:55", "A stranger sent it.")
        await person.press("enter")
        await person.sees("saved as")
        assert (home / "photo.jpg").read_bytes() == PHOTO
        await person.press("f7")
        await person.sees("photo 2.jpg")
        await person.press(*["backspace"] * 6, *".jpg")
        await person.sees("there is a file of that name already: choose another name")
        await person.press("enter")
        assert isinstance(person.app.screen, PathDialog)
        await person.press("escape")
        await closed(person)
    assert sorted(path.name for path in home.glob("photo*")) == ["photo.jpg"]


@pytest.mark.parametrize(
    ("typed", "words"), [("/no/such/place", "there is no folder"), ("letters", "that is a folder: name the file too")]
)
async def test_a_place_that_is_none_is_told(sit: Any, office: Office, home: Path, typed: str, words: str) -> None:
    await mail_desk(office, with_file(CAT))
    async with sit("ann") as person:
        await at_desk(person, "Cat")
        await person.press("f7")
        await person.until(lambda: isinstance(person.app.screen, PathDialog), "the question")
        await person.press("ctrl+u", *typed)
        await person.sees(words)


async def test_of_several_one_is_chosen_and_a_hostile_name_is_made_safe(sit: Any, office: Office, home: Path) -> None:
    await mail_desk(office, with_file(CAT), with_file(CAT, "../../.bashrc.exe", n=2))
    async with sit("ann") as person:
        await at_desk(person, "Cat")
        await person.press("f7")
        await person.sees("Which? The newest is first.")
        await person.press("enter")
        await person.sees("It is a program: do not run it.")
        await person.press("enter")
        await person.sees("saved as")
    saved = [path for path in home.iterdir() if path.suffix == ".exe" and path.name != "setup.exe"]
    assert len(saved) == 1 and saved[0].read_bytes() == PHOTO and not saved[0].name.startswith(".")
    assert saved[0].stat().st_mode & 0o777 == 0o600


async def test_where_no_file_came_that_is_said(sit: Any, office: Office) -> None:
    await mail_desk(office, email(CAT, "Hello", "no file"))
    async with sit("ann") as person:
        await at_desk(person, "Cat")
        await person.press("f7")
        await person.sees("no file came with these messages")


async def test_files_go_out_with_an_answer(sit: Any, office: Office, home: Path) -> None:
    await small_desk(office)
    async with sit("ann") as person:
        await at_desk(person, "Gus Hall")
        await person.press("f6", *"label.txt", "ctrl+s", "enter", *"Here", "ctrl+s")
        await person.sees("it is in the outbox", "▤ label.txt 11 bytes")
    assert '"label.txt"' in (await Message.get(direction="out")).files


# -- looks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_files_look_as_accepted(
    sit: Any, office: Office, looks: Any, home: Path, size: tuple[int, int]
) -> None:
    await small_desk(office)
    async with sit("ann", size=size) as person:
        await at_desk(person, "Gus Hall")
        await person.press("f6", *"label.txt", "enter", *"letters/spring.pdf", "enter", *"setup.exe")
        await person.sees("2 files, 15 bytes", "is a program")
        await looks(person, "files", BOTH)
