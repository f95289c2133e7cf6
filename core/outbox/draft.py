"""A draft: what somebody wants to say, before it is a letter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.gateway.dialects import dialect, write_text
from core.mail import Address, OutboundMail
from core.mime import compose, new_message_id
from core.models.states import Channel, Purpose
from core.secrets import opened_overrides

if TYPE_CHECKING:
    from core.gateway.dialects import Dialect
    from core.mail import FileToSend
    from core.models import Account, Gateway
    from core.secrets import Vault

LANES = {Purpose.BROADCAST: 2, Purpose.EVENT: 2, Purpose.ROUTING: 1, Purpose.RECEIPT_REPLY: 1, Purpose.CONSENT: 1}
"""0 where not named: a person waits for it."""
AUTOMATIC = frozenset({Purpose.ROUTING, Purpose.RECEIPT_REPLY, Purpose.CONSENT, Purpose.EVENT, Purpose.BROADCAST})


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to one customer."""

    account_id: int
    address: str
    """The customer's: E.164 for a text, an e-mail address for an e-mail."""
    text: str
    purpose: Purpose
    contact_id: int | None = None
    author_id: int | None = None
    name: str = ""
    subject: str = ""
    cc: tuple[str, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[FileToSend, ...] = ()
    html: str = ""
    """Of an e-mail, beside its text, which alone is what the desk keeps of it."""

    @property
    def automatic(self) -> bool:
        """Whether no person wrote it for this customer: RFC 3834 headers, and the gate of consent."""
        return self.purpose in AUTOMATIC

    @property
    def lane(self) -> int:
        """Its lane in the outbox."""
        return LANES.get(self.purpose, 0)


def storable(draft: Draft) -> Draft:
    """Without what no mail and no database can hold: NULs, and the lone surrogates that stand for broken UTF-8."""

    if all(text.isascii() and "\0" not in text for text in (draft.text, draft.subject, draft.name, draft.html)):
        return draft

    def mended(text: str) -> str:
        return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")

    return replace(
        draft,
        text=mended(draft.text),
        subject=mended(draft.subject),
        name=mended(draft.name),
        html=mended(draft.html),
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft made ready to leave."""

    letter_id: str
    channel: Channel
    """How it leaves."""
    sender: str
    """The account's address."""
    recipients: tuple[str, ...]
    parts: int
    content: bytes


def dialect_of(gateway: Gateway, vault: Vault) -> Dialect:
    """A gateway's dialect with this desk's overrides. Raises Wrong for one that is not right, WrongKey."""
    return dialect(gateway.dialect, opened_overrides(gateway.overrides, vault), where=f"gateway {gateway.name}")


def as_text(draft: Draft, account: Account) -> bool:
    """Whether it leaves through the account's gateway; what is forwarded is an e-mail whatever the account."""
    return account.kind is Channel.SMS and draft.purpose is not Purpose.FORWARD


def write_letter(draft: Draft, account: Account, gateway: Dialect | None, region: str, loop_token: str) -> Letter:
    """Compose the bytes of a draft as its account sends them. Raises Wrong where the gateway could not carry it."""
    letter_id = new_message_id(account.address.rpartition("@")[2] or "postroom.invalid")
    sender = Address(account.address, account.description)
    if as_text(draft, account) and gateway is not None:
        text = write_text(
            gateway,
            number=draft.address,
            text=draft.text,
            account=account.address,
            reference=letter_id.strip("<>").partition("@")[0],
            region=region,
        )
        mail = OutboundMail(
            message_id=letter_id,
            sender=Address(account.address, text.sender_name),
            to=(Address(text.recipient),),
            subject=text.subject,
            text=text.body,
            charset=text.charset,
            headers=text.headers,
            automatic=draft.automatic,
            loop_token=loop_token,
            in_reply_to=draft.in_reply_to,
            references=draft.references,
        )
        return Letter(letter_id, Channel.SMS, account.address, (text.recipient,), text.parts, compose(mail))
    mail = OutboundMail(
        message_id=letter_id,
        sender=sender,
        to=(Address(draft.address, draft.name),),
        cc=tuple(Address(address) for address in draft.cc),
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        in_reply_to=draft.in_reply_to,
        references=draft.references,
        attachments=draft.attachments,
        automatic=draft.automatic,
        loop_token=loop_token,
    )
    return Letter(letter_id, Channel.EMAIL, account.address, (draft.address, *draft.cc), 0, compose(mail))
