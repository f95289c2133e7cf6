"""Actions that every screen, list and dialog shares."""

from __future__ import annotations

from tui.actions.registry import Action, scope

EVERYWHERE = scope(
    "app",
    "Everywhere",
    Action("app.help", "f1", "Help", "All keys that work here, and what they do.", show=False),
    Action("app.palette", "ctrl+p", "Palette", "Find any action by its name.", "command_palette", show=False,
           priority=True),
    Action("app.undo", "f9", "Undo", "Take back what was done last, as long as its message is shown.", show=False),
    Action("app.alarms", "0,alt+0", "Alarms", "All that somebody should look at, and the way there.", show=False),
    Action("app.theme", "f12", "Theme", "Change between dark, light and 16 colours.", show=False),
    Action("app.silence", "alt+b", "Bell", "Turn the bell of offers and alarms off, or on again.", show=False),
    Action("app.who", "f11", "Who", "Say who sits here.", show=False),
    Action("app.ready", "f10,alt+a", "Ready", "Take work from now on, or no more for a reason.", priority=True),
    Action("app.sign-out", "alt+o", "Sign out", "Go home: what is open goes back to where it waited.", show=False),
    Action("app.password", "alt+w", "Password", "Set a new password of your own.", show=False),
    Action("app.next", "tab", "Next", "Go to the next thing on the screen.", "app.focus_next", show=False),
    Action("app.previous", "shift+tab", "Previous", "Go to the one before.", "app.focus_previous", show=False),
    Action("app.suspend", "ctrl+z", "Suspend", "To the shell; `fg` comes back.", show=False),
    Action("app.quit", "ctrl+q", "Quit", "Leave Postroom; what you typed is kept.", "quit", show=False, priority=True),
)  # fmt: skip

LIST = scope(
    "list",
    "In a list",
    Action("list.open", "enter", "Open", "Open the row under the cursor."),
    Action("list.up", "up", "Up", "One row up.", "move(-1)", show=False),
    Action("list.down", "down", "Down", "One row down.", "move(1)", show=False),
    Action("list.page-up", "pageup", "Page up", "One page up.", "page(-1)", show=False),
    Action("list.page-down", "pagedown", "Page down", "One page down.", "page(1)", show=False),
    Action("list.first", "home", "First", "The first row, and whatever has arrived above.", "first", show=False),
    Action("list.last", "end", "Last", "The last row.", "last", show=False),
    Action("list.select", "space", "Select", "Select the row, or take it out again.", show=False),
    Action("list.select-all", "ctrl+a", "All", "Select every row that is listed.", show=False),
    Action("list.filter", "slash", "Filter", "Show only rows with these words; Esc shows all again."),
    Action("list.sort", "s", "Sort", "Sort by the next column.", show=False),
    Action("list.reverse", "S", "Reverse", "Turn the order round.", show=False),
    Action("list.clear", "escape", "Clear", "Drop the selection, then the filter.", show=False),
)

READING = scope(
    "page",
    "In a text that is only read",
    Action("page.up", "up", "Up", "One line up.", "scroll_up", show=False),
    Action("page.down", "down", "Down", "One line down.", "scroll_down", show=False),
    Action("page.page-up", "pageup", "Page up", "One page up.", "page_up", show=False),
    Action("page.page-down", "pagedown", "Page down", "One page down.", "page_down", show=False),
    Action("page.first", "home", "First", "The beginning.", "scroll_home", show=False),
    Action("page.last", "end", "Last", "The end.", "scroll_end", show=False),
)

DIALOG = scope(
    "dialog",
    "In a dialog",
    Action("dialog.cancel", "escape", "Back", "Close the dialog and change nothing."),
    Action("dialog.help", "f1", "Help", "All keys that work here, and what they do.", "app.help", show=False),
    Action("dialog.accept", "ctrl+s", "Accept", "The same as its first button.", show=False, priority=True),
)

CONFIRM = scope(
    "confirm",
    "In a question of yes or no",
    Action("confirm.yes", "y", "Yes", "Do it."),
    Action("confirm.no", "n", "No", "Leave it."),
)
