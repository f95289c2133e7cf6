"""Consent: ledgers of who wants no more, and one gate for everything that leaves.

An agent's own reply is let through the outbox because the desk asked her first; what no person wrote is judged.
"""

from __future__ import annotations

from core.consent.again import hours_changed
from core.consent.gate import ASKED_FIRST, Stopped, Verdict, verdicts
from core.consent.ledger import (
    MOST_AT_ONCE,
    address_key,
    allow,
    allow_these,
    forbid,
    not_to_contact,
    opt_in,
    opt_in_these,
    opt_out,
    opted_out,
)
from core.consent.quiet import quiet_until
from core.consent.window import Held, free_until, held, right_send_hours

__all__ = [
    "ASKED_FIRST",
    "MOST_AT_ONCE",
    "Held",
    "Stopped",
    "Verdict",
    "address_key",
    "allow",
    "allow_these",
    "forbid",
    "free_until",
    "held",
    "hours_changed",
    "not_to_contact",
    "opt_in",
    "opt_in_these",
    "opt_out",
    "opted_out",
    "quiet_until",
    "right_send_hours",
    "verdicts",
]
