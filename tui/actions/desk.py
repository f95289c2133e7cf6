"""Actions of the desk."""

from __future__ import annotations

from tui.actions.registry import Action, scope

# Whatever asks a question has priority: it opens the instant its key comes, and what is typed next goes into it.
DESK = scope(
    "desk",
    "Desk",
    Action("desk.accept", "enter", "Accept", "Take what is offered to you and shown; its time runs."),
    Action("desk.send", "ctrl+s", "Send", "Send what is written to the customer.", priority=True),
    Action("desk.plain", "ctrl+g", "Plain", "Put plain twins in the place of characters that make a text dear.",
           show=False),
    Action("desk.take", "f8", "Take", "Take the contact you look at, bring a held one back, open a closed one again.",
           show=False),
    Action("desk.transfer", "ctrl+t", "Transfer", "Give the contact to a queue or to another agent, with a note.",
           priority=True),
    Action("desk.hold", "ctrl+l", "Hold", "Lay the contact aside until a time, or until the customer writes.",
           priority=True),
    Action("desk.close", "ctrl+e", "Close", "Close the contact with an outcome.", priority=True),
    Action("desk.customer", "f2", "Customer", "The customer's details and earlier contacts; Enter opens one."),
    Action("desk.note", "ctrl+n", "Note", "Leave a note beside the thread; it never leaves the desk.", priority=True),
    Action("desk.forward", "ctrl+o", "Forward", "Send the whole contact on as an e-mail, with its files.",
           priority=True),
    Action("desk.reply-all", "ctrl+r", "To all", "Copies to everybody who got the customer's e-mail, or to nobody.",
           show=False),
    Action("desk.retry", "r,alt+r", "Retry", "Send again what failed.", show=False),
    Action("desk.read", "f3", "Read whole", "A message in full, with what it quotes.", show=False),
    Action("desk.explain", "f4,question_mark", "Why", "What happened to this contact, and why.", show=False),
    Action("desk.heading", "f5", "Subject, cc", "Subject and copies of the e-mail you write.", show=False,
           priority=True),
    Action("desk.attach", "f6", "Attach", "Add files to the e-mail you write, or take them out.", show=False,
           priority=True),
    Action("desk.save", "f7", "Save file", "Save a file that came with a message.", show=False, priority=True),
    Action("desk.drafts", "alt+d", "Drafts", "Choose between what you typed here and at another terminal.",
           show=False),
    Action("desk.refuse", "ctrl+d", "Refuse", "Let what is offered to you go back to its place.", priority=True),
    Action("desk.refuse-why", "alt+x", "Refuse, why", "The same, with a reason for the journal.", show=False),
    Action("desk.canned", "ctrl+slash,ctrl+underscore", "Canned", "A canned reply; its /word and Tab does the same.",
           show=False),
    Action("desk.ask", "alt+q", "Ask", "Ask a colleague about the contact, which stays with you.", show=False),
    Action("desk.class", "alt+c", "Class", "Say what the contact is about.", show=False),
    Action("desk.merge", "alt+m", "Merge", "Make another contact of this customer a part of this one.", show=False),
    Action("desk.back", "escape", "List", "From the editor back to your contacts.", show=False),
)  # fmt: skip

WRAPPING = scope(
    "wrapping",
    "While a contact is wrapped up",
    Action("wrapping.close", "ctrl+e", "Close", "Close it with the outcome that stands out.", priority=True),
    Action("wrapping.longer", "f5", "1 min more", "A minute more.", priority=True),
    Action("wrapping.back", "f8", "Open again", "Back to the contact: there is more to say.", priority=True),
)

FILES = scope(
    "files",
    "Among files to send",
    Action("files.remove", "delete", "Take out", "Take the file under the cursor out of the e-mail."),
)
