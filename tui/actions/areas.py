"""The work areas: the number of each opens it, and Alt with it where a text field takes digits."""

from __future__ import annotations

from tui.actions.registry import Action, scope


def _area(number: int, mode: str, name: str, words: str) -> Action:
    return Action(f"area.{mode}", f"{number},alt+{number}", name, words, f"app.area('{mode}')", show=False)


AREAS = scope(
    "area",
    "Work areas",
    _area(1, "accounts", "Accounts", "Mailboxes that are polled, gateways, the outgoing server."),
    _area(2, "queues", "Queues", "What waits where, and for how long."),
    _area(3, "desk", "Desk", "Your contacts, and the one you answer."),
    _area(4, "campaigns", "Campaigns", "Lists of customers, broadcasts to them, and who is to be rung."),
    _area(5, "scripts", "Scripts", "What routes contacts: scripts, calendars, variables, templates."),
    _area(6, "outbox", "Outbox", "What is to leave and what has left, by state, with the server's words."),
    _area(7, "journal", "Journal", "Who or what did what to which thing, and why; newest first."),
    _area(8, "reports", "Reports", "What queues, agents and contacts did, over any days; as files too."),
    _area(9, "wallboard", "Wallboard", "Every queue and every agent now, and how today goes."),
)
