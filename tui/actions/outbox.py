"""Actions of the outbox screen."""

from __future__ import annotations

from tui.actions.registry import Action, scope

OUTBOX = scope(
    "outbox",
    "Outbox",
    Action("outbox.state", "f", "State", "Show only messages in one state, or all of them."),
    Action("outbox.next-state", "right", "Next state", "Show the next state that has messages.", "turn(1)", show=False),
    Action("outbox.last-state", "left", "State before", "Show the state before.", "turn(-1)", show=False),
    Action("outbox.retry", "r", "Retry", "Try a failed or cancelled message again, or a queued one at once."),
    Action("outbox.cancel", "x", "Cancel", "Keep a queued message from leaving."),
    Action("outbox.settle", "u", "Settle", "Say of an unknown message that it went, must go again, or is given up."),
    Action("outbox.contact", "c", "Contact", "What happened to the contact that the message belongs to."),
    Action("outbox.explain", "question_mark", "Why", "The whole message, and what happened to it."),
)
