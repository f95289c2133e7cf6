"""The outbox: every message that is to leave is one durable row; put, claim, deliver, settle."""

from core.outbox.backoff import GIVE_UP_AFTER, retry_at
from core.outbox.budget import ANSWER_BUDGET, BUDGET_WINDOW, AnswerBudget, why_not_answered
from core.outbox.delivery import Delivery
from core.outbox.draft import Draft, dialect_of
from core.outbox.forwarding import Said, forwarded_subject, forwarded_text
from core.outbox.put import Outbox, Written
from core.outbox.settling import AFTER_DOUBT, Settlement, Settling

__all__ = [
    "AFTER_DOUBT",
    "ANSWER_BUDGET",
    "BUDGET_WINDOW",
    "GIVE_UP_AFTER",
    "AnswerBudget",
    "Delivery",
    "Draft",
    "Outbox",
    "Said",
    "Settlement",
    "Settling",
    "Written",
    "dialect_of",
    "forwarded_subject",
    "forwarded_text",
    "retry_at",
    "why_not_answered",
]
