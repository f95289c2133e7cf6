"""Facts in one line, without a customer's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.routing.facts import ContactFacts, Facts

MOST = 6
"""Of each kind that are named."""


def in_short(facts: Facts) -> str:
    """What decides most often: the channel, the time, where it waits, the customer, and how the desk stood."""
    contact = facts.contact
    said = [f"{contact.channel} to {contact.account}", f"{contact.received.weekday} {_clock(contact)}"]
    words = len(contact.text.split())
    said.append("1 word" if words == 1 else f"{words:,} words")
    if contact.class_:
        said.append(f"class {contact.class_}")
    if contact.event == "waited":
        said.append(f"{contact.waited} s in {contact.queue} at priority {contact.priority}")
    if contact.tags:
        said.append(f"tags {', '.join(contact.tags[:MOST])}")
    if contact.customer is not None:
        said.append(f"customer {contact.customer.status}")
    if contact.previous is not None:
        said.append(f"last closed {contact.previous.closed_ago} s before by {contact.previous.agent or 'nobody'}")
    open_ = sorted(name for name, one in facts.desk.calendars.items() if one.open)
    closed = sorted(name for name, one in facts.desk.calendars.items() if not one.open)
    said += [f"{word} {', '.join(names[:MOST])}" for word, names in (("open", open_), ("closed", closed)) if names]
    busy = sorted(((one.waiting, name) for name, one in facts.desk.queues.items() if one.waiting), reverse=True)
    if busy:
        said.append("waiting " + ", ".join(f"{count} in {name}" for count, name in busy[:MOST]))
    return "; ".join(said)


def _clock(contact: ContactFacts) -> str:
    return f"{contact.received.date} {contact.received.hour:02}:{contact.received.minute:02}"
