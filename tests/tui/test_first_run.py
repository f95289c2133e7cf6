"""The first run: an empty desk, five steps, the keyboard alone."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Button, Input, Select

import core.checkup
from core.blueprint import enter, found
from core.checkup import Step
from core.models import Account, Contact, Desk, Journal, Lease, Mailbox, Message, OutgoingServer, Person, Queue
from core.models.states import Channel, ContactState, Direction, Health, Role
from core.office import open_office
from tests.flow.conftest import NOW, sqlite_settings
from tests.tui.conftest import LARGE, SMALL, Sitting
from tui.app import PostroomApp
from tui.dialogs.account_form import AccountForm, OutgoingForm
from tui.dialogs.asking import ChoiceDialog
from tui.dialogs.first_run_forms import DeskForm, DeskNewcomer, StepCheck
from tui.dialogs.gateway_form import GatewayForm
from tui.screens.accounts import AccountsScreen
from tui.screens.desk import DeskScreen
from tui.screens.first_run import SAMPLE, FirstRunScreen
from tui.screens.queues import QueuesScreen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from core.clock import FrozenClock
    from core.office import Office

Sit = "Callable[..., AbstractAsyncContextManager[Sitting]]"
HOSTILE = "\x1b]52;c;eA==\x07[@click=app.quit]x[/] \u202eevil"
VALUES: dict[str, dict[str, object]] = {
    "outgoing_server": {"host": "smtp.acme.example", "port": 587, "security": "starttls"},
    "gateway": {"name": "line", "dialect": "plain", "recipient": "{number}@sms.example"},
    "account": {
        "kind": "sms", "address": "texts@acme.example", "gateway": "line", "queue": "front",
        "imap.host": "imap.acme.example", "imap.port": 993, "imap.security": "tls",
    },
}  # fmt: skip


@pytest.fixture
async def office(folder: Path, sqlite_template: Path, clock: FrozenClock) -> AsyncIterator[Office]:
    """An office on a database with nothing in it."""
    settings = sqlite_settings(folder)
    assert settings.sqlite_path is not None
    shutil.copy(sqlite_template, settings.sqlite_path)
    async with open_office(settings, clock) as office:
        yield office


@pytest.fixture(autouse=True)
def _in_britain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_TELEPHONE", "LC_MONETARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("TZ", "Europe/London")
    monkeypatch.setattr("tui.dialogs.first_run_forms._own_name", lambda: "Sue Moss")


@pytest.fixture
def sit(office: Office, drawn_for_who_looks: None) -> Callable[..., AbstractAsyncContextManager[Sitting]]:
    """Open the app before whoever comes."""

    @asynccontextmanager
    async def opened(login: str = "sue", *, size: tuple[int, int] = SMALL, **more: Any) -> AsyncIterator[Sitting]:
        app = PostroomApp(office, login, **more)
        async with app.run_test(size=size, notifications=True) as pilot:
            sitting = Sitting(app, pilot)
            await sitting.until(lambda: app.standing is not None, "the desk to be read")
            yield sitting

    return opened


async def furnish(office: Office, *tables: str) -> None:
    """Found the desk, and these beside it."""
    desk = {"name": "Harbour Clinic", "region": "GB", "timezone": "Europe/London"}
    await found(office.database, office.vault, desk, {"login": "sue", "name": "Sue Moss"})
    for table in tables:
        new = table != "outgoing_server"
        await enter(office.database, office.vault, table, VALUES[table], actor="sue", new=new)


async def arrives(text: str = "Is Dr Reed in?", state: ContactState = ContactState.QUEUED) -> Contact:
    """What intake and triage leave of a first text."""
    contact = await Contact.create(account_id=1, channel=Channel.SMS, address="+447700900123", state=state,
                                   queue=await Queue.get(), received_at=NOW, last_in_at=NOW, queued_at=NOW,
                                   preview=text, message_count=1)  # fmt: skip
    await Message.create(contact_id=contact.id, account_id=1, direction=Direction.IN, channel=Channel.SMS,
                         address=contact.address, text=text, at=NOW, letter_id="<1@gate.example>")  # fmt: skip
    return contact


async def at_step(person: Sitting, step: str) -> FirstRunScreen:
    screen = person.app.screen

    def there() -> bool:
        return isinstance(person.app.screen, FirstRunScreen) and person.app.screen.focused is not None

    await person.until(there, "the first run")
    screen = person.app.screen
    assert isinstance(screen, FirstRunScreen)
    await person.until(lambda: screen.focused is screen.lines[step], f"the cursor on {step}")
    return screen


async def form(person: Sitting, kind: type[Any]) -> Any:
    await person.until(lambda: isinstance(person.app.screen, kind) and person.app.screen._began, kind.__name__)
    return person.app.screen


async def fill(person: Sitting, key: str, text: str) -> None:
    """Write into a field at once: what its keys do is tested with the accounts."""
    widget = person.app.screen.query_one("#field-" + key.replace(".", "-").replace("_", "-"), Input)
    widget.focus()
    widget.value = text
    await person.press("end")


def checks(monkeypatch: pytest.MonkeyPatch, name: str, *steps: Step) -> list[str]:
    """Let a check say this; what was checked is listed."""
    checked: list[str] = []

    async def said(*args: object) -> AsyncGenerator[Step, None]:
        checked.append(str(args[-1]))
        for step in steps:
            yield step

    monkeypatch.setattr(core.checkup, name, said)
    return checked


# -- the welcome ---------------------------------------------------------------------------------------------------


async def test_an_empty_desk_opens_with_a_welcome_and_the_first_step(sit: Any) -> None:
    async with sit() as person:
        await at_step(person, "desk")
        await person.sees(
            "Welcome to Postroom", "sample desk", "▸ 1 You and your desk", "administrator, who may set everything up"
        )
        await person.sees("⏎ Go on", "d Sample desk", "Esc Later")


async def test_the_tab_key_reaches_every_step_and_every_choice(sit: Any) -> None:
    async with sit() as person:
        screen = await at_step(person, "desk")
        seen = []
        for _ in range(8):
            seen.append(screen.focused.id if screen.focused else None)
            await person.press("tab")
        assert seen == ["step-desk", "step-server", "step-gateway", "step-account", "step-text", "other", "sample",
                        "later"]  # fmt: skip
        assert screen.focused is screen.lines["desk"]
        await person.press("down", "down")
        await person.sees("▸ 3 Gateway", "makes a text of your e-mail")
        await person.press("up", "up", "up")
        await person.sees("▸ 1 You")


async def test_a_small_terminal_has_room_for_all_of_it(sit: Any) -> None:
    async with sit(size=(60, 15)) as person:
        await at_step(person, "desk")
        await person.sees("▸ 1 You and your desk", "5 First text", "Who you are", "Sample desk", "Later", "⏎ Go on")
        await person.press("down", "down")
        await person.sees("▸ 3 Gateway", "5 First text", "makes a text", "Sample desk", "Later", "⏎ Go on")
        await person.press("up", "up", "enter")
        await form(person, DeskForm)
        await person.sees("Login", "Time zone", "As this machine knows you", "Save", "Back")


async def test_the_desk_and_its_first_person_are_guessed_and_founded(sit: Any) -> None:
    async with sit("sue") as person:
        await at_step(person, "desk")
        await person.press("enter")
        await form(person, DeskForm)
        await person.sees("sue", "Sue Moss", "GB", "Europe/London", "As this machine knows you")
        await fill(person, "desk", "Harbour Clinic")
        await fill(person, "region", "de")
        await person.press("ctrl+s")
        await at_step(person, "server")
        await person.sees("● Harbour Clinic · sue, administrator · Europe/London", "▸ 2 Outgoing server")
        await person.sees("Harbour Clinic   sue, administrator")
        desk = await Desk.get()
        assert (desk.name, desk.region, desk.timezone) == ("Harbour Clinic", "DE", "Europe/London")
        assert (await Person.get()).role is Role.ADMINISTRATOR
        assert (await Journal.get(verb="found")).actor == "sue"


async def test_another_login_sits_here_from_then_on(sit: Any) -> None:
    async with sit("root@machine!") as person:
        await at_step(person, "desk")
        await person.press("enter")
        dialog = await form(person, DeskForm)
        assert dialog.typed()["login"] == "root@machine"
        await fill(person, "login", "sue")
        await person.press("ctrl+s")
        await person.sees("sue, administrator")
        assert person.app.login == "sue"


async def test_what_is_wrong_is_told_while_it_is_typed(sit: Any) -> None:
    async with sit() as person:
        await at_step(person, "desk")
        await person.press("enter")
        await form(person, DeskForm)
        await fill(person, "region", "XX")
        await person.sees("✖ Country", "Country: must be a country's two capital letters")
        await fill(person, "timezone", "Europe/Lodnon")
        await person.sees("did you mean", "Europe/London")
        await fill(person, "login", "a b")
        await person.sees("Login: must be letters")
        await person.press("ctrl+s", "escape")
        await at_step(person, "desk")
        assert not await Person.all().exists()


async def test_a_founded_desk_can_be_put_right(sit: Any, office: Office) -> None:
    await furnish(office)
    async with sit() as person:
        await at_step(person, "server")
        await person.press("up", "enter")
        dialog = await form(person, DeskForm)
        assert dialog.typed()["login"] == "sue"
        await fill(person, "desk", "Quay Clinic")
        await fill(person, "name", "Susan")
        await person.press("ctrl+s")
        await person.sees("● Quay Clinic")
        assert (await Person.get()).name == "Susan" and (await Person.get()).role is Role.ADMINISTRATOR


# -- one after the other, back and later ------------------------------------------------------------------------------


async def test_what_must_come_first_is_opened_instead(sit: Any, office: Office) -> None:
    await furnish(office)
    async with sit() as person:
        screen = await at_step(person, "server")
        screen.lines["account"].focus()
        await person.press("enter")
        await form(person, OutgoingForm)
        await person.sees("Outgoing server comes first")


@pytest.mark.parametrize(
    ("tables", "step", "dialog", "key"),
    [
        ((), "server", OutgoingForm, "password"),
        (("outgoing_server",), "gateway", GatewayForm, "recipient"),
        (("outgoing_server", "gateway"), "account", AccountForm, "password"),
    ],
)
async def test_what_was_typed_is_there_again_after_esc(
    sit: Any, office: Office, tables: tuple[str, ...], step: str, dialog: type[Any], key: str
) -> None:
    await furnish(office, *tables)
    async with sit() as person:
        await at_step(person, step)
        await person.press("enter")
        await form(person, dialog)
        await fill(person, key, "half of it")
        await person.press("escape")
        await at_step(person, step)
        await person.press("enter")
        again = await form(person, dialog)
        assert again.typed()[key] == "half of it"


async def test_what_was_typed_is_there_after_a_look_at_the_sample_desk(sit: Any) -> None:
    drafts: dict[str, Any] = {}
    async with sit(drafts=drafts) as person:
        await at_step(person, "desk")
        await person.press("enter")
        await form(person, DeskForm)
        await fill(person, "desk", "Harbour Clinic")
        await person.press("escape")
        await at_step(person, "desk")
        await person.press("d")
        await person.until(lambda: person.app.wish == SAMPLE and not person.app.is_running, "the app to end")
    async with sit(drafts=drafts) as person:
        await at_step(person, "desk")
        await person.press("enter")
        assert (await form(person, DeskForm)).typed()["desk"] == "Harbour Clinic"


async def test_later_looks_around_and_f10_goes_on(sit: Any, office: Office) -> None:
    await furnish(office)
    async with sit() as person:
        await at_step(person, "server")
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, QueuesScreen), "the queues")
        await person.press("f10")
        await at_step(person, "server")


@pytest.mark.parametrize(
    ("tables", "step"),
    [
        ((), "server"),
        (("outgoing_server",), "gateway"),
        (("outgoing_server", "gateway"), "account"),
        (("outgoing_server", "gateway", "account"), "text"),
    ],
)
async def test_the_next_start_goes_on_where_it_was_left(
    sit: Any, office: Office, tables: tuple[str, ...], step: str
) -> None:
    await furnish(office, *tables)
    async with sit() as person:
        await at_step(person, step)


async def test_a_desk_that_works_opens_at_the_queues(sit: Any, office: Office) -> None:
    await furnish(office, *VALUES)
    await arrives()
    async with sit() as person:
        await person.until(lambda: isinstance(person.app.screen, QueuesScreen), "the queues")
        await person.press("f10")
        await person.sees("this desk works", "First text           ● is here")
        assert isinstance(person.app.screen, FirstRunScreen)


async def test_a_desk_that_was_applied_without_people_is_founded_by_who_comes_first(sit: Any, office: Office) -> None:
    for table in VALUES:
        await enter(
            office.database, office.vault, table, VALUES[table], actor="command", new=table != "outgoing_server"
        )
    await arrives()
    async with sit() as person:
        await at_step(person, "desk")
        await person.sees("● texts@acme.example")
        await person.press("enter")
        await form(person, DeskForm)
        await person.press("ctrl+s")
        await person.sees("● sue, administrator", "this desk works")


async def test_an_agent_is_not_led_through_what_only_others_may_do(sit: Any, office: Office) -> None:
    await furnish(office)
    await Person.create(login="ann", role=Role.AGENT)
    async with sit("ann") as person:
        await person.until(lambda: isinstance(person.app.screen, QueuesScreen), "the queues")


# -- outgoing server, gateway, account --------------------------------------------------------------------------------


async def test_a_check_that_fails_leads_back_to_the_field_with_its_sentence(sit: Any, office: Office) -> None:
    await furnish(office)
    async with sit() as person:
        await at_step(person, "server")
        await person.press("enter")
        await form(person, OutgoingForm)
        await fill(person, "host", "127.0.0.1")
        await fill(person, "port", "1")
        await person.press("ctrl+s")
        await person.sees("✖ outgoing server", "cannot be reached", "Mend it", "Go on all the same")
        assert person.app.screen.focused.id == "cancel"
        await person.press("enter")
        dialog = await form(person, OutgoingForm)
        await person.sees("127.0.0.1:1 cannot be reached (Connection refused): check host and port")
        assert dialog.focused.id == "field-port"
        await person.press(*"25")
        await person.until(lambda: "cannot be reached" not in person.text(), "the sentence to go")
        await fill(person, "port", "1")
        await person.press("ctrl+s")
        await person.sees("Go on all the same")
        await person.press("shift+tab", "enter")
        await at_step(person, "gateway")
        await person.sees("▲ 127.0.0.1:1, STARTTLS, its check failed")
        assert (await OutgoingServer.get()).port == 1


@pytest.mark.parametrize(
    ("step", "field", "form_of"),
    [
        (Step("log in", False, "the server refused the login", "check user and password"), "password", AccountForm),
        (Step("folder", False, "there is no folder Inbox", "create it"), "imap-folder", AccountForm),
        (Step("after fetching", False, "no folder Done", "create it"), "imap-after-fetch", AccountForm),
        (Step("connect", False, "The certificate is not trusted", "ca_file"), "imap-ca-file", AccountForm),
        (Step("connect", False, "x:1 cannot be reached (Connection refused)", "check"), "imap-port", AccountForm),
        (Step("connect", False, "x:1 cannot be reached (Name or service not known)", "x"), "imap-host", AccountForm),
        (Step("connect", False, "x:1 speaks no IMAP", "check"), "imap-host", AccountForm),
        (Step("outgoing log in", False, "the login was refused", "check"), "password", OutgoingForm),
        (Step("outgoing server", False, "No trusted encryption (certificate)", "x"), "ca-file", OutgoingForm),
    ],
)
async def test_whatever_an_accounts_check_finds_leads_to_where_it_is_mended(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch, step: Step, field: str, form_of: type[Any]
) -> None:
    await furnish(office, "outgoing_server", "gateway")
    checked = checks(monkeypatch, "check_account", step)
    async with sit() as person:
        await at_step(person, "account")
        await person.press("enter")
        dialog = await form(person, AccountForm)
        assert dialog.typed()["imap.host"] == "imap.acme.example"  # beside the outgoing server smtp.acme.example
        await fill(person, "address", "Texts@acme.example")
        await person.press("ctrl+s")
        await person.sees("Mend it")
        await person.press("enter")
        dialog = await form(person, form_of)
        await person.until(lambda: dialog.focused.id == f"field-{field}", f"the focus on {field}")
        await person.sees(step.detail)
        assert checked == ["texts@acme.example"]


async def test_a_check_that_is_stopped_is_no_failure(sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await furnish(office, "outgoing_server")
    closed: list[bool] = []

    async def endless(*_: object) -> AsyncGenerator[Step, None]:
        try:
            yield Step("outgoing server")
            await person.until(lambda: False, "for ever")
        finally:
            closed.append(True)

    monkeypatch.setattr(core.checkup, "check_outgoing", endless)
    async with sit() as person:
        await at_step(person, "gateway")
        await person.press("up", "enter")
        await form(person, OutgoingForm)
        await person.press("ctrl+s")
        await person.sees("◌ outgoing server", "Stop")
        assert not person.app.screen.query_one("#accept", Button).display
        await person.press("ctrl+s")  # there is nothing yet to go on from
        assert isinstance(person.app.screen, StepCheck)
        await person.press("escape")
        await at_step(person, "gateway")
        await person.sees("● smtp.acme.example:587, STARTTLS")
        await person.until(lambda: closed, "the check to end")


async def test_the_first_account_is_made_with_its_queue_and_tried_out(
    sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish(office, "outgoing_server", "gateway")
    checks(monkeypatch, "check_account", Step("log in", True, "as texts"), Step("arrival", True, "in INBOX"))
    async with sit() as person:
        await at_step(person, "account")
        await person.press("enter")
        await form(person, AccountForm)
        await fill(person, "address", "texts@acme.example")
        await person.press("ctrl+s")
        await person.sees("● log in", "● well: 2 steps", "Go on")
        await person.press("enter")
        await at_step(person, "text")
        await person.sees("line makes an e-mail of it", "texts@acme.example", "waiting for the first text")
        account = await Account.get().select_related("queue", "gateway")
        assert (account.queue.name, account.gateway.name, account.kind) == ("front", "line", Channel.SMS)  # type: ignore[union-attr]


async def test_e_mails_first_need_no_gateway(sit: Any, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await furnish(office, "outgoing_server")
    checks(monkeypatch, "check_account", Step("arrival", True, "in INBOX"))
    async with sit() as person:
        await at_step(person, "gateway")
        await person.press("e")
        await at_step(person, "account")
        await person.sees("not needed for e-mails", "First e-mail", "Texts first")
        await person.press("enter")
        dialog = await form(person, AccountForm)
        assert dialog.query_one("#field-kind", Select).value == "email"
        await fill(person, "address", "help@acme.example")
        await person.press("ctrl+s")
        await person.sees("● well")
        await person.press("enter")
        await at_step(person, "text")
        await person.sees("Send an e-mail to help@acme.example", "waiting for the first e-mail")
        assert (await Account.get()).kind is Channel.EMAIL


# -- the first message ------------------------------------------------------------------------------------------------


async def test_what_the_mailbox_does_is_shown_while_everybody_waits(
    sit: Any, office: Office, clock: FrozenClock
) -> None:
    await furnish(office, *VALUES)
    async with sit() as person:
        await at_step(person, "text")
        await person.sees("◌ the engine begins")
        await Lease.create(name="mailbox:1", holder="me", until=NOW.replace(hour=23))
        await changed(office, health=Health.WAITING)
        await person.sees("◌ connecting")
        wrong = f"imap.acme.example:993 refused the login {HOSTILE}"
        await changed(office, health=Health.BROKEN, error=wrong, retry_at=NOW.replace(minute=1))
        await person.sees("✖ imap.acme.example:993 refused the login ␛]52;c;", "It is tried again at 10:01:00")
        assert "\x1b" not in person.text() and "\u202e" not in person.text()
        await changed(office, health=Health.OK, error="", last_poll_at=NOW, idle_since=NOW, on_server=3)
        await person.sees(
            "● connected, looked at 0 s ago; the server tells", "on server 3 = 0 kept", "IDLE since 10:00"
        )
        clock.advance(seconds=30)
        await person.sees("looked at 30 s ago", "waiting for the first text, 30 s")


async def test_a_mailbox_that_is_not_reached_can_be_mended_from_where_one_waits(sit: Any, office: Office) -> None:
    await furnish(office, *VALUES)
    async with sit() as person:
        await at_step(person, "text")
        await Lease.create(name="mailbox:1", holder="me", until=NOW.replace(hour=23))
        await changed(office, health=Health.BROKEN, error="imap.acme.example:993 refused the login of texts: check it.")
        await person.sees("Enter opens the account to mend it")
        await person.press("enter")
        dialog = await form(person, AccountForm)
        await person.sees("imap.acme.example:993 refused the login of texts: check it.")
        assert dialog.focused.id == "field-password"


async def changed(office: Office, **values: object) -> None:
    async with office.database.transaction():
        await Mailbox.filter(account_id=1).update(**values)


async def test_the_first_text_opens_on_the_desk_of_who_waited(sit: Any, office: Office) -> None:
    await furnish(office, *VALUES)
    async with sit() as person:
        await at_step(person, "text")
        async with office.database.transaction():
            contact = await arrives("Is Dr Reed [@click=app.quit]in[/]?")
        await person.until(lambda: isinstance(person.app.screen, DeskScreen), "the desk")
        await person.sees("Is Dr Reed [@click=app.quit]in[/]?", "07700 900123", "Ctrl+S Send")
        assert (await Contact.get(id=contact.id).select_related("agent")).agent.login == "sue"  # type: ignore[union-attr]
        await person.until(lambda: not person.app.screen.editor.area.read_only, "the editor")
        await person.press(*"Yes")
        await person.until(lambda: person.app.screen.editor.area.text == "Yes", "the answer")


async def test_a_first_text_waits_for_a_form_to_be_closed(sit: Any, office: Office) -> None:
    await furnish(office, *VALUES)
    async with sit() as person:
        screen = await at_step(person, "text")
        await person.press("up", "enter")
        await form(person, AccountForm)
        async with office.database.transaction():
            await arrives()
        await person.until(lambda: screen.found and screen.found.beginning.contact, "the text to be read")
        await person.until(lambda: screen.next == "", "the steps to be drawn")
        assert not [one for one in person.app.workers if one.name == "open_first"]
        assert isinstance(person.app.screen, AccountForm)
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, DeskScreen), "the desk")


async def test_a_first_text_that_a_colleague_was_quicker_to_take_is_shown(sit: Any, office: Office) -> None:
    await furnish(office, *VALUES)
    await Person.create(login="ann", role=Role.AGENT)
    async with sit() as person:
        await at_step(person, "text")
        async with office.database.transaction():
            contact = await arrives(state=ContactState.OPEN)
            await Contact.filter(id=contact.id).update(agent_id=(await Person.get(login="ann")).id)
        await person.until(lambda: isinstance(person.app.screen, DeskScreen), "the desk")
        await person.sees("Is Dr Reed in?")
        assert (await Contact.get(id=contact.id).select_related("agent")).agent.login == "ann"  # type: ignore[union-attr]


# -- a stranger, and the accounts -------------------------------------------------------------------------------------


async def test_a_stranger_chooses_who_it_is(sit: Any, office: Office) -> None:
    await furnish(office, *VALUES)
    await arrives()
    async with sit("root") as person:
        await person.until(lambda: isinstance(person.app.screen, ChoiceDialog), "the question")
        await person.sees("root is not known at this desk", "sue", "+ somebody new")
        await person.press("enter")
        await person.sees("sue, administrator")


async def test_a_stranger_comes_to_the_desk_as_an_agent(sit: Any, office: Office) -> None:
    await furnish(office, *VALUES)
    await arrives()
    async with sit("bob") as person:
        await person.until(lambda: isinstance(person.app.screen, ChoiceDialog), "the question")
        await person.press("down", "enter")
        dialog = await form(person, DeskNewcomer)
        assert dialog.typed() == {"login": "bob", "name": "Sue Moss"}
        await fill(person, "login", "sue")
        await person.sees("there is sue already")
        await fill(person, "login", "bob")
        for _ in range(2):
            await person.press("tab")
        await person.press("enter")
        await person.sees("bob, agent")
        assert (await Person.get(login="bob")).role is Role.AGENT


async def test_f11_on_a_desk_without_people_leads_to_the_first_run(sit: Any) -> None:
    async with sit() as person:
        await at_step(person, "desk")
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, QueuesScreen), "the queues")
        await person.press("f11")
        await at_step(person, "desk")


async def to_accounts(person: Sitting) -> AccountsScreen:
    await person.press("1")
    await person.until(lambda: isinstance(person.app.screen, AccountsScreen), "the accounts")
    screen = person.app.screen
    assert isinstance(screen, AccountsScreen)
    return screen


async def test_a_new_account_on_a_bare_desk_is_led_to_the_first_run(sit: Any, office: Office) -> None:
    await furnish(office)
    async with sit() as person:
        await at_step(person, "server")
        await to_accounts(person)
        await person.press("n")
        await at_step(person, "server")


async def test_a_new_account_asks_for_server_and_gateway_where_they_are_missing(sit: Any, office: Office) -> None:
    await furnish(office)
    email = {**VALUES["account"], "kind": "email", "gateway": "", "address": "help@acme.example"}
    await enter(office.database, office.vault, "account", email, actor="sue", new=True)
    async with sit() as person:
        await to_accounts(person)
        await person.press("n")
        await form(person, OutgoingForm)
        await person.sees("it comes first")
        await fill(person, "host", "smtp.acme.example")
        await person.press("ctrl+s")
        await form(person, GatewayForm)
        await fill(person, "name", "line")
        await fill(person, "recipient", "{number}@sms.example")
        await person.press("ctrl+s")
        dialog = await form(person, AccountForm)
        assert dialog.query_one("#field-gateway", Select).value == "line"


# -- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_first_run_looks_as_accepted(sit: Any, looks: Any, office: Office, size: tuple[int, int]) -> None:
    async with sit(size=size) as person:
        screen = await at_step(person, "desk")
        screen.masthead.areas = [("1", "accounts", "Accounts")]  # another area is no other picture
        await person.sees("Welcome to Postroom", "▲ no engine")
        screen.masthead.refresh()
        await person.until(lambda: "2 Queues" not in person.text(), "the head to be drawn again")
        await looks(person, "welcome")
        await person.press("enter")
        await form(person, DeskForm)
        await person.sees("As this machine knows you")
        await looks(person, "desk-form")
        await person.press("escape")
        await at_step(person, "desk")
        await furnish(office, *VALUES)
        await Lease.create(name="mailbox:1", holder="me", until=NOW.replace(hour=23))
        await changed(office, health=Health.OK, last_poll_at=NOW, idle_since=NOW)
        await person.sees("● Harbour Clinic · sue, administrator")
        screen.lines["text"].focus()
        await person.sees("● connected, looked at 0 s ago", "waiting for the first text, 0 s")
        await looks(person, "waiting")
