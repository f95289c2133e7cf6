"""What a mail is, judged from its bytes alone: no database, and never an exception."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from core.gateway.dialects import Dialect, Receipt, TextIn, read_text
from core.mail import Automatic, InboundMail
from core.mime import read
from core.models.states import Channel
from core.sms import ConsentWord, consent_word
from core.text import one_line

if TYPE_CHECKING:
    from core.intake.taking import FetchedMail, Source


class Kind(Enum):
    """What sort of mail it is, before the database is asked."""

    TEXT = auto()
    """A customer's words: a contact, or one more message for an open one."""
    CONSENT = auto()
    RECEIPT = auto()
    BOUNCE = auto()
    AUTO_REPLY = auto()
    OWN_LOOP = auto()
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True)
class Reading:
    """One mail, judged."""

    kind: Kind
    fetched: FetchedMail
    mail: InboundMail | None = None
    address: str = ""
    name: str = ""
    text: str = ""
    receipt: Receipt | None = None
    word: ConsentWord | None = None
    reason: str = ""


def judge(source: Source, fetched: FetchedMail) -> Reading:
    """Read one mail of an account. What cannot be read becomes UNREADABLE with the error as its reason."""
    try:
        mail = read(fetched.raw, size=fetched.size, complete=fetched.complete)
        return _judge(source, fetched, mail)
    except Exception as error:  # noqa: BLE001 - the border of one mail: it is set aside and the others go on
        return Reading(Kind.UNREADABLE, fetched, reason=f"{type(error).__name__}: {one_line(str(error), 300)}")


def _judge(source: Source, fetched: FetchedMail, mail: InboundMail) -> Reading:
    reading = Reading(Kind.TEXT, fetched, mail, reason=mail.auto_reason)
    if mail.automatic is Automatic.OWN_LOOP or mail.loop_token:
        return replace(reading, kind=Kind.OWN_LOOP, reason="it carries a desk's own loop header")
    if source.channel is Channel.SMS and source.dialect is not None:
        return _judge_text(source, source.dialect, reading, mail)
    if mail.report is not None or mail.automatic is Automatic.BOUNCE:
        return replace(reading, kind=Kind.BOUNCE)
    sender = mail.reply_to or mail.sender
    if not sender.email:
        return replace(reading, kind=Kind.UNREADABLE, reason="nobody can be answered: it has no sender's address")
    reading = replace(reading, address=sender.email.lower()[:320], name=mail.sender.name[:200], text=_words(mail))
    if mail.automatic is Automatic.AUTO_REPLY:
        return replace(reading, kind=Kind.AUTO_REPLY)
    return _with_consent(reading)


def _judge_text(source: Source, dialect: Dialect, reading: Reading, mail: InboundMail) -> Reading:
    found = read_text(dialect, mail, source.region)
    if isinstance(found, Receipt):
        return replace(reading, kind=Kind.RECEIPT, receipt=found)
    if mail.report is not None or mail.automatic is Automatic.BOUNCE:
        return replace(reading, kind=Kind.BOUNCE)
    if isinstance(found, TextIn):
        text = found.text if mail.complete else _words(mail)
        return _with_consent(replace(reading, address=found.number, name="", text=text))
    return replace(reading, kind=Kind.UNREADABLE, reason="no sender's number could be found in it by the dialect")


def _with_consent(reading: Reading) -> Reading:
    word = consent_word(reading.text)
    return replace(reading, kind=Kind.CONSENT, word=word) if word is not None else reading


def _words(mail: InboundMail) -> str:
    if mail.complete:
        return mail.text
    return (
        f"(This mail is {mail.size / 2**20:.0f} MB and over the size limit: only its head was fetched."
        " The whole mail stays on the mail server.)"
    )
