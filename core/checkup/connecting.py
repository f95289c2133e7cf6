"""The wires: log in to a mailbox and to the outgoing server, and tell which step of that went wrong."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from core.checkup.step import Step, failed, good, noted
from core.errors import FolderMissing, LoginRefused, PostroomError
from core.gateway.imap import ImapServer, Mailbox, folders
from core.gateway.smtp import Opening, SmtpServer, SmtpSession
from core.secrets import login_for

if TYPE_CHECKING:
    from core.gateway.login import Login
    from core.models import Account, OutgoingServer
    from core.secrets import Vault

TIMEOUT = 15.0
"""Seconds a server may be silent while a person waits for the result."""

_ENCRYPTED = {"none": "not encrypted", "starttls": "encrypted by STARTTLS", "tls": "encrypted"}
_ABILITIES = {
    "IDLE": ("tells of new mail by itself (IDLE)", "must be asked for new mail, it has no IDLE"),
    "MOVE": ("moves in one step (MOVE)", "moves by copy and delete, it has no MOVE"),
    "UIDPLUS": ("deletes single mails (UIDPLUS)", "deletes all that is marked, it has no UIDPLUS"),
}


def imap_server(account: Account) -> ImapServer:
    """Where this account's mails are."""
    return ImapServer(
        account.imap_host,
        account.imap_port,
        account.imap_security.value,
        account.imap_folder,
        timeout=TIMEOUT,
        ca_file=account.imap_ca_file or None,
    )


async def credentials(row: Account | OutgoingServer, vault: Vault, name: str) -> tuple[Step, Login | None]:
    """What the login is made of; None where it cannot be had."""
    try:
        login = await login_for(row, vault)
    except PostroomError as error:
        return failed(name, error), None
    source = "token" if login.token else "password"
    by_command = row.token_command or row.password_command
    return good(
        name, f"{source} from its command" if by_command else f"{source} stored" if login.user else "none"
    ), login


async def open_mailbox(account: Account, login: Login) -> tuple[list[Step], Mailbox | None]:
    """Steps connect, log in, folder and abilities; and the open mailbox when all went well. Close it."""
    server = imap_server(account)
    connected = good("connect", f"{server.where}, {_ENCRYPTED[server.security]}")
    logged_in = good("log in", f"as {login.user}")
    try:
        box = await Mailbox.open(server, login)
    except LoginRefused as error:
        return [connected, failed("log in", error)], None
    except FolderMissing as error:
        return [connected, logged_in, await _with_folders(failed("folder", error), server, login)], None
    except PostroomError as error:
        return [failed("connect", error)], None
    words = [there if name in box.capabilities else missing for name, (there, missing) in _ABILITIES.items()]
    found = good("folder", f"{server.folder}: {box.exists} mails, UIDVALIDITY {box.uidvalidity}")
    return [connected, logged_in, good("abilities", "; ".join(words)), found], box


async def move_folder(account: Account, login: Login) -> Step:
    """Whether the folder is there to which fetched mails are moved."""
    how, _, wanted = account.after_fetch.partition(":")
    if how != "move":
        said = {"keep": "left as they are", "seen": "marked as seen", "delete": "deleted"}
        return noted("after fetching", f"mails are {said[how]}")
    server = imap_server(account)
    try:
        names = await folders(server, login)
    except PostroomError as error:
        return failed("after fetching", error)
    if wanted in names or wanted.upper() == "INBOX":
        return good("after fetching", f"mails are moved to {wanted}, which exists")
    return Step(
        "after fetching", False, f"mails are to be moved to {wanted}, which does not exist", _choose(wanted, names)
    )


async def _with_folders(step: Step, server: ImapServer, login: Login) -> Step:
    try:
        names = await folders(server, login)
    except PostroomError:
        return step
    return Step(step.name, step.ok, step.detail, _choose(server.folder, names))


def _choose(wanted: str, names: list[str]) -> str:
    near = get_close_matches(wanted, names, n=1)
    if near:
        return f"create it, or did you mean {near[0]}?"
    return f"create it, or choose one of {', '.join(names[:10])}" if names else "create it"


async def open_outgoing(server: OutgoingServer, login: Login) -> tuple[list[Step], SmtpSession | None]:
    """Steps outgoing server and outgoing log in; and the session when both went well. Close it."""
    where = SmtpServer(server.host, server.port, server.security.value, timeout=TIMEOUT, ca_file=server.ca_file or None)
    opening = Opening(where)
    steps: list[Step] = []
    name = "outgoing server"
    try:
        try:
            await opening.connect()
            protocol = await opening.encrypt()
            await opening.greet()
            encrypted = f"encrypted, {protocol}" if protocol else "not encrypted"
            pipelining = (
                "takes several commands at once" if "pipelining" in opening.extensions else "one command at a time"
            )
            steps.append(good(name, f"{where.where}, {encrypted}, {pipelining}"))
            name = "outgoing log in"
            if login.user:
                method = await opening.log_in(login)
                steps.append(good(name, f"as {login.user} by {method}"))
            else:
                steps.append(noted(name, "none is set, none was made"))
            return steps, SmtpSession.of(opening)
        except BaseException:
            opening.abort()
            raise
    except PostroomError as error:
        return [*steps, failed(name, error)], None
