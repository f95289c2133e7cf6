"""Actions of the queues screen."""

from __future__ import annotations

from tui.actions.registry import Action, scope

QUEUES = scope(
    "queues",
    "Queues",
    Action("queues.take", "t", "Take", "Take the contact under the cursor; it opens on your desk."),
    Action("queues.next", "n", "Next", "Take the first contact that waits in this queue."),
    Action("queues.move", "m", "Move", "Give the contact, or all that are selected, to another queue or an agent."),
    Action("queues.assign", "a", "Assign", "Give the contact, or all that are selected, to one agent at once."),
    Action("queues.priority", "p", "Priority", "Change its priority: a higher one is given out first."),
    Action("queues.close", "b", "Bulk close", "Close all that are selected with one outcome, after a question."),
    Action("queues.explain", "question_mark", "Why here", "What happened to this contact and why it is here."),
)
