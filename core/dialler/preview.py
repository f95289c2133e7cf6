"""Preview dialling: a campaign hands an agent whom to ring next, due call-backs first, then those nobody has tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from core import journal
from core.campaign_fields import DESK_COLUMNS, Agent, LetterFields, customer_fields, own_fields, write
from core.clock import moment, to_moment
from core.consent import quiet_until
from core.dialler.finding import CUSTOMER, campaign_named, person_of
from core.errors import Refused, Wrong
from core.models.states import CustomerStatus
from core.templates import TemplateText, TemplateWrong

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.clock import Clock
    from core.store import Database
    from core.store.database import Row
    from core.templates import Plain

HAND_MINUTES = 10
"""A customer in an agent's hand goes back by itself after this."""
_TRIES = 5
_FREE = (
    "c.number <> '' AND (c.handed_until IS NULL OR c.handed_until <= ?) AND NOT EXISTS (SELECT 1 FROM do_not_contact d"
    " WHERE d.address = c.number AND d.channel = 'sms' AND (d.campaign_id IS NULL OR d.campaign_id = l.campaign_id))"
)


@dataclass(frozen=True, slots=True)
class NextCustomer:
    """Whom to ring, and what to say."""

    customer_id: int
    campaign: str
    list: str
    reference: str
    name: str
    number: str
    """E.164."""
    email: str
    zone: str
    """The customer's own, else what the number tells, else the desk's."""
    status: CustomerStatus
    callback_at: datetime | None
    """When the call-back was promised for."""
    is_personal: bool
    """Whether this agent promised it."""
    tries: int
    outcome: str
    """Of the last attempt."""
    fields: Mapping[str, Plain]
    """The list's own ones."""
    words: str
    """What the campaign has its agents say, filled in for this customer."""
    until: datetime
    """When the customer goes back by itself."""
    quiet_until: datetime | None = None
    """When the campaign's quiet hours end where the customer lives; None = it is not quiet there."""
    no_texts_since: datetime | None = None
    """When the number opted out of texts, which keeps nobody from ringing it."""


class Preview:
    """Who is next, for one agent after another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def next_customer(self, campaign: str, login: str) -> NextCustomer | None:
        """Hand this agent the next customer of a campaign; None when nobody is to be rung now.

        Whom she has in hand already comes again. Nobody else is handed the same until `until`. Raises NotFound, Wrong.
        """
        row = await campaign_named(self.database, campaign)
        async with self.database.transaction():
            who = await person_of(self.database, login)
            if who is None:
                raise Wrong("say who rings: --as LOGIN")
            customer = await self._in_hand(row, who)
            taken = customer is None
            for _ in range(_TRIES if taken else 0):
                customer = await self._candidate(row, who)
                if customer is None or await self._take(customer, who):
                    break
                customer = None
            if customer is None:
                return None
            until = self._until()
            if not taken:
                await self.database.rows(
                    "UPDATE customer SET handed_until = ? WHERE id = ?", to_moment(until), customer["id"]
                )
            else:
                await self._tell(login, "handed", customer["id"], f"by campaign {campaign}")
            (desk,) = await self.database.rows(f"SELECT {', '.join(DESK_COLUMNS)} FROM desk WHERE id = 1")
            opted_out = await self.database.rows(
                "SELECT MAX(at) AS at FROM opt_out WHERE address = ? AND channel = 'sms' AND ended_at IS NULL",
                customer["number"],
            )
        found = _next(customer, row, desk, who, until, self.clock.now())
        return replace(found, no_texts_since=moment(opted_out[0]["at"]))

    async def renew(self, customer_id: int, *, login: str) -> datetime:
        """Keep a customer in hand as long again, and say until when. Raises Refused where she has it no more."""
        now, until = self.clock.now(), self._until()
        rows = await self.database.rows(
            "UPDATE customer SET handed_until = ? WHERE id = ? AND handed_until > ?"
            " AND handed_to_id = (SELECT id FROM person WHERE login = ?) RETURNING id",
            to_moment(until), customer_id, to_moment(now), login,
        )  # fmt: skip
        if not rows:
            raise Refused(f"{login} has not got this customer in hand any more")
        return until

    async def give_back(self, customer_id: int, *, login: str) -> None:
        """Ring somebody else, and leave this customer as it was. Raises Refused where she has not got it in hand."""
        async with self.database.transaction():
            who = await person_of(self.database, login)
            rows = await self.database.rows(
                "UPDATE customer SET handed_to_id = NULL, handed_until = NULL WHERE id = ? AND handed_to_id = ?"
                " RETURNING id",
                customer_id, who["id"] if who else 0,
            )  # fmt: skip
            if not rows:
                raise Refused(f"{login} has not got this customer in hand any more")
            await self._tell(login, "given back", customer_id, "untried")

    async def expire(self) -> int:
        """Take back what agents have had in hand for too long; how many. An engine says it every second."""
        now = to_moment(self.clock.now())
        if not await self.database.read("SELECT 1 FROM customer WHERE handed_until <= ? LIMIT 1", now):
            return 0
        async with self.database.transaction():
            rows = await self.database.rows(
                "UPDATE customer SET handed_to_id = NULL, handed_until = NULL WHERE handed_until <= ? RETURNING id", now
            )
            for row in rows:
                await self._tell("dialler", "taken back", row["id"], f"untried for {HAND_MINUTES} minutes")
        return len(rows)

    def _until(self) -> datetime:
        return self.clock.now() + timedelta(minutes=HAND_MINUTES)

    async def _in_hand(self, campaign: Row, who: Row) -> Row | None:
        rows = await self.database.rows(
            f"{CUSTOMER} WHERE c.handed_until > ? AND c.handed_to_id = ? AND l.campaign_id = ? ORDER BY c.id LIMIT 1",
            to_moment(self.clock.now()), who["id"], campaign["id"],
        )  # fmt: skip
        return rows[0] if rows else None

    async def _candidate(self, campaign: Row, who: Row) -> Row | None:
        """Her own due call-backs, then anybody's, then the unused, each in order."""
        now = to_moment(self.clock.now())
        lock = "" if self.database.is_sqlite else " FOR UPDATE OF c SKIP LOCKED"
        for condition, values in (("c.callback_for_id = ?", [who["id"]]), ("c.callback_for_id IS NULL", [])):
            rows = await self.database.rows(
                f"{CUSTOMER} WHERE c.status = 'callback' AND c.callback_at <= ? AND l.campaign_id = ? AND {condition}"
                f" AND {_FREE} ORDER BY c.callback_at, c.id LIMIT 1{lock}",
                now, campaign["id"], *values, now,
            )  # fmt: skip
            if rows:
                return rows[0]
        lists = await self.database.rows("SELECT id FROM customer_list WHERE campaign_id = ?", campaign["id"])
        found: list[Row] = []
        for one in lists:  # list by list: each is one step in an index, however many customers there are
            found += await self.database.rows(
                f"{CUSTOMER} WHERE c.list_id = ? AND c.status = 'unused' AND {_FREE} ORDER BY c.id LIMIT 1{lock}",
                one["id"], now,
            )  # fmt: skip
        return min(found, key=lambda row: int(row["id"]), default=None)

    async def _take(self, customer: Row, who: Row) -> bool:
        rows = await self.database.rows(
            "UPDATE customer SET handed_to_id = ?, handed_until = ? WHERE id = ? AND status = ?"
            " AND (handed_until IS NULL OR handed_until <= ?) RETURNING id",
            who["id"], to_moment(self._until()), customer["id"], customer["status"], to_moment(self.clock.now()),
        )  # fmt: skip
        return bool(rows)

    async def _tell(self, actor: str, verb: str, customer_id: int, text: str) -> None:
        await journal.append(
            actor=actor, verb=verb, kind="customer", thing_id=customer_id, text=text, at=self.clock.now()
        )


def _next(customer: Row, campaign: Row, desk: Row, who: Row, until: datetime, now: datetime) -> NextCustomer:
    found = customer_fields(customer, campaign["name"], desk, Agent(who["login"], who["name"]))
    return NextCustomer(
        customer_id=customer["id"],
        campaign=campaign["name"],
        list=customer["list"],
        reference=customer["reference"],
        name=customer["name"],
        number=customer["number"],
        email=customer["email"],
        zone=found.zone,
        status=CustomerStatus(customer["status"]),
        callback_at=moment(customer["callback_at"]),
        is_personal=customer["callback_for_id"] == who["id"],
        tries=customer["tries"],
        outcome=customer["outcome"],
        fields=own_fields(customer["own_fields"]),
        words=_said(campaign["words"], found),
        until=until,
        quiet_until=_quiet(now, campaign["quiet_hours"], found.zone),
    )


def _quiet(now: datetime, hours: str, zone: str) -> datetime | None:
    try:
        return quiet_until(now, hours, zone)
    except Wrong:  # hours that nobody can read keep no agent from ringing
        return None


def _said(words: str, found: LetterFields) -> str:
    if not words:
        return ""
    try:
        return write(TemplateText("words", words, when_missing="…"), found).text
    except TemplateWrong:
        return words  # better with its braces than nothing to say
