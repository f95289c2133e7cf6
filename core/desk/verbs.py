"""All verbs of the desk together."""

from __future__ import annotations

from core.desk.answering import Answering
from core.desk.finishing import Finishing
from core.desk.holding import Holding
from core.desk.taking import Taking


class Desk(Taking, Answering, Holding, Finishing):
    """The verbs of agents and supervisors."""
