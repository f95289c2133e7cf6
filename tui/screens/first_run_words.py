"""What the first run says: of the whole, of each step, and of the mailbox while everybody waits for its first mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from core.text import one_line
from tui.ages import age
from tui.screens.account_words import account_detail, health

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from core.views import AccountRow
    from core.views.beginning import Beginning
    from core.views.panel import PlaceRow
    from core.views.standing import PersonRow, Standing

STEPS = ("desk", "server", "gateway", "account", "text")
TITLES = {
    "desk": "You and your desk", "server": "Outgoing server", "gateway": "Gateway", "account": "First account",
    "text": "First text",
}  # fmt: skip
EMAIL_TITLES = {**TITLES, "text": "First e-mail"}
_LOOKED = {"●": "● connected", "◌": "◌ connecting", "○": "◌ the engine begins"}
STYLES = {"●": "$success", "▲": "$warning", "✖": "$error", "◌": "$primary", "○": "$text-muted"}


@dataclass(frozen=True, slots=True)
class Sight:
    """All that the screen says something about."""

    beginning: Beginning
    account: AccountRow | None
    place: PlaceRow | None
    standing: Standing | None
    person: PersonRow | None
    kind: str
    """`sms` or `email`: what shall come in first."""
    next: str
    """The step that is to be done; empty when all are."""
    checked: dict[str, bool]
    """Steps that were tried out since the start, and whether that went well."""
    waiting_since: datetime | None


def welcome(seen: Sight, key: Callable[[str], str]) -> Content:
    """What this is about; three lines of 74 columns. `key` of an action."""
    thing = "e-mail" if seen.kind == "email" else "text"
    if not seen.beginning.people:
        title = "Welcome to Postroom, a contact desk for texts and e-mails."
        words = (f"Five steps lead to a first real {thing} on this screen. Nothing typed is lost. Or look at a sample"
                 f" desk first ({key('first-run.sample')}): nothing there changes anything here.")  # fmt: skip
    elif seen.next:
        title = f"Five steps to a first {thing}."
        words = (f"A step that is done can be opened again. {key('first-run.later')} leaves the rest for later:"
                 f" {key('first-run.open')}, or the next start, goes on here.")  # fmt: skip
    else:
        title, words = f"A first {thing} has come in: this desk works.", "Every step can be opened again."
    return Content.assemble((title, "bold"), f"\n{words}")


def step_state(step: str, seen: Sight, now: datetime) -> tuple[str, str]:
    """Glyph and words of a step's line."""
    beginning = seen.beginning
    glyph = "◌" if step == seen.next else "○"
    match step:
        case "desk" if beginning.people:
            return "●", _desk_words(seen)
        case "server" if beginning.server:
            return _tried(step, seen, f"{beginning.server}, {_encryption(beginning.security)}")
        case "gateway" if beginning.gateway:
            return "●", beginning.gateway
        case "gateway" if seen.kind == "email":
            return "○", "not needed for e-mails"
        case "account" if seen.account is not None:
            found, _, words = health(seen.account, now).text.partition(" ")
            if seen.checked.get("account") is False and found != "✖":
                found, words = "▲", "its check failed"
            return ("●" if found in "◌○" and seen.account.enabled else found), f"{beginning.account}, {words}"
        case "text" if not seen.next:
            return "●", "is here"
    return glyph, "next" if step == seen.next else ""


def step_detail(step: str, seen: Sight, zone: tzinfo) -> Content:
    """What a step is about and what to have at hand."""
    email = seen.kind == "email"
    match step:
        case "desk":
            words = ("Who you are, what the desk is called and where it is. You become its administrator, who may set"
                     " everything up; colleagues can come later.")  # fmt: skip
        case "server":
            words = ("The mail server that everything leaves by. Have at hand what your mail provider says under SMTP"
                     " or outgoing mail: host, port, encryption, user and password. It is tried out at once; nothing"
                     " is sent.")  # fmt: skip
        case "gateway":
            words = ("The provider that makes a text of your e-mail, and an e-mail of a customer's text. Have at hand"
                     " how it wants the number; most want NUMBER@their-domain. The form shows the mail that it would"
                     " get.\n\nNo provider yet? Begin with e-mails (e), which need none.")  # fmt: skip
        case "account":
            what = "e-mails come to" if email else "your provider sends your customers' texts to"
            words = (f"The mailbox that {what}. Have at hand its address, its IMAP host and port, user and password. A"
                     " queue comes with it, in which they wait. All is tried out: a test mail goes from the address"
                     " to itself.")  # fmt: skip
        case _:
            return _asked(seen, zone)
    return Content(words)


def _asked(seen: Sight, zone: tzinfo) -> Content:
    """What to send where; while the mailbox cannot be reached, why, and where that is mended."""
    row = seen.account
    if row is None:
        return Content("Once there is an account, this says where to send a first message, and shows it arrive.")
    if row.status == "broken":
        again = f" It is tried again at {row.retry_at.astimezone(zone):%H:%M:%S}." if row.retry_at else ""
        return Content.assemble(
            (f"✖ {one_line(row.error, 300)}", STYLES["✖"]), f"\nEnter opens the account to mend it.{again}"
        )
    if row.kind == "email":
        return Content.styled(f"Send an e-mail to {row.address} now, from any other address.", "bold")
    return Content.styled(
        f"Send a text to your number now, from any phone: {one_line(row.gateway, 40)} makes an e-mail of it and sends"
        f" that to {row.address}.",
        "bold",
    )


def mailbox_now(step: str, seen: Sight, now: datetime, zone: tzinfo) -> Content:
    """How the mailbox does while everybody waits, as it happens; empty at other steps."""
    row = seen.account
    if row is None or step != "text":
        return Content("")
    glyph, _, word = health(row, now).text.partition(" ")
    looked = f" {_LOOKED.get(glyph, '')}"
    if glyph == "●":
        looked += f", looked at {word} ago" if row.last_poll else ""
        looked += "; the server tells of new mail by itself" if row.idle_since else ""
    lines = [Content.styled(looked, STYLES[glyph])] if glyph in _LOOKED else []
    if row.status in ("ok", "waiting"):
        lines += account_detail(row, seen.place, now, zone).split("\n")[:3]
    if seen.waiting_since is not None:
        thing = "e-mail" if row.kind == "email" else "text"
        lines += [Content.styled(f" ◌ waiting for the first {thing}, {age(seen.waiting_since, now)}",
                                              STYLES["◌"])]  # fmt: skip
    return Content("\n").join(lines)


def _desk_words(seen: Sight) -> str:
    parts = []
    if seen.standing is not None:
        parts = [seen.standing.desk, f"{seen.standing.timezone}, {seen.standing.region}"]
    if seen.person is not None:
        parts.insert(1, f"{seen.person.login}, {seen.person.role}")
    return " · ".join(part for part in parts if part)


def _tried(step: str, seen: Sight, words: str) -> tuple[str, str]:
    match seen.checked.get(step):
        case True:
            return "●", f"{words}, works"
        case False:
            return "▲", f"{words}, its check failed"
    return "●", words


def _encryption(security: str) -> str:
    return {"none": "not encrypted", "starttls": "STARTTLS", "tls": "TLS"}.get(security, security)
