"""The bench: what one contact says, who it is from and when it comes; below, what the script would do with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Select, Static, TextArea

from core.desk.waking import wake_time
from core.errors import Wrong
from core.reach import content, typed
from core.scripts.newcomers import Letter, Typed
from core.scripts.trying import Past
from core.text import harmless, one_line
from tui.actions import READING, bindings_of
from tui.dialogs.files import Paths
from tui.widgets.keysline import first_key
from tui.widgets.listing import Caption
from tui.widgets.trial_words import MUTED, outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from textual import events
    from textual.app import ComposeResult

    from core.scripts.trying import Trial

TYPED, LETTER, PAST = "typed", "letter", "past"
KINDS = ((TYPED, "a typed text"), (LETTER, "a mail, from a file"), (PAST, "a past contact"))
NEW = "-for-typed -for-letter"
HELP = "Nothing is sent and nothing is kept: type what a customer might say."
KEYS_ROOM = 60
"""Cells in which the caption has room for all of them."""
KEYS = (("workshop.test", "runs it"), ("workshop.other", "script"), ("workshop.leave", "closes"))
LARGEST = 25 * 2**20
"""Octets of a file that is read as a mail."""


class Words(TextArea):
    """The text of a contact; Tab goes on."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = harmless(event.text)  # the text area's own handler comes next


class Outcome(VerticalScroll, inherit_bindings=False):
    """What came of it, to scroll in."""

    BINDINGS: ClassVar = bindings_of(READING)


class Bench(Vertical):
    """What is tried. Its owner hears `Wanted`, asks for what is `given`, and has the end shown or refused."""

    DEFAULT_CSS = """
    Bench {
        & .row { height: 1; }
        & .label { width: 9; color: $text-muted; padding: 0 1; }
        & .label.-second { width: 6; }
        & .row > Input, & .row > Select { width: 1fr; }
        & Input, & Input:focus { height: 1; border: none; padding: 0 1; background: $surface; }
        & Words, & Words:focus { height: 3; border: none; padding: 0 1; margin: 0 1; background: $surface; }
        & Input:focus, & Words:focus { background: $panel; }
        & Select { height: 1; & > SelectCurrent { height: 1; background: $surface; } }
        & Select.-textual-compact > SelectCurrent { padding: 0 1; }
        & Select:focus SelectCurrent { background: $panel; }
        & Outcome { height: 1fr; scrollbar-size-vertical: 1; }
        & .outcome { height: auto; padding: 0 1; }
        & Input:ansi, & Words:ansi, & SelectCurrent:ansi { background: ansi_default; text-style: underline; }
        & Input:focus:ansi, & Words:focus:ansi { background: ansi_default; text-style: none; }
        & Select:focus:ansi SelectCurrent { text-style: reverse; }
        & .-for-typed, & .-for-letter, & .-for-past, & .-for-email { display: none; }
        &.-typed .-for-typed, &.-letter .-for-letter, &.-past .-for-past { display: block; }
        &.-typed.-email .-for-email { display: block; }
    }
    """

    class Wanted(Message):
        """It is to be tried."""

    def __init__(self, script: str) -> None:
        """`script`: its name."""
        super().__init__(id="bench", classes="-typed")
        self.script = script
        self.caption = Caption()
        kinds = [(Content(words), key) for key, words in KINDS]
        self.kind: Select[str] = Select(kinds, value=TYPED, allow_blank=False, compact=True, id="bench-kind")
        self.account: Select[str] = Select([], prompt="no account yet", compact=True, id="bench-to", classes=NEW)
        self.sender = Input(placeholder="somebody", id="bench-from", classes="-for-typed")
        self.file = Input(
            placeholder="letter.eml; → completes", suggester=Paths(), id="bench-file", classes="-for-letter"
        )
        self.contact = Input(placeholder="its number; Enter lists them", id="bench-contact", classes="-for-past")
        self.when = Input(placeholder="now; or sat 20:00", id="bench-when", classes=NEW)
        self.subject = Input(placeholder="of an e-mail", id="bench-subject")
        self.words = Words("", id="bench-text", tab_behavior="focus", classes="-for-typed")
        self.outcome = Static(Content.styled(HELP, MUTED), classes="outcome", id="bench-outcome")
        self.has_outcome = False
        self._state = ""
        self._accounts: dict[str, bool] = {}

    def compose(self) -> ComposeResult:
        """What is given above, what comes of it below."""
        yield self.caption
        yield Horizontal(_label("try"), self.kind, _label("to", f"-second {NEW}"), self.account, classes="row")
        yield Horizontal(
            _label("from", "-for-typed"), self.sender, _label("file", "-for-letter"), self.file,
            _label("contact", "-for-past"), self.contact, _label("when", f"-second {NEW}"), self.when, classes="row",
        )  # fmt: skip
        yield Horizontal(_label("subject"), self.subject, classes="row -for-email")
        yield self.words
        yield Outcome(self.outcome, id="bench-outcomes")

    def on_mount(self) -> None:
        """Say how it goes."""
        self.entitle()

    def on_resize(self) -> None:
        """As many keys as there is room for."""
        self.entitle(self._state)

    def entitle(self, words: str = "") -> None:
        """Keys, and how the last trial stands."""
        self._state = words
        keys = [f"{first_key(self.app, name)} {does}" for name, does in KEYS]
        if self.size.width < KEYS_ROOM:
            keys = keys[:1]  # the foot has the others
        self.caption.say(f"Test{' · ' if words else ''}{words}", " · ".join(keys))

    # -- what is given ------------------------------------------------------------------------------------------------

    def offer(self, accounts: Sequence[tuple[str, str]]) -> None:
        """The accounts a contact may come to, address and kind (`sms`, `email`); the one that is chosen stays."""
        known = {address: kind == "email" for address, kind in accounts}
        if known != self._accounts:
            chosen = self.account.value
            self._accounts = known
            self.account.set_options([(Content(harmless(one, lines=False)), one) for one in known])
            if known:
                self.account.value = chosen if chosen in known else next(iter(known))
            self._fit()

    def choose_account(self, address: str) -> None:
        """Try it for this account."""
        if address in self._accounts:
            self.account.value = address

    def choose_contact(self, number: int) -> None:
        """Try it on this past contact."""
        self.contact.value = f"{number}"

    def begin(self) -> None:
        """Type at once: the next key is its own."""
        kind = str(self.kind.value)
        self.screen.set_focus({TYPED: self.words, LETTER: self.file, PAST: self.contact}[kind])

    def _fit(self) -> None:
        kind = str(self.kind.value)
        for one, _ in KINDS:
            self.set_class(one == kind, f"-{one}")
        self.set_class(self._accounts.get(str(self.account.value), False), "-email")

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self._fit()
        if event.select is self.kind and self.has_focus_within:
            self.begin()

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    @on(Input.Changed)
    def _typed(self, event: Message) -> None:
        event.stop()  # the words of a customer are no change of the script

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Wanted())

    async def given(self, now: datetime, zone: tzinfo) -> tuple[Typed | Letter | Past | None, str]:
        """What is tried and the account it comes to; None where a past contact has yet to be chosen. Raises Wrong."""
        account = str(self.account.value) if self._accounts else ""
        match self.kind.value:
            case "letter":
                return Letter(
                    await asyncio.to_thread(_content, self.file.value.strip()), self._when(now, zone)
                ), account
            case "past":
                return _past(self.contact.value.strip()), ""
        subject = self.subject.value if self._accounts.get(account) else ""
        sender = self.sender.value.strip()
        return Typed(self.words.text, sender, subject=subject, received=self._when(now, zone)), account

    def _when(self, now: datetime, zone: tzinfo) -> datetime | None:
        said = self.when.value.strip()
        if not said or said.casefold() == "now":
            return None
        try:
            return wake_time(said, now, zone)
        except Wrong:
            raise Wrong(
                f"“{one_line(said, 40)}” is no time to come: say 20:00, sat 20:00 or 2026-12-25 10:00"
            ) from None

    # -- what comes of it ---------------------------------------------------------------------------------------------

    def running(self) -> None:
        """It is being tried."""
        self.entitle("running ...")

    def show(self, trial: Trial) -> None:
        """What came of it."""
        self.has_outcome = True
        self.entitle(f"{trial.trace.seconds * 1000:.1f} ms")
        self._say(outcome(trial, self.script))

    def refuse(self, words: str) -> None:
        """Why it cannot be tried."""
        self.has_outcome = False
        self.entitle()
        self._say(Content.assemble(("✖ ", "$error"), harmless(words, lines=False)))

    def outdate(self) -> None:
        """The script is another than the one that was tried."""
        if self.has_outcome:
            self.has_outcome = False
            self.entitle("the script has changed")

    def _say(self, words: Content) -> None:
        self.outcome.update(words)
        self.query_one(Outcome).scroll_home(animate=False)


def _label(words: str, classes: str = "") -> Static:
    return Static(words, classes=f"label {classes}".strip())


def _past(said: str) -> Past | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        raise Wrong(f"“{one_line(said, 40)}” is no contact: type its number, as in 12, or leave it empty and choose")
    return Past(int(said))


def _content(said: str) -> bytes:
    if not said:
        raise Wrong("type the name of a file with a mail in it (.eml)")
    return content(typed(said), LARGEST)
