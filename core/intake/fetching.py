"""Fetching: one keeper for each mailbox, for as long as this engine holds its lease.

A mail's outcome is committed before the server is told (`seen`, move, delete); what a crash left untold is told at the
next connection. IDLE brings mail at once, and a poll always runs: its DONE is the watchdog for half-open connections.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from core.errors import PostroomError
from core.gateway.imap import ImapServer, Mailbox, MoreThanAsked
from core.intake.ledger import Ledger
from core.intake.taking import FetchedMail, LeaseLost, load_source
from core.models import Account
from core.models.states import Health
from core.secrets import login_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.clock import Clock
    from core.gateway.imap import Envelope
    from core.intake.taking import Intake, Source
    from core.secrets import Vault
    from core.store import Database, Leases

BATCH = 100
BATCH_OCTETS = 2_000_000
LONGEST_IDLE = 8 * 60.0
"""Under the nine minutes after which some networks forget a silent connection (RFC 2177 says 29)."""
LONGEST_PAUSE = 300.0
LEASE_POLL = 2.0

log = structlog.get_logger("mailbox")


class MailboxKeeper:
    """Keeps one account's mailbox: connects, fetches, tells the server, waits, and begins anew after any failure."""

    def __init__(
        self, database: Database, clock: Clock, leases: Leases, intake: Intake, vault: Vault, account_id: int
    ) -> None:
        self.clock = clock
        self.leases = leases
        self.intake = intake
        self.vault = vault
        self.account_id = account_id
        self.lease = f"mailbox:{account_id}"
        self.ledger = Ledger(database, clock, account_id)
        self._failures = 0
        self._suspects: Counter[int] = Counter()
        """UIDs that were in a batch whose bytes did not end: fetched alone then, and their head alone at last."""

    async def run(self) -> None:
        """Until cancelled; then the connection is closed and the lease given back."""
        try:
            while True:
                if await self._lease_is_ours():
                    await self._attempt()
                else:
                    await asyncio.sleep(LEASE_POLL)
        finally:
            await asyncio.shield(self._leave())

    async def _lease_is_ours(self) -> bool:
        try:
            return await self.leases.take(self.lease)
        except PostroomError:
            return False

    async def _leave(self) -> None:
        try:
            await self.leases.release(self.lease)
        except PostroomError as error:
            log.warning("the lease was not given back", account=self.account_id, error=str(error))

    async def _attempt(self) -> None:
        try:
            await self._connect_and_keep()
        except LeaseLost as error:
            log.info("mailbox left to another engine", account=self.account_id, reason=str(error))
        except PostroomError as error:
            await self._failed(str(error))
        except Exception as error:
            log.exception("mailbox failed unexpectedly", account=self.account_id)
            await self._failed(f"internal error {type(error).__name__}: it is tried again; the log says more")

    async def _failed(self, words: str) -> None:
        self._failures += 1
        pause = min(LONGEST_PAUSE, 2.0 ** min(self._failures, 9)) * random.uniform(0.5, 1.0)
        log.warning("mailbox failed", account=self.account_id, error=words, retry_in=round(pause, 1))
        await self.ledger.note_failure(words, self._failures, self.clock.now() + timedelta(seconds=pause))
        await asyncio.sleep(pause)

    async def _connect_and_keep(self) -> None:
        account = await Account.get(id=self.account_id)
        source = await load_source(account.id, self.vault)
        login = await login_for(account, self.vault)
        box = await Mailbox.open(_server(account), login)
        try:
            read_again = await self.ledger.begin(box.uidvalidity)
            await self._acknowledge(box, account, await self.ledger.untold(box.uidvalidity))
            while True:
                if not await self.leases.holds(self.lease):
                    raise LeaseLost(f"another engine has taken {source.address} over")
                await self._fetch_new(box, account, source, read_again)
                self._failures = 0
                await self.ledger.note_health(Health.OK, on_server=box.exists, idle=box.can_idle)
                await self._wait(box, account.poll_seconds)
        finally:
            await box.close()

    async def _wait(self, box: Mailbox, poll_seconds: int) -> None:
        """Until the server says something or it is time to look again."""
        if box.can_idle:
            if not await box.idle(min(poll_seconds, LONGEST_IDLE)):
                await box.refresh()
        else:
            await asyncio.sleep(poll_seconds)
            await box.refresh()

    async def _fetch_new(self, box: Mailbox, account: Account, source: Source, read_again: bool) -> None:
        wanted = await box.uids(self.ledger.last_uid + 1)
        if box.exists != self.ledger.known + len(wanted):
            # Mails have gone, or some of them we never had: compare the whole folder with the ledger.
            wanted = await self.ledger.compare(box.uidvalidity, await box.uids())
        if not wanted:
            return
        envelopes = await box.envelopes(wanted)
        waiting = {envelope.uid: envelope.arrived for envelope in envelopes}
        await self.ledger.note_waiting(len(waiting), min(waiting.values(), default=None))
        for batch in _batches(envelopes, account.size_limit, self._suspects):
            mails = await self._mails(box, batch, account.size_limit)
            outcomes = await self.intake.take(
                source, box.uidvalidity, mails, lease=(self.leases, self.lease), read_again=read_again
            )
            self.ledger.taken([mail.uid for mail in mails], sum(outcomes.values()))
            await self._acknowledge(box, account, [(mail.uid, mail.complete) for mail in mails])
            for envelope in batch:
                waiting.pop(envelope.uid, None)
            await self.ledger.note_waiting(len(waiting), min(waiting.values(), default=None))
            log.info("fetched", account=source.address, mails=len(mails), waiting=len(waiting))

    async def _mails(self, box: Mailbox, batch: Sequence[Envelope], size_limit: int) -> list[FetchedMail]:
        try:
            return await self._bodies(box, batch, size_limit)
        except MoreThanAsked:
            self._suspects.update(envelope.uid for envelope in batch)
            raise

    async def _bodies(self, box: Mailbox, batch: Sequence[Envelope], size_limit: int) -> list[FetchedMail]:
        if batch[0].size > size_limit or self._suspects[batch[0].uid] > 1:
            (large,) = batch
            head = await box.head(large.uid)
            return [FetchedMail(large.uid, head, large.size, large.arrived, complete=False)] if head else []
        bodies = await box.bodies([envelope.uid for envelope in batch])
        return [
            FetchedMail(envelope.uid, bytes(bodies[envelope.uid]), envelope.size, envelope.arrived)
            for envelope in batch
            if envelope.uid in bodies
        ]

    async def _acknowledge(self, box: Mailbox, account: Account, mails: Sequence[tuple[int, bool]]) -> None:
        """Tell the server what is safe with us. A mail of which we have only the head stays on the server."""
        if not mails:
            return
        whole = [uid for uid, complete in mails if complete]
        heads = [uid for uid, complete in mails if not complete]
        gone: list[int] = []
        if account.after_fetch == "delete" and whole:
            await box.delete(whole)
            gone = whole
        elif account.after_fetch.startswith("move:") and whole:
            await box.move(whole, account.after_fetch.removeprefix("move:"))
            gone = whole
        elif account.after_fetch == "seen" and whole:
            await box.mark_seen(whole)
        if heads and account.after_fetch != "keep":
            await box.mark_seen(heads)
        await self.ledger.told(box.uidvalidity, [uid for uid, _ in mails], gone)


def _server(account: Account) -> ImapServer:
    return ImapServer(
        host=account.imap_host,
        port=account.imap_port,
        security=account.imap_security.value,
        folder=account.imap_folder,
        ca_file=account.imap_ca_file or None,
    )


def _batches(envelopes: Sequence[Envelope], size_limit: int, suspects: Mapping[int, int]) -> list[list[Envelope]]:
    """Oldest first, so many or so large at a time that parsing stays linear; a mail over the limit goes alone."""
    batches: list[list[Envelope]] = []
    octets = 0
    for envelope in sorted(envelopes, key=lambda e: e.uid):
        alone = envelope.size > size_limit or envelope.uid in suspects
        fits = batches and not alone and len(batches[-1]) < BATCH and octets + envelope.size <= BATCH_OCTETS
        if fits:
            batches[-1].append(envelope)
            octets += envelope.size
        else:
            batches.append([envelope])
            octets = envelope.size if not alone else BATCH_OCTETS
    return batches
