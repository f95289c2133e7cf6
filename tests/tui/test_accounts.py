"""The accounts area: lists and health, forms judged as they are typed, checks, set-aside mails, delete."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input, Select, Static, TabbedContent

from core import accounts
from core.campaigns import CampaignSettings
from core.checkup import Step
from core.models import (
    Account,
    Engine,
    Gateway,
    Journal,
    Lease,
    Mail,
    Mailbox,
    OutgoingServer,
    Person,
    Queue,
    RawMail,
    Script,
)
from core.models.states import Channel, Health, MailOutcome, Security
from core.roles import COMMAND
from tests.flow.conftest import NOW
from tests.tui.conftest import LARGE, SMALL, Sitting
from tui.app import PostroomApp
from tui.dialogs import ConfirmDialog
from tui.dialogs.account_aside import AsideDialog
from tui.dialogs.account_check import CheckDialog
from tui.dialogs.account_form import AccountForm, OutgoingForm
from tui.dialogs.gateway_form import GatewayForm
from tui.screens.accounts import AccountsScreen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from core.office import Office

HOSTILE = "\x1b]52;c;eA==\x07[@click=app.quit]x[/] \u202eevil"


async def to_accounts(person: Sitting) -> AccountsScreen:
    await person.press("1")
    await person.until(lambda: isinstance(person.app.screen, AccountsScreen), "the accounts")
    screen = person.app.screen
    assert isinstance(screen, AccountsScreen)
    await person.until(lambda: screen.found.accounts or screen.found.places == {}, "the accounts to be read")
    await person.until(lambda: screen.current is not None, "an account under the cursor")
    return screen


async def form(person: Sitting, kind: type[Any]) -> Any:
    await person.until(lambda: isinstance(person.app.screen, kind) and person.app.screen._began, kind.__name__)
    return person.app.screen


async def fill(person: Sitting, key: str, text: str) -> None:
    """Type into a field, as a person would: what stood there is gone first."""
    widget = person.app.screen.query_one("#field-" + key.replace(".", "-").replace("_", "-"), Input)
    widget.focus()
    widget.value = ""
    await person.press(*text)


async def test_accounts_stand_in_two_tables_with_their_health(sit: Any, office: Office) -> None:
    await Account.filter(id=1).update(user="texts")
    for number, error in ((1, ""), (2, "mail.acme.example:993 the server refused the login.")):
        await Lease.create(name=f"mailbox:{number}", holder="me", until=NOW.replace(hour=23))
        health = Health.BROKEN if error else Health.OK
        await Mailbox.filter(account_id=number).update(health=health, error=error, last_poll_at=NOW, on_server=4)
    for uid, outcome in enumerate(
        [MailOutcome.CONTACT, MailOutcome.RECEIPT, MailOutcome.DUPLICATE, MailOutcome.QUARANTINE]
    ):
        await Mail.create(account_id=1, uidvalidity=1, uid=uid, outcome=outcome, arrived_at=NOW, taken_at=NOW)
    async with sit() as person:
        await to_accounts(person)
        await person.sees("SMS accounts", "E-mail accounts", "texts@acme.example", "help@acme.example", "● 0 s")
        await person.sees("✖ the", "on server 4 = 1 kept + 1 receipt", "+ 1 duplicate + 1 set aside  (v view)")
        await person.sees("127.0.0.1:1 NONE", "0 due", "poll every 60 s")
        await person.press("tab")
        await person.sees("✖ mail.acme.example:993 the server refused the login")


async def test_an_account_names_the_campaigns_that_send_as_it(sit: Any, office: Office) -> None:
    for name in ("spring", "[b]fall"):
        await office.campaigns.save(CampaignSettings(name, sms_account="texts@acme.example"), actor=COMMAND)
    async with sit(size=LARGE) as person:
        await to_accounts(person)
        await person.sees("campaigns: [b]fall, spring")
        assert "[b]fall," in person.text().split("campaigns:")[0]


async def test_a_new_account_is_made_by_the_keyboard_alone(sit: Any) -> None:
    async with sit() as person:
        screen = await to_accounts(person)
        await person.press("n")
        dialog = await form(person, AccountForm)
        await person.press("tab", *"news@acme.example", "enter")
        await person.press("f6", *"mail.acme.example")
        for _ in range(4):
            await person.press("tab")
        await person.press(*"pw")
        assert dialog.entered()["password"] == "pw"
        await person.press("ctrl+s")
        await person.sees("account news@acme.example added")
        await person.until(lambda: screen.current and screen.current.address == "news@acme.example", "the cursor on it")
        account = await Account.get(address="news@acme.example").select_related("gateway")
        assert (account.imap_host, account.gateway.name, account.kind) == ("mail.acme.example", "line", Channel.SMS)  # type: ignore[union-attr]
        assert (await Journal.get(verb="apply")).actor == "sue"


async def test_tab_order_alone_leads_through_every_page_and_to_save(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("n")
        dialog = await form(person, AccountForm)
        seen = set()
        for page in range(4):
            dialog.query_one(TabbedContent).active = f"page-{page}"
            await person.pilot.pause()
            dialog.query_one("ContentTabs").focus()
            for _ in range(16):
                await person.press("tab")
                seen.add(dialog.focused.id)
        wanted = {field.id for field in dialog.fields if field.kind != "fixed"}
        assert wanted | {"accept", "check", "cancel"} <= seen
        dialog.query_one("ContentTabs").focus()
        await person.press("right")
        await person.until(lambda: dialog.query_one(TabbedContent).active == "page-0", "the arrow to turn the page")


async def test_mistakes_are_told_while_they_are_typed_and_where_they_are(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("n")
        dialog = await form(person, AccountForm)
        assert "✖" not in person.text()
        await fill(person, "address", "nonsense")
        await person.sees("✖ Address", "Address: must be an e-mail address")
        await fill(person, "address", "texts@acme.example")
        await person.sees("there is texts@acme.example already")
        await fill(person, "address", "news@acme.example")
        await person.until(lambda: "✖" not in person.text(), "the mistake to go")
        await person.press("ctrl+s")
        await person.until(lambda: dialog.query_one(TabbedContent).active == "page-1", "the page with the mistake")
        await person.until(lambda: dialog.focused.id == "field-imap-host", "the focus on it")
        await person.sees("Host: must be the name or the address of a host")
        await fill(person, "imap.port", "70000")
        await person.sees("Port: must be at most 65535")
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, AccountsScreen), "the form to close")
        assert await Account.all().count() == 2


async def test_the_port_follows_the_encryption_while_it_is_a_usual_one(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("o")
        dialog = await form(person, OutgoingForm)
        port = dialog.query_one("#field-port", Input)
        assert port.value == "1"
        dialog.query_one("#field-security", Select).value = "tls"
        await person.pilot.pause()
        assert port.value == "1"
        port.value = "587"
        dialog.query_one("#field-security", Select).value = "starttls"
        await person.pilot.pause()
        dialog.query_one("#field-security", Select).value = "tls"
        await person.until(lambda: port.value == "465", "another port")


async def test_modify_keeps_what_is_not_touched(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("enter")
        dialog = await form(person, AccountForm)
        assert "password" not in dialog.entered()
        await fill(person, "description", "Acme texts")
        await person.press("ctrl+s")
        await person.sees("account texts@acme.example changed (description)")
        account = await Account.get(id=1)
        assert (account.description, account.imap_port) == ("Acme texts", 1)


async def test_the_outgoing_server_is_set_up_and_checked(sit: Any) -> None:
    await OutgoingServer.all().delete()
    async with sit() as person:
        await to_accounts(person)
        await person.sees("▲ none is set up")
        await person.press("o")
        await form(person, OutgoingForm)
        await person.press(*"127.0.0.1")
        await fill(person, "port", "1")
        await person.press("f7")
        await person.until(lambda: isinstance(person.app.screen, CheckDialog), "the check")
        await person.sees("✖ outgoing server", "✖ broken")
        assert (await OutgoingServer.get(id=1)).security is Security.STARTTLS


async def test_a_check_shows_each_step_as_it_happens_and_closes_what_it_holds(sit: Any) -> None:
    closed: list[bool] = []

    async def steps() -> AsyncGenerator[Step, None]:
        import asyncio

        try:
            yield Step("connect")
            yield Step("connect", True, "encrypted " + HOSTILE)
            yield Step("log in", False, "refused", "look at the password")
            yield Step("arrival")
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async with sit() as person:
        await to_accounts(person)
        person.app.push_screen(CheckDialog("Check", steps))
        await person.sees("● connect", "[@click=app.quit]x[/]", "✖ log in", "→ look at the password", "◌ arrival")
        assert "\x1b" not in person.text() and "\u202e" not in person.text()
        await person.press("escape")
        await person.until(lambda: closed, "the check to be closed")


async def test_an_account_that_cannot_be_reached_says_so_step_by_step(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("c")
        await person.sees("Check of texts@acme.example", "✖ connect", "✖ outgoing server", "○ test mail", "✖ broken: 2")


async def test_x_disables_and_f9_takes_it_back(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("x")
        await person.sees("texts@acme.example is off", "○ off: its mailbox is left alone")
        assert not (await Account.get(id=1)).enabled
        await person.press("f9")
        await person.sees("taken back")
        assert (await Account.get(id=1)).enabled


async def test_delete_names_what_goes_and_no_is_the_first_answer(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("D")
        await person.sees("switch it off first (x)")
        await person.press("x")
        await person.sees("is off")
        await person.until(lambda: person.app.screen.current.enabled is False, "the account to be off")
        await person.press("D")
        await person.until(lambda: isinstance(person.app.screen, ConfirmDialog), "the question")
        await person.sees("With it go 0 contacts")
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, AccountsScreen), "the answer")
        assert await Account.filter(id=1).exists()
        await person.press("D")
        await person.until(lambda: isinstance(person.app.screen, ConfirmDialog), "the question")
        await person.press("y")
        await person.sees("texts@acme.example is deleted")
        await person.until(lambda: person.app.screen.lists["sms"].rows.keys == [], "the row to go")


async def test_the_sample_lives_while_a_gateway_is_typed(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("g")
        await person.sees("Gateways", "line  plain", "+ a new gateway")
        await person.press(*"new", "enter")
        dialog = await form(person, GatewayForm)
        await person.sees("No mail could be sent", "has no recipient")
        await person.press(*"click")
        await fill(person, "recipient", "click.example")
        await person.sees("A text to 07700 900123 would be this mail", "To: 447700900123@click.example")
        dialog.query_one("#field-number-format", Select).value = "e164"
        await person.sees("To: +447700900123@click.example")
        await fill(person, "recipient", "{nunber}@click.example")
        await person.sees("asks for {nunber}")
        await fill(person, "recipient", "click.example")
        await person.press("ctrl+s")
        await person.sees("gateway click added")
        gateway = await Gateway.get(name="click")
        assert gateway.overrides == {"recipient": "click.example", "number_format": "e164"}


async def test_a_secret_is_kept_and_never_shown(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.answers("g", "new")
        dialog = await form(person, GatewayForm)
        await fill(person, "name", "click")
        await fill(person, "recipient", "sms@click.example")
        dialog.query_one("#field-dialect", Select).value = "body-lines"
        dialog.query_one("#field-more").text = "values = { api_id = '1', user = 'acme' }"
        await person.sees("The gateway has no password")
        await fill(person, "secret", "hunter2")
        await person.sees("password:(secret)")
        assert "hunter2" not in person.text()
        await person.press("ctrl+s")
        await person.sees("gateway click added")
        await person.answers("g", "click")
        dialog = await form(person, GatewayForm)
        await person.sees("password:(secret)")
        assert dialog.query_one("#field-more").text == '[values]\napi_id = "1"\nuser = "acme"\n'


async def test_a_gateway_in_use_is_not_deleted(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("g", "enter")
        dialog = await form(person, GatewayForm)
        dialog.query_one("#delete").press()
        await person.sees("Delete gateway line?")
        await person.press("y")
        await person.sees("gateway line is used by texts@acme.example")


async def _aside(office: Office) -> None:
    raw = b"From: ann@x.example\r\nTo: help@acme.example\r\nMessage-ID: <a@x>\r\nSubject: Hello\r\n\r\nPlease help\r\n"
    mail = await Mail.create(account_id=2, uidvalidity=1, uid=1, outcome=MailOutcome.QUARANTINE, size=len(raw),
                             reason=f"not to be read {HOSTILE}", arrived_at=NOW, taken_at=NOW)  # fmt: skip
    await RawMail.create(mail_id=mail.id, content=zlib.compress(raw))


async def test_what_was_set_aside_is_shown_with_its_reason_and_released_by_one_key(sit: Any, office: Office) -> None:
    await _aside(office)
    async with sit() as person:
        await to_accounts(person)
        await person.press("tab", "v")
        await person.until(lambda: isinstance(person.app.screen, AsideDialog), "the mails set aside")
        await person.sees("1 set aside", "not to be read ␛]52;c;eA==␇[@click=app.quit]x[/]")
        assert "\u202e" not in person.text()
        await person.press("r")
        await person.sees("became contact", "nothing is set aside")
        await person.press("escape")
        assert not await Mail.filter(outcome=MailOutcome.QUARANTINE).exists()


async def test_what_is_refused_is_said_and_the_form_keeps_what_was_typed(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("enter")
        dialog = await form(person, AccountForm)
        await fill(person, "description", "Acme texts")
        dialog.query_one("#field-queue", Select).value = "billing"
        await Account.all().update(queue_id=(await Queue.get(name="front")).id)
        await Queue.filter(name="billing").delete()
        await person.press("ctrl+s")
        await person.until(lambda: person.app.screen is not dialog, "the form to go")
        again = await form(person, AccountForm)
        assert again is not dialog
        await person.comes_to_rest()
        await person.sees('there is no queue "billing"')
        assert again.typed()["description"] == "Acme texts"


async def test_an_empty_desk_says_how_to_begin(sit: Any) -> None:
    await Mailbox.all().delete()
    await Account.all().delete()
    async with sit() as person:
        await person.press("1")
        await person.sees("No account yet", "first account (n)")
        await person.press("enter", "c", "x", "D", "v", "question_mark")
        assert isinstance(person.app.screen, AccountsScreen)


async def test_an_account_is_explained(sit: Any) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("x")
        await person.sees("is off")
        await person.press("question_mark")
        await person.sees("disable: texts@acme.example")


async def test_hostile_words_are_harmless_everywhere(sit: Any) -> None:
    await Account.filter(id=1).update(description=HOSTILE, user=HOSTILE)
    await Mailbox.filter(account_id=1).update(health=Health.BROKEN, error=HOSTILE)
    await Lease.create(name="mailbox:1", holder="me", until=NOW.replace(hour=23))
    await OutgoingServer.all().update(health=Health.BROKEN, error=HOSTILE)
    await Queue.create(name=HOSTILE[:80])
    async with sit(size=LARGE) as person:
        await to_accounts(person)
        await person.sees("✖ ␛]52;c;eA==␇[@click=app.quit]x[/]")
        assert "\x1b" not in person.text() and "\u202e" not in person.text()
        await person.press("enter")
        dialog = await form(person, AccountForm)
        dialog.query_one(TabbedContent).active = "page-2"
        await person.sees("Queue")
        dialog.query_one("#field-queue", Select).expanded = True
        await person.sees("[@click=app.quit]")
        assert "\x1b" not in person.text() and "\u202e" not in person.text()
        assert isinstance(dialog.query_one("#field-address"), Static)


async def alive(office: Office) -> None:
    """A desk at work: one mailbox is well, the other one broken."""
    await Lease.create(name="engine:me", holder="me", until=NOW.replace(hour=23))
    await Engine.create(holder="me", host="h", pid=1, version="1", started_at=NOW, sessions=2)
    await OutgoingServer.all().update(host="mail.acme.example", port=587, security=Security.STARTTLS, health=Health.OK)
    await Script.create(name="front-door", created_at=NOW)
    await Account.filter(id=1).update(
        user="texts", description="Acme texts", receipt_reply="Thank you. We answer within the hour.",
        imap_host="mail.acme.example", imap_port=993, imap_security=Security.TLS, script_id=1,
    )  # fmt: skip
    for number, error in ((1, ""), (2, "mail.acme.example:993 refused the login of help (bad password): check user")):
        await Lease.create(name=f"mailbox:{number}", holder="me", until=NOW.replace(hour=23))
        await Mailbox.filter(account_id=number).update(
            health=Health.BROKEN if error else Health.OK, error=error, last_poll_at=NOW - timedelta(seconds=4),
            on_server=4, idle_since=None if error else NOW - timedelta(hours=2),
            error_at=NOW - timedelta(minutes=3) if error else None, failures=5 if error else 0,
        )  # fmt: skip
    for uid, outcome in enumerate(
        [MailOutcome.CONTACT, MailOutcome.RECEIPT, MailOutcome.DUPLICATE, MailOutcome.QUARANTINE]
    ):
        await Mail.create(account_id=1, uidvalidity=1, uid=uid, outcome=outcome, arrived_at=NOW, taken_at=NOW)
    await accounts.set_debug(office.database, "texts@acme.example", True, actor="sue")
    await Journal.all().update(at=NOW - timedelta(minutes=1))


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_accounts_look_as_accepted(sit: Any, office: Office, looks: Any, size: tuple[int, int]) -> None:
    await alive(office)
    async with sit(size=size) as person:
        await to_accounts(person)
        await person.sees("texts@acme.example", "mail.acme.example:587 STARTTLS", "1 mailbox broken")
        if size == LARGE:
            await person.sees("sue: debug on:")
        await looks(person, "accounts")


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [("n",), ("enter",), ("o",), ("g", "enter"), ("x",), ("D",), ("s", "i"), ("s", "d")])
async def test_an_agent_sets_nothing_up_and_is_told_before_a_form_is_filled_in(
    sit: Any, office: Office, keys: tuple[str, ...]
) -> None:
    before = await Account.all().order_by("id").values()
    async with sit("ann") as person:
        screen = await to_accounts(person)
        await person.press(*keys)
        await person.until(person.said, "a word")
        words = "ann is an agent: only a supervisor or an administrator may set up accounts, gateways, queues and"
        assert person.said()[0].startswith(words)
        await person.until(lambda: person.app.screen is screen, "no form")
    assert await Account.all().order_by("id").values() == before


async def test_whoever_sits_at_a_desk_without_users_sets_it_up(sit: Any, office: Office) -> None:
    await Journal.all().delete()
    await Person.all().delete()
    app = PostroomApp(office, "whoever")
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        person = Sitting(app, pilot)
        await person.until(lambda: app.standing is not None, "the desk to be read")
        await to_accounts(person)
        await person.press("x")
        await person.sees("texts@acme.example is off")


# -- the script's menu -------------------------------------------------------------------------------------------------


async def test_the_menu_of_the_script_opens_the_page_of_what_arrives(sit: Any, office: Office) -> None:
    async with sit() as person:
        await to_accounts(person)
        await person.press("s")
        await person.sees("no script: what arrives goes to the queue", "debug is off")
        await person.press("i")
        dialog = await form(person, AccountForm)
        assert dialog.query_one(TabbedContent).active == "page-2"
        assert dialog.focused.id == "field-queue"


async def test_debug_is_switched_from_the_menu_and_taken_back(sit: Any, office: Office) -> None:
    async with sit(size=LARGE) as person:
        await to_accounts(person)
        await person.press("s", "d")
        await person.sees("debug of texts@acme.example is on · F9 takes it back", "debug on")
        assert (await Account.get(id=1)).debug
        await person.press("f9")
        await person.sees("taken back")
        await person.until(lambda: "debug on" not in person.text().split("What arrives")[1][:80], "the pane to say so")
        assert not (await Account.get(id=1)).debug


async def test_the_menu_leads_to_the_journal_of_the_account_alone(sit: Any, office: Office) -> None:
    await accounts.set_enabled(office.database, "help@acme.example", False, actor="sue")
    await accounts.set_enabled(office.database, "texts@acme.example", False, actor="sue")
    async with sit() as person:
        await to_accounts(person)
        await person.press("s", "j")
        await person.sees("Journal · texts@acme.example", "disable")
        assert "help@" not in person.text()
