"""Actions of the wallboard, of looking over an agent's shoulder, and of the reports."""

from __future__ import annotations

from tui.actions.registry import Action, scope

WALLBOARD = scope(
    "wallboard",
    "Wallboard",
    Action("wallboard.ready", "r", "Ready", "Let the agent under the cursor take work, after a question."),
    Action("wallboard.not-ready", "n", "Not ready", "Let her take no more work, with a reason."),
    Action("wallboard.sign-out", "o", "Sign out", "Sign her out; what she has goes back to its place."),
    Action("wallboard.view", "v", "View", "Both lists, the queues alone, or the agents alone."),
    Action("wallboard.explain", "question_mark", "Why no work", "Why this agent gets no work."),
)

SHADOW = scope(
    "shadow",
    "Over an agent's shoulder",
    Action("shadow.whisper", "w", "Whisper", "Say a line to the agent; the customer never sees it."),
    Action("shadow.take-over", "o", "Take over", "Take the contact, with what the agent has typed, after a question."),
    Action("shadow.move", "m", "Move", "Give the contact to a queue or to another agent."),
    Action("shadow.priority", "p", "Priority", "Put it back into its queue, at the priority that you say."),
)

REPORTS = scope(
    "reports",
    "Reports",
    Action("reports.by", "b", "Report", "By queue, agent, class or account, or one contact a line."),
    Action("reports.range", "d", "Dates", "Over which days."),
    Action("reports.step", "t", "Steps", "In quarters of an hour, hours, days, or the whole in one line."),
    Action("reports.export", "e", "Export", "Write what is shown into a CSV or JSON file."),
)

ALARMS = scope(
    "alarms",
    "Among the alarms",
    Action("alarms.acknowledge", "f8", "Acknowledge", "Say that somebody knows of it, until it ends."),
)
