"""Distribution: which contact waits where, and who gets it.

`queueing` keeps the queues and lets a person take; `matching` is the pure rule of who gets what; `sharing` offers by it
what waits to those who are ready; `offers` are accepted, refused, or run out. Every claim is a compare-and-set.
"""

from __future__ import annotations

from core.distribution.queueing import NO_WISH, Wish
from core.distribution.verbs import Distribution

__all__ = ["NO_WISH", "Distribution", "Wish"]
