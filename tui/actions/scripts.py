"""Actions of the scripts screen, of the workshop where a script is written, and of its editor."""

from __future__ import annotations

from tui.actions.registry import Action, scope

SCRIPTS = scope(
    "scripts",
    "Scripts",
    Action("scripts.new", "n", "New", "A new script (empty, ready-made or a copy), calendar, variable or template."),
    Action("scripts.versions", "v", "Versions", "All versions of a script: activate, compare, lock, delete."),
    Action("scripts.replay", "r", "Replay", "The contacts of past days through a version: which would go elsewhere."),
    Action("scripts.picture", "p", "Picture", "The script as a tree: its branches, and where each ends."),
    Action("scripts.properties", "i", "Properties", "Name and description; what uses it, and how it does today."),
    Action("scripts.accounts", "a", "Accounts", "Which accounts it routes, and the settings each gives it."),
    Action("scripts.back", "u", "Roll back", "Let the version decide again that did before.", show=False),
    Action(
        "scripts.switch", "x", "Off", "Let no version decide: contacts go to their account's own queue.", show=False
    ),
    Action("scripts.runs", "o", "Runs", "The newest runs of a script, those that failed first.", show=False),
    Action("scripts.delete", "D,delete", "Delete", "Delete it, unless something uses it.", show=False),
)

WORKSHOP = scope(
    "workshop",
    "In the workshop of a script",
    Action("workshop.save", "ctrl+s", "Save", "Keep what is written as a new version; it decides nothing yet.",
           priority=True),
    Action("workshop.test", "ctrl+t", "Test", "Try it on a typed text, a mail or a past contact; nothing is sent.",
           priority=True),
    Action("workshop.replay", "f5", "Replay", "The contacts of past days through what is written."),
    Action("workshop.publish", "f6", "Publish", "Save it and let it decide from the next contact on.", priority=True),
    Action("workshop.versions", "f7", "Versions", "All versions of this script.", priority=True),
    Action("workshop.picture", "f2", "Picture", "What is written, as a tree."),
    Action("workshop.leave", "escape", "Leave", "Back to the scripts; what is not saved is kept for you."),
)  # fmt: skip

VERSIONS = scope(
    "versions",
    "Among the versions of a script",
    Action("versions.activate", "a", "Activate", "Let this version decide from the next contact on."),
    Action("versions.replay", "r", "Replay", "The contacts of past days through this version."),
    Action("versions.lock", "l", "Lock", "Keep it from being deleted, or no longer."),
    Action("versions.against", "d", "Against", "Compare it with another version than the one that decides."),
    Action("versions.remark", "m", "Remark", "Say what is special about it."),
    Action("versions.copy", "c", "Copy", "Make a new script of it."),
    Action("versions.delete", "D,delete", "Delete", "Delete it, unless it decides or is locked."),
    Action("versions.leave", "escape", "Leave", "Back.", show=False),
)

REPLAY = scope(
    "replay",
    "In a replay",
    Action("replay.look", "o", "Look at one", "Open a contact of the group under the cursor."),
    Action("replay.days", "d", "Days", "Replay another stretch of days."),
    Action("replay.cancel", "x", "Stop", "Stop the replay; what is found stays on the screen."),
    Action("replay.publish", "f6", "Publish", "Let the version decide that was replayed."),
    Action("replay.leave", "escape", "Leave", "Stop it and go back."),
)

SOURCE = scope(
    "source",
    "In the text of a script",
    Action("source.complete", "ctrl+space,ctrl+@", "Complete", "What may come next; Tab asks too, behind words.",
           show=False),
    Action("source.find", "ctrl+f", "Find", "Look for words in the script.", show=False),
    Action("source.find-next", "f3", "Next", "The next place of these words.", show=False),
    Action("source.line", "ctrl+l", "Line", "Go to a line by its number.", show=False),
    Action("source.problem", "f4", "Problem", "Go to the next line with a problem."),
)  # fmt: skip
