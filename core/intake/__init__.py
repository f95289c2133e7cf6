"""Intake: from a mailbox to rows. One mail has exactly one outcome, and it is committed before the server is told."""

from core.intake.fetching import MailboxKeeper
from core.intake.release import release
from core.intake.taking import FetchedMail, Intake, LeaseLost, Source, load_source

__all__ = ["FetchedMail", "Intake", "LeaseLost", "MailboxKeeper", "Source", "load_source", "release"]
