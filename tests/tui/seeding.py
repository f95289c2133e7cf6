"""Contacts with their threads, written straight into the tables: what intake and triage would have left there.

Run as a program it makes a database to look at: `python -m tests.tui.seeding sqlite:////tmp/look.sqlite3 [COUNT]`.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.models import Account, Contact, Message, Outcome, Person, Queue
from core.models.fields import to_moment
from core.models.states import Channel, ContactState, Direction
from core.office import open_office
from core.settings import find_settings
from core.text import one_line

if TYPE_CHECKING:
    from core.office import Office

NAMES = ("Ann Lee", "Bo Chan", "", "Cat Ford", "Dev Rao", "Eve Öz", "", "Finn Ó Briain")
SAYINGS = (
    "I want a refund please, it arrived broken and the box was open",
    "What time do you open on Saturday?",
    "Hello, where is my order 55-10432? It was to come on Friday",
    "STILL WAITING",
    "Thanks, that worked 👍",
    "¿Habla español alguien? Mi pedido no ha llegado",
    "您好，我想问一下我的订单什么时候发货",
)
EMAIL = "help@acme.example"


async def contact(
    office: Office,
    text: str,
    *,
    address: str = "+447700900123",
    name: str = "",
    queue: str = "front",
    ago: timedelta = timedelta(minutes=3),
    priority: int = 0,
    subject: str = "",
    agent: str = "",
    account: str = "texts@acme.example",
) -> Contact:
    """One contact with one message; with `agent` it is open with that agent."""
    at = office.clock.now() - ago
    row = await Account.get(address=account)
    made = await Contact.create(
        account_id=row.id, channel=row.kind, address=address, name=name, queue=await Queue.get(name=queue),
        state=ContactState.OPEN if agent else ContactState.QUEUED, priority=priority, subject=subject,
        agent=await Person.get(login=agent) if agent else None, preview=one_line(text, 200), message_count=1,
        received_at=at, queued_at=at, last_in_at=at, opened_at=at if agent else None,
    )  # fmt: skip
    await says(made, text, at, subject=subject)
    return made


async def says(contact: Contact, text: str, at: datetime, *, subject: str = "") -> Message:
    """One more message of the customer."""
    return await Message.create(
        contact_id=contact.id, account_id=contact.account_id, direction=Direction.IN, channel=contact.channel,
        address=contact.address, name=contact.name, subject=subject, text=text, at=at,
        letter_id=f"<{contact.id}.{to_moment(at)}@customer.example>",
    )  # fmt: skip


async def many(office: Office, count: int, *, queue: str = "front", start: int = 0) -> None:
    """So many contacts that wait, one a second, each from another number, without messages."""
    account, waits = await Account.get(kind=Channel.SMS), await Queue.get(name=queue)
    now = office.clock.now()
    columns = ("account_id", "channel", "address", "name", "state", "queue_id", "priority", "subject", "preview",
               "message_count", "received_at", "queued_at", "last_in_at", "outcome")  # fmt: skip
    rows = []
    for n in range(start, start + count):
        at = to_moment(now - timedelta(seconds=count + start - n))
        rows.append((account.id, "sms", f"+4477{n:08}", NAMES[n % len(NAMES)], "queued", waits.id, 0, "",
                     SAYINGS[n % len(SAYINGS)], 1, at, at, at, ""))  # fmt: skip
    async with office.database.transaction():
        await office.database.insert_many("contact", columns, rows, "id")


async def outcomes() -> None:
    """Three ways for a contact to end."""
    for name in ("answered", "no reply needed", "spam"):
        await Outcome.create(name=name)


async def small_desk(office: Office) -> None:
    """A desk in the middle of its day: some wait, some are with ann."""
    await outcomes()
    for n, text in enumerate(SAYINGS):
        await contact(office, text, address=f"+4477009002{n:02}", name=NAMES[n], ago=timedelta(minutes=9 - n))
    await contact(office, "Invoice 7 is wrong", queue="billing", ago=timedelta(seconds=40), priority=7,
                  address="fay@example.org", name="Fay Ng", subject="Invoice 7", account=EMAIL)  # fmt: skip
    now = office.clock.now()
    open_one = await contact(office, "Hello, where is my order?", address="+447700900123", name="Ann Lee", agent="ann",
                             ago=timedelta(days=3, hours=4))  # fmt: skip
    await says(open_one, "I want a refund please, it arrived broken", now - timedelta(minutes=4))
    await contact(office, "Please see the attached invoice.\n\nIt has the wrong address on it.\n\nKind regards\nGus",
                  address="gus@example.org", name="Gus Hall", agent="ann", subject="Wrong address", account=EMAIL,
                  ago=timedelta(hours=2))  # fmt: skip


async def _main(url: str, count: int) -> None:
    from tests.flow.conftest import furnish

    async with open_office(find_settings(url)) as office:
        await furnish()
        await small_desk(office)
        if count:
            await many(office, count)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
