"""The lines of a thread: both sides, day marks, delivery in glyph and word, notes; pure, and bounded whatever came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from core.text import clip, harmless, one_line, size_words
from core.views import MessageRow, NoteRow
from core.views.message import gate_words
from tui.ages import day

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

SHOWN = 200
"""Messages that are drawn, the newest; what is older is counted."""
LETTERS = 20_000
LINES = 400
"""Of one message: F3 shows more of it."""
TIME, SHIFT = 7, 12
STATES = {
    "queued": ("◌", "queued", "waiting"), "sending": ("◌", "on its way", "waiting"), "sent": ("✓", "sent", "dim"),
    "failed": ("✖", "failed", "broken"), "unknown": ("▲", "in doubt", "look"), "cancelled": ("○", "cancelled", "dim"),
    "suppressed": ("○", "not sent", "look"), "held": ("◌", "held", "waiting"),
}  # fmt: skip
DELIVERIES = {"delivered": ("●", "delivered", "well"), "failed": ("✖", "not delivered", "broken"),
              "delayed": ("▲", "delayed", "look")}  # fmt: skip
SAYS = {"failed": "{retry} tries again", "unknown": "a supervisor settles it in {outbox} Outbox"}
"""What can be done about a state, and by which keys."""
TELLING = ("queued", "failed", "unknown")
"""States in which the server's words are worth a line: of one that waits they say why it did not leave at once."""
Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Talk:
    """What is to be drawn."""

    messages: tuple[MessageRow, ...] = ()
    """Oldest first."""
    notes: tuple[NoteRow, ...] = ()
    address: str = ""
    """The customer's: what went to another says to whom."""
    older: int = 0
    """Messages before these."""
    fresh: frozenset[int] = frozenset()
    """Ids of messages that came while the person was writing."""
    retry: str = "r"
    whole: str = "F3"
    outbox: str = "6"
    """Keys, as this person has them."""


def thread_lines(talk: Talk, width: int, zone: tzinfo, now: datetime) -> list[Line]:
    """Every line of a thread as (text, style name), none wider than `width` cells."""
    lines: list[Line] = []
    messages = talk.messages[-SHOWN:]
    older = talk.older + len(talk.messages) - len(messages)
    if older > 0:
        lines.append((f"{older:,} older messages", "dim"))
    things: list[tuple[datetime, MessageRow | NoteRow]] = [(m.at, m) for m in messages]
    things += [(note.at, note) for note in talk.notes]
    last, marked = "", False
    for at, thing in sorted(things, key=lambda pair: pair[0]):
        local = at.astimezone(zone)
        name = day(local, now.astimezone(zone))
        if name != last:
            last = name
            lines.append((name.center(width).rstrip(), "day"))
        if isinstance(thing, NoteRow):
            lines += _note(thing, local, width)
            continue
        if thing.id in talk.fresh and not marked:
            marked = True
            lines.append((f"── {len(talk.fresh)} new since you began to write ".ljust(width, "─")[:width], "look"))
        lines += _message(thing, f"{local:%H:%M}", width, talk)
    return lines


def _message(message: MessageRow, clock: str, width: int, talk: Talk) -> list[Line]:
    came = message.direction == "in"
    indent, style = (TIME, "in") if came else (TIME + SHIFT, "out")
    room = width - indent
    body = harmless(clip(message.text, LETTERS)).rstrip()
    if came and message.channel == "email" and message.subject:
        body = f"{one_line(message.subject, 200)}\n{body}"
    found = wrapped(body, room)
    if len(found) > LINES:
        found = [*found[:LINES], f"[… {len(found) - LINES:,} more lines: {talk.whole} shows the whole message]"]
    head = f"{clock:<{TIME}}" if came else " " * indent
    lines = [(head + found[0], style), *((" " * indent + line, style) for line in found[1:])]
    beside = _whom(message, talk.address)
    beside += [f"▤ {one_line(str(file['name']), 60)}  {size_words(int(file['size']))}" for file in message.files]
    beside += [f"({mark})" for mark in message.marks]
    lines += [(" " * indent + one_line(line, room), "dim") for line in beside]
    if not came:
        lines += [(" " * indent + text, colour) for text, colour in _fate(message, clock, room, talk)]
    elif message.automatic:
        lines.append((" " * indent + "(automatic)", "dim"))
    return lines


def _whom(message: MessageRow, customer: str) -> list[str]:
    """Who else got it; nothing where that goes without saying."""
    if message.direction == "in":
        return [f"also to {', '.join(message.recipients)}"] if message.recipients else []
    elsewhere = customer and message.address != customer
    said = [f"forwarded to {message.address}"] if elsewhere else []
    return said + ([f"cc {', '.join(message.recipients)}"] if message.recipients else [])


def _fate(message: MessageRow, clock: str, room: int, talk: Talk) -> list[Line]:
    gate = gate_words(message.state, message.reply)
    state = "held" if gate and message.state == "queued" else message.state
    glyph, words, colour = DELIVERIES.get(message.delivery) or STATES.get(state, ("", "", "dim"))
    lines = [(one_line(f"{glyph} {words} {clock} {message.author or 'automatic'}", room), colour)]
    if message.delivery:
        why = message.delivery_reason if message.delivery != "delivered" else ""
    else:
        why = gate or (message.reply if message.state in TELLING else "")
    what = "" if message.delivery else SAYS.get(message.state, "").format(retry=talk.retry, outbox=talk.outbox)
    told = "; ".join(part for part in (one_line(why, 200), what) if part)
    return lines + [(line, "dim") for line in wrapped(told, room)[:4] if told]


def _note(note: NoteRow, local: datetime, width: int) -> list[Line]:
    who, whom = one_line(note.author, 24), one_line(note.whom, 24)
    head = {
        "question": f"? {local:%H:%M} {who} asks {whom}",
        "answer": f"! {local:%H:%M} {who} answers {whom}",
        "whisper": f"▪ {local:%H:%M} {who} whispers to {whom}, not to the customer",
    }.get(note.kind, f"note {local:%H:%M} {who}")
    said = f"{head}: {harmless(clip(note.text, 2000))}"
    style = "look" if note.kind == "whisper" else "note"
    return [(" " * TIME + line, style) for line in wrapped(said, width - TIME)]


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a harmless text in at most `width` cells, at least one."""
    found: list[str] = []
    for line in text.split("\n"):
        if len(line) * 2 <= width:
            found.append(line.rstrip())
        else:
            found += [piece.plain.rstrip() for piece in Content(line).wrap(max(8, width))]
        if len(found) > 20 * LINES:
            break
    return found or [""]
