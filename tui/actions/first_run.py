"""Actions of the first run: from an empty desk to a first message."""

from __future__ import annotations

from tui.actions.registry import Action, scope

FIRST_RUN = scope(
    "first-run",
    "First run",
    Action("first-run.go", "enter", "Go on", "Do the step under the cursor; one that is done can be looked at again."),
    Action("first-run.up", "up", "Up", "The step before.", show=False),
    Action("first-run.down", "down", "Down", "The next step.", show=False),
    Action("first-run.other", "e", "Texts or e-mails", "Begin with the other kind of account."),
    Action("first-run.sample", "d", "Sample desk", "Look at a sample desk with customers of its own, and come back."),
    Action("first-run.later", "escape", "Later", "Look around; “Set up” and the next start go on where you are."),
    Action("first-run.open", "f10", "Set up", "What a desk needs for its first message, step by step.",
           "app.area('first-run')", show=False),
)  # fmt: skip
