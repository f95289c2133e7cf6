"""The editor: where an answer is written, what it will cost, and every letter of it safe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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


def cost(text: str, *, sms: bool) -> tuple[str, str]:
    """What the counter says, and its style: parts and units of a text; the character that makes it dear."""
    if not sms:
        return f"{len(text):,} characters", "$text-muted"
    count = count_parts(text)
    room = count.units + count.left if count.parts == 1 else count.parts * count.per_part
    words = f"{count.units} of {room} · {count.parts} part{'s' if count.parts > 1 else ''}"
    if not count.forcing:
        return words, "$text-muted" if count.parts == 1 else "$warning"
    char = count.forcing[0][0]
    more = f" +{len(count.forcing) - 1}" if len(count.forcing) > 1 else ""
    shown = one_line(char, 12) or f"U+{ord(char):04X}"
    hint = ": Ctrl+G" if any(plain for _, plain in count.forcing) else ""
    return f"▲ {words} · {shown}{more} makes it UCS-2{hint}", "$warning"


class Answer(TextArea):
    """A text area into which nothing can be pasted that would steer a terminal."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = harmless(event.text)  # the text area's own handler comes next


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
        self.contact_id: int | None = None
        self.sms = True
        self.heading = ""
        self.account = ""
        self.draft = KeptDraft()
        self.area = Answer(id="answer", show_line_numbers=False, soft_wrap=True)
        self._line = Static("", classes="line")
        self._counter = Static("", classes="line")

    def compose(self) -> ComposeResult:
        """Heading, text, counter."""
        yield self._line
        yield self.area
        yield self._counter

    def load(
        self, contact_id: int | None, draft: KeptDraft, *, sms: bool, heading: str, account: str, mine: bool
    ) -> None:
        """Write for another contact; its kept draft comes back exactly."""
        self.contact_id, self.sms, self.draft, self.account = contact_id, sms, draft, account
        self.area.read_only = not mine
        if self.area.text != draft.text:
            self.area.load_text(draft.text)
            self.area.move_cursor(self.area.document.end)
        self.entitle(heading)

    def entitle(self, heading: str) -> None:
        """Who gets it, and what is on it besides the text."""
        self.heading = heading
        parts = [self.heading]
        if not self.sms:
            parts += [f"▤ {len(self.draft.files)}"] if self.draft.files else []
            parts += [f"“{self.draft.subject}”"] if self.draft.subject else []
            parts += [f"cc {self.draft.cc}"] if self.draft.cc else []
        parts += [f"from {self.account}"] if self.account else []
        said = f"── {one_line(' · '.join(parts), max(20, self.size.width - 6))} "
        self._line.update(Content(said + "─" * max(0, self.size.width - len(said))))
        self._count()

    def _count(self) -> None:
        if self.contact_id is None or self.area.read_only:
            words, style = (
                ("F8 takes this contact, so that you can answer", "$text-muted") if self.contact_id else ("", "")
            )
        else:
            words, style = cost(self.area.text, sms=self.sms)
        self._counter.update(Content.assemble((f" {words}", style)))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.contact_id is not None and self.area.text != self.draft.text:
            self.change(replace(self.draft, text=self.area.text))

    def change(self, draft: KeptDraft) -> None:
        """Another draft: shown, counted and told."""
        self.draft = draft
        if self.contact_id is not None:
            self.post_message(self.Typed(self.contact_id, draft))
        self.entitle(self.heading)

    def make_plain(self) -> None:
        """Plain twins in the place of what forces UCS-2."""
        plain = plain_twin(self.area.text)
        if plain != self.area.text and not self.area.read_only:
            self.area.replace(plain, (0, 0), self.area.document.end)
