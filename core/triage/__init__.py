"""Triage: new contacts go where they belong, and those that waited too long are asked about again.

    station     what the engine runs: a batch at a time, quick scripts and slow ones apart
    timeouts    contacts that outstayed their timeout
    deciding    facts through the sandbox, with no transaction open
    preparing   what decisions send: `answering` the customer, `passing_on` to somebody else
    applying    decisions written, one commit for many: `claiming` contacts, `planning` what is written
    lines       what the journal and the run's row say of it

Without a routing script a contact goes to its account's own queue.
"""

from core.triage.station import Triage

__all__ = ["Triage"]
