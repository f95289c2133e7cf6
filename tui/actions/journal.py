"""Actions of the journal screen."""

from __future__ import annotations

from tui.actions.registry import Action, scope

JOURNAL = scope(
    "journal",
    "Journal",
    Action("journal.account", "a", "Account", "Only lines about one account, its contacts and its messages."),
    Action("journal.who", "w", "Who", "Only what one person or one station did."),
    Action("journal.contact", "c", "Contact", "Only lines about one contact and its messages."),
    Action("journal.kind", "k", "Kind", "Only lines about one kind of thing."),
    Action("journal.every", "x", "All", "Drop all filters."),
    Action("journal.explain", "question_mark", "Why", "Explain the contact, message or account of this line."),
)
