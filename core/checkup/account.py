"""The check of one account: log in, look at its folder, send a mail to itself, see it arrive."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from core.checkup.connecting import credentials, move_folder, opening_mailbox, opening_outgoing
from core.checkup.step import Step, bad, failed, good, noted
from core.errors import NotFound, PostroomError
from core.gateway.smtp import Letter, Verdict
from core.mail import Address, OutboundMail
from core.mime import compose, new_message_id
from core.models import Account, Desk, OutgoingServer
from core.outbox.put import loop_token

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from core.gateway.imap import Mailbox
    from core.gateway.smtp import SmtpSession
    from core.secrets import Vault
    from core.store import Database

ARRIVAL_SECONDS = 30.0
_LOOK_SECONDS = 1.0


async def check_account(
    database: Database, vault: Vault, address: str, *, arrival_seconds: float = ARRIVAL_SECONDS
) -> AsyncGenerator[Step, None]:
    """Every step as it begins and as it ends, until one fails that the others need. Raises NotFound.

    The test mail carries our loop header, so that intake files it and makes no contact of it; it is taken out of
    the mailbox again. Exhaust it or `aclose` it, for it holds connections.
    """
    account = await Account.get_or_none(address=address.lower())
    if account is None:
        raise NotFound(f"there is no account {address}: `postroom account list` names them")
    async with contextlib.AsyncExitStack() as stack:
        box: Mailbox | None = None
        yield Step("credentials")
        step, login = await credentials(account, vault, "credentials")
        yield step
        if login is not None:
            async with contextlib.aclosing(opening_mailbox(account, login)) as opening:
                async for step, opened_box in opening:
                    if opened_box is not None:
                        box = opened_box
                        stack.push_async_callback(box.close)
                    yield step
            if box is not None:
                yield Step("after fetching")
                yield await move_folder(account, login)
        yield Step("outgoing server")
        session: SmtpSession | None = None
        async with contextlib.aclosing(_outgoing(vault)) as outgoing:
            async for step, opened in outgoing:
                if opened is not None:
                    session = opened
                    stack.push_async_callback(session.close)
                yield step
        if box is None or session is None:
            yield noted("test mail", "left out, since not everything it needs works")
            return
        async with contextlib.aclosing(_send_and_wait(database, account, box, session, arrival_seconds)) as sending:
            async for step in sending:
                yield step


async def _outgoing(vault: Vault) -> AsyncGenerator[tuple[Step, SmtpSession | None], None]:
    server = await OutgoingServer.get_or_none(id=1)
    if server is None:
        yield bad("outgoing server", "none is set up", "write [outgoing_server] into desk.toml and apply it"), None
        return
    step, login = await credentials(server, vault, "outgoing credentials")
    yield step, None
    if login is None:
        return
    async with contextlib.aclosing(opening_outgoing(server, login)) as opening:
        async for step, session in opening:
            yield step, session


async def _send_and_wait(
    database: Database, account: Account, box: Mailbox, session: SmtpSession, seconds: float
) -> AsyncGenerator[Step, None]:
    yield Step("test mail")
    try:
        since = max(await box.uids(), default=0) + 1
    except PostroomError as error:
        yield failed("test mail", error)
        return
    letter_id = new_message_id(account.address.rpartition("@")[2])
    result = await session.send(Letter(account.address, (account.address,), await _test_mail(account, letter_id)))
    said = f"{result.code} {result.reply}".strip()
    if result.verdict is not Verdict.ACCEPTED:
        yield bad("test mail", f"{result.verdict.value}: {said}", "ask the outgoing server's operator what it wants")
        return
    yield good("test mail", f"from {account.address} to itself, taken: {said}")
    yield Step("arrival")
    started = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(seconds):
            where = await _arrival(database, account, box, since, letter_id)
    except TimeoutError:
        yield bad(
            "arrival",
            f"not in {account.imap_folder} within {seconds:g} seconds",
            "look for it in the other folders and among the junk, and ask where mail to this address goes",
        )
    except PostroomError as error:
        yield failed("arrival", error)
    else:
        yield good("arrival", f"{where} after {asyncio.get_running_loop().time() - started:.1f} seconds")


async def _test_mail(account: Account, letter_id: str) -> bytes:
    desk = await Desk.get(id=1)
    mail = OutboundMail(
        message_id=letter_id,
        sender=Address(account.address, account.description),
        to=(Address(account.address),),
        subject="Postroom test mail",
        text="Postroom sent this mail to see whether it arrives. You may delete it.\n",
        automatic=True,
        loop_token=loop_token(desk),
    )
    return compose(mail)


async def _arrival(database: Database, account: Account, box: Mailbox, since: int, letter_id: str) -> str:
    """Wait until the mail is in the mailbox, or an engine has taken it from there; take it out."""
    looked_at: set[int] = set()
    while True:
        for uid in await box.uids(since):
            if uid not in looked_at and letter_id.encode() in await box.head(uid):
                with contextlib.suppress(PostroomError):  # a mail that stays is filed as our own loop
                    await box.delete([uid])
                return f"in {account.imap_folder}"
            looked_at.add(uid)
        taken = await database.read("SELECT 1 FROM mail WHERE account_id = ? AND letter_id = ?", account.id, letter_id)
        if taken:
            return "taken by the engine"
        if box.can_idle:
            await box.idle(_LOOK_SECONDS)
        else:
            await asyncio.sleep(_LOOK_SECONDS)
