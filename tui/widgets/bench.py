"""The bench: one contact through the script that is being written, and what would come of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Select, Static, TextArea

from core.errors import PostroomError, Wrong
from core.scripts.newcomers import Letter, Typed
from core.scripts.trying import Past
from core.scripts.wording import action_words, failure_words
from core.text import clip, harmless, one_line
from tui.widgets.listing import Caption

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from textual.app import ComposeResult

    from core.scripts.trying import Trial

    Try = Callable[[Typed | Letter | Past, str], Awaitable[Trial]]

TYPED, LETTER, PAST = "typed", "letter", "past"
KINDS = ((TYPED, "a typed text"), (LETTER, "a mail from a file"), (PAST, "a past contact"))
MOST_PRINTED = 50
LARGEST = 25 * 2**20
"""Octets of a file that is read as a mail."""


class Words(TextArea):
    """The text of a contact; Tab goes on."""

    async def _on_paste(self, event: object) -> None:
        event.text = harmless(event.text)  # type: ignore[attr-defined]


class Bench(Vertical):
    """Who writes, what, to which account; below, what the script would do. Its owner says how to try one."""

    BINDINGS: ClassVar = []
    DEFAULT_CSS = """
    Bench {
        & .row { height: 1; }
        & .label { width: 9; color: $text-muted; padding: 0 1; }
        & Input, & Input:focus { height: 1; border: none; padding: 0 1; background: $surface; }
        & Input:focus, & Words:focus { background: $panel; }
        & Words, & Words:focus { height: 3; border: none; padding: 0 1; background: $surface; }
        & Select { height: 1; & SelectCurrent { height: 1; border: none; padding: 0 1; background: $surface; } }
        & VerticalScroll { height: 1fr; }
        & .outcome { height: auto; padding: 0 1; }
        &:ansi Input, &:ansi Words, &:ansi SelectCurrent { background: ansi_default; }
        &.-letter Words, &.-past Words, &.-past #bench-to-row { display: none; }
    }
    """

    class Failed(Message):
        """What was given cannot be tried; the sentence says why."""

        def __init__(self, error: BaseException) -> None:
            super().__init__()
            self.error = error

    def __init__(self, script: str, attempt: Try) -> None:
        """`script`: its name; `attempt` tries what is written on one contact to an account."""
        super().__init__(id="bench")
        self.script = script
        self.attempt = attempt
        self.caption = Caption()
        self.caption.say("Test", "Ctrl+T runs it, Esc closes")
        self.kind: Select[str] = Select(
            [(Content(words), key) for key, words in KINDS],
            value=TYPED,
            allow_blank=False,
            compact=True,
            id="bench-kind",
        )
        self.account: Select[str] = Select([], prompt="no account yet", compact=True, id="bench-to")
        self.sender = Input(placeholder="somebody", id="bench-from")
        self.words = Words("", id="bench-text", tab_behavior="focus")
        self.outcome = Static("", classes="outcome", id="bench-outcome")
        self._label = Static("from", classes="label")
        self._accounts: list[str] = []

    def compose(self) -> ComposeResult:
        """What is given above, what comes of it below."""
        yield self.caption
        yield Horizontal(Static("try", classes="label"), self.kind, classes="row")
        yield Horizontal(Static("to", classes="label"), self.account, classes="row", id="bench-to-row")
        yield Horizontal(self._label, self.sender, classes="row")
        yield self.words
        yield VerticalScroll(self.outcome, can_focus=True)

    def offer(self, accounts: Sequence[str]) -> None:
        """The accounts a contact may come to; the one that is chosen stays."""
        if list(accounts) != self._accounts:
            chosen = self.account.value
            self._accounts = list(accounts)
            self.account.set_options([(Content(harmless(one, lines=False)), one) for one in accounts])
            if accounts:
                self.account.value = chosen if chosen in accounts else accounts[0]

    def begin(self) -> None:
        """Type the words at once."""
        (self.words if self.words.display and self.kind.value == TYPED else self.sender).focus()

    @on(Select.Changed, "#bench-kind")
    def _another_kind(self, event: Select.Changed) -> None:
        event.stop()
        kind = str(self.kind.value)
        for one, _ in KINDS:
            self.set_class(one == kind, f"-{one}")
        self._label.update({TYPED: "from", LETTER: "file", PAST: "contact"}[kind])
        self.sender.placeholder = {TYPED: "somebody", LETTER: "letter.eml", PAST: "its number"}[kind]

    @on(Select.Changed, "#bench-to")
    def _another_account(self, event: Select.Changed) -> None:
        event.stop()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()  # the words of a customer are no change of the script

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.run()

    @work(group="trying", exclusive=True, exit_on_error=False)
    async def run(self) -> None:
        """Try it, and show what comes of it."""
        try:
            given = await self._given()
            to = str(self.account.value) if self._accounts else ""
            self.caption.say("Test", "running ...")
            trial = await self.attempt(given, to)
        except PostroomError as error:
            self.caption.say("Test", "Ctrl+T runs it, Esc closes")
            self.outcome.update(Content.assemble(("✖ ", "$error"), harmless(str(error))))
            return
        self.caption.say("Test", f"{trial.trace.seconds * 1000:.1f} ms")
        self.outcome.update(outcome(trial, self.script))

    async def _given(self) -> Typed | Letter | Past:
        said = self.sender.value.strip()
        match self.kind.value:
            case "letter":
                return Letter(await asyncio.to_thread(_content, said))
            case "past":
                if not (said.isascii() and said.isdigit() and len(said) < 19):
                    raise Wrong("type the number of a contact, as in 12")
                return Past(int(said))
        return Typed(self.words.text, said)


def _content(said: str) -> bytes:
    if not said:
        raise Wrong("type the name of a file with a mail in it (.eml)")
    path = Path(said).expanduser()
    try:
        if path.stat().st_size > LARGEST:
            raise Wrong(f"{path} is larger than {LARGEST // 2**20} MB: a mail of that size is not fetched whole")
        return path.read_bytes()
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}") from error


def outcome(trial: Trial, name: str) -> Content:
    """Decision, answers, what was printed, and the facts it saw."""
    return Content("\n").join([*_decided(trial, name), *_said(trial), *_facts(trial)])


def _decided(trial: Trial, name: str) -> Iterable[Content]:
    if trial.decision is not None:
        for action in (trial.decision.placing, *trial.decision.side):
            mark, style = ("→ ", "bold $success") if action is trial.decision.placing else ("  ", "")
            at = f"   line {action.at.line}" if action.at.line else ""
            yield Content.assemble((mark + one_line(action_words(action), 300), style), (at, "$text-muted"))
    if trial.failure is not None:
        yield Content.assemble(("✖ ", "$error"), one_line(failure_words(trial.failure, name), 600))
        yield Content.styled("  the contact would go to its account's own queue", "$text-muted")


def _said(trial: Trial) -> Iterable[Content]:
    for answer in trial.answers:
        yield Content.assemble(("  it would be told: ", "$text-muted"), one_line(answer.text, 400))
    for printed in trial.trace.printed[:MOST_PRINTED]:
        yield Content.assemble((f"  {printed.at.line:>4}  ", "$text-muted"), one_line(printed.text, 300))
    if trial.trace.dropped:
        yield Content.styled(f"        and {trial.trace.dropped:,} lines more", "$text-muted")
    for mark in trial.marks:
        yield Content.assemble(("▲ ", "$warning"), one_line(mark, 300))


def _facts(trial: Trial) -> Iterable[Content]:
    seen = trial.facts.contact
    yield Content.styled("what it saw", "bold $primary")
    customer = f"{seen.customer.name}, {seen.customer.status}" if seen.customer else "None"
    previous = f"{seen.previous.outcome or 'closed'} by {seen.previous.agent or 'nobody'}" if seen.previous else "None"
    known = (
        ("channel", seen.channel), ("sender", seen.sender), ("name", seen.name), ("to", seen.to),
        ("subject", seen.subject), ("text", clip(seen.text, 300)), ("class_", seen.class_ or "None"),
        ("received", f"{seen.received.weekday} {seen.received.iso}"), ("tags", ", ".join(seen.tags)),
        ("customer", customer), ("previous", previous),
    )  # fmt: skip
    for name, value in known:
        yield Content.assemble((f"  {name:<9} ", "$text-muted"), one_line(value, 300))
    for name, queue in trial.facts.desk.queues.items():
        words = f"{queue.waiting} waiting, {queue.ready} ready, oldest {queue.oldest} s"
        yield Content.assemble((f"  queues.{one_line(name, 40)} ", "$text-muted"), words)
    for name, calendar in trial.facts.desk.calendars.items():
        yield Content.assemble(
            (f"  calendars.{one_line(name, 40)} ", "$text-muted"), "open" if calendar.open else "closed"
        )
    for name, held in (*trial.facts.desk.variables.items(), *trial.facts.settings.items()):
        yield Content.assemble((f"  {one_line(name, 40)} ", "$text-muted"), one_line(str(held), 200))
