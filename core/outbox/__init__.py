"""The outbox: every message that is to leave is one durable row; put, claim, deliver, settle."""

from core.outbox.backoff import GIVE_UP_AFTER, retry_at
from core.outbox.delivery import Delivery
from core.outbox.draft import Draft
from core.outbox.put import Outbox
from core.outbox.settling import Settling

__all__ = ["GIVE_UP_AFTER", "Delivery", "Draft", "Outbox", "Settling", "retry_at"]
