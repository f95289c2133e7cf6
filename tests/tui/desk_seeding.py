"""At the desk: whom to find there, and what comes in while somebody sits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from textual import events

from core.models import Contact, Message
from tests.flow.arriving import take_in, triage
from tests.tui.seeding import contact, outcomes, says
from tui.screens.desk import DeskScreen

if TYPE_CHECKING:
    from core.office import Office

CAT = "cat@mail.example"


async def at_desk(person: Any, who: str) -> DeskScreen:
    """On the desk, with the contact of this customer before the person."""
    await person.press("3")
    await person.until(lambda: isinstance(person.app.screen, DeskScreen), "the desk")
    desk: DeskScreen = person.app.screen
    await person.until(lambda: desk.contact is not None, "a contact")
    for _ in range(20):
        if desk.contact is not None and desk.contact.name == who:
            break
        before = desk.contact.id if desk.contact is not None else 0
        await person.press("down")
        await person.until(lambda: desk.contact is not None and desk.contact.id != before, who)  # noqa: B023
    return desk


async def writes(office: Office, one: Contact, text: str) -> Message:
    """The customer writes once more, and the bell rings."""
    message = await says(one, text, office.clock.now())
    async with office.database.transaction():
        await office.database.rows("UPDATE contact SET message_count = message_count + 1 WHERE id = ?", one.id)
    return message


async def mail_desk(office: Office, *mails: bytes) -> Contact:
    """A desk at which these mails have come, and ann has their contact."""
    await outcomes()
    await contact(office, "Hello, where is my order?", name="Ann Lee", agent="ann")
    await take_in(office, 2, *mails)
    await triage(office)
    one = await Contact.get(account_id=2)
    await office.desk.take(one.id, login="ann")
    at = office.clock.now() - timedelta(minutes=5)
    await Contact.filter(id=one.id).update(name="Cat", received_at=at)
    await Message.filter(contact_id=one.id).update(at=at)
    return await Contact.get(id=one.id)


async def burst(person: Any, *keys: str) -> None:
    """Keys as a fast person or a slow line brings them: all at once."""
    for key in keys:
        person.app._driver.send_message(events.Key(key, key if len(key) == 1 else None))
    await person.pilot.pause()
