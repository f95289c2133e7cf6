"""What a broadcast is to be, and what its plan says before the first message leaves: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from core.models.states import Channel, CustomerStatus

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping

    from core.templates import TemplateText
    from core.views.choices import Price

USUALLY = (CustomerStatus.UNUSED, CustomerStatus.CALLBACK)
"""Whom a broadcast is for unless somebody says otherwise."""


class LeftOut(StrEnum):
    """Why a customer of the audience does not get it; exactly one for each, the first of these that holds."""

    NO_ADDRESS = "no address"
    NOT_VALID = "not valid"
    OPTED_OUT = "opted out"
    DO_NOT_CONTACT = "do not contact"
    TWICE = "twice"
    CAPPED = "frequency cap"
    TEMPLATE = "template"

    def in_words(self, channel: Channel) -> str:
        """As a person reads it, and as `excluded` has it: `no number`, `same address twice`, `template error`."""
        thing = "number" if channel is Channel.SMS else "address"
        words = {
            LeftOut.NO_ADDRESS: f"no {thing}",
            LeftOut.NOT_VALID: f"{thing} not valid",
            LeftOut.TWICE: f"same {thing} twice",
            LeftOut.TEMPLATE: "template error",
        }
        return words.get(self, self.value)


@dataclass(frozen=True, slots=True)
class Request:
    """Whom to write to, how, and what. Names are those the desk has; of `campaign` and `list_name` one is given."""

    channel: Channel
    account: str
    """The address it is sent as."""
    template: str
    campaign: str = ""
    """All its lists."""
    list_name: str = ""
    statuses: tuple[CustomerStatus, ...] = USUALLY
    words: str = ""
    """Each stands in the reference, name, number, address or own fields."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When it leaves, how fast, and what stops it."""

    starts_at: datetime | None = None
    """None = at once."""
    late_minutes: int = 60
    """A start that is missed by more asks first."""
    rate_per_minute: int = 0
    """0 = as fast as the outgoing server is allowed."""
    brake_percent: int = 0
    """It pauses by itself when so many of a hundred have failed; 0 = never."""
    send_hours: str = ""
    """In which messages leave, as `mon-fri 09:00-17:00, sat 10:00-12:00` in the customer's zone; empty = at any."""

    def digest_of(self, plan: Plan) -> str:
        """SHA-256 of a plan and, where it has hours of its own, of these: the digest of the broadcast."""
        if not self.send_hours:
            return plan.digest
        return sha256(f"{plan.digest}\n{self.send_hours}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Example:
    """A customer of the audience, to be looked at."""

    customer_id: int
    reference: str
    name: str
    address: str
    """Number or e-mail address; as it was written where it is not valid."""
    detail: str = ""
    """Why this one, where the reason says not all: the field that is missing, who has the number already."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The message that costs most, or of an e-mail the longest."""

    customer_id: int
    reference: str
    name: str
    text: str
    parts: int
    units: int
    """Septets, UTF-16 units; characters of an e-mail."""
    encoding: str
    """`GSM-7` or `UCS-2`; empty for an e-mail."""
    forcing: tuple[tuple[str, str], ...] = ()
    """What makes it UCS-2: character and its plain twin, or ""."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One recipient's own message."""

    number: int
    """1 = the first recipient."""
    customer_id: int
    reference: str
    name: str
    address: str
    subject: str
    text: str
    parts: int
    """0 for an e-mail."""
    html: str = ""
    """Of an e-mail whose template has it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen if it were confirmed now."""

    request: Request
    made_at: datetime
    template: TemplateText
    """As it was then; it is what will be sent."""
    customers: int
    """Of the audience: `recipients` and all that are left out."""
    recipients: int
    left_out: Mapping[LeftOut, int]
    """Without those reasons that nobody is left out for."""
    examples: Mapping[LeftOut, tuple[Example, ...]]
    """The first few of each."""
    by_parts: Mapping[int, int]
    """Parts -> messages; empty for e-mail."""
    ucs2: int
    """Messages that a character makes UCS-2."""
    forcing: Mapping[str, int]
    """The characters that do, with how many messages each is in; the most frequent first."""
    price: Price | None
    """Of a part, where the gateway names one."""
    worst: Worst | None
    waiting: int
    """Recipients in whose zone it is quiet now: they wait for the end of that."""
    waits_until: datetime | None
    """When the last of them may be written to."""
    rate_per_minute: int
    """What the outgoing server is held to; 0 = no limit."""
    digest: str
    """SHA-256 of the template, the account and all recipients in their order."""
    ids: array[int] = field(repr=False, compare=False)
    """The recipients' customers, in order."""
    left_ids: Mapping[LeftOut, array[int]] = field(repr=False, compare=False)
    wrong: tuple[str, int] | None = None
    """What the template lacks for most of those it cannot be written to, with for how many; None = for nobody."""
    quiet_hours: str = ""
    """The campaign's."""
    zones: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)
    """How many recipients live in each zone."""

    @property
    def parts(self) -> int:
        """Of all messages together."""
        return sum(parts * messages for parts, messages in self.by_parts.items())

    @property
    def cost(self) -> str:
        """Of all messages together, as in `£400.64`; empty where no price is known."""
        return self.price.of(self.parts) if self.price is not None else ""

    def takes(self, rate_per_minute: int = 0) -> timedelta | None:
        """How long it takes at a rate of its own, or the outgoing server's where that is lower; None without any."""
        rates = [rate for rate in (rate_per_minute, self.rate_per_minute) if rate > 0]
        return timedelta(minutes=self.recipients / min(rates)) if rates else None

    def excluded(self) -> dict[str, int]:
        """Reason in words -> how many, as a broadcast's row has it."""
        return {reason.in_words(self.request.channel): number for reason, number in self.left_out.items()}


def hours_in_words(send_hours: str) -> str:
    """`leaves 09:00-17:00 by the customer's clock`; empty for none."""
    return f"leaves {send_hours} by the customer's clock" if send_hours else ""
