"""Signing in: who sits here, and the password where one is set; and a new password of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.widgets import Input, Label

from core.errors import PostroomError
from tui.dialogs.dialog import Dialog
from tui.trouble import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from core.office import Office


class SignInDialog(Dialog[str]):
    """Gives back a login whose password was right, or that has none."""

    BUTTONS = (("accept", "Sign in", "primary"), ("cancel", "Leave", "default"))

    def __init__(self, office: Office, login: str = "", question: str = "") -> None:
        super().__init__("Sign in", question)
        self.office = office
        self._login = Input(login, placeholder="as a supervisor has set you up", id="login")
        self._password = Input(placeholder="nothing, where you have none yet", password=True, id="password")

    def body(self) -> Iterable[Widget]:
        """Two lines."""
        yield Label("Login")
        yield self._login
        yield Label("Password")
        yield self._password

    def on_mount(self) -> None:
        """Type at once."""
        (self._password if self._login.value else self._login).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self._login and self._login.value.strip():
            self._password.focus()
            self._look(alone=True)
        else:
            self.accept()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value:
            self.mistake("")

    def accept(self) -> None:
        """Sign in, or say in one line that these do not belong together."""
        if not self._login.value.strip():
            self.mistake("type your login first")
            self._login.focus()
        else:
            self._look()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def _look(self, *, alone: bool = False) -> None:
        """`alone`: the password has not been typed yet, and who has none is in."""
        from core.views.mine import has_password

        login, password = self._login.value.strip(), self._password.value
        try:
            if alone and await has_password(self.office.database, login):
                return
            await self.office.presence.check(login, password)
        except PostroomError as error:
            if not alone:
                self.mistake(sentence(error))
                self._password.value = ""
                self._password.focus()
        else:
            if self.is_current:
                self.dismiss(login)


class OwnPasswordDialog(Dialog[tuple[str, str]]):
    """Gives back the old password and the new one, typed twice alike."""

    BUTTONS = (("accept", "Change", "primary"), ("cancel", "Cancel", "default"))

    def __init__(self, *, has_one: bool) -> None:
        super().__init__("Your password", "You type it when you sign in. A supervisor can give you another one.")
        words = (("The one you have", "old"),) if has_one else ()
        self._lines = [
            (label, Input(password=True, id=name))
            for label, name in (*words, ("The new one, at least 8 characters", "new"), ("Once more", "again"))
        ]

    def body(self) -> Iterable[Widget]:
        """Two or three lines."""
        for label, line in self._lines:
            yield Label(label)
            yield line

    def on_mount(self) -> None:
        """Type at once."""
        self._lines[0][1].focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        lines = [line for _, line in self._lines]
        at = lines.index(event.input)
        if at + 1 < len(lines):
            lines[at + 1].focus()
        else:
            self.accept()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.mistake("")

    def accept(self) -> None:
        """Both, unless the new ones differ."""
        said = {line.id: line.value for _, line in self._lines}
        if len(said["new"]) < 8:
            self.mistake("a password has at least 8 characters")
        elif said["new"] != said["again"]:
            self.mistake("the new one and its repetition differ: type them again")
        else:
            self.dismiss((said.get("old", ""), said["new"]))
