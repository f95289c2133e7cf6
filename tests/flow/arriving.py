"""Contacts as they come to a desk: a mail taken in, and triage."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from core.intake import load_source
from core.models import Contact
from core.triage import Triage
from tests.flow.mails import email, fetched, text_mail

if TYPE_CHECKING:
    from core.office import Office

ANN, BOB = "+447700900123", "+447700900456"
_arrivals = count()


def begin_anew() -> None:
    """The next mail is the first: when a test's mails arrive is nothing that other tests have a part in."""
    global _arrivals
    _arrivals = count()


async def take_in(office: Office, account_id: int, *raws: bytes) -> None:
    """Take mails into an account, each a second after the one before."""
    source = await load_source(account_id, office.vault)
    mails = [fetched(raw, 1000 + (n := next(_arrivals)), after=n) for raw in raws]
    await office.intake().take(source, 7, mails)


async def triage(office: Office) -> int:
    """One step of triage; how many contacts it has decided."""
    station = Triage(office.database, office.clock, office.distribution, office.outbox)
    try:
        return await station.step()
    finally:
        await station.close()


async def text_arrives(office: Office, number: str = ANN, words: str = "Where is it?") -> int:
    """A text has come and waits in its queue; the contact's id."""
    await take_in(office, 1, text_mail(number, words))
    await triage(office)
    return int((await Contact.filter(address=number).exclude(state="closed").get()).id)


async def email_arrives(
    office: Office, sender: str = "cat@mail.example", subject: str = "Hello", headers: str = ""
) -> int:
    """An e-mail has come and waits in its queue; the contact's id."""
    await take_in(office, 2, email(sender, subject, "Where is it?", headers=headers))
    await triage(office)
    return int((await Contact.filter(address=sender).exclude(state="closed").get()).id)
