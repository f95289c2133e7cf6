"""All verbs of the distribution together."""

from __future__ import annotations

from core.distribution.offers import Offers
from core.distribution.queueing import Queueing
from core.distribution.sharing import Sharing


class Distribution(Queueing, Sharing, Offers):
    """The queues, and those who serve them."""
