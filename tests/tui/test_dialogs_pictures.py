"""What every dialog of ours looks like: small and large, dark and light, and in 16 colours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import set_enabled
from core.checkup import Step
from core.models import Journal, Mail
from core.models.states import MailOutcome
from core.views.alarms import Alarm
from tests.flow.conftest import NOW
from tests.tui.conftest import BOTH, LARGE, SMALL
from tests.tui.outgoing import full_outbox
from tests.tui.seeding import contact
from tests.tui.test_accounts import alive, form
from tests.tui.test_accounts import to_accounts as at_accounts
from tui.dialogs.account_check import CheckDialog
from tui.dialogs.account_form import AccountForm, OutgoingForm
from tui.dialogs.alarms import AlarmsDialog
from tui.dialogs.gateway_form import GatewayForm
from tui.dialogs.menu import ScriptMenu
from tui.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from core.office import Office
    from tests.tui.conftest import Sitting

LOOKS = {SMALL: THEMES, LARGE: BOTH}


async def beside(person: Sitting, *words: str) -> None:
    """What the right pane says, which is read on its own: a picture must not be taken in the middle of that."""
    if person.app.size.width >= LARGE[0]:
        await person.sees(*words)


async def to_accounts(person: Sitting) -> None:
    """The accounts, drawn: a dialog that opens before that has nothing behind it."""
    await at_accounts(person)
    await person.sees("mail.acme.example:587")
    await beside(person, "sue: debug on:")


async def to_outbox(person: Sitting, office: Office) -> dict[str, int]:
    ids = await full_outbox(office)
    await person.press("6")
    await person.sees("Outbox · 6 messages", "Invoice 7", "1 in doubt")
    await beside(person, "outbox: put as reply")
    return ids


async def _form_page(person: Sitting, office: Office, page: int) -> None:
    await to_accounts(person)
    await person.press("enter")
    await form(person, AccountForm)
    await person.press(*["f6"] * page)
    await person.sees(("Name", "Encryption", "After fetching", "Gateway")[page])


async def account_general(person: Sitting, office: Office) -> None:
    await _form_page(person, office, 0)


async def account_server(person: Sitting, office: Office) -> None:
    await _form_page(person, office, 1)


async def account_inbound(person: Sitting, office: Office) -> None:
    await _form_page(person, office, 2)


async def account_outbound(person: Sitting, office: Office) -> None:
    await _form_page(person, office, 3)


async def account_mistake(person: Sitting, office: Office) -> None:
    """A new one, saved too early."""
    await to_accounts(person)
    await person.press("n")
    await form(person, AccountForm)
    await person.press("tab", *"nonsense", "ctrl+s")
    await person.sees("✖ Address", "Address: must be an e-mail address")


async def account_list(person: Sitting, office: Office) -> None:
    """An open list in a form."""
    await _form_page(person, office, 1)
    await person.press("tab", "tab", "space")
    await person.sees("STARTTLS")


async def outgoing_server(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    await person.press("o")
    await form(person, OutgoingForm)
    await person.sees("mail.acme.example")


async def gateway_general(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    await person.press("g", "enter")
    await form(person, GatewayForm)
    await person.sees("A text to 07700 900123", "Your parcel comes on Friday.", "Delete")


async def gateway_shape(person: Sitting, office: Office) -> None:
    await gateway_general(person, office)
    await person.press("f6")
    await person.sees("Price per part")


async def gateways(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    await person.press("g")
    await person.sees("+ a new gateway")


async def script_menu(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    await person.press("s")
    await person.until(lambda: isinstance(person.app.screen, ScriptMenu), "the menu")
    await person.sees("script front-door", "Debug")


async def delete_account(person: Sitting, office: Office) -> None:
    await set_enabled(office.database, "texts@acme.example", False, actor="sue")
    await Journal.all().update(at=NOW)
    await to_accounts(person)
    await person.sees("○ off")
    await beside(person, "sue: disable:")
    await person.press("D")
    await person.sees("With it go", "the record of")


async def set_aside(person: Sitting, office: Office) -> None:
    why = "its charset is not known: x-klingon; it is kept as it came"
    for uid in range(100, 104):
        await Mail.create(
            account_id=1, uidvalidity=1, uid=uid, outcome=MailOutcome.QUARANTINE, arrived_at=NOW, taken_at=NOW,
            size=uid * 1000, reason=why,
        )  # fmt: skip
    await to_accounts(person)
    await person.press("v")
    await person.sees("5 set aside", "x-klingon")
    await person.press("down")


async def _steps(*, well: bool) -> AsyncGenerator[Step, None]:
    yield Step("credentials", True, "password stored")
    yield Step("connect", True, "mail.acme.example:993, encrypted")
    yield Step("log in", True, "as texts")
    yield Step("abilities", True, "tells of new mail by itself (IDLE); moves in one step (MOVE); deletes single mails"
               " (UIDPLUS)")  # fmt: skip
    yield Step("folder", True, "INBOX: 4 mails, UIDVALIDITY 7")
    yield Step("after fetching", None, "mails are marked as seen")
    if not well:
        yield Step("outgoing server", False, "mail.acme.example:587 cannot be reached (Connection refused)",
                   "check host and port, and that it runs")  # fmt: skip
        yield Step("test mail", None, "left out, since not everything it needs works")


async def check_well(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    await person.app.push_screen(CheckDialog("Check of texts@acme.example", lambda: _steps(well=True)))
    await person.sees("● well: 6 steps")


async def check_broken(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    await person.app.push_screen(CheckDialog("Check of texts@acme.example", lambda: _steps(well=False)))
    await person.sees("✖ broken: 1 of 8 steps")


async def alarms(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    ago = NOW - timedelta(minutes=4)
    found = [
        Alarm(True, "2 messages are in doubt: settle what became of them", ago, "outbox", "unknown"),
        Alarm(True, "help@acme.example: mail.acme.example:993 refused the login of help (bad password): check user and"
              " password", NOW, "accounts"),
        Alarm(False, "no engine runs: nothing is fetched or sent", None, "accounts"),
        Alarm(False, "front: 3 wait longer than the 120 s that are promised", ago, "queues", "1"),
    ]  # fmt: skip
    await person.app.push_screen(AlarmsDialog(found, NOW, set()))
    await person.sees("Go there", "front: 3 wait")


async def who(person: Sitting, office: Office) -> None:
    await person.press("f11")
    await person.sees("Who sits here?", "bob")


async def palette(person: Sitting, office: Office) -> None:
    await to_accounts(person)
    await person.press("ctrl+p", *"check")
    await person.sees("Log in, look at the folder")


async def outbox_state(person: Sitting, office: Office) -> None:
    await to_outbox(person, office)
    await person.press("f")
    await person.sees("Which messages?", "suppressed")


async def settle(person: Sitting, office: Office) -> None:
    await to_outbox(person, office)
    await person.press("right")
    await person.sees("Outbox · 1 unknown")
    await beside(person, "We open at nine on", "first tried; 1")
    await person.press("u")
    await person.sees("What became of it?", "It went")


async def cancel_many(person: Sitting, office: Office) -> None:
    await to_outbox(person, office)
    await person.press("ctrl+a", "x")
    await person.sees("Keep them from leaving?")


async def explained_message(person: Sitting, office: Office) -> None:
    ids = await to_outbox(person, office)
    await office.database.rows("UPDATE message SET letter_id = '<1a2.772c@acme.example>' WHERE id = ?", ids["failed"])
    await person.press("right", "right")
    await person.sees("Outbox · 1 failed")
    await beside(person, "550 5.1.1 no such", "first tried; 1")
    await person.press("enter")
    await person.sees("Are you there?", "Close", "first tried")


async def explained_contact(person: Sitting, office: Office) -> None:
    made = await contact(office, "Where is my order?", name="Ann Lee")
    await office.desk.take(made.id, login="sue")
    await office.desk.note(made.id, "asks for the third time", login="sue")
    await office.database.rows("UPDATE journal SET at = ?", int(NOW.timestamp()) * 1_000_000)
    await person.press("7")
    await person.sees("Journal · every line", "contact 1")
    await beside(person, "sue: taken")
    await person.press("enter")
    await person.sees("Contact 1", "state", "taken")


async def journal_contact(person: Sitting, office: Office) -> None:
    await person.press("7")
    await person.sees("Journal · every line")
    await beside(person, "sue: debug on:")
    await person.press("c", "x")
    await person.sees("Lines about which contact?", "a contact's number, as in 12")


DIALOGS: dict[str, Callable[[Sitting, Office], Awaitable[None]]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        account_general, account_server, account_inbound, account_outbound, account_mistake, account_list, alarms,
        cancel_many, check_broken, check_well, delete_account, explained_contact, explained_message, gateway_general,
        gateway_shape, gateways, journal_contact, outbox_state, outgoing_server, palette, script_menu, set_aside,
        settle, who,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", DIALOGS)
@pytest.mark.parametrize("size", LOOKS, ids=[f"{size[0]}x{size[1]}" for size in LOOKS])
async def test_it_looks_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int], name: str) -> None:
    await alive(office)
    async with sit(size=size) as person:
        await DIALOGS[name](person, office)
        await looks(person, name, LOOKS[size])
