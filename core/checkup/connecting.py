"""The wires: log in to a mailbox and to the outgoing server, and tell which step of that went wrong."""

from __future__ import annotations

from contextlib import aclosing
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from core.checkup.step import Step, failed, good, noted
from core.errors import FolderMissing, PostroomError
from core.gateway.imap import ImapServer, Mailbox, folders, log_in, reach
from core.gateway.smtp import Opening, SmtpServer, SmtpSession
from core.secrets import login_for

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from core.gateway.login import Login
    from core.models import Account, OutgoingServer
    from core.secrets import Vault

TIMEOUT = 15.0
"""Seconds a server may be silent while a person waits for the result."""

Opened = TypeVar("Opened")
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


def outgoing_address(server: OutgoingServer) -> SmtpServer:
    """Where everything leaves. Raises Wrong for what no server can be."""
    return SmtpServer(server.host, server.port, server.security.value, timeout=TIMEOUT, ca_file=server.ca_file or None)


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


async def opening_mailbox(account: Account, login: Login) -> AsyncGenerator[tuple[Step, Mailbox | None], None]:
    """Steps connect, log in, folder and abilities, each as it begins and ends; with the last the open mailbox.

    Close the mailbox; `aclose` the generator where it is not exhausted.
    """
    yield Step("connect"), None
    try:
        server = imap_server(account)
        wire = await reach(server)
    except PostroomError as error:
        yield failed("connect", error), None
        return
    handed_over = False
    try:
        yield good("connect", f"{server.where}, {_ENCRYPTED[server.security]}"), None
        yield Step("log in"), None
        try:
            await log_in(wire, login)
        except PostroomError as error:
            yield failed("log in", error), None
            return
        yield good("log in", f"as {login.user}"), None
        yield Step("folder"), None
        try:
            box = await Mailbox.select(wire, server)
        except FolderMissing as error:
            yield await _with_folders(failed("folder", error), server, login), None
            return
        except PostroomError as error:
            yield failed("folder", error), None
            return
        words = [there if name in box.capabilities else missing for name, (there, missing) in _ABILITIES.items()]
        yield good("abilities", "; ".join(words)), None
        handed_over = True
        yield good("folder", f"{server.folder}: {box.exists} mails, UIDVALIDITY {box.uidvalidity}"), box
    finally:
        if not handed_over:
            await wire.farewell()


async def open_mailbox(account: Account, login: Login) -> tuple[list[Step], Mailbox | None]:
    """The steps that have ended, and the open mailbox when all went well. Close it."""
    return await _to_the_end(opening_mailbox(account, login))


async def _to_the_end(opening: AsyncGenerator[tuple[Step, Opened | None], None]) -> tuple[list[Step], Opened | None]:
    steps: list[Step] = []
    opened: Opened | None = None
    async with aclosing(opening):
        async for step, found in opening:
            steps += [] if step.running else [step]
            opened = found or opened
    return steps, opened


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


async def opening_outgoing(
    server: OutgoingServer, login: Login
) -> AsyncGenerator[tuple[Step, SmtpSession | None], None]:
    """Steps outgoing server and outgoing log in, each as it begins and ends; with the last the session.

    Close the session; `aclose` the generator where it is not exhausted.
    """
    name = "outgoing server"
    opening: Opening | None = None
    handed_over = False
    try:
        yield Step(name), None
        where = outgoing_address(server)
        opening = Opening(where)
        await opening.connect()
        protocol = await opening.encrypt()
        await opening.greet()
        encrypted = f"encrypted, {protocol}" if protocol else "not encrypted"
        many = "takes several commands at once" if "pipelining" in opening.extensions else "one command at a time"
        yield good(name, f"{where.where}, {encrypted}, {many}"), None
        name = "outgoing log in"
        step = noted(name, "none is set, none was made")
        if login.user:
            yield Step(name), None
            step = good(name, f"as {login.user} by {await opening.log_in(login)}")
        session = SmtpSession.of(opening)
        handed_over = True
        yield step, session
    except PostroomError as error:
        yield failed(name, error), None
    finally:
        if opening is not None and not handed_over:
            opening.abort()


async def open_outgoing(server: OutgoingServer, login: Login) -> tuple[list[Step], SmtpSession | None]:
    """The steps that have ended, and the session when all went well. Close it."""
    return await _to_the_end(opening_outgoing(server, login))
