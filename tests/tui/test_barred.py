"""Do-not-contact lists and opt-outs on the screen, by keys alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.consent import opt_in, opt_out
from core.donotcontact import entries
from core.models import DoNotContact, Journal, OptOut
from core.models.states import Channel
from core.views.barred import barred_rows
from tests.tui.campaign_seeding import a_spring
from tests.tui.conftest import LARGE, SMALL
from tui.dialogs.plain_form import PlainForm
from tui.screens import barred
from tui.screens.barred import BarredScreen
from tui.themes import DARK, LIGHT, THEMES
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office

ANN, BEN, CAT, DAN = "+447700900001", "+447700900002", "+447700900004", "+447700900005"


@pytest.fixture(autouse=True)
def _slow_people_take_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, what was done can be taken back while a test looks at it."""
    monkeypatch.setattr("tui.doing.UNDO_SECONDS", 600.0)


async def a_past(office: Office) -> None:
    """Two on the desk's list, two on spring's, one who has opted out and one who has asked again."""
    await a_spring(office)
    now = office.clock.now()
    add = office.donotcontact.add
    await add(ANN, actor="sue", reason="[bold]moved[/bold] \x1b]52;c;eA==\x07away")
    await add("eve@mail.example", actor="sue", reason="the court's letter of 3 March")
    await add(BEN, actor="sue", campaign="spring")
    await add("+447700900003", actor="sue", campaign="spring", reason="rang us, wants no reminders of this kind")
    for address, word in ((CAT, "STOP"), (DAN, "Stop.")):
        await opt_out(office.database, channel=Channel.SMS, address=address, source=f"{word} (intake)", at=now)
    await office.optouts.remove(DAN, by="sue", reason="START")
    await DoNotContact.filter(address=BEN).update(at=now - timedelta(days=20), source="north.csv")


async def at_barred(person: Any) -> BarredScreen:
    """Open it from campaign spring."""
    await person.press("4")
    await person.sees("campaign spring · ", "C0001")
    await person.press("o")
    await person.sees("Do not contact · campaign spring", "07700 900002", "north.csv")
    screen: BarredScreen = person.app.screen
    return screen


async def go_to(person: Any, address: str) -> None:
    screen: BarredScreen = person.app.screen
    for _ in screen.listing.rows.keys:
        row = screen.listing.rows.current_row
        if row is not None and row.address == address:
            return
        await person.press("down")
    assert screen.listing.rows.current_row.address == address


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await a_past(office)
    themes = THEMES if size == SMALL else [DARK.name, LIGHT.name]
    async with sit(size=size) as person:
        await at_barred(person)
        await looks(person, "campaign", themes)
        await person.press("left")
        await person.sees("Do not contact · the whole desk", "eve@mail.example", "[bold]moved[/bold]")
        assert "\x1b" not in person.text()
        await looks(person, "desk", [DARK.name, LIGHT.name])
        await person.press("a")
        await person.sees("How you know")
        await looks(person, "add", [DARK.name])


async def test_every_list_is_shown_and_searched(sit: Any, office: Office) -> None:
    await a_past(office)
    async with sit() as person:
        await at_barred(person)
        await person.sees("Desk 2", "spring 2", "✖ opted out 1", "○ ended 1")
        await person.press("right")
        await person.sees("Do not contact · opted out", "07700 900004", "STOP (intake)")
        await person.press("right")
        await person.sees("opt-outs that have ended", "07700 900005", "○ ended")
        await person.press("enter")
        await person.sees("ended       Today", "by sue")
        await person.press("escape")
        await person.answers("f", "whole")
        await person.sees("the whole desk", "eve@mail.example")
        await person.press("slash", *"court")
        await person.until(lambda: "07700 900001" not in person.text(), "the other to go")
        assert "eve@mail.example" in person.text()
        await person.press("escape")
        await person.sees("07700 900001")
        await person.press("escape")
        await person.sees("campaign spring · ")


async def test_an_address_is_added_for_a_reason_and_taken_back(sit: Any, office: Office) -> None:
    await a_past(office)
    async with sit() as person:
        await at_barred(person)
        await person.press("a")
        await person.sees("Do not contact", "How you know")
        await person.press("ctrl+s")
        await person.sees("type a number or an e-mail address")
        form = person.app.screen
        await person.press(*"07700", "tab", "tab", *"his wife rang", "ctrl+s")
        await person.until(
            lambda: isinstance(person.app.screen, PlainForm) and person.app.screen is not form, "it anew"
        )
        await person.sees("How you know", "his wife rang", "is no telephone number in GB")
        person.app.screen.set_text("address", "07700 900777")
        await person.press("ctrl+s")
        await person.sees("07700 900777: campaign spring", "his wife rang (sue)")
        (row, *_) = await entries(office.database, campaign="spring")
        assert (row.address, row.source) == ("+447700900777", "his wife rang (sue)")
        await person.press("f9")
        await person.until(lambda: "his wife rang" not in person.text(), "it to go")
        assert len(await entries(office.database, campaign="spring")) == 2


async def test_what_was_added_and_is_gone_already_is_not_said_to_be_taken_back(sit: Any, office: Office) -> None:
    await a_past(office)
    async with sit() as person:
        await at_barred(person)
        await person.press("a")
        await person.sees("How you know")
        await person.press(*"dora@mail.example", "ctrl+s")
        await person.sees("dora@mail.example: campaign spring")
        assert await office.donotcontact.remove("dora@mail.example", actor="sue", campaign="spring")
        await person.press("f9")
        await person.until(lambda: any("on that list no more" in one for one in person.said()), "the truth")
        assert "taken back" not in person.said()


async def test_one_is_taken_off_for_a_reason_and_put_back_as_it_was(sit: Any, office: Office) -> None:
    await a_past(office)
    before = await entries(office.database, campaign="spring")
    async with sit() as person:
        await at_barred(person)
        await go_to(person, BEN)
        await person.press("D")
        await person.sees("Why may 07700 900002 be written to again?")
        await person.press("enter")
        await person.sees("say why in a few words")
        await person.press(*"asked us to", "enter")
        await person.sees("07700 900002 may be written to again")
        await person.sees("spring 1")
        assert [one.address for one in await entries(office.database, campaign="spring")] == [before[0].address]
        assert (await Journal.filter(verb="may be contacted").get()).text == f"{BEN}: asked us to"
        await person.press("D")
        await person.until(lambda: any("not on this list any more" in one for one in person.said()), "the refusal")
        assert person.app.screen.listing.rows.current is not None, "what is under the cursor stays there"
        await person.press("f9")
        await person.sees("spring 2")
    assert sorted(await entries(office.database, campaign="spring"), key=lambda one: one.address) == sorted(
        before, key=lambda one: one.address
    )


async def test_an_opt_out_is_recorded_and_ended_and_its_evidence_stays(sit: Any, office: Office) -> None:
    await a_past(office)
    async with sit() as person:
        await at_barred(person)
        await person.press("right")
        await person.sees("Do not contact · opted out", "STOP (intake)")
        await person.press("a")
        await person.sees("How you know")
        await person.press(*"Gus@mail.example", "tab", "tab", *"by letter", "ctrl+s")
        await person.sees("gus@mail.example", "by letter (sue)")
        await go_to(person, "+447700900004")
        await person.press("D")
        await person.sees("asked for no more. Who says that this has ended?")
        await person.press(*"START again", "enter")
        await person.sees("07700 900004 may be written to again")
        ended = await OptOut.get(address="+447700900004")
        assert (ended.source, ended.ended_by) == ("STOP (intake)", "sue") and ended.ended_at is not None
        await person.press("f9")
        await person.sees("✖ opted out 2")
        assert (await OptOut.get(address=CAT, ended_at=None)).source == "STOP (intake)"
        assert await Journal.filter(verb="opt-out", text=f"{CAT}: restored: STOP (intake)").count() == 1
        assert await OptOut.filter(address=CAT).count() == 2
        await person.press("right")
        await person.sees("opt-outs that have ended")
        await person.press("D", "i")
        assert isinstance(person.app.screen, BarredScreen), "what has ended is not ended again, and comes from no file"


async def test_what_is_removed_is_what_was_seen_though_another_list_comes_meanwhile(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_past(office)
    judged = asyncio.Event()

    async def slow(_: str) -> None:
        await judged.wait()

    async with sit() as person:
        screen = await at_barred(person)
        await go_to(person, BEN)
        monkeypatch.setattr(screen, "need_right", slow)
        await person.press("D", "right")
        await person.sees("Do not contact · opted out", "STOP (intake)")
        judged.set()
        await person.sees("Off the list: campaign spring", "Why may 07700 900002 be written to again?")
        await person.press(*"asked us to", "enter")
        await person.sees("07700 900002 may be written to again")
    assert [one.address for one in await entries(office.database, campaign="spring")] == ["+447700900003"]
    assert await OptOut.filter(ended_at=None).count() == 1


async def test_only_what_was_taken_off_is_said_and_put_back(sit: Any, office: Office) -> None:
    await a_past(office)
    await office.optouts.add("eve@mail.example", by="sue", reason="rang")
    now, database = office.clock.now(), office.database
    async with sit() as person:
        await at_barred(person)
        await person.press("right")
        await person.sees("✖ opted out 2", "STOP (intake)", "eve@mail.example")
        await go_to(person, CAT)
        await person.press("D")
        await person.sees("07700 900004 asked for no more.")
        assert await opt_in(database, channel=Channel.SMS, address=CAT, by="wrote start", at=now)
        await person.press(*"rang", "enter")
        await person.until(lambda: any("no longer on that list" in one for one in person.said()), "the truth")
        assert not any("may be written to" in one for one in person.said())
        await person.press("f9")
        await person.until(lambda: any("nothing to take back" in one for one in person.said()), "no way back")
        assert await OptOut.filter(address=CAT, ended_at=None).count() == 0

        assert await opt_out(database, channel=Channel.SMS, address=CAT, source="STOP again", at=now)
        person.app.screen.outdate()
        await person.sees("STOP again")
        await person.press("ctrl+a", "D")
        await person.sees("2 addresses asked for no more")
        assert await opt_in(database, channel=Channel.SMS, address=CAT, by="wrote start", at=now)
        await person.press(*"rang", "enter")
        await person.sees("1 of 2 addresses may be written to again", "✖ opted out 0")
        await person.press("f9")
        await person.sees("✖ opted out 1")
    assert [one.address for one in await OptOut.filter(ended_at=None)] == ["eve@mail.example"]


async def test_a_second_press_on_what_is_gone_does_nothing(sit: Any, office: Office) -> None:
    await a_past(office)
    async with sit() as person:
        await at_barred(person)
        await person.press("right")
        await person.sees("✖ opted out 1", "STOP (intake)")
        await person.answers("D", "START again")
        await person.sees("07700 900004 may be written to again", "✖ opted out 0")
        assert person.app.screen.listing.rows.current is not None, "what is under the cursor stays there"
        await person.press("D")
        await person.until(lambda: any("not on this list any more" in one for one in person.said()), "the refusal")
        await person.press("f9")
        await person.sees("✖ opted out 1")
        await person.press("f9")
        await person.until(lambda: any("nothing to take back" in one for one in person.said()), "no way back")
    assert await OptOut.filter(address=CAT).count() == 2


async def test_rows_that_come_late_are_not_those_of_the_next_list(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_past(office)
    read, filled = asyncio.Event(), asyncio.Event()
    of_database = barred_rows

    async def slow(database: Any, which: Any, ids: Any) -> Any:
        rows = await of_database(database, which, ids)
        if which.kind == "desk":
            await read.wait()
            asyncio.get_running_loop().call_soon(filled.set)
        return rows

    async with sit() as person:
        screen = await at_barred(person)
        await person.press("left")
        await person.sees("Do not contact · the whole desk", "eve@mail.example")
        monkeypatch.setattr(barred, "barred_rows", slow)
        screen.post_message(Rows.Wanted(screen.listing.rows, [1, 2]))
        await person.press("right", "right")
        await person.sees("Do not contact · opted out", "STOP (intake)")
        read.set()
        await asyncio.wait_for(filled.wait(), 10)
        await person.pilot.pause()
        screen.listing.rows.repaint()
        assert screen.listing.rows.current_row.address == CAT
        await person.sees("07700 900004")


async def test_a_file_is_brought_and_the_list_is_written_into_one(
    sit: Any, office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_past(office)
    home = folder / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    (home / "stop.csv").write_text("number\n07700 900100\n07700 900101\noops\n+447700900002\n")
    async with sit() as person:
        await at_barred(person)
        await person.press("i")
        await person.sees("a table with a column number or email")
        await person.press(*"none.csv", "enter")
        await person.sees("there is no such file")
        await person.press(*["backspace"] * 8, *str(office.settings.key_file), "enter")
        await person.sees("belongs to Postroom itself")
        await person.press(*["backspace"] * len(str(office.settings.key_file)), *"stop.csv", "enter")
        await person.sees("Lines that cannot be read", "2 added, 1 were on it, 1 cannot be read", "line 4:")
        await person.press("escape")
        await person.sees("07700 900101", "spring 4")
        await person.press("x")
        await person.sees("Export: campaign spring")
        await person.press("ctrl+s")
        await person.until(lambda: any("4 lines" in one for one in person.said()), "the file")
    text = (home / "no-contact-campaign-spring.csv").read_text()
    assert text.count("\n") == 5 and "'+447700900101,sms,spring" in text


async def test_a_long_list_is_read_by_pages(sit: Any, office: Office) -> None:
    await a_past(office)
    now = office.clock.now()
    await DoNotContact.bulk_create(
        DoNotContact(channel=Channel.SMS, address=f"+44770{n:07}", source="long.csv", at=now) for n in range(3000)
    )
    async with sit() as person:
        screen = await at_barred(person)
        await person.press("left")
        await person.sees("Desk 3,002", "long.csv")
        assert len(screen.listing.rows.keys) <= 1000, "never the whole table"
        await person.press("slash", *"court")
        await person.sees("eve@mail.example")


async def test_an_agent_looks_and_changes_nothing(sit: Any, office: Office) -> None:
    await a_past(office)
    async with sit("ann") as person:
        await at_barred(person)
        for key in ("a", "D", "i", "x"):
            await person.press(key)
            await person.until(lambda: any("only a supervisor" in one for one in person.said()), "the refusal")
            assert isinstance(person.app.screen, BarredScreen)
            person.app.clear_notifications()
            await person.until(lambda: not person.said(), "it to go")
    assert await DoNotContact.all().count() == 4


async def test_a_file_that_is_read_can_be_stopped(
    sit: Any, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_past(office)
    (tmp_path / "stop.csv").write_text("07700 900100\n")
    stopped = asyncio.Event()

    async def slow(*_: object, **more: Any) -> None:
        more["progress"](12_000)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with sit() as person:
        await at_barred(person)
        monkeypatch.setattr(office.donotcontact, "take_in", slow)
        await person.press("i")
        await person.sees("a table with a column")
        person.app.screen._input.value = str(tmp_path / "stop.csv")
        await person.press("enter")
        await person.sees("12,000 lines read")
        await person.press("i")
        await person.until(lambda: any("a file is being read already" in one for one in person.said()), "the refusal")
        await person.press("escape")
        await asyncio.wait_for(stopped.wait(), 10)
        await person.until(lambda: "12,000 lines read" not in person.text(), "the end of it")
        await person.press("escape")
        await person.sees("campaign spring · ")
