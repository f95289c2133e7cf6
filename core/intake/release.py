"""Release: a mail that was set aside is read again."""

from __future__ import annotations

import zlib

from core import journal
from core.errors import NotFound, Refused
from core.intake.filing import Filing
from core.intake.reading import Kind, judge
from core.intake.taking import FetchedMail, Intake, load_source
from core.models import Mail, Message, RawMail
from core.models.states import MailOutcome

ASIDE = (MailOutcome.QUARANTINE, MailOutcome.OVER_BUDGET)


async def release(intake: Intake, mail_id: int, *, actor: str) -> MailOutcome:
    """Read a mail that was set aside once more and file it as what it now is.

    Raises NotFound; Refused when it was not set aside or still cannot be read.
    """
    mail = await Mail.get_or_none(id=mail_id)
    if mail is None:
        raise NotFound(f"there is no mail {mail_id}: 'postroom mail list' shows those set aside")
    if mail.outcome not in ASIDE:
        raise Refused(f"mail {mail_id} was not set aside: it became {mail.outcome}")
    source = await load_source(mail.account_id, intake.outbox.vault)
    raw = zlib.decompress((await RawMail.get(mail_id=mail_id)).content)
    reading = judge(source, FetchedMail(mail.uid, raw, mail.size, mail.arrived_at, mail.complete))
    if reading.kind is Kind.UNREADABLE:
        raise Refused(f"mail {mail_id} still cannot be read: {reading.reason}")
    database, now = intake.database, intake.clock.now()
    async with database.transaction():
        await Message.filter(mail_id=mail_id).delete()
        if not await Mail.filter(id=mail_id, outcome__in=list(ASIDE)).delete():
            raise Refused(f"mail {mail_id} was released by somebody else")
        filing = Filing(database, now, intake.outbox, source, mail.uidvalidity, read_again=False, unbounded=True)
        (outcome,) = await filing.file([reading], [zlib.compress(raw, 1)])
        await database.rows(
            "UPDATE mail SET acknowledged = TRUE, gone = ? WHERE account_id = ? AND uidvalidity = ? AND uid = ?",
            mail.gone, source.id, mail.uidvalidity, mail.uid,
        )  # fmt: skip
        text = f"mail {mail_id} became {outcome}"
        await journal.append(actor=actor, verb="released", kind="account", thing_id=source.id, text=text, at=now)
    return outcome
