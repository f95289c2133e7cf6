"""The desk: what a person does with contacts. Every verb is one transaction, and safe when two do it at once.

`taking` brings a contact to a person, `answering` sends, `holding` lays aside until a time, `finishing` gives away and
ends; each verb names who does it by login, and is refused to whom it does not belong.
"""

from core.desk.answering import Answer, Answering
from core.desk.finding import IN_HAND
from core.desk.finishing import Finishing
from core.desk.holding import Holding
from core.desk.taking import Taking
from core.desk.waking import wake_time


class Desk(Taking, Answering, Holding, Finishing):
    """The verbs of agents and supervisors."""


__all__ = ["IN_HAND", "Answer", "Desk", "wake_time"]
