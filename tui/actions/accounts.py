"""Actions of the accounts screen and of the forms that set things up."""

from __future__ import annotations

from tui.actions.registry import Action, scope

ACCOUNTS = scope(
    "accounts",
    "Accounts",
    Action("accounts.new", "n", "New", "Set up a new account, for texts or for e-mails."),
    Action("accounts.check", "c", "Check", "Log in, look at the folder, send a test mail to itself and see it arrive."),
    Action("accounts.switch", "x", "On/off", "Poll the account's mailbox, or leave it alone."),
    Action("accounts.aside", "v", "Set aside", "Mails of the account that were set aside, why, and their release."),
    Action("accounts.server", "o", "Server", "The outgoing server: where everything leaves."),
    Action("accounts.check-server", "C", "Check server", "Log in to the outgoing server; nothing is sent."),
    Action("accounts.gateways", "g", "Gateways", "The providers that turn an e-mail into a text."),
    Action("accounts.explain", "question_mark", "Explain", "What was done to the account, and how its mailbox does."),
    Action("accounts.delete", "D,delete", "Delete", "Delete a disabled account; what goes with it is named first."),
)

FORM = scope(
    "form",
    "In a form with pages",
    Action("form.next-page", "f6", "Next page", "Go to the next page of the form.", "page(1)"),
    Action("form.previous-page", "shift+f6", "Page before", "Go to the page before.", "page(-1)", show=False),
    Action("form.check", "f7", "Save and check", "Save the form, then look whether it works."),
)

ASIDE = scope(
    "aside",
    "Among mails set aside",
    Action("aside.release", "r", "Release", "Read the mail again and let it in as what it now is."),
)
