"""Filing: the rows that a batch of judged mails becomes, inside one transaction."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import events, journal
from core.intake.answers import Answers
from core.intake.reading import Kind, Reading
from core.intake.reports import Reports
from core.models.fields import to_moment
from core.models.states import Direction, MailOutcome
from core.outbox import BUDGET_WINDOW
from core.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from core.intake.taking import Source
    from core.outbox import Outbox
    from core.store import Database

WITHIN_SECOND = timedelta(microseconds=999_999)
DUPLICATE_WINDOW = timedelta(days=14)
ADDRESS_BUDGET = 60
"""Messages that one address may send an account within the window before they are filed and not queued."""
TEXT_BUDGET = 10
"""The same, for one and the same text."""
_MAIL = ("account_id", "uidvalidity", "uid", "outcome", "reason", "fingerprint", "letter_id", "size", "complete",
         "arrived_at", "taken_at", "contact_id", "acknowledged", "gone")  # fmt: skip
_CONTACT = ("account_id", "channel", "address", "name", "state", "priority", "call_class_id", "subject", "preview",
            "message_count", "received_at", "last_in_at", "outcome")  # fmt: skip
_MESSAGE = ("contact_id", "account_id", "mail_id", "direction", "channel", "address", "name", "recipients", "subject",
            "text", "quoted", "parts", "letter_id", "in_reply_to", "reference_ids", "automatic", "marks", "files",
            "at")  # fmt: skip


class Filing:
    """One batch of one account."""

    def __init__(
        self,
        database: Database,
        now: datetime,
        outbox: Outbox,
        source: Source,
        uidvalidity: int,
        read_again: bool,
        *,
        unbounded: bool = False,
    ) -> None:
        self.database = database
        self.now = now
        self.outbox = outbox
        self.source = source
        self.uidvalidity = uidvalidity
        self.read_again = read_again
        self.unbounded = unbounded
        """Without budgets: a person wants it through."""
        self.contacts: dict[str, int] = {}
        """The unclosed contact of each address."""
        self.made: set[str] = set()
        """Addresses whose contact is made by this batch."""

    async def file(self, readings: list[Reading], packed: list[bytes]) -> Counter[MailOutcome]:
        """Write all rows; what became of the mails that were not on the ledger yet."""
        known = await self._known_uids(readings)
        fresh = [(r, p) for r, p in zip(readings, packed, strict=True) if r.fetched.uid not in known]
        if not fresh:
            return Counter()
        new = [reading for reading, _ in fresh]
        outcomes = await self._decide(new)
        await self._find_contacts(new, outcomes)
        await self._make_contacts(new, outcomes)
        mail_ids = await self._write_mails(new, outcomes, [content for _, content in fresh])
        await self._write_messages(new, outcomes, mail_ids)
        await self._touch_contacts(new, outcomes)
        await Reports(self.database, self.now, self.source).apply(new, outcomes, mail_ids)
        answers = Answers(self.database, self.now, self.outbox, self.source, self.contacts)
        await answers.record_consent(new, outcomes, mail_ids)
        await answers.acknowledge(new, outcomes)
        if self.source.debug:
            await self._tell_each(new, outcomes)
        return Counter(outcome for outcome, _ in outcomes)

    async def _tell_each(self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]]) -> None:
        for reading, (outcome, why) in zip(readings, outcomes, strict=True):
            marks = reading.mail.marks if reading.mail is not None else ()
            said = "; ".join(part for part in (why, *marks) if part)
            text = f"mail {reading.fetched.uid}: {outcome}" + (f" ({said})" if said else "")
            await journal.append(
                actor="intake", verb="debug", kind="account", thing_id=self.source.id, text=text, at=self.now
            )

    async def _known_uids(self, readings: list[Reading]) -> set[int]:
        uids = [reading.fetched.uid for reading in readings]
        rows = await self.database.rows(
            f"SELECT uid FROM mail WHERE account_id = ? AND uidvalidity = ? AND uid IN ({_marks(uids)})",
            self.source.id, self.uidvalidity, *uids,
        )  # fmt: skip
        return {row["uid"] for row in rows}

    async def _decide(self, readings: list[Reading]) -> list[tuple[MailOutcome, str]]:
        seen = await self._seen_fingerprints(readings)
        sent, same = await self._spent_budget(readings)
        outcomes: list[tuple[MailOutcome, str]] = []
        for reading in readings:
            fingerprint = reading.mail.fingerprint if reading.mail is not None else ""
            if fingerprint and fingerprint in seen:
                outcomes.append((MailOutcome.DUPLICATE, "the same mail was taken before"))
                continue
            seen.add(fingerprint)
            outcomes.append(self._outcome(reading, sent, same))
        return outcomes

    def _outcome(self, reading: Reading, sent: Counter[str], same: Counter[tuple[str, str]]) -> tuple[MailOutcome, str]:
        if reading.kind is not Kind.TEXT:
            return (_OUTCOMES[reading.kind], reading.reason)
        sent[reading.address] += 1
        same[(reading.address, reading.text)] += 1
        if self.unbounded:
            return (MailOutcome.CONTACT, "released by hand")
        if sent[reading.address] > ADDRESS_BUDGET:
            return (MailOutcome.OVER_BUDGET, f"more than {ADDRESS_BUDGET} messages from it within an hour")
        if same[(reading.address, reading.text)] > TEXT_BUDGET:
            return (MailOutcome.OVER_BUDGET, f"the same text more than {TEXT_BUDGET} times within an hour")
        return (MailOutcome.CONTACT, reading.reason)

    async def _seen_fingerprints(self, readings: list[Reading]) -> set[str]:
        prints = [reading.mail.fingerprint for reading in readings if reading.mail is not None]
        if not prints:
            return set()
        since = 0 if self.read_again else to_moment(self.now - DUPLICATE_WINDOW)
        rows = await self.database.rows(
            f"SELECT DISTINCT fingerprint FROM mail WHERE account_id = ? AND taken_at >= ?"
            f" AND fingerprint IN ({_marks(prints)})",
            self.source.id, since, *prints,
        )  # fmt: skip
        return {row["fingerprint"] for row in rows}

    async def _spent_budget(self, readings: list[Reading]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
        addresses = list({r.address for r in readings if r.kind is Kind.TEXT})
        sent: Counter[str] = Counter()
        same: Counter[tuple[str, str]] = Counter()
        if addresses:
            rows = await self.database.rows(
                f"SELECT address, text FROM message WHERE account_id = ? AND address IN ({_marks(addresses)})"
                " AND at >= ? AND direction = 'in'",
                self.source.id, *addresses, to_moment(self.now - BUDGET_WINDOW),
            )  # fmt: skip
            for row in rows:
                sent[row["address"]] += 1
                same[(row["address"], row["text"])] += 1
        return sent, same

    async def _find_contacts(self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]]) -> None:
        pairs = zip(readings, outcomes, strict=True)
        addresses = list({reading.address for reading, (outcome, _) in pairs if outcome in _THREADED})
        if not addresses:
            return
        rows = await self.database.rows(
            f"SELECT id, address FROM contact WHERE account_id = ? AND address IN ({_marks(addresses)})"
            " AND state <> 'closed'" + ("" if self.database.is_sqlite else " FOR UPDATE"),
            self.source.id, *addresses,
        )  # fmt: skip
        self.contacts = {row["address"]: row["id"] for row in rows}
        missing = [address for address in addresses if address not in self.contacts]
        if missing:
            self.contacts |= await self._merged(missing)

    async def _merged(self, addresses: list[str]) -> dict[str, int]:
        """Addresses whose last contact is a part of another one that is not closed, and that one's id."""
        rows = await self.database.rows(
            "SELECT c.address, t.id FROM contact c JOIN contact t ON t.id = c.merged_into AND t.state <> 'closed'"
            f" WHERE c.account_id = ? AND c.address IN ({_marks(addresses)}) AND c.merged_into IS NOT NULL"
            " ORDER BY c.id",
            self.source.id, *addresses,
        )  # fmt: skip
        return {row["address"]: row["id"] for row in rows}

    async def _make_contacts(self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]]) -> None:
        values: list[tuple[object, ...]] = []
        for place, (reading, (outcome, why)) in enumerate(zip(readings, outcomes, strict=True)):
            if outcome is not MailOutcome.CONTACT:
                continue
            if reading.address in self.contacts or reading.address in self.made:
                outcomes[place] = (MailOutcome.JOINED, why)
                continue
            self.made.add(reading.address)
            values.append(self._contact(reading))
        rows = await self.database.insert_many("contact", _CONTACT, values, "id, address")
        self.contacts |= {row["address"]: row["id"] for row in rows}
        await events.record(self.database, "arrived", [row["id"] for row in rows], self.now)

    def _contact(self, reading: Reading) -> tuple[object, ...]:
        subject = one_line(reading.mail.subject, 400) if reading.mail is not None else ""
        arrived = to_moment(min(reading.fetched.arrived, self.now))
        return (
            self.source.id, self.source.channel.value, reading.address, reading.name, "new", 0,
            self.source.inbound_class_id, subject, one_line(reading.text, 200), 0, arrived, arrived, "",
        )  # fmt: skip

    async def _write_mails(
        self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]], packed: list[bytes]
    ) -> dict[int, int]:
        values = [
            (
                self.source.id, self.uidvalidity, r.fetched.uid, outcome.value, why,
                r.mail.fingerprint if r.mail is not None else "",
                r.mail.message_id if r.mail is not None else "",
                r.fetched.size, r.fetched.complete, to_moment(r.fetched.arrived), to_moment(self.now),
                self.contacts.get(r.address) if outcome in _THREADED else None, False, False,
            )
            for r, (outcome, why) in zip(readings, outcomes, strict=True)
        ]  # fmt: skip
        rows = await self.database.insert_many("mail", _MAIL, values, "id, uid")
        mail_ids = {row["uid"]: row["id"] for row in rows}
        # A duplicate's bytes stand beside the first one already.
        kept = [
            (mail_ids[reading.fetched.uid], content)
            for reading, (outcome, _), content in zip(readings, outcomes, packed, strict=True)
            if outcome is not MailOutcome.DUPLICATE
        ]
        await self.database.many("INSERT INTO raw_mail (mail_id, content) VALUES (?, ?)", kept)
        return mail_ids

    async def _write_messages(
        self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]], mail_ids: dict[int, int]
    ) -> None:
        values = [
            self._message(reading, mail_ids[reading.fetched.uid])
            for reading, (outcome, _) in zip(readings, outcomes, strict=True)
            if outcome in _THREADED
        ]
        marks = f"({_marks(_MESSAGE)})"
        await self.database.many(f"INSERT INTO message ({', '.join(_MESSAGE)}) VALUES {marks}", values)

    def _message(self, reading: Reading, mail_id: int) -> tuple[object, ...]:
        mail = reading.mail
        assert mail is not None
        others = [a.email for a in (*mail.to, *mail.cc) if a.email.lower() != self.source.address]
        return (
            self.contacts.get(reading.address), self.source.id, mail_id, Direction.IN.value, self.source.channel.value,
            reading.address, reading.name, json.dumps(others), mail.subject, reading.text, mail.quoted, 0,
            mail.message_id, mail.in_reply_to, " ".join(mail.references),
            reading.kind is Kind.AUTO_REPLY, json.dumps(mail.marks),
            json.dumps([asdict(file) for file in mail.attachments]), self._said_at(reading),
        )  # fmt: skip

    def _said_at(self, reading: Reading) -> int:
        # A server tells whole seconds. The end of that second keeps what answers us after what it answers.
        return to_moment(min(reading.fetched.arrived + WITHIN_SECOND, self.now))

    async def _touch_contacts(self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]]) -> None:
        changes: dict[int, list[Any]] = {}
        for reading, (outcome, _) in zip(readings, outcomes, strict=True):
            contact = self.contacts.get(reading.address)
            if outcome in _THREADED and contact is not None:
                count = changes.get(contact, [0])[0] + 1
                arrived = to_moment(min(reading.fetched.arrived, self.now))
                changes[contact] = [count, one_line(reading.text, 200), arrived]
        await self.database.many(
            "UPDATE contact SET message_count = message_count + ?, preview = ?, last_in_at = ? WHERE id = ?",
            [(count, preview, at, contact) for contact, (count, preview, at) in changes.items()],
        )


def _marks(values: object) -> str:
    return ", ".join("?" * len(values))  # type: ignore[arg-type]


_OUTCOMES = {
    Kind.CONSENT: MailOutcome.CONSENT,
    Kind.RECEIPT: MailOutcome.RECEIPT,
    Kind.BOUNCE: MailOutcome.BOUNCE,
    Kind.AUTO_REPLY: MailOutcome.AUTO_REPLY,
    Kind.OWN_LOOP: MailOutcome.OWN_LOOP,
    Kind.UNREADABLE: MailOutcome.QUARANTINE,
}
_THREADED = frozenset({MailOutcome.CONTACT, MailOutcome.JOINED, MailOutcome.AUTO_REPLY, MailOutcome.CONSENT,
                       MailOutcome.OVER_BUDGET})  # fmt: skip
