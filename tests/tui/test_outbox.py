"""The outbox screen by keys alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Engine, Lease, Message, OutgoingServer
from core.models import Outbox as OutboxRow
from core.models.states import Health, OutboxState
from tests.tui.conftest import LARGE, SMALL
from tests.tui.outgoing import ESCAPES, full_outbox, put
from tui.dialogs import PageDialog
from tui.screens.outbox import OutboxScreen
from tui.screens.outbox_columns import Meter
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from core.clock import FrozenClock
    from core.office import Office


async def at_outbox(person: Any) -> Rows:
    """Open the outbox."""
    await person.press("6")
    await person.until(lambda: isinstance(person.app.screen, OutboxScreen), "the outbox")
    await person.sees("Outbox · ", "All ")
    rows: Rows = person.app.screen.query_one("#outbox-rows", Rows)
    return rows


async def on_row(person: Any, message_id: int) -> Rows:
    """The cursor on one message."""
    rows = await at_outbox(person)
    await person.until(lambda: message_id in rows.keys, f"message {message_id}")
    for _ in rows.keys:
        if rows.current == message_id:
            break
        await person.press("down")
    await person.sees(f"message {message_id} ·")
    return rows


async def state_of(message_id: int) -> OutboxState:
    return (await OutboxRow.get(message_id=message_id)).state


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await full_outbox(office)
    async with sit(size=size) as person:
        await at_outbox(person)
        await person.sees("Invoice 7", "▲ unknown 1")
        await person.press("down")
        await person.sees("Please call us", "451 4.7.1 greylisted" if size == SMALL else "451 4.7.1")
        await looks(person, "outbox")


async def test_every_state_has_its_count_and_its_list(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        rows = await at_outbox(person)
        await person.sees("All 6", "▲ unknown 1", "✖ failed 1", "◌ queued 2", "● sent 1", "○ suppressed 1")
        await person.press("right")
        await person.until(lambda: rows.keys == [ids["unknown"]], "the unknown one")
        await person.press("right")
        await person.until(lambda: rows.keys == [ids["failed"]], "the failed one")
        await person.press("left", "left", "left")
        await person.until(lambda: rows.keys == [ids["suppressed"]], "round to the last state")
        await person.answers("f", "queued")
        await person.until(lambda: rows.keys == [ids["queued"], ids["later"]], "the queued ones")
        await person.sees("Outbox · 2 queued")


async def test_words_narrow_it_down_to_a_text_a_number_or_an_account(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        rows = await at_outbox(person)
        for words, wanted in (("call us", "later"), ("07700 900456", "failed"), ("help@acme", "queued")):
            await person.press("slash", *["space" if c == " " else "at" if c == "@" else c for c in words], "enter")
            await person.until(lambda wanted=wanted: rows.keys == [ids[wanted]], wanted)
            await person.press("escape")
            await person.until(lambda: len(rows.keys) == 6, "all again")


async def test_a_message_is_opened_whole_with_what_happened_to_it(sit: Any, office: Office) -> None:
    text = "Dear Fay,\n\nthe whole of it\n\nto the last line"
    message_id = await put(office, text, to="fay@example.org", account=2, reply="451 later", attempts=1,
                           first_try_at=office.clock.now())  # fmt: skip
    async with sit() as person:
        await at_outbox(person)
        for key in ("enter", "question_mark"):
            await person.sees("fay@example.org")
            await person.press(key)
            await person.until(lambda: isinstance(person.app.screen, PageDialog), "the page")
            await person.sees(f"Message {message_id}", "to the last line")
            await person.press("end")
            await person.sees("first tried; 1 try so far", "the outgoing server said last: 451 later")
            await person.press("escape")
            await person.until(lambda: isinstance(person.app.screen, OutboxScreen), "the outbox")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_what_our_own_gate_holds_or_stops_says_why_and_until_when(
    sit: Any, office: Office, size: tuple[int, int]
) -> None:
    quiet, cap = "held until 08:00 Asia/Tokyo (quiet hours)", "the customer has had 2 messages in 7 days"
    now = office.clock.now()
    held = await put(office, "Spring", reply=quiet, due_at=now + timedelta(hours=3))
    gate = f"held back {now:%Y-%m-%d %H:%M} UTC:"
    stopped = await put(office, "Sale", state=OutboxState.SUPPRESSED, reply=f"{gate} {cap}")
    async with sit(size=size) as person:
        await on_row(person, stopped)
        await person.sees("why  ", "not sent: the customer")
        await on_row(person, held)
        await person.sees("◌ held", "why  ", "held until 08:00", "in 3 h")
        assert "server  " not in person.text()


async def test_cancelling_can_be_taken_back(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        await on_row(person, ids["queued"])
        await person.press("x")
        await person.sees(f"message {ids['queued']} will not leave · F9 takes it back", "○ cancelled 1")
        assert await state_of(ids["queued"]) is OutboxState.CANCELLED
        await person.press("f9")
        await person.sees("taken back", "◌ queued 2")
        assert await state_of(ids["queued"]) is OutboxState.QUEUED


async def test_a_failed_message_is_tried_again(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        await on_row(person, ids["failed"])
        await person.press("r")
        await person.sees(f"message {ids['failed']} to be tried again", "◌ queued 3")
        assert await state_of(ids["failed"]) is OutboxState.QUEUED


async def test_many_are_asked_about_and_those_that_cannot_are_counted(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        await at_outbox(person)
        await person.press("ctrl+a")
        await person.sees("6 selected")
        await person.press("x")
        await person.sees("Keep them from leaving?")
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, OutboxScreen), "the question to close")
        assert await state_of(ids["queued"]) is OutboxState.QUEUED
        await person.press("x")
        await person.sees("Keep them from leaving?")
        await person.press("y")
        await person.sees("4 of 6 stay as they are:", "○ cancelled 2")
        assert await state_of(ids["sent"]) is OutboxState.SENT


@pytest.mark.parametrize(
    ("words", "state"), [("went", OutboxState.SENT), ("again: the", OutboxState.QUEUED), ("give", OutboxState.FAILED)]
)
async def test_a_message_in_doubt_is_settled_in_words(sit: Any, office: Office, words: str, state: OutboxState) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        await on_row(person, ids["unknown"])
        await person.press("u")
        await person.sees("What became of it?", "the engine died while", "It went", "Send it again", "Give it up")
        await person.press(*["space" if c == " " else "colon" if c == ":" else c for c in words], "enter")
        await person.until(lambda: f"message {ids['unknown']}" in " ".join(person.said()), "it to be said")
        assert await state_of(ids["unknown"]) is state


async def test_many_in_doubt_are_settled_with_one_answer_and_others_are_left_alone(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    more = await put(office, "and another", state=OutboxState.UNKNOWN, attempts=1)
    async with sit() as person:
        await at_outbox(person)
        await person.press("ctrl+a")
        await person.sees("7 selected")
        await person.press("u")
        await person.sees("Settle 2 messages", "What became of it?")
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, OutboxScreen), "the question to close")
        assert await state_of(more) is OutboxState.UNKNOWN
        await person.press("u")
        await person.sees("Settle 2 messages")
        await person.press(*"give", "enter")
        await person.sees("2 messages are given up", "✖ failed 3")
        assert [await state_of(one) for one in (ids["unknown"], more)] == [OutboxState.FAILED] * 2
        assert await state_of(ids["sent"]) is OutboxState.SENT


async def test_many_are_tried_again_after_a_question(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        await on_row(person, ids["failed"])
        await person.press("space", "home", "space")
        await person.sees("2 selected")
        await person.press("r")
        await person.sees("Retry 2 messages", "Send them as soon as the server takes them?")
        await person.press("y")
        await person.sees("2 messages to be tried again", "◌ queued 3")
        assert await state_of(ids["failed"]) is OutboxState.QUEUED


async def test_an_agent_settles_nothing_and_what_is_no_doubt_is_not_settled(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit("ann") as person:
        await on_row(person, ids["unknown"])
        await person.press("u")
        await person.sees("ann is an agent: only a supervisor or an")
    async with sit("sue") as person:
        await on_row(person, ids["sent"])
        await person.press("u")
        await person.sees("only a message that is unknown is settled")


async def test_what_is_settled_leaves_the_list_of_the_unknown(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        rows = await on_row(person, ids["unknown"])
        await person.press("home", "right")
        await person.until(lambda: rows.keys == [ids["unknown"]], "the unknown one")
        await person.press("u")
        await person.sees("What became of it?")
        await person.press("enter")
        await person.until(lambda: rows.keys == [], "it to go")
        await person.sees("Outbox · 0 unknown", "no message")


async def test_the_server_and_its_trouble_are_on_the_screen(sit: Any, office: Office, clock: FrozenClock) -> None:
    await full_outbox(office)
    async with sit(size=LARGE) as person:
        await at_outbox(person)
        await person.sees("○ no engine runs", "127.0.0.1:1 no TLS", "1/min   last 30 min ▁")
        await person.sees("1 due, the oldest 0 s", "1 later")
        await Lease.create(name="engine:me", holder="me", until=clock.now() + timedelta(minutes=1))
        await Engine.create(holder="me", host="h", pid=1, version="1", started_at=clock.now(), sessions=3)
        await OutgoingServer.filter(id=1).update(
            health=Health.BROKEN, error="535 5.7.8 [bold]no[/]", error_at=clock.now(), rate_per_minute=240
        )
        office.database.bell.ring()
        await person.sees("✖ broken", "3 of 4 sessions", "1/min of 240", "✖ 0 s ago: 535 5.7.8 [bold]no[/]")


async def test_a_message_that_comes_moves_nothing_under_the_cursor(sit: Any, office: Office) -> None:
    ids = await full_outbox(office)
    async with sit() as person:
        rows = await on_row(person, ids["later"])
        await put(office, "one more")
        await person.sees("1 new ↑", "All 7")
        assert rows.current == ids["later"]
        await person.press("home")
        await person.sees("one more")


async def test_a_long_outbox_is_read_by_pages(sit: Any, office: Office) -> None:
    template = await put(office, "text")
    row = await OutboxRow.get(message_id=template)
    async with office.database.transaction():
        for n in range(2, 1001):
            await Message.create(id=n, account_id=1, direction="out", channel="sms", address="+447700900123",
                                 text=f"text {n}", at=office.clock.now())  # fmt: skip
        await office.database.many(
            "INSERT INTO outbox (message_id, account_id, purpose, lane, state, due_at, attempts, claimed_by, sender,"
            " recipients, address, letter_id, code, reply, created_at, delivery, delivery_reason) SELECT ?, account_id,"
            " purpose, lane, 'sent', due_at, 1, '', sender, recipients, address, ?, 250, 'ok', created_at, '', ''"
            " FROM outbox WHERE id = ?",
            [(n, f"<{n}@x>", row.id) for n in range(2, 1001)],
        )
    async with sit() as person:
        rows = await at_outbox(person)
        await person.until(lambda: rows.keys, "the first page")
        assert len(rows.keys) <= 400
        for _ in range(12):
            known = len(rows.keys)
            await person.press("end")
            if rows.current == template:
                break
            await person.until(lambda known=known: len(rows.keys) > known, "a page more")
        assert rows.keys == list(range(1000, 0, -1))
        await person.sees("message 1 ·")
        assert rows.new_below == 0


async def test_a_hostile_message_is_harmless(sit: Any, office: Office) -> None:
    await put(office, ESCAPES + "\n" * 50 + "x" * 30_000, to="evil@example.org", account=2, subject=ESCAPES,
              reply=ESCAPES, delivery="failed", delivery_reason=ESCAPES, attempts=1)  # fmt: skip
    async with sit(size=LARGE) as person:
        await at_outbox(person)
        await person.sees("␛]52;c;eA==␇ [@clic…", "[@click=app.quit]press[/]", "[bold red]x[/]")
        assert not set("\x1b\x07\x9b\u202e") & set(person.text())
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, PageDialog), "the page")
        await person.sees("[@click=app.quit]press[/]")
        assert not set("\x1b\x07\x9b\u202e") & set(person.text())


def test_the_meter_counts_a_minute(clock: FrozenClock) -> None:
    meter = Meter()
    assert meter.lost(clock.now()) and meter.per_minute == 0
    meter.begin(clock.now(), 500, [7, 60])
    assert meter.per_minute == 60
    assert list(meter.slots)[-4:] == [0, 7, 60, 0]
    for _ in range(10):
        clock.advance(seconds=6)
        meter.see(clock.now(), meter._seen[-1][1] + 20)
    assert meter.per_minute == 200
    assert list(meter.slots)[-5:] == [0, 7, 60, 180, 20]
    clock.advance(seconds=31)
    assert meter.lost(clock.now())
