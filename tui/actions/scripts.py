"""Actions of the scripts screen with its shelf, of the workshop where a script is written, and of its editor."""

from __future__ import annotations

from tui.actions.registry import Action, scope

SCRIPTS = scope(
    "scripts",
    "Scripts",
    Action("scripts.new", "n", "New", "A new script (ready-made, a copy or empty), calendar, variable or template."),
    Action("scripts.versions", "v", "Versions", "All versions of a script: activate, compare, lock, delete."),
    Action("scripts.replay", "r", "Replay", "The contacts of past days through a version: which would go elsewhere."),
    Action("scripts.back", "u", "Roll back", "Let the version decide again that did before."),
    Action("scripts.accounts", "a", "Accounts", "Which accounts it routes."),
    Action("scripts.picture", "p", "Picture", "The script as a tree: its branches, and where each ends."),
    Action("scripts.runs", "o", "Runs", "Its newest runs, those that failed first; one is opened on the desk."),
    Action("scripts.properties", "i", "Properties", "Its name, and one line that says what it is for."),
    Action("scripts.switch", "x", "On/off", "Let no version decide: contacts go to their account's own queue."),
    Action("scripts.delete", "D,delete", "Delete", "Delete it, unless something uses it."),
)

SHELF = scope(
    "shelf",
    "Among calendars, variables and templates",
    Action("shelf.versions", "v", "Versions", "What a template has said, and who changed it; an old one comes back.",
           "screen.template_versions"),
    Action("shelf.preview", "p", "Preview", "A template as real customers would read it; the longest first.",
           "screen.template_preview"),
)  # fmt: skip

TEMPLATE_VERSIONS = scope(
    "template-versions",
    "Among the versions of a template",
    Action("template-versions.restore", "r", "Bring back", "Let the template say this again, as a version of its own."),
    Action("template-versions.leave", "escape", "Back", "Back to the list."),
)

TEMPLATE_PREVIEW = scope(
    "template-preview",
    "Reading a template as customers would",
    Action("template-preview.ucs2", "u", "UCS-2", "The first text that a character makes UCS-2."),
    Action("template-preview.audience", "a", "Whose", "As the customers of another campaign or list would read it."),
    Action("template-preview.left-out", "o", "Left out", "Those whom it cannot be written to, and why."),
    Action("template-preview.leave", "escape", "Back", "Back to the list."),
)

WORKSHOP = scope(
    "workshop",
    "In the workshop of a script",
    Action("workshop.save", "ctrl+s", "Save", "Keep what is written as a new version; it decides nothing yet.",
           priority=True),
    Action("workshop.test", "ctrl+t", "Test", "Try it on a typed text, a mail or a past contact; nothing is sent.",
           priority=True),
    Action("workshop.replay", "f5", "Replay", "The contacts of past days through what is written.", priority=True),
    Action("workshop.publish", "f6", "Publish", "See what would change, then let it decide from the next contact on.",
           priority=True),
    Action("workshop.versions", "f7", "Versions", "All versions of this script; one is opened in the editor.",
           priority=True),
    Action("workshop.leave", "escape", "Back", "Close the test; then back to the list. What is typed is kept for you."),
    Action("workshop.other", "f2", "Test or script", "From the script to the test beside it, and back.",
           priority=True),
    Action("workshop.picture", "f8", "Picture", "What is written, as a tree.", priority=True),
)  # fmt: skip

VERSIONS = scope(
    "versions",
    "Among the versions of a script",
    Action("versions.activate", "a", "Activate", "Let this version decide from the next contact on."),
    Action("versions.back", "u", "Roll back", "Let the version decide again that did before."),
    Action("versions.replay", "r", "Replay", "The contacts of past days through this version."),
    Action("versions.against", "d", "Against", "Compare it with another version than the one that decides."),
    Action("versions.lock", "l", "Lock", "Keep it from being deleted and remarked on, or no longer."),
    Action("versions.remark", "m", "Remark", "Say what is special about it."),
    Action("versions.copy", "c", "Copy", "Make another script of it."),
    Action("versions.delete", "D,delete", "Delete", "Delete it, unless it decides or is locked."),
    Action("versions.leave", "escape", "Back", "Back to where you came from."),
)

REPLAY = scope(
    "replay",
    "In a replay",
    Action("replay.publish", "f6", "Publish", "Let the version decide that was replayed."),
    Action("replay.cancel", "x", "Stop", "Stop the replay; what is found stays on the screen."),
    Action("replay.days", "d", "Days", "Replay another stretch of days."),
    Action("replay.leave", "escape", "Back", "Stop it and go back; nothing is changed."),
)

SOURCE = scope(
    "source",
    "In the text of a script",
    Action("source.complete", "ctrl+space,ctrl+@", "Complete", "What may come next; Tab asks too, behind words.",
           show=False),
    Action("source.find", "ctrl+f", "Find", "Look for words in the script.", show=False, priority=True),
    Action("source.find-next", "f3", "Next", "The next place of these words.", show=False),
    Action("source.line", "ctrl+l", "Line", "Go to a line by its number.", show=False, priority=True),
    Action("source.problem", "f4", "Problem", "Go to the next line with a problem.", show=False),
)  # fmt: skip
