"""Receipts and bounces: what they say is written on the message they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import journal
from core.intake.reading import Kind, Reading
from core.models.fields import to_moment
from core.models.states import MailOutcome

if TYPE_CHECKING:
    from datetime import datetime

    from core.intake.taking import Source
    from core.store import Database

NOT_OURS = "no message of ours was found for it"


class Reports:
    """The delivery reports of one batch, applied in its transaction."""

    def __init__(self, database: Database, now: datetime, source: Source) -> None:
        self.database = database
        self.now = now
        self.source = source

    async def apply(
        self, readings: list[Reading], outcomes: list[tuple[MailOutcome, str]], mail_ids: dict[int, int]
    ) -> None:
        """Mark the messages that receipts and bounces speak of; one that matches none says so on its mail."""
        for reading, (outcome, _) in zip(readings, outcomes, strict=True):
            if outcome not in (MailOutcome.RECEIPT, MailOutcome.BOUNCE):
                continue
            row = await (self._of_receipt(reading) if reading.kind is Kind.RECEIPT else self._of_bounce(reading))
            if row is None:
                await self.database.rows(
                    "UPDATE mail SET reason = ? WHERE id = ?", NOT_OURS, mail_ids[reading.fetched.uid]
                )
                continue
            status, why = _verdict(reading)
            await self._mark(row, status, why)

    async def _mark(self, row: dict[str, Any], status: str, why: str) -> None:
        failed = status == "failed"
        await self.database.rows(
            "UPDATE outbox SET delivery = ?, delivery_reason = ?, delivered_at = ?,"
            " state = CASE WHEN ? AND state IN ('sent', 'unknown') THEN 'failed'"
            " WHEN state = 'unknown' THEN 'sent' ELSE state END WHERE id = ?",
            status, why, to_moment(self.now), failed, row["id"],
        )  # fmt: skip
        if failed:
            message = row["message_id"]
            await journal.append(actor="intake", verb="failed", kind="message", thing_id=message, text=why, at=self.now)

    async def _of_bounce(self, reading: Reading) -> dict[str, Any] | None:
        mail = reading.mail
        if mail is None:
            return None
        wanted = [mail.report.original_message_id] if mail.report is not None else []
        return await self._by_letter([*wanted, mail.in_reply_to, *mail.references])

    async def _of_receipt(self, reading: Reading) -> dict[str, Any] | None:
        receipt = reading.receipt
        if receipt is None:
            return None
        domain = self.source.address.rpartition("@")[2]
        by_reference = [f"<{receipt.reference}@{domain}>"] if receipt.reference else []
        found = await self._by_letter([*receipt.message_ids, *by_reference])
        if found is not None or not receipt.number or receipt.message_ids or receipt.reference:
            return found
        # A receipt that names nothing but the number speaks of the oldest text to it that is not reported yet.
        rows = await self.database.rows(
            "SELECT id, message_id FROM outbox WHERE account_id = ? AND address = ? AND delivery = ''"
            " AND state IN ('sent', 'unknown') ORDER BY id LIMIT 1",
            self.source.id, receipt.number,
        )  # fmt: skip
        return rows[0] if rows else None

    async def _by_letter(self, letter_ids: list[str]) -> dict[str, Any] | None:
        wanted = [letter_id for letter_id in letter_ids if letter_id][:20]
        if not wanted:
            return None
        rows = await self.database.rows(
            f"SELECT id, message_id FROM outbox WHERE letter_id IN ({', '.join('?' * len(wanted))}) AND account_id = ?",
            *wanted, self.source.id,
        )  # fmt: skip
        return rows[0] if rows else None


def _verdict(reading: Reading) -> tuple[str, str]:
    if reading.receipt is not None:
        return reading.receipt.status, reading.receipt.reason
    report = reading.mail.report if reading.mail is not None else None
    if report is None:
        return "failed", "it came back undelivered"
    status = report.action if report.action in ("failed", "delayed", "delivered") else "delayed"
    said = report.diagnostic if report.status in report.diagnostic else f"{report.status} {report.diagnostic}".strip()
    return status, said or "it came back undelivered"
