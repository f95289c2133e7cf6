"""Messages in every state, and lines of the journal, for the screens that show them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import journal
from core.models import Outbox
from core.models.states import OutboxState, Purpose
from core.outbox import Draft

if TYPE_CHECKING:
    from core.office import Office

ANN = "+447700900123"
ESCAPES = "\x1b]52;c;eA==\x07 [@click=app.quit]press[/] [bold red]x[/] \u202eevil\x9b31m"


async def put(office: Office, text: str, *, to: str = ANN, account: int = 1, subject: str = "", **fields: Any) -> int:
    """A message in the outbox; `fields` of its row are changed afterwards."""
    async with office.database.transaction():
        message_id = await office.outbox.put(Draft(account, to, text, Purpose.REPLY, subject=subject))
        if fields:
            await Outbox.filter(message_id=message_id).update(**fields)
    return message_id


async def full_outbox(office: Office) -> dict[str, int]:
    """One message in each state, and a second queued one that waits for its next try; by state."""
    now = office.clock.now()
    sent: dict[str, Any] = {
        "state": OutboxState.SENT,
        "attempts": 1,
        "code": 250,
        "reply": "250 2.0.0 Ok: queued as 4cXy",
        "sent_at": now,
    }
    gone: dict[str, Any] = {"attempts": 1, "first_try_at": now}
    ids = {
        "sent": await put(office, "Your order is on its way, it comes on Friday", **sent, delivery="delivered"),
        "failed": await put(office, "Are you there?", to="+447700900456", state=OutboxState.FAILED, **gone, code=550,
                            reply="550 5.1.1 no such subscriber"),
        "unknown": await put(office, "We open at nine on Saturday", to="+447700900789", state=OutboxState.UNKNOWN,
                             **gone, reply="the engine died while it was on its way"),
        "suppressed": await put(office, "Spring sale", to="+447700900111", state=OutboxState.SUPPRESSED),
        "later": await put(office, "Please call us", to="+447700900222", attempts=2, first_try_at=now,
                           due_at=now + timedelta(minutes=4), reply="451 4.7.1 greylisted, try again later"),
        "queued": await put(office, "Dear Fay, thank you for your letter.", to="fay@example.org", account=2,
                            subject="Invoice 7"),
    }  # fmt: skip
    return ids


async def write(
    office: Office, count: int, *, actor: str = "triage", verb: str = "queued", kind: str = "desk",
    thing: int | None = None, text: str = "line",
) -> None:  # fmt: skip
    """Lines of the journal, numbered from 0."""
    async with office.database.transaction():
        for n in range(count):
            await journal.append(
                actor=actor, verb=verb, kind=kind, thing_id=thing, text=f"{text} {n}", at=office.clock.now()
            )
