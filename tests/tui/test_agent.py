"""An agent's day on the screen: sign-in, ready and not ready, offers, and what becomes of it all when she leaves."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Account, Agent, Desk, NotReadyReason
from tests.tui.conftest import SMALL, Sitting
from tests.tui.seeding import contact
from tui.app import PostroomApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from core.clock import FrozenClock
    from core.office import Office


@pytest.fixture
def attend(office: Office) -> Callable[..., AbstractAsyncContextManager[Sitting]]:
    """Open the app as `postroom` does: `async with attend("ann") as person`; without a login it asks."""

    @asynccontextmanager
    async def opened(
        login: str = "", *, size: tuple[int, int] = SMALL, keymap: Path | None = None
    ) -> AsyncIterator[Sitting]:
        app = PostroomApp(office, login or "whoever", keymap=keymap)
        app.attends, app.vouched = True, bool(login)
        if not login:
            app.seated.clear()
        async with app.run_test(size=size, notifications=True) as pilot:
            sitting = Sitting(app, pilot)
            await sitting.until(lambda: app.is_here if login else "Sign in" in sitting.text(), "a seat")
            yield sitting

    return opened


async def test_who_has_no_password_is_in_by_the_login_and_who_has_one_types_it(
    attend: Any, office: Office, looks: Any
) -> None:
    await office.people.set_password("ann", "clipclop", actor="ann")
    async with attend() as person:
        assert "Queues" not in person.text()
        await person.press(*"ann", "enter", *"clop", "enter")
        await person.sees("do not belong together", "ann")
        await looks(person, "sign-in")
        await person.press(*"clipclop", "enter")
        await person.until(lambda: person.app.is_here, "her seat")
        await person.sees("ann, agent", "○ not ready", "Queues")
    async with attend() as person:
        await person.press(*"bob", "enter")
        await person.until(lambda: person.app.is_here and person.app.login == "bob", "his seat")
        assert any("you have no password" in one for one in person.said())


async def test_ready_and_not_ready_by_one_key_with_a_reason(attend: Any, office: Office, looks: Any) -> None:
    for name in ("lunch", "training"):
        await NotReadyReason.create(name=name)
    async with attend("ann") as person:
        await person.sees("○ not ready")
        await person.press("f10")
        await person.sees("● ready")
        await person.press("f10")
        await person.sees("Why?", "lunch")
        await looks(person, "not-ready")
        await person.press(*"lun", "enter")
        await person.sees("○ not ready: lunch")
    assert (await Agent.get(person__login="ann")).reason == "lunch"


async def test_who_is_set_not_ready_or_signed_out_by_another_person_is_told_by_whom(
    attend: Any, office: Office, looks: Any
) -> None:
    await NotReadyReason.create(name="Lunch")
    async with attend("ann") as person:
        await person.press("f10")
        await person.sees("● ready")
        await office.presence.not_ready("ann", "Lunch", by="sue")
        await person.sees("○ not ready: Lunch, by sue", "sue has set you not ready: Lunch", "F10 when you are again")
        await looks(person, "set-by-another", ("postroom-dark",))
        toast = next(one for one in person.app._notifications if "sue has set you" in one.message)
        assert toast.time_left > 300
        await person.press("f10")
        await person.sees("● ready")
        await person.until(lambda: not any("sue has set" in one for one in person.said()), "the toast to go")
        assert "by sue" not in person.text()
        await office.presence.sign_out("ann", by="sue")
        await person.sees("ann was signed out by sue. What was typed here is kept")


async def test_an_agent_is_ready_for_what_waits_though_every_account_is_disabled(attend: Any, office: Office) -> None:
    await Account.all().update(enabled=False)
    async with attend("ann") as person:
        await person.sees("○ not ready")
        await person.press("f10")
        await person.sees("● ready")


async def test_an_offer_that_ran_out_names_the_customer_as_everywhere_and_keys_are_the_persons_own(
    attend: Any, office: Office, clock: FrozenClock, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text('"area.desk" = "f2"\n"app.ready" = "f3"\n"app.help" = "f5"\n')
    await Desk.all().update(missed_offers=1)
    async with attend("ann", keymap=keys) as person:
        await person.sees("F5 Help")
        await person.press("f3")
        await person.sees("● ready")
        await contact(office, "Hello", address="+447700900456")
        await office.distribution.share()
        person.app.stale_now()
        await person.until(lambda: any("is offered to you: F2 opens the desk" in one for one in person.said()), "key")
        clock.advance(minutes=5)
        await office.distribution.expire()
        person.app.stale_now()
        await person.until(lambda: any("not ready: F3 when you are" in one for one in person.said()), "the key")
        assert any("the offer of 07700 900456 ran out" in one for one in person.said())


async def test_who_sits_down_elsewhere_is_asked_again_at_the_old_screen(attend: Any, office: Office) -> None:
    async with attend("ann") as person:
        await office.presence.sign_in("ann", seat="elsewhere")
        await person.sees("sits at another terminal now", "Sign in")
        await person.press("enter")
        await person.until(lambda: person.app.is_here, "the seat again")
    assert (await Agent.get(person__login="ann")).seat == person.app.seat


async def test_leaving_with_open_contacts_asks_and_gives_them_back(attend: Any, office: Office, looks: Any) -> None:
    one = await contact(office, "Hello", agent="ann", name="Ann Lee")
    async with attend("ann") as person:
        await person.press("ctrl+q")
        await person.sees("You have 1 open contact")
        await looks(person, "leaving")
        await person.press("ctrl+q")
        await person.comes_to_rest()
        assert [screen.is_modal for screen in person.app.screen_stack].count(True) == 1
        await person.press("escape", "ctrl+q", "enter")
        await person.until(lambda: not person.app.is_running or not person.app.is_here, "the end")
    await one.refresh_from_db()
    assert one.state.value == "queued"
    assert (await Agent.get(person__login="ann")).state.value == "signed out"


async def test_a_password_of_ones_own(attend: Any, office: Office) -> None:
    async with attend("ann") as person:
        await person.press("alt+w", *"clipclop", "enter", *"clipclip", "enter")
        await person.sees("differ")
        await person.press(*(["backspace"] * 2), *"op", "enter")
        await person.until(lambda: any("your password is set" in one for one in person.said()), "the words")
    await office.presence.check("ann", "clipclop")
