"""Looking whether things work, one step after the other, each with its remedy: an account, the whole desk."""

from core.checkup.account import check_account
from core.checkup.doctor import examine
from core.checkup.outgoing import check_outgoing
from core.checkup.step import Step

__all__ = ["Step", "check_account", "check_outgoing", "examine"]
