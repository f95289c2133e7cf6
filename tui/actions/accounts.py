"""Actions of the accounts screen and of the forms that set things up."""

from __future__ import annotations

from tui.actions.registry import Action, scope

ACCOUNTS = scope(
    "accounts",
    "Accounts",
    Action("accounts.new", "n", "New", "Set up a new account, for texts or for e-mails."),
    Action("accounts.script", "s", "Script", "What can be done with the script that routes what arrives."),
    Action("accounts.server", "o", "Server", "The outgoing server: where everything leaves."),
    Action("accounts.check", "c", "Check", "Log in, look at the folder, send a test mail to itself and see it arrive."),
    Action("accounts.switch", "x", "On/off", "Poll the account's mailbox, or leave it alone."),
    Action("accounts.explain", "question_mark", "Why", "What was done to the account, and how its mailbox does."),
    Action("accounts.gateways", "g", "Gateways", "The providers that turn an e-mail into a text."),
    Action("accounts.aside", "v", "Set aside", "Mails of the account that were set aside, why, and their release."),
    Action("accounts.check-server", "C", "Check server", "Log in to the outgoing server; nothing is sent."),
    Action("accounts.delete", "D,delete", "Delete", "Delete a disabled account; what goes with it is named first."),
)


def _of_the_script(verb: str, key: str, label: str, words: str) -> Action:
    return Action(f"account-script.{verb}", key, label, words, f"choose('account-script.{verb}')")


SCRIPT_MENU = scope(
    "account-script",
    "In the menu of an account's script",
    _of_the_script("edit", "e", "Edit", "Write at it; what is wrong is said as you type."),
    _of_the_script("properties", "n", "Properties", "Its name, and one line that says what it is for."),
    _of_the_script("test", "t", "Test", "Try it on a typed text, a mail or a past contact."),
    _of_the_script("replay", "p", "Replay", "The contacts of past days through its newest version."),
    _of_the_script("versions", "v", "Versions", "All versions: compare, activate, roll back."),
    _of_the_script("choose", "r", "Routed by", "Let another script route what arrives here, or none."),
    _of_the_script("settings", "s", "Settings", "What this account says instead of its defaults."),
    _of_the_script("inbound", "i", "Inbound", "Queue, class and receipt reply of what arrives."),
    _of_the_script("debug", "d", "Debug", "A line in the journal for each mail, or no longer."),
    _of_the_script("journal", "j", "Journal", "What happened to the account and its contacts."),
)
"""Whoever adds one gives `AccountVerbs` a method `script_VERB`."""

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
