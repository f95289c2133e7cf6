"""Actions of broadcasts: the list, the wizard that plans one, and one that runs."""

from __future__ import annotations

from tui.actions.registry import Action, scope

BROADCASTS = scope(
    "broadcasts",
    "Broadcasts",
    Action("broadcasts.new", "n", "New", "A new broadcast, in six steps; nothing leaves before the last."),
    Action("broadcasts.pause", "p", "Pause", "Keep the rest from leaving, or let it go on."),
    Action("broadcasts.approve", "y", "Approve", "Say yes to one that another person has confirmed."),
    Action("broadcasts.cancel", "x", "Cancel", "End it, after a question: whoever has not got it does not get it."),
    Action("broadcasts.explain", "question_mark", "Why", "What it is, who is left out, and what people did with it."),
    Action("broadcasts.leave", "escape", "Back", "Back to the campaigns."),
)

WIZARD = scope(
    "wizard",
    "Planning a broadcast",
    Action("wizard.next", "ctrl+s", "Next", "To the next step; at the last one, confirm it.", priority=True),
    Action("wizard.back", "escape", "Back", "To the step before, with all that was typed; before the first, leave."),
)

PLAN = scope(
    "plan",
    "Looking at a plan",
    Action("plan.next", "enter", "Next", "To the next step.", "screen.next", show=False),
    Action(
        "plan.opted-out",
        "o",
        "Opted out",
        "Those who want to hear nothing, and those not to be contacted.",
        "look('o')",
        show=False,
    ),
    Action("plan.no-number", "n", "No number", "Customers without a number or address.", "look('n')", show=False),
    Action(
        "plan.not-valid", "i", "Not valid", "Customers whose number or address cannot be one.", "look('i')", show=False
    ),
    Action(
        "plan.twice",
        "d",
        "Twice",
        "Customers whose number or address another customer has too.",
        "look('d')",
        show=False,
    ),
    Action(
        "plan.template", "t", "Template", "Customers for whom the template lacks something.", "look('t')", show=False
    ),
    Action("plan.capped", "f", "Frequency", "Customers who have got enough messages lately.", "look('f')", show=False),
    Action("plan.left-out", "a", "Left out", "All that are left out, with the reason of each.", "look('')"),
    Action(
        "plan.worst", "w", "Longest", "The message with the most parts: its text, and why it is so long.", show=False
    ),
    Action("plan.export", "e", "Export", "Write those who are left out into a CSV file."),
    Action("plan.again", "r", "Plan again", "Plan anew: customers may have changed."),
)

PREVIEW = scope(
    "preview",
    "Looking at each recipient's message",
    Action("preview.accept", "enter", "Next", "To the next step.", "screen.next", show=False),
    Action("preview.next", "right", "Following", "The message of the next recipient.", "turn(1)"),
    Action("preview.last", "left", "Before", "The message of the recipient before.", "turn(-1)"),
    Action("preview.on", "pagedown", "50 on", "Fifty recipients further on.", "turn(50)", show=False),
    Action("preview.back", "pageup", "50 back", "Fifty recipients back.", "turn(-50)", show=False),
    Action("preview.first", "home", "First", "The first recipient.", "go(1)", show=False),
    Action("preview.end", "end", "End", "The last recipient.", "go(0)", show=False),
    Action("preview.worst", "w", "Longest", "The message with the most parts: why it is so long."),
    Action("preview.test", "t", "Test", "Send this message to yourself."),
    Action("preview.number", "g", "Go to", "The recipient of that number."),
)

LIVE = scope(
    "live",
    "A broadcast that runs",
    Action("live.pause", "p", "Pause", "Keep the rest from leaving."),
    Action("live.recipients", "w", "Who", "Every recipient, with what became of each and why; by state."),
    Action("live.cancel", "x", "Cancel", "End it, after a question: whoever has not got it does not get it."),
    Action("live.failures", "f", "Failures", "What the server said of those that failed, and how many; try again."),
    Action("live.unknown", "u", "Settle", "Say of those in doubt what became of them."),
    Action("live.replies", "r", "Replies", "The contacts that answer it; one of them is opened."),
    Action("live.ledger", "l", "Ledger", "Write what became of each recipient into a CSV file."),
    Action(
        "live.explain", "question_mark", "Why", "What it is, who is left out, and what people did with it.", show=False
    ),
    Action("live.leave", "escape", "Back", "Back; it goes on."),
    Action("live.approve", "y", "Approve", "Say yes to it, where another person has confirmed it."),
)

PAUSED = scope(
    "paused",
    "A broadcast that is paused",
    Action("paused.go-on", "p", "Go on", "Let the rest of it leave."),
)

RECIPIENTS = scope(
    "recipients",
    "The recipients of a broadcast",
    Action("recipients.state", "s", "State", "Only those in one state, or all of them again."),
    Action("recipients.following", "n", "Following", "The next page of recipients."),
    Action("recipients.before", "b", "Before", "The page before."),
    Action("recipients.explain", "question_mark", "Why", "The message of this one, and what happened to it."),
    Action("recipients.leave", "escape", "Back", "Back to the broadcast."),
)
