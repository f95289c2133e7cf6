"""What the first run asks with, beside the forms there are: the desk and its first person, somebody new, a check."""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Button

from core.whereabouts import guess_region, guess_timezone
from tui.dialogs.account_check import CheckDialog
from tui.dialogs.account_form import account_form
from tui.dialogs.form import Field, FormDialog, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.blueprint import Stored
    from core.checkup import Step
    from tui.dialogs.account_form import AccountForm

_NOT_IN_A_LOGIN = re.compile(r"[^A-Za-z0-9._@+-]+")
_LOGIN = "As this machine knows you; with another one, start with --as LOGIN."
_PERSON = ("login", "name")


class DeskForm(FormDialog):
    """The desk, and who sits at it."""

    BUTTONS = (("accept", "Save", "primary"), ("cancel", "Back", "default"))

    def entered(self) -> Values:
        """A country in capitals."""
        values = self.typed()
        return {**values, "region": str(values["region"]).upper()}


def person_of(values: Values) -> Values:
    """The `user` of what a form gave."""
    return {key: values[key] for key in _PERSON}


def desk_of(values: Values) -> Values:
    """The `desk` of what a form gave."""
    return {"name": values["desk"], "region": values["region"], "timezone": values["timezone"]}


def desk_form(stored: Stored, login: str, draft: Values | None = None) -> DeskForm:
    """A desk that nobody works at yet gets guesses; one that was founded is shown as it is. `login`: who sits here."""
    new = not stored.names("user")
    desk = stored.values("desk")
    if new:
        timezone = guess_timezone(os.environ)
        values: Values = {
            "login": _NOT_IN_A_LOGIN.sub("", login).lstrip("._@+-")[:64], "name": _own_name(),
            "desk": desk.get("name", ""), "timezone": timezone,
            "region": guess_region(os.environ, timezone) or desk.get("region", ""),
        }  # fmt: skip
    else:
        person = stored.values("user", login)
        values = {"login": login, "name": person.get("name", ""), "desk": desk["name"], **desk}
    fields = [
        Field("login", "Login", _LOGIN, "text" if new else "fixed"),
        Field("name", "Your name", "As your colleagues know you."),
        Field("desk", "Desk", "What the desk is called: the shop, the clinic, the town."),
        Field("region", "Country", "Two letters, as in GB: numbers without a country code are read as of there."),
        Field("timezone", "Time zone", "As in Europe/London: every time on the screen is in it."),
    ]

    def judged(entered: Values) -> dict[str, str]:
        wrong = stored.mistakes("desk", desk_of(entered), new=False)
        found = {"desk" if key == "name" else key: words for key, words in wrong.items()}
        return {**stored.mistakes("user", person_of(entered), new=new), **found}

    return DeskForm("You and your desk", (("Who and where", fields),), values, judged, draft=draft)


def newcomer_form(stored: Stored, login: str, draft: Values | None = None) -> FormDialog:
    """Somebody whom the desk does not know."""
    known = login in stored.names("user")
    values: Values = {"login": "" if known else login, "name": "" if known else _own_name()}
    fields = [Field("login", "Login", _LOGIN), Field("name", "Your name", "As your colleagues know you.")]
    form = DeskNewcomer(
        "Somebody new", (("Who", fields),), values,
        lambda entered: stored.mistakes("user", entered, new=True), draft=draft,
    )  # fmt: skip
    return form


class DeskNewcomer(FormDialog):
    """Login and name."""

    BUTTONS = DeskForm.BUTTONS


def first_account_form(address: str, kind: str, stored: Stored, draft: Values | None) -> AccountForm:
    """The form of the first account; a new one begins with the host that goes with the outgoing server's."""
    if address:
        return account_form(stored, address, draft=draft)
    host = str(stored.values("outgoing_server").get("host", ""))
    if host.startswith("smtp."):
        host = f"imap.{host.removeprefix('smtp.')}"
    return account_form(stored, "", kind=kind, draft={"imap.host": host, **(draft or {})})


class StepCheck(CheckDialog):
    """A check that leads on: gives back True for going on, None for going back to mend what is wrong."""

    BUTTONS = (("accept", "Go on", "primary"), ("cancel", "Stop", "default"))

    def on_mount(self) -> None:
        """Nothing to go on to yet; Textual calls the one of the class above by itself."""
        self.query_one("#accept", Button).display = False

    def ended(self) -> None:
        """Enter is the sensible thing: on where all is well, else back."""
        on, back = self.query_one("#accept", Button), self.query_one("#cancel", Button)
        on.display = True
        on.label = Content("Go on" if self.well else "Go on all the same")
        back.label = Content("Back" if self.well else "Mend it")
        (on if self.well else back).focus()

    def accept(self) -> None:
        """Go on; only once it is done."""
        if self.done:
            self.dismiss(True)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a check found wrong, for the form in which it is mended."""

    words: str
    """One sentence."""
    key: str
    """Of the field that is to be looked at first."""
    outgoing: bool
    """Whether it is a matter of the outgoing server."""


def trouble(steps: Sequence[Step]) -> Trouble | None:
    """The first thing that is wrong; None where nothing is."""
    step = next((one for one in steps if one.ok is False), None)
    if step is None:
        return None
    outgoing = step.name.startswith("outgoing")
    place = "" if outgoing else "imap."
    match step.name.removeprefix("outgoing "):
        case "credentials" | "log in":
            key = "password"
        case "folder":
            key = "imap.folder"
        case "after fetching":
            key = "imap.after_fetch"
        case _ if "certificate" in step.detail:
            key = f"{place}ca_file"
        case _ if "refused" in step.detail.lower():
            key = f"{place}port"
        case _:
            key = f"{place}host"
    return Trouble(f"{step.detail}: {step.remedy}" if step.remedy else step.detail, key, outgoing)


def _own_name() -> str:
    """The person's name as the machine has it; empty where it has none."""
    try:
        import pwd

        name = pwd.getpwnam(getpass.getuser()).pw_gecos.partition(",")[0].strip()
    except (ImportError, KeyError, OSError):
        return ""
    return "" if name == getpass.getuser() else name
