"""Every dialog by Tab, Shift+Tab, Enter, Space and Esc alone; and what it gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Button, Checkbox, Input, Select, TabbedContent, TextArea

from core.blueprint import stored_desk
from core.checkup import Step
from core.errors import Refused
from core.views import MailRow
from core.views.alarms import Alarm
from tests.flow.conftest import NOW
from tui.actions import SCRIPT_MENU
from tui.ages import zone
from tui.dialogs import ChoiceDialog, ConfirmDialog, Dialog, FormDialog, PageDialog, TextDialog
from tui.dialogs.account_aside import AsideDialog
from tui.dialogs.account_check import CheckDialog
from tui.dialogs.account_form import AccountForm, OutgoingForm, account_form, outgoing_form
from tui.dialogs.alarms import AlarmsDialog
from tui.dialogs.gateway_form import GatewayForm
from tui.dialogs.help import HelpScreen
from tui.dialogs.menu import MenuDialog, ScriptMenu

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from core.office import Office
    from tests.tui.conftest import Sitting

Made = tuple[Dialog[Any], set[str]]
"""A dialog, and the ids of the buttons that leave it with nothing."""


async def _steps() -> AsyncGenerator[Step, None]:
    yield Step("connect")
    yield Step("connect", True, "encrypted")


async def _account(office: Office, person: Sitting) -> Dialog[Any]:
    return account_form(await stored_desk(office.database), "texts@acme.example")


async def _new_account(office: Office, person: Sitting) -> Dialog[Any]:
    return account_form(await stored_desk(office.database), "", kind="email")


async def _server(office: Office, person: Sitting) -> Dialog[Any]:
    return outgoing_form(await stored_desk(office.database))


async def _gateway(office: Office, person: Sitting) -> Dialog[Any]:
    return GatewayForm(await stored_desk(office.database), "line")


async def _aside(office: Office, person: Sitting) -> Dialog[Any]:
    mail = MailRow(7, "texts@acme.example", 3, "quarantine", "not to be read", 100, NOW, None)
    return AsideDialog("Set aside", [mail], zone("UTC"))


async def _help(office: Office, person: Sitting) -> Dialog[Any]:
    return HelpScreen(person.app.screen, {})


def simply(make: Callable[[], Dialog[Any]]) -> Callable[[Office, Sitting], Awaitable[Dialog[Any]]]:
    async def made(office: Office, person: Sitting) -> Dialog[Any]:
        return make()

    return made


DIALOGS: dict[str, Callable[[Office, Sitting], Awaitable[Dialog[Any]]]] = {
    "account": _account,
    "new account": _new_account,
    "outgoing server": _server,
    "gateway": _gateway,
    "aside": _aside,
    "help": _help,
    "check": simply(lambda: CheckDialog("Check", _steps)),
    "menu": simply(lambda: ScriptMenu("texts@acme.example", "no script")),
    "confirm": simply(lambda: ConfirmDialog("Delete", "Delete it?", "Delete")),
    "choice": simply(lambda: ChoiceDialog("Which?", [("a", "the first"), ("b", "the second")])),
    "text": simply(lambda: TextDialog("What?", "Say it.")),
    "page": simply(lambda: PageDialog("A page", "text " * 2000)),
    "alarms": simply(lambda: AlarmsDialog([Alarm(True, "no", NOW, "accounts")], NOW, set())),
}
OURS = (
    AccountForm, AlarmsDialog, AsideDialog, CheckDialog, ChoiceDialog, ConfirmDialog, GatewayForm, HelpScreen,
    OutgoingForm, PageDialog, ScriptMenu, TextDialog,
)  # fmt: skip
FORMS = ("account", "new account", "outgoing server", "gateway")
every_dialog = pytest.mark.parametrize("name", DIALOGS)


async def open_up(person: Sitting, office: Office, name: str) -> tuple[Dialog[Any], list[Any]]:
    """The dialog on the screen, and a list that gets what it gives back."""
    given: list[Any] = []
    dialog = await DIALOGS[name](office, person)
    await person.app.push_screen(dialog, given.append)
    await person.until(lambda: person.app.screen is dialog and dialog.focused is not None, name)
    return dialog, given


def controls(dialog: Dialog[Any]) -> set[str]:
    """Everything in it that takes keys, on whatever page."""
    kinds = (Button, Checkbox, Input, Select, TextArea)
    return {str(one.id) for one in dialog.query("*") if isinstance(one, kinds) and one.display and one.id}


def here(dialog: Dialog[Any]) -> str:
    return str(dialog.focused.id) if dialog.focused is not None else ""


async def test_every_dialog_of_ours_is_among_these(sit: Any, office: Office) -> None:
    async with sit() as person:
        made = [await make(office, person) for make in DIALOGS.values()]
    assert {type(one) for one in made} == set(OURS)


async def walk_there_and_back(person: Sitting, dialog: Dialog[Any], wanted: set[str]) -> list[str]:
    """Everything wanted is reached by Tab, and again by Shift+Tab on the way back; where Tab led, in its order."""
    start, way = here(dialog), [here(dialog)]
    for _ in range(60):
        await person.press("tab")
        way.append(here(dialog))
        if set(way) >= wanted and here(dialog) in (start, "cancel"):
            break
    assert set(way) >= wanted, f"Tab never came to {wanted - set(way)}"
    back = [here(dialog)]
    for _ in range(60):
        await person.press("shift+tab")
        back.append(here(dialog))
        if set(back) >= wanted:
            break
    assert set(back) >= wanted, f"Shift+Tab never came to {wanted - set(back)}"
    return way


@pytest.mark.parametrize("name", [name for name in DIALOGS if name not in FORMS])
async def test_tab_leads_to_everything_in_it_and_shift_tab_back(sit: Any, office: Office, name: str) -> None:
    async with sit() as person:
        dialog, _ = await open_up(person, office, name)
        await walk_there_and_back(person, dialog, controls(dialog) - ({"aside-filter"} if name == "aside" else set()))


@pytest.mark.parametrize("name", FORMS)
async def test_tab_walks_the_fields_in_their_order_page_after_page(sit: Any, office: Office, name: str) -> None:
    async with sit() as person:
        dialog, _ = await open_up(person, office, name)
        assert isinstance(dialog, FormDialog)
        fields = [field.id for field in dialog.fields if field.kind != "fixed"]
        pages: list[str] = []
        dialog.watch(dialog.query_one(TabbedContent), "active", lambda page: pages.append(page), init=False)
        way = await walk_there_and_back(person, dialog, controls(dialog))
        assert way[: len(fields) + 1] == [*fields, "accept"]
        assert way[-1] == "cancel"
        assert here(dialog) == fields[0]
        there = [f"page-{number}" for number in range(len(dialog.pages))]
        assert pages == there[1:] + there[-2::-1]


async def press_tab_to(person: Sitting, dialog: Dialog[Any], wanted: str) -> None:
    for _ in range(60):
        if here(dialog) == wanted:
            return
        await person.press("tab")
    pytest.fail(f"Tab never came to {wanted}")


@every_dialog
async def test_it_is_left_by_its_last_button_or_by_esc_with_nothing(sit: Any, office: Office, name: str) -> None:
    async with sit() as person:
        for key in ("enter", "space", "escape"):
            dialog, given = await open_up(person, office, name)
            if key != "escape":
                dialog.query_one("#cancel", Button).focus()
            await person.press(key)
            await person.until(lambda: given, f"the dialog to close by {key}")  # noqa: B023
            assert given == [None]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("confirm", True), ("choice", "a"), ("text", ""), ("alarms", "0"), ("aside", 7)],
)
async def test_its_first_button_gives_the_answer(sit: Any, office: Office, name: str, wanted: object) -> None:
    async with sit() as person:
        for key in ("enter", "space"):
            dialog, given = await open_up(person, office, name)
            await press_tab_to(person, dialog, "accept")
            await person.press(key)
            await person.until(lambda: given, f"the dialog to close by {key}")  # noqa: B023
            assert given == [wanted]


async def test_a_choice_is_narrowed_by_words_and_made_by_arrows_or_a_click(sit: Any, office: Office) -> None:
    async with sit() as person:
        _, given = await open_up(person, office, "choice")
        await person.press("down", "enter")
        _, given_again = await open_up(person, office, "choice")
        await person.press(*"first", "enter")
        dialog, nothing = await open_up(person, office, "choice")
        await person.press(*"zzz", "enter")
        await person.sees("nothing of that name")
        assert (given, given_again, nothing) == (["b"], ["a"], [])
        dialog.dismiss(None)


async def test_a_menu_is_used_by_its_keys_and_by_arrows(sit: Any, office: Office) -> None:
    async with sit() as person:
        dialog, given = await open_up(person, office, "menu")
        assert isinstance(dialog, MenuDialog)
        await person.press("d")
        _, given_again = await open_up(person, office, "menu")
        await person.press("down", "down", "enter")
        _, first = await open_up(person, office, "menu")
        await person.press("ctrl+s")
        await person.until(lambda: first, "the menu to close")
        ids = [action.id for action in SCRIPT_MENU.actions]
        assert (given, given_again, first) == (["account-script.debug"], [ids[2]], [ids[0]])


async def test_a_form_is_filled_in_and_saved_by_tab_space_and_enter(sit: Any, office: Office) -> None:
    async with sit() as person:
        dialog, given = await open_up(person, office, "new account")
        await press_tab_to(person, dialog, "field-address")
        await person.press(*"news@acme.example")
        await press_tab_to(person, dialog, "field-enabled")
        assert "▐X▌ yes" in person.text()
        await person.press("space")
        await person.sees("▐ ▌ no")  # told without its colour too
        await press_tab_to(person, dialog, "field-imap-host")
        await person.press(*"imap.acme.example")
        await press_tab_to(person, dialog, "field-receipt-reply")
        await person.press(*"Thanks", "enter", *"Bye")
        await press_tab_to(person, dialog, "accept")
        await person.press("space")
        await person.until(lambda: given, "the form to close")
        values = given[0].values
        assert (values["address"], values["enabled"], values["imap.host"]) == (
            "news@acme.example", False, "imap.acme.example",
        )  # fmt: skip
        assert values["receipt_reply"] == "Thanks\nBye"


@pytest.mark.parametrize("name", ["page", "help", "check"])
async def test_what_is_only_read_is_closed_by_enter_and_nothing_behind_it_opens(
    sit: Any, office: Office, name: str
) -> None:
    async with sit() as person:
        await person.press("1")
        await person.sees("texts@acme.example")
        accounts = person.app.screen
        dialog, given = await open_up(person, office, name)
        await person.until(lambda: name != "check" or dialog.done, "the check to end")  # type: ignore[attr-defined]
        await person.press("enter")
        await person.until(lambda: given, "the dialog to close")
        assert person.app.screen is accounts


async def _broken() -> AsyncGenerator[Step, None]:
    yield Step("connect")
    raise RuntimeError("the inside of it")


async def _refused() -> AsyncGenerator[Step, None]:
    yield Step("connect", True, "encrypted")
    raise Refused("the account is gone: look again")


async def test_a_check_that_ends_badly_says_so_and_goes_on_saying_so(sit: Any, office: Office) -> None:
    async with sit() as person:
        for check, words in ((_refused, "✖ the account is gone: look again"), (_broken, "✖ the check stopped")):
            dialog = CheckDialog("Check", check)
            await person.app.push_screen(dialog)
            await person.sees(words)
            dialog._again()  # as every second
            await person.pilot.pause()
            assert words in person.text() and "well" not in person.text()
            await person.press("enter")
        assert any("something nobody foresaw" in said for said in person.said())


@pytest.mark.parametrize("name", FORMS)
async def test_no_hint_is_cut_off_in_a_form(sit: Any, office: Office, name: str) -> None:
    async with sit() as person:
        dialog, _ = await open_up(person, office, name)
        assert isinstance(dialog, FormDialog)
        assert {field.hint for field in dialog.fields if len(field.hint) > dialog.hint.size.width} == set()
