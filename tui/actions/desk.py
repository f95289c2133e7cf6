"""Actions of the desk."""

from __future__ import annotations

from tui.actions.registry import Action, scope

DESK = scope(
    "desk",
    "Desk",
    Action("desk.send", "ctrl+s", "Send", "Send what is written to the customer."),
    Action("desk.plain", "ctrl+g", "Plain", "Put plain twins in the place of characters that make a text dear."),
    Action("desk.take", "f8", "Take", "Take the contact you look at, or open a closed one again.", show=False),
    Action("desk.transfer", "ctrl+t", "Transfer", "Give the contact to a queue or to another agent.", priority=True),
    Action("desk.close", "ctrl+e", "Close", "Close the contact with an outcome.", priority=True),
    Action("desk.customer", "f2", "Customer", "The customer's details and earlier contacts."),
    Action("desk.note", "ctrl+n", "Note", "Leave a note beside the thread; it never leaves the desk."),
    Action("desk.forward", "ctrl+o", "Forward", "Send the whole contact on as an e-mail."),
    Action("desk.read", "f3", "Read whole", "The newest message in full, with what it quotes.", show=False),
    Action("desk.explain", "f4,question_mark", "Why", "What happened to this contact, and why.", show=False),
    Action("desk.heading", "f5", "Subject, cc", "Subject and copies of the e-mail you write.", show=False),
    Action("desk.attach", "f6", "Attach", "Add a file to the e-mail you write, or take one out.", show=False),
    Action("desk.save", "f7", "Save file", "Save a file that came with a message.", show=False),
    Action("desk.back", "escape", "List", "From the editor back to your contacts.", show=False),
)
