"""Actions of the campaigns area: campaigns, lists and customers; an import; ringing customers."""

from __future__ import annotations

from tui.actions.registry import Action, scope

# At 80 columns the keys up to New are seen: those that nobody finds by looking. The others are in help and palette.
CAMPAIGNS = scope(
    "campaigns",
    "Campaigns",
    Action("campaigns.broadcast", "w", "Write", "A new broadcast to the campaign or list under the cursor."),
    Action("campaigns.broadcasts", "b", "Broadcasts", "All broadcasts: those that run, wait or have ended."),
    Action("campaigns.import", "i", "Import", "Customers from a CSV or XLSX file; first a trial that changes nothing."),
    Action("campaigns.ring", "r", "Ring", "Ring the customers of this campaign, one after the other."),
    Action("campaigns.new", "n", "New", "A new campaign, or a new list of customers."),
    Action("campaigns.edit", "e", "Edit", "Change what is under the cursor: campaign, list, or customer."),
    Action("campaigns.status", "t", "Status", "Give customers another status by hand."),
    Action("campaigns.barred", "o", "No contact", "Do-not-contact lists, the desk's and the campaign's, and opt-outs."),
    Action("campaigns.export", "x", "Export", "Write the customers of this list or campaign into a CSV file."),
    Action("campaigns.delete", "D,delete", "Delete", "Delete a list or campaign, after a question that counts."),
)

BARRED = scope(
    "barred",
    "Do not contact, and opt-outs",
    Action("barred.add", "a", "Add", "Put a number or address on a list, or record an opt-out."),
    Action(
        "barred.remove", "D,delete", "Remove", "Take the selected off this list, for a reason; or end their opt-outs."
    ),
    Action("barred.list", "f", "List", "Show the desk's list, a campaign's, or opt-outs."),
    Action("barred.next-list", "right", "Next list", "Show the next list.", "turn(1)", show=False),
    Action("barred.last-list", "left", "List before", "Show the list before.", "turn(-1)", show=False),
    Action("barred.import", "i", "Import", "Put every address of a file on this list."),
    Action("barred.export", "x", "Export", "Write this list into a CSV file, which an import reads."),
    Action("barred.leave", "escape", "Back", "Stop a file that is being read; then back to the campaigns."),
)

RINGING = scope(
    "ringing",
    "Ringing customers",
    Action("ringing.next", "n", "Next", "Have the next customer given to you: due call-backs come first."),
    Action("ringing.outcome", "o", "Outcome", "Say how the call ended; the customer's status follows from it."),
    Action("ringing.let-go", "l", "Let go", "Give the customer back as it was; somebody else rings."),
    Action("ringing.leave", "escape", "Back", "Back to the campaigns; whom you have in hand goes back."),
)

IMPORTING = scope(
    "importing",
    "Importing customers",
    Action(
        "importing.trial",
        "ctrl+t",
        "Trial",
        "Read the whole file and show every bad row; nothing is changed.",
        priority=True,
    ),
    Action("importing.run", "ctrl+s", "Import", "Import it, after a trial and a question.", priority=True),
    Action("importing.leave", "escape", "Back", "Stop what runs; then back. What has been imported stays."),
)
