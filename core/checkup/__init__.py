"""Looking whether things work, one step after the other, each with its remedy: an account, the whole desk."""

from core.checkup.account import check_account
from core.checkup.doctor import examine
from core.checkup.step import Step

__all__ = ["Step", "check_account", "examine"]
