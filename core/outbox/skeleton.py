"""Many letters of one account: what its gateway, its address and the desk make the same in all is made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Wrong
from core.gateway.dialects import write_text
from core.mail import Address, OutboundMail
from core.mime import Prepared, new_message_id
from core.models.states import Channel
from core.outbox.draft import Letter, as_text, write_letter

if TYPE_CHECKING:
    from datetime import datetime

    from core.gateway.dialects import Dialect
    from core.models import Account
    from core.outbox.draft import Draft

_VARYING = ("{number}", "{text}", "{reference}")


class Skeleton:
    """Writes the letters `write_letter` would, for drafts of one account."""

    def __init__(self, account: Account, gateway: Dialect | None, region: str, loop_token: str) -> None:
        self.account = account
        self.gateway = gateway
        self.region = region
        self.loop_token = loop_token
        self._domain = account.address.rpartition("@")[2] or "postroom.invalid"
        # Whether the head of all its texts is the same but for whom they are to and what they are about.
        varying = (gateway.sender_name, *gateway.headers.values()) if gateway is not None else _VARYING
        self._is_alike = not any(name in value for value in varying for name in _VARYING)
        self._prepared: dict[tuple[bool, bool], Prepared] = {}

    def letter(self, draft: Draft, now: datetime) -> Letter:
        """The draft's letter. Raises Wrong where the gateway could not carry it."""
        is_text = as_text(draft, self.account)
        if draft.cc or draft.attachments or draft.in_reply_to or draft.references or (is_text and not self._is_alike):
            return write_letter(draft, self.account, self.gateway, self.region, self.loop_token)
        letter_id = new_message_id(self._domain)
        if is_text:
            return self._text(draft, letter_id, now)
        content = self._of(draft, is_text=False).compose(
            to=Address(draft.address, draft.name),
            subject=draft.subject,
            text=draft.text,
            message_id=letter_id,
            date=now,
            html=draft.html,
        )
        return Letter(letter_id, Channel.EMAIL, self.account.address, (draft.address,), 0, content)

    def _text(self, draft: Draft, letter_id: str, now: datetime) -> Letter:
        assert self.gateway is not None
        text = write_text(
            self.gateway,
            number=draft.address,
            text=draft.text,
            account=self.account.address,
            reference=letter_id.strip("<>").partition("@")[0],
            region=self.region,
        )
        content = self._of(draft, is_text=True).compose(
            to=Address(text.recipient), subject=text.subject, text=text.body, message_id=letter_id, date=now
        )
        return Letter(letter_id, Channel.SMS, self.account.address, (text.recipient,), text.parts, content)

    def _of(self, draft: Draft, *, is_text: bool) -> Prepared:
        key = (is_text, draft.automatic)
        if key not in self._prepared:
            self._prepared[key] = Prepared(self._like(draft, is_text=is_text))
        return self._prepared[key]

    def _like(self, draft: Draft, *, is_text: bool) -> OutboundMail:
        letter_id = new_message_id(self._domain)
        if not is_text:
            return OutboundMail(
                message_id=letter_id,
                sender=Address(self.account.address, self.account.description),
                to=(),
                subject="",
                text="",
                automatic=draft.automatic,
                loop_token=self.loop_token,
            )
        if self.gateway is None:
            raise Wrong(f"{self.account.address} has no gateway: name one in its settings before texts can leave")
        text = write_text(
            self.gateway, number=draft.address, text=draft.text, account=self.account.address, reference="r",
            region=self.region,
        )  # fmt: skip
        return OutboundMail(
            message_id=letter_id,
            sender=Address(self.account.address, text.sender_name),
            to=(),
            subject="",
            text="",
            charset=text.charset,
            headers=text.headers,
            automatic=draft.automatic,
            loop_token=self.loop_token,
        )
