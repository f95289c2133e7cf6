"""The editor: where an answer is written, what it will cost, and every letter of it safe."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from core.drafts import KeptDraft
from core.sms import count_parts, plain_twin
from core.text import harmless, one_line

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from core.views.choices import Price


def cost(text: str, *, sms: bool, key: str = "Ctrl+G", price: Price | None = None) -> tuple[str, str]:
    """What the counter says, and its style: parts, units and price of a text; the character that makes it dear."""
    if not sms:
        return f"{len(text):,} character{'' if len(text) == 1 else 's'}", "$secondary"
    count = count_parts(text)
    room = count.units + count.left if count.parts == 1 else count.parts * count.per_part
    words = f"{count.units} of {room} · {count.parts} part{'s' if count.parts > 1 else ''}"
    if price is not None:
        words += f" · {price.of(count.parts)}"
    if not count.forcing:
        return words, "$secondary" if count.parts == 1 else "$warning"
    char = next((char for char, plain in count.forcing if plain), count.forcing[0][0])
    more = f" +{len(count.forcing) - 1}" if len(count.forcing) > 1 else ""
    shown = char if char.isprintable() and not char.isspace() and one_line(char, 12) == char else f"U+{ord(char):04X}"
    hint = f": {key} plain" if plain_twin(text) != text else ""
    return f"▲ {words} · {shown}{more} makes it UCS-2{hint}", "$warning"


_TYPED_WORD = re.compile(r"(?:^|\s)/([^\s/]{1,40})$")


class AnswerArea(TextArea):
    """A text area into which nothing can be pasted that would steer a terminal, and that knows canned replies."""

    words: tuple[str, ...] = ()
    """Of the canned replies that may be written here."""

    @dataclass
    class Canned(Message):
        """A word that stands for a reply, or begins one, was typed."""

        word: str

    class Entered(Message):
        """Enter, where nothing can be written."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key not in ("tab", "enter"):
            return
        row, column = self.cursor_location
        typed = _TYPED_WORD.search(self.document.get_line(row)[:column])
        word = typed[1] if typed else ""
        if self.read_only:
            wanted: Message | None = self.Entered() if event.key == "enter" else None
        elif word in self.words or (event.key == "tab" and any(one.startswith(word) for one in self.words if word)):
            wanted = self.Canned(word)
        else:
            wanted = None
        if wanted is not None:
            event.stop()
            event.prevent_default()
            self.post_message(wanted)

    def put(self, text: str, typed: str = "") -> None:
        """Write a text at the cursor, in the place of what was `typed` just before it; one step to undo."""
        row, column = self.cursor_location
        stands = self.document.get_line(row)[:column].endswith(typed)
        start = (row, column - len(typed)) if stands else (row, column)
        result = self.replace(harmless(text), start, (row, column))
        self.move_cursor(result.end_location)

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = harmless(event.text)  # the text area's own handler comes next


@dataclass(frozen=True, slots=True)
class Addressee:
    """For whom an answer is written."""

    contact_id: int | None = None
    heading: str = ""
    """Who gets it, or why there is nobody."""
    account: str = ""
    sms: bool = True
    price: Price | None = None
    """Of a part of a text."""
    closed_to: str = ""
    """Why nothing can be written; empty = it can."""


class Editor(Vertical):
    """Heading, text and counter. What is typed is told with `Typed`, so that it is kept."""

    DEFAULT_CSS = """
    Editor {
        height: auto;
        & TextArea, & TextArea:focus { height: 5; border: none; padding: 0 1; background: $surface; }
        & TextArea:focus { background: $panel; }
        &:ansi TextArea, &:ansi TextArea:focus { background: ansi_default; }
        & .line { height: 1; text-wrap: nowrap; color: $text-muted; }
        &:focus-within .line { color: $primary; text-style: bold; }
    }
    """

    @dataclass
    class Typed(Message):
        """The draft is another."""

        contact_id: int
        draft: KeptDraft

    def __init__(self) -> None:
        super().__init__(id="editor")
        self.addressee = Addressee()
        self.draft = KeptDraft()
        self.notice = ""
        """What the person should know before she sends: shown before the heading."""
        self.plain_key = "Ctrl+G"
        """The key that makes it plain, as this person has it."""
        self.area = AnswerArea(id="answer", show_line_numbers=False, soft_wrap=True)
        self._line = Static("", classes="line")
        self._counter = Static("", classes="line")

    def compose(self) -> ComposeResult:
        """Heading, text, counter."""
        yield self._line
        yield self.area
        yield self._counter

    @property
    def contact_id(self) -> int | None:
        """Whom it is for."""
        return self.addressee.contact_id

    def load(self, addressee: Addressee, draft: KeptDraft) -> None:
        """Write for another contact; its kept draft comes back exactly, but for what no editor lets in."""
        draft = replace(draft, text=harmless(draft.text))
        self.addressee, self.draft = addressee, draft
        self.area.read_only = bool(addressee.closed_to) or addressee.contact_id is None
        if self.area.text != draft.text:
            self.area.load_text(draft.text)
            self.area.move_cursor(self.area.document.end)
        self.entitle()

    def say(self, notice: str) -> None:
        """Another notice; drawn only where it differs."""
        if notice != self.notice:
            self.notice = notice
            self.entitle()

    def on_resize(self) -> None:
        """The heading fills the line."""
        self.entitle()

    def entitle(self) -> None:
        """Who gets it, and what is on it besides the text."""
        parts = [self.addressee.heading]
        if not self.addressee.sms:
            parts += [f"▤ {len(self.draft.files)}"] if self.draft.files else []
            parts += [f"“{one_line(self.draft.subject, 24)}”"] if self.draft.subject else []
            parts += [f"cc {self.draft.cc}"] if self.draft.cc else []
        parts += [f"from {self.addressee.account}"] if self.addressee.account else []
        notice = f"{self.notice} · " if self.notice else ""
        said = one_line(" · ".join(parts), max(20, self.size.width - 6 - len(notice)))
        rule = "─" * max(0, self.size.width - len(notice) - len(said) - 4)
        self._line.update(Content.assemble("── ", (notice, "$warning"), f"{said} {rule}"))
        self._count()

    def _count(self) -> None:
        if self.addressee.closed_to:
            words, style = self.addressee.closed_to, "$secondary"
        elif self.contact_id is None:
            words, style = "", ""
        else:
            words, style = cost(self.area.text, sms=self.addressee.sms, key=self.plain_key, price=self.addressee.price)
            if cell_len(words) >= self.size.width:
                words = words.removesuffix(" plain")
        self._counter.update(Content.assemble((f" {one_line(words, 200)}", style)))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.contact_id is not None and self.area.text != self.draft.text:
            self.change(replace(self.draft, text=self.area.text))

    def change(self, draft: KeptDraft) -> None:
        """Another draft: shown, counted and told."""
        self.draft = draft
        if draft.text != self.area.text:
            self.area.load_text(draft.text)
            self.area.move_cursor(self.area.document.end)
        if self.contact_id is not None:
            self.post_message(self.Typed(self.contact_id, draft))
        self.entitle()

    def clear(self) -> None:
        """Begin anew, and tell nobody: what stood there is sent."""
        self.draft = KeptDraft()
        self.area.load_text("")
        self.entitle()

    @property
    def can_be_plainer(self) -> bool:
        """Whether something in it has a plain twin."""
        return self.addressee.sms and not self.area.read_only and plain_twin(self.area.text) != self.area.text

    def make_plain(self) -> None:
        """Plain twins in the place of what forces UCS-2."""
        if self.can_be_plainer:
            self.area.replace(plain_twin(self.area.text), (0, 0), self.area.document.end)
