"""Automatic answers of intake: the confirmation of STOP and START, and the account's receipt reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import consent, journal
from core.models.states import MailOutcome, Purpose
from core.outbox import AnswerBudget, Draft, why_not_answered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.intake.reading import Reading
    from core.intake.taking import Source
    from core.outbox import Outbox
    from core.store import Database

OPT_OUT_ANSWER = "You will get no more texts from us. Send START to get them again."
OPT_IN_ANSWER = "You will get our texts again. Send STOP to end them."


class Answers:
    """The answers to one batch, put into the outbox in its transaction."""

    def __init__(
        self, database: Database, now: datetime, outbox: Outbox, source: Source, contacts: Mapping[str, int]
    ) -> None:
        self.database = database
        self.now = now
        self.outbox = outbox
        self.source = source
        self.contacts = contacts
        self.budget = AnswerBudget(database, now)

    async def record_consent(
        self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]], mail_ids: dict[int, int]
    ) -> None:
        """Write STOP and START into the ledger of consent, and confirm each change once."""
        for reading, (outcome, _) in zip(readings, outcomes, strict=True):
            if outcome is not MailOutcome.CONSENT or reading.word is None:
                continue
            source, address, word = self.source, reading.address, reading.word
            if word.kind == "stop":
                changed = await consent.opt_out(
                    self.database, channel=source.channel, address=address, source=f"wrote {word.word}", at=self.now,
                    mail_id=mail_ids[reading.fetched.uid],
                )  # fmt: skip
                answer = OPT_OUT_ANSWER
            else:
                changed = await consent.opt_in(
                    self.database, channel=source.channel, address=address, by=f"wrote {word.word}", at=self.now
                )
                answer = OPT_IN_ANSWER
            if changed:
                await journal.append(
                    actor="intake", verb=f"opt-{'out' if word.kind == 'stop' else 'in'}", kind="account",
                    thing_id=source.id, text=f"{address} by the word {word.word}", at=self.now,
                )  # fmt: skip
                await self._answer(reading, answer, Purpose.CONSENT)

    async def acknowledge(self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]]) -> None:
        """The account's receipt reply, to whoever made a new contact and is no machine."""
        if not self.source.receipt_reply:
            return
        for reading, (outcome, _) in zip(readings, outcomes, strict=True):
            machine = reading.mail is not None and reading.mail.automatic is not None
            if outcome is MailOutcome.CONTACT and not machine:
                await self._answer(reading, self.source.receipt_reply, Purpose.RECEIPT_REPLY)

    async def _answer(self, reading: Reading, text: str, purpose: Purpose) -> None:
        """An automatic answer, unless this address has had enough of them."""
        mail = reading.mail
        if mail is None or why_not_answered(reading.address, mail) or not await self.budget.spend(reading.address):
            return
        await self.outbox.put(
            Draft(
                account_id=self.source.id,
                address=reading.address,
                name=reading.name,
                text=text,
                subject=mail.subject,
                purpose=purpose,
                contact_id=self.contacts.get(reading.address),
                in_reply_to=mail.message_id,
                references=(*mail.references, *([mail.message_id] if mail.message_id else [])),
            )
        )
