"""An attempt to reach a customer: how it ended, what that makes of the customer, and what the campaign writes then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import journal
from core.campaign_fields import DESK_COLUMNS, Agent
from core.campaigns.cells import callback_of
from core.clock import moment, to_moment
from core.dialler.events import LetterDone, Occasion, write_letters
from core.dialler.finding import (
    campaign_named,
    customer_locked,
    customer_of,
    outcome_named,
    person_of,
    zone_of_customer,
)
from core.errors import Refused, Wrong
from core.models.states import CustomerStatus, DiallerEvent
from core.roles import COMMAND
from core.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from core.clock import Clock
    from core.outbox import Outbox
    from core.store import Database
    from core.store.database import Row

__all__ = ["Attempts", "Done", "LetterDone", "Told"]
LONGEST_NOTE = 10_000
AGENT, DIALLER = "agent", "dialler"


@dataclass(frozen=True, slots=True)
class Told:
    """How an attempt ended, as somebody says it."""

    outcome: str
    """One of the desk's outcomes."""
    terminate: bool = False
    """Whether the customer is given up, or done with."""
    callback: datetime | None = None
    """When to ring again (aware)."""
    personal: bool = False
    """Whether whoever says it will ring again; else anybody."""
    note: str = ""
    at: datetime | None = None
    """None = now."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    attempt_id: int
    customer_id: int
    status: CustomerStatus
    new: bool
    """False when it was told before: then nothing changed."""
    letters: tuple[LetterDone, ...] = ()
    """What the campaign wrote on it, or why it could not."""


class Attempts:
    """The verb, by reference and by the customer's own id."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self.database = database
        self.clock = clock
        self.outbox = outbox

    async def attempt(
        self,
        campaign: str,
        reference: str,
        told: Told,
        *,
        person: str = "",
        source: str = COMMAND,
        key: str | None = None,
        list_name: str = "",
    ) -> Done:
        """Write down an attempt on the customer of that reference, in one transaction with all that follows from it.

        `person` is a login or empty; `key` makes two tellings one. Raises Wrong for what is not known, NotFound.
        """
        row = await campaign_named(self.database, campaign)
        customer_id = await customer_of(self.database, row, reference=reference, list_name=list_name)
        return await self.attempt_on(row, customer_id, told, person=person, source=source, key=key)

    async def callback_time(
        self, campaign: str, reference: str, written: str, *, list_name: str = ""
    ) -> datetime | None:
        """When `2026-03-02 14:30` is for that customer, by the clock on the customer's wall. Raises Wrong, NotFound."""
        row = await campaign_named(self.database, campaign)
        customer_id = await customer_of(self.database, row, reference=reference, list_name=list_name)
        return callback_of(written, await zone_of_customer(self.database, customer_id))

    async def attempt_by_id(
        self, campaign: str, customer_id: int, told: Told, *, person: str = "", source: str = AGENT
    ) -> Done:
        """As `attempt`, for a customer who is in hand. Raises Refused where somebody else has it in hand by now."""
        row = await campaign_named(self.database, campaign)
        return await self.attempt_on(row, customer_id, told, person=person, source=source, in_hand=True)

    async def attempt_on(
        self,
        campaign: Row,
        customer_id: int,
        told: Told,
        *,
        person: str,
        source: str,
        key: str | None = None,
        in_hand: bool = False,
    ) -> Done:
        """As `attempt`, with the campaign's row."""
        async with self.database.transaction():
            outcome, contact = await outcome_named(self.database, told.outcome)
            who = await person_of(self.database, person)
            look_at(told, who)
            customer = await customer_locked(self.database, customer_id, campaign)
            if in_hand:
                await self._still_in_hand(customer, who)
            at = told.at or self.clock.now()
            rows = await self.database.rows(
                "INSERT INTO attempt (customer_id, campaign_id, at, outcome, contact, terminated, person_id, source,"
                " key, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id",
                customer_id, campaign["id"], to_moment(at), outcome, contact, told.terminate,
                who["id"] if who else None, source[:255], key, told.note.replace("\0", "")[:LONGEST_NOTE],
            )  # fmt: skip
            if not rows:
                (known,) = await self.database.rows("SELECT id, customer_id FROM attempt WHERE key = ?", key)
                return Done(known["id"], known["customer_id"], CustomerStatus(customer["status"]), new=False)
            before = moment(customer["tried_at"])
            if told.at is not None and before is not None and at < before and not told.terminate:
                status = CustomerStatus(customer["status"])
                await self._count(customer)
            else:
                status = status_after(CustomerStatus(customer["status"]), told, contact)
                await self._follow(customer, status, outcome, told, who, at)
            words = f"{outcome}, {status.value}" + (f" ({one_line(source, 100)})" if source != COMMAND else "")
            actor = person or (source if source in (COMMAND, AGENT) else DIALLER)
            await journal.append(
                actor=actor, verb="attempt", kind="customer", thing_id=customer_id, text=words, at=self.clock.now()
            )
            letters = await self._letters(campaign, customer, told, contact, who)
            return Done(int(rows[0]["id"]), customer_id, status, new=True, letters=tuple(letters))

    async def _still_in_hand(self, customer: Row, who: Row | None) -> None:
        until, holder = moment(customer["handed_until"]), customer["handed_to_id"]
        if holder is None or until is None or until <= self.clock.now() or (who is not None and holder == who["id"]):
            return
        (other,) = await self.database.rows("SELECT login FROM person WHERE id = ?", holder)
        raise Refused(
            f"{other['login']} has customer {one_line(customer['reference'], 60)} in hand by now:"
            " tell them how your call ended"
        )

    async def _follow(
        self, customer: Row, status: CustomerStatus, outcome: str, told: Told, who: Row | None, at: datetime
    ) -> None:
        """The customer's row after an attempt."""
        calls_back = status is CustomerStatus.CALLBACK and told.callback is not None
        tried = max(at, moment(customer["tried_at"]) or at)
        await self.database.rows(
            "UPDATE customer SET status = ?, tries = tries + 1, tried_at = ?, outcome = ?, callback_at = ?,"
            " callback_for_id = ?, handed_to_id = NULL, handed_until = NULL, changed_at = ? WHERE id = ?",
            status.value, to_moment(tried), outcome,
            to_moment(told.callback) if calls_back and told.callback else None,
            who["id"] if calls_back and told.personal and who else None,
            to_moment(self.clock.now()), customer["id"],
        )  # fmt: skip

    async def _count(self, customer: Row) -> None:
        """An attempt that is older than what is known: it counts, and what came of the later one stands."""
        await self.database.rows(
            "UPDATE customer SET tries = tries + 1, changed_at = ? WHERE id = ?",
            to_moment(self.clock.now()), customer["id"],
        )  # fmt: skip

    async def _letters(
        self, campaign: Row, customer: Row, told: Told, contact: bool, who: Row | None
    ) -> list[LetterDone]:
        events = []
        if customer["tries"] == 0:
            events.append(DiallerEvent.FIRST_TRY)
        if told.terminate and not contact and customer["status"] != CustomerStatus.TERMINATED:
            events.append(DiallerEvent.NO_CONTACT)
        if not events:
            return []
        (desk,) = await self.database.rows(f"SELECT {', '.join(DESK_COLUMNS)} FROM desk WHERE id = 1")
        agent = Agent(who["login"], who["name"]) if who else None
        occasion = Occasion(campaign, customer, desk, agent, self.clock.now())
        return [
            letter
            for event in events
            for letter in await write_letters(self.database, self.outbox, event, occasion)
        ]  # fmt: skip


def status_after(before: CustomerStatus, told: Told, contact: bool) -> CustomerStatus:
    """What a customer is after an attempt: who is given up stays so until a person says otherwise."""
    if told.terminate or before is CustomerStatus.TERMINATED:
        return CustomerStatus.TERMINATED
    if told.callback is not None:
        return CustomerStatus.CALLBACK
    return CustomerStatus.CONTACTED if contact else CustomerStatus.IN_PROGRESS


def look_at(told: Told, who: dict[str, Any] | None) -> None:
    """Raise Wrong for what cannot both be."""
    if told.terminate and told.callback is not None:
        raise Wrong("a customer who is given up is not rung again: say either terminate or a call-back")
    if told.personal and (told.callback is None or who is None):
        raise Wrong("a personal call-back needs its time, and the agent who promised it")
