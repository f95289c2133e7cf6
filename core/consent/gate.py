"""The gate: may this leave now, and if not, until when it waits or why it never leaves. One query a kind and batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from core.clock import to_moment
from core.consent.ledger import MOST_AT_ONCE, not_to_contact, opted_out
from core.consent.quiet import AGAIN
from core.consent.window import Held, held
from core.errors import Wrong
from core.models.states import Channel, Purpose
from core.sms import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.store import Database

ASKED_FIRST = frozenset({Purpose.REPLY, Purpose.FORWARD, Purpose.CONSENT, Purpose.CHECK})
"""Purposes that pass the gate: a person was asked, or it is the one confirmation of the opt-out itself."""
OF_A_CAMPAIGN = frozenset({Purpose.EVENT, Purpose.BROADCAST})
"""What nobody waits for: it keeps quiet hours, and counts against the cap."""
OPTED_OUT = "the address has opted out"


@dataclass(frozen=True, slots=True)
class Stopped:
    """It may not leave at all."""

    why: str
    """As `the address has opted out`."""


Verdict = Held | Stopped | None
"""None = it may go."""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Whom a campaign's message is for."""

    campaign_id: int | None
    zone: str
    number: str
    """Hers, also where the message goes to another address: it tells where she lives. None known = empty."""
    send_hours: str
    """Its broadcast's own; empty = none."""


async def verdicts(database: Database, rows: Sequence[Mapping[str, Any]], now: datetime) -> dict[int, Verdict]:
    """What the gate says of rows of the outbox (id, message_id, account_id, purpose, address), by their ids.

    Joins the caller's transaction, if there is one. A row that somebody was asked about may go.
    """
    found: dict[int, Verdict] = {row["id"]: None for row in rows}
    gated = [row for row in rows if Purpose(row["purpose"]) not in ASKED_FIRST]
    if not gated:
        return found
    kinds = await database.rows("SELECT id, kind FROM account")
    channel_of = {row["id"]: Channel(row["kind"]) for row in kinds}
    written = [row for row in gated if Purpose(row["purpose"]) in OF_A_CAMPAIGN]
    origins = await _origins(database, [row["message_id"] for row in written])
    for channel in Channel:
        mine = [row for row in gated if channel_of[row["account_id"]] is channel]
        if mine:
            found.update(await _unwanted(database, channel, mine, origins))
    left = [row for row in written if found[row["id"]] is None]
    if left:
        found.update(await _untimely(database, left, origins, now))
    return found


async def _unwanted(
    database: Database, channel: Channel, rows: Sequence[Mapping[str, Any]], origins: Mapping[int, _Origin]
) -> dict[int, Verdict]:
    """Those whom nobody, or not this campaign, is to write to."""
    addresses = [row["address"] for row in rows]
    unwilling = await opted_out(database, channel, addresses)
    listed = await not_to_contact(database, channel, addresses)
    found: dict[int, Verdict] = {}
    for row in rows:
        origin = origins.get(row["message_id"])
        lists = listed.get(row["address"], set())
        if row["address"] in unwilling:
            found[row["id"]] = Stopped(OPTED_OUT)
        elif None in lists:
            found[row["id"]] = Stopped("the address is on the desk's do-not-contact list")
        elif origin is not None and origin.campaign_id is not None and origin.campaign_id in lists:
            found[row["id"]] = Stopped("the address is on the campaign's do-not-contact list")
    return found


async def _untimely(
    database: Database, rows: Sequence[Mapping[str, Any]], origins: Mapping[int, _Origin], now: datetime
) -> dict[int, Verdict]:
    """Those whose customer sleeps, or is outside the broadcast's own hours, or has had enough for now."""
    campaigns = {
        row["id"]: row
        for row in await database.rows(
            "SELECT id, quiet_hours, most_messages, per_days FROM campaign WHERE quiet_hours <> '' OR most_messages > 0"
        )
    }
    if not campaigns and not any(origin.send_hours for origin in origins.values()):
        return {}
    (desk,) = await database.rows("SELECT timezone FROM desk WHERE id = 1")
    of = {row["id"]: campaigns.get(origins[row["message_id"]].campaign_id) for row in rows
          if row["message_id"] in origins}  # fmt: skip
    found: dict[int, Verdict] = {}
    capped: list[Mapping[str, Any]] = []
    waits = lru_cache(maxsize=None)(partial(_waits, now))
    for row in rows:
        campaign, origin = of.get(row["id"]), origins.get(row["message_id"])
        if origin is None or (campaign is None and not origin.send_hours):
            continue
        number = row["address"] if row["address"].startswith("+") else origin.number
        quiet_hours = campaign["quiet_hours"] if campaign is not None else ""
        verdict = waits(quiet_hours, origin.send_hours, zone_of(origin.zone, number, desk["timezone"]))
        if verdict is not None:
            found[row["id"]] = verdict
        elif campaign is not None and campaign["most_messages"] > 0:
            capped.append(row)
    if capped:
        found.update(await _too_many(database, capped, {row["id"]: of[row["id"]] for row in capped}, now))
    return found


async def _too_many(
    database: Database, rows: Sequence[Mapping[str, Any]], campaigns: Mapping[int, Any], now: datetime
) -> dict[int, Verdict]:
    """Those who have had as many as the campaign allows; of two in one batch the first counts for the second."""
    if not database.is_sqlite:  # two engines take their turns, so that each counts what the other has in hand
        await database.rows("SELECT id FROM campaign WHERE most_messages > 0 ORDER BY id FOR NO KEY UPDATE")
    mine = {row["id"] for row in rows}
    had = await _had(database, {row["address"] for row in rows}, now - timedelta(days=_longest(campaigns)), mine)
    found: dict[int, Verdict] = {}
    for row in rows:
        campaign = campaigns[row["id"]]
        since = to_moment(now - timedelta(days=campaign["per_days"]))
        times = had.setdefault(row["address"], [])
        count = sum(1 for at in times if at >= since)
        if count >= campaign["most_messages"]:
            words = f"{count} message{'s' * (count != 1)} in {campaign['per_days']} days"
            found[row["id"]] = Stopped(f"the customer has had {words}, and the campaign allows no more")
        else:
            times.append(to_moment(now))
    return found


async def _had(database: Database, addresses: set[str], since: datetime, but: set[int]) -> dict[str, list[int]]:
    """When each address got a campaign's message, or is about to: microseconds."""
    found: dict[str, list[int]] = {}
    wanted = sorted(addresses)
    for start in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[start : start + MOST_AT_ONCE]
        rows = await database.rows(
            "SELECT id, address, COALESCE(sent_at, first_try_at, due_at) AS at FROM outbox"
            f" WHERE address IN ({', '.join('?' * len(part))}) AND purpose IN ('dialler event', 'broadcast')"
            " AND (state IN ('sent', 'sending', 'unknown') OR (state = 'queued' AND claimed_by <> ''))"
            " AND COALESCE(sent_at, first_try_at, due_at) >= ?",
            *part, to_moment(since),
        )  # fmt: skip
        for row in rows:
            if row["id"] not in but:
                found.setdefault(row["address"], []).append(row["at"])
    return found


async def _origins(database: Database, message_ids: Sequence[int]) -> dict[int, _Origin]:
    """The campaign and the customer's zone of messages that a campaign wrote."""
    found: dict[int, _Origin] = {}
    for start in range(0, len(message_ids), MOST_AT_ONCE):
        part = message_ids[start : start + MOST_AT_ONCE]
        places = ", ".join("?" * len(part))
        rows = await database.look(
            "SELECT r.message_id, b.campaign_id, b.send_hours, r.zone, c.zone AS own, c.number FROM recipient r"
            " JOIN broadcast b ON b.id = r.broadcast_id LEFT JOIN customer c ON c.id = r.customer_id"
            f" WHERE r.message_id IN ({places})"
            " UNION ALL SELECT e.message_id, e.campaign_id, '', CASE WHEN c.id IS NULL THEN e.zone ELSE '' END, c.zone,"
            " c.number FROM event_letter e LEFT JOIN customer c ON c.id = e.customer_id"
            f" WHERE e.message_id IN ({places})",
            *part, *part,
        )  # fmt: skip
        for row in rows:
            zone = row["own"] or row["zone"] or ""
            found[row["message_id"]] = _Origin(row["campaign_id"], zone, row["number"] or "", row["send_hours"])
    return found


def _waits(now: datetime, quiet_hours: str, send_hours: str, zone: str) -> Held | None:
    try:
        return held(now, quiet_hours, send_hours, zone)
    except Wrong as error:  # written past our checks: it holds up its own campaign, and nobody else's messages
        return Held(now + AGAIN, f"held back: {error}")


def _longest(campaigns: Mapping[int, Any]) -> int:
    return max(int(campaign["per_days"]) for campaign in campaigns.values())
