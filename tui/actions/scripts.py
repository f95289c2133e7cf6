"""Actions where a script is written."""

from __future__ import annotations

from tui.actions.registry import Action, scope

SOURCE = scope(
    "source",
    "In a script",
    Action("source.complete", "ctrl+space,ctrl+@", "Complete", "What may come next; Tab asks too, behind words.",
           show=False),
    Action("source.find", "ctrl+f", "Find", "Look for words in the script."),
    Action("source.find-next", "f3", "Next", "The next place of these words.", "find_next", show=False),
    Action("source.line", "ctrl+l", "Line", "Go to a line by its number.", show=False),
    Action("source.problem", "f8", "Problem", "Go to the next line with a problem."),
)  # fmt: skip
