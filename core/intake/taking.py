"""Taking mails in: many at a time, all in one transaction, each with exactly one outcome."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError, OperationalError

from core import journal
from core.errors import Transient
from core.intake.filing import Filing
from core.intake.reading import Kind, Reading, judge
from core.models import Account, Desk
from core.outbox import dialect_of
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.clock import Clock
    from core.gateway.dialects import Dialect
    from core.models.states import Channel, MailOutcome
    from core.outbox import Outbox
    from core.secrets import Vault
    from core.store import Database, Leases

LARGE = 200_000
"""Octets: a larger mail is read in a thread, so that the others go on."""


class LeaseLost(Transient):
    """Another engine has taken this mailbox over."""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A mail as it came from a mailbox."""

    uid: int
    raw: bytes
    size: int
    """Octets of the whole mail, also where `raw` is only its head."""
    arrived: datetime
    """When the server got it."""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """The account whose mails are read."""

    id: int
    address: str
    channel: Channel
    dialect: Dialect | None
    region: str
    inbound_class_id: int | None
    receipt_reply: str
    debug: bool = False
    """Whether each mail's outcome gets a line of its own in the journal."""


async def load_source(account_id: int, vault: Vault) -> Source:
    """The account as intake needs it. Raises Wrong when its gateway's dialect is not right."""
    account = await Account.get(id=account_id).select_related("gateway")
    gateway = account.gateway
    desk = await Desk.get(id=1)
    return Source(
        id=account.id,
        address=account.address,
        channel=account.kind,
        dialect=dialect_of(gateway, vault) if gateway is not None else None,
        region=desk.region,
        inbound_class_id=account.inbound_class_id,
        receipt_reply=account.receipt_reply,
        debug=account.debug,
    )


class Intake:
    """The first station."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox

    async def take(
        self,
        source: Source,
        uidvalidity: int,
        mails: Sequence[FetchedMail],
        *,
        lease: tuple[Leases, str] | None = None,
        read_again: bool = False,
    ) -> Counter[MailOutcome]:
        """Take mails in and commit; what became of them. Taken again, a mail changes nothing.

        `lease`: the holder and name that must still be ours when it commits. `read_again`: the mailbox was numbered
        anew, so a mail we have ever had is a duplicate however old. Raises LeaseLost, StoreBusy.
        """
        readings = [await self._read(source, mail) for mail in mails]
        packed = [zlib.compress(mail.raw, 1) for mail in mails]
        try:
            return await self._commit(source, uidvalidity, readings, packed, lease, read_again)
        except (IntegrityError, OperationalError, ValueError, UnicodeError) as error:
            if len(readings) > 1:
                return await self._one_by_one(source, uidvalidity, mails, lease, read_again)
            why = f"it could not be stored: {type(error).__name__}: {one_line(str(error), 300)}"
            aside = Reading(Kind.UNREADABLE, mails[0], reason=why.replace("\x00", "␀"))
            return await self._commit(source, uidvalidity, [aside], packed, lease, read_again)

    async def _one_by_one(
        self,
        source: Source,
        uidvalidity: int,
        mails: Sequence[FetchedMail],
        lease: tuple[Leases, str] | None,
        read_again: bool,
    ) -> Counter[MailOutcome]:
        # One mail that the database will not have must not hold up those beside it.
        outcomes: Counter[MailOutcome] = Counter()
        for mail in mails:
            outcomes += await self.take(source, uidvalidity, [mail], lease=lease, read_again=read_again)
        return outcomes

    async def _read(self, source: Source, mail: FetchedMail) -> Reading:
        if len(mail.raw) > LARGE:
            return await asyncio.to_thread(judge, source, mail)
        return judge(source, mail)

    async def _commit(
        self,
        source: Source,
        uidvalidity: int,
        readings: list[Reading],
        packed: list[bytes],
        lease: tuple[Leases, str] | None,
        read_again: bool,
    ) -> Counter[MailOutcome]:
        async with self.database.transaction():
            if lease is not None and not await lease[0].holds(lease[1]):
                raise LeaseLost(f"another engine has taken {source.address} over")
            filing = Filing(self.database, self.clock.now(), self.outbox, source, uidvalidity, read_again)
            outcomes = await filing.file(readings, packed)
            if outcomes:
                await journal.append(
                    actor="intake",
                    verb="fetched",
                    kind="account",
                    thing_id=source.id,
                    text=", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())),
                    at=filing.now,
                )
        return outcomes
