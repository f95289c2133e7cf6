"""What a campaign writes by itself: once for each customer, event and channel, whatever is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import journal
from core.campaign_fields import Agent, LetterFields, customer_fields, write
from core.clock import to_moment
from core.errors import Permanent, Wrong
from core.models.states import Channel, DiallerEvent, Purpose
from core.outbox import Draft
from core.sms import zone_of
from core.templates import TemplateText
from core.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from core.outbox import Outbox
    from core.store import Database
    from core.store.database import Row

_COLUMN = {DiallerEvent.FIRST_TRY: "first_try", DiallerEvent.NO_CONTACT: "no_contact"}
_WORDS = {Channel.SMS: ("texts", "number"), Channel.EMAIL: ("e-mails", "e-mail address")}


@dataclass(frozen=True, slots=True)
class LetterDone:
    """What became of one letter on an event."""

    event: DiallerEvent
    channel: Channel
    message_id: int | None
    """None where nothing was written."""
    reason: str = ""
    """Why not."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Whose event it is, and when."""

    campaign: Row
    customer: Row
    desk: Row
    agent: Agent | None
    at: datetime


async def write_letters(
    database: Database, outbox: Outbox, event: DiallerEvent, occasion: Occasion
) -> list[LetterDone]:
    """Put what the campaign writes on this event into the outbox, in the caller's transaction.

    What was written before is not written again; what cannot be written has its reason, and is no error.
    """
    done: list[LetterDone] = []
    for channel in Channel:
        template_id = occasion.campaign[f"{_COLUMN[event]}_{channel.value}_id"]
        if template_id is None:
            continue
        rows = await database.rows(
            "INSERT INTO event_letter (customer_id, campaign_id, event, channel, reason, zone, at)"
            " VALUES (?, ?, ?, ?, '', ?, ?)"
            " ON CONFLICT (customer_id, campaign_id, event, channel) DO NOTHING RETURNING id",
            occasion.customer["id"], occasion.campaign["id"], event.value, channel.value,
            zone_of(occasion.customer["zone"], occasion.customer["number"], occasion.desk["timezone"]),
            to_moment(occasion.at),
        )  # fmt: skip
        if not rows:
            continue
        letter = await _written(database, outbox, event, channel, template_id, occasion)
        await database.rows(
            "UPDATE event_letter SET message_id = ?, reason = ? WHERE id = ?",
            letter.message_id, letter.reason, rows[0]["id"],
        )  # fmt: skip
        await _tell(letter, occasion)
        done.append(letter)
    return done


async def _written(
    database: Database, outbox: Outbox, event: DiallerEvent, channel: Channel, template_id: int, occasion: Occasion
) -> LetterDone:
    texts, thing = _WORDS[channel]
    account_id = occasion.campaign[f"{channel.value}_account_id"]
    address = occasion.customer["number" if channel is Channel.SMS else "email"]
    if account_id is None:
        return LetterDone(event, channel, None, f"the campaign has no account for {texts}")
    if not address:
        return LetterDone(event, channel, None, f"the customer has no {thing}")
    (row,) = await database.rows(
        "SELECT name, subject, body, html, when_missing FROM template WHERE id = ?", template_id
    )
    try:
        template = TemplateText(row["name"], row["body"], row["subject"], row["when_missing"], row["html"])
        said = write(template, _fields(occasion))
        message_id = await outbox.put(
            Draft(
                account_id,
                address,
                said.text,
                Purpose.EVENT,
                subject=said.subject,
                name=one_line(occasion.customer["name"], 200),
                html=said.html,
            )
        )
    except (Wrong, Permanent) as error:  # raised before anything of it is written
        return LetterDone(event, channel, None, str(error))
    return LetterDone(event, channel, message_id)


def _fields(occasion: Occasion) -> LetterFields:
    return customer_fields(occasion.customer, occasion.campaign["name"], occasion.desk, occasion.agent)


async def _tell(letter: LetterDone, occasion: Occasion) -> None:
    what = f"{_WORDS[letter.channel][0].removesuffix('s')} on {letter.event.value}"
    text = f"{what}: message {letter.message_id}" if letter.message_id is not None else f"{what}: {letter.reason}"
    await journal.append(
        actor="dialler", verb="written" if letter.message_id is not None else "not written", kind="customer",
        thing_id=occasion.customer["id"], text=text, at=occasion.at,
    )  # fmt: skip
