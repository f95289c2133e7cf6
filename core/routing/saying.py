"""Decisions in words."""

from __future__ import annotations

from core.routing import decision as d

LONGEST = 120


def decision_words(decision: d.Decision) -> str:
    """All of it: `queue billing, priority 7; class Billing; reply away`."""
    return "; ".join([action_words(decision.placing), *map(action_words, decision.side)])


def action_words(action: d.Placing | d.Side) -> str:
    """One action: `queue billing, priority 7, skills refunds, 15 min`."""
    match action:
        case d.ToQueue(name, priority, skills, timeout):
            parts = [f"queue {name}", f"priority {priority}" if priority else "",
                     f"skills {' and '.join(skills)}" if skills else "", _for(timeout)]  # fmt: skip
            return ", ".join(filter(None, parts))
        case d.ToAgent(login, otherwise):
            return f"agent {login}, otherwise queue {otherwise}" if login else f"queue {otherwise}"
        case d.Forward(address):
            return f"forward to {address}"
        case d.Close(reason):
            return f"close: {short(reason)}"
        case d.Stay(timeout):
            return f"stay, {_for(timeout)}" if timeout else "stay"
        case _:
            return _side_words(action)


def _side_words(action: d.Side) -> str:
    match action:
        case d.Reply(template, fields):
            shown = ", ".join(f"{name} {short(value)}" for name, value in fields.items())
            return f"reply {template}" + (f" ({shown})" if shown else "")
        case d.ReplyText(text):
            return f"reply: {short(text)}"
        case d.SetClass(name):
            return f"class {name}"
        case d.Tag(tags):
            return f"tag {', '.join(tags)}"
        case d.Note(text):
            return f"note: {short(text)}"
        case d.OptOut():
            return "opt out"
        case d.OptIn():
            return "opt in"


def _for(seconds: int | None) -> str:
    if not seconds:
        return ""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def short(text: str) -> str:
    """A text on one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
