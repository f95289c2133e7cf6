"""Accounts and the outgoing server set up and checked at the screen, against a real Dovecot and a real Postfix."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input, Select

from core.models import Account, OutgoingServer
from core.models.states import Security
from tests.servers.postfix import Postfix
from tests.tui.conftest import LARGE
from tests.tui.test_accounts import fill, form, to_accounts
from tui.dialogs.account_check import CheckDialog
from tui.dialogs.account_form import AccountForm, OutgoingForm
from tui.screens.accounts import AccountsScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.office import Office
    from tests.servers.dovecot import Dovecot
    from tests.tui.conftest import Sitting

PASSWORD = "geheim 7"


@pytest.fixture(scope="module")
def delivering(dovecot: Dovecot) -> Iterator[Postfix]:
    """A Postfix that delivers into the mailboxes that the Dovecot serves."""
    if os.getuid() != 0:
        pytest.skip("Postfix's master runs as root only")
    with Postfix(maildir_root=dovecot.folder / "mail") as server:
        yield server


async def sends_by(server: Postfix, **changes: object) -> None:
    fields: dict[str, object] = {
        "host": "127.0.0.1", "port": server.port, "security": Security.STARTTLS, "ca_file": server.ca_file, **changes,
    }  # fmt: skip
    await OutgoingServer.filter(id=1).update(**fields)


async def fetches_from(
    office: Office, server: Dovecot, user: str, *, password: str = PASSWORD, **changes: object
) -> None:
    """The e-mail account, with the user's mailbox."""
    fields: dict[str, object] = {
        "address": f"{user}@desk.example", "user": user, "secret": office.vault.seal(password),
        "imap_host": "127.0.0.1", "imap_port": server.port, "imap_security": Security.STARTTLS,
        "imap_ca_file": server.ca_file, **changes,
    }  # fmt: skip
    await Account.filter(id=2).update(**fields)


async def checked(person: Sitting, *, key: str = "c") -> CheckDialog:
    """The check of the e-mail account, once it is done."""
    await to_accounts(person)
    await person.press("tab", key)
    await person.until(lambda: isinstance(person.app.screen, CheckDialog), "the check")
    dialog = person.app.screen
    assert isinstance(dialog, CheckDialog)
    await person.until(lambda: dialog.done, "its end")
    return dialog


def steps_of(dialog: CheckDialog) -> dict[str, bool | None]:
    return {step.name: step.ok for step in dialog.steps}


async def test_an_account_is_typed_in_saved_and_checked_until_its_test_mail_is_back(
    sit: Any, dovecot: Dovecot, delivering: Postfix, mail_user: str
) -> None:
    delivering.add_user(mail_user)
    await sends_by(delivering)
    async with sit(size=LARGE) as person:
        screen = await to_accounts(person)
        await person.press("tab", "n")
        dialog = await form(person, AccountForm)
        await person.press("tab", *f"{mail_user}@desk.example")
        await fill(person, "imap.host", "127.0.0.1")
        dialog.query_one("#field-imap-security", Select).value = "starttls"
        await person.until(lambda: dialog.query_one("#field-imap-port", Input).value == "143", "the usual port")
        await fill(person, "imap.port", str(dovecot.port))
        await fill(person, "user", mail_user)
        await fill(person, "password", PASSWORD)
        dialog.query_one("#field-imap-ca-file", Input).value = dovecot.ca_file
        await person.press("f7")
        await person.until(lambda: isinstance(person.app.screen, CheckDialog), "the check")
        check = person.app.screen
        await person.sees("● log in", f"as {mail_user}", "● folder", "● test mail", "● arrival", "in INBOX after")
        await person.sees("● well: 11 steps")
        assert all(ok is not False for ok in steps_of(check).values())
        assert PASSWORD not in person.text()
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, AccountsScreen), "the accounts")
        await person.until(
            lambda: screen.current and screen.current.address == f"{mail_user}@desk.example", "the cursor on it"
        )
    assert dovecot.messages(mail_user) == []


async def test_each_thing_that_can_be_wrong_with_a_mailbox_is_told_with_its_remedy(
    sit: Any, office: Office, dovecot: Dovecot, delivering: Postfix, mail_user: str
) -> None:
    delivering.add_user(mail_user)
    await sends_by(delivering)
    dovecot.deliver(mail_user, b"Subject: x\r\n\r\n", folder="Erledigt")
    wrong: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
        ({"password": "wrong"}, "log in", ("refused the login", "→ check user and password")),
        ({"imap_port": 1}, "connect", ("cannot be reached", "→ check host and port, and that it runs")),
        ({"imap_ca_file": ""}, "connect", ("is not trusted", "→ no login was sent; check the host's name, or ca_file")),
        ({"imap_folder": "Erledgit"}, "folder", ("has no folder 'Erledgit'", "→ create it, or did you mean Erledigt?")),
        ({"after_fetch": "move:No"}, "after fetching", ("does not exist", "→ create it, or choose one of")),
    ]
    for changes, step, words in wrong:
        await fetches_from(office, dovecot, mail_user, **{"imap_folder": "INBOX", "after_fetch": "seen", **changes})
        async with sit(size=LARGE) as person:
            dialog = await checked(person)
            assert steps_of(dialog)[step] is False, (step, dialog.steps)
            await person.sees(f"✖ {step}", "✖ broken: 1 of")
            await person.sees(*words)
            assert next(iter(steps_of(dialog))) == "credentials"
            assert "outgoing server" in steps_of(dialog)


async def test_each_thing_that_can_be_wrong_with_the_outgoing_server_is_told(sit: Any, delivering: Postfix) -> None:
    wrong: list[tuple[dict[str, object], tuple[str, ...]]] = [
        ({"port": 1}, ("cannot be reached",)),
        ({"ca_file": ""}, ("No trusted encryption", "→ check the certificate")),
        ({"user": "desk"}, ("✖ outgoing credentials", "has no password")),
        ({"host": "no such host"}, ("✖ outgoing server",)),
    ]
    for changes, words in wrong:
        await sends_by(delivering, **{"user": "", **changes})
        async with sit(size=LARGE) as person:
            await checked(person, key="C")
            await person.sees("✖ broken", *words)
    await sends_by(delivering, user="")
    async with sit(size=LARGE) as person:
        await checked(person, key="C")
        await person.sees("● outgoing server", "encrypted, TLS", "● well")


async def test_the_outgoing_server_is_typed_in_saved_and_checked(sit: Any, delivering: Postfix) -> None:
    await OutgoingServer.all().delete()
    async with sit() as person:
        await to_accounts(person)
        await person.press("o")
        dialog = await form(person, OutgoingForm)
        await person.press(*"127.0.0.1")
        await fill(person, "port", str(delivering.port))
        dialog.query_one("#field-ca-file", Input).value = delivering.ca_file
        await person.press("f7")
        await person.until(lambda: isinstance(person.app.screen, CheckDialog), "the check")
        await person.sees("● outgoing server", "encrypted, TLS", "● well")
        await person.press("escape")
        await person.sees(f"127.0.0.1:{delivering.port} STARTTLS")


async def test_a_check_that_is_left_stops(
    sit: Any, office: Office, dovecot: Dovecot, mail_user: str, recorder: Any
) -> None:
    """The recorder takes the test mail and delivers it nowhere: the check would wait for it."""
    await OutgoingServer.filter(id=1).update(host="127.0.0.1", port=recorder.port, security=Security.NONE)
    await fetches_from(office, dovecot, mail_user)
    async with sit(size=LARGE) as person:
        await to_accounts(person)
        await person.press("tab", "c")
        await person.sees("◌ arrival", "● test mail")
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, AccountsScreen), "the accounts")
        await recorder.until(lambda: not recorder.open_wires)
