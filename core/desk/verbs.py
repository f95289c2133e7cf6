"""All verbs of the desk together."""

from __future__ import annotations

from core.desk.answering import Answering
from core.desk.classing import Classing
from core.desk.consulting import Consulting
from core.desk.finishing import Finishing
from core.desk.holding import Holding
from core.desk.merging import Merging
from core.desk.taking import Taking
from core.desk.wrapping import Wrapping


class Desk(Taking, Answering, Holding, Consulting, Merging, Wrapping, Classing, Finishing):
    """The verbs of agents and supervisors."""
