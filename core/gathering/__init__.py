"""Gathering: what routing scripts may read, taken from the database in a few queries for many contacts.

    desk        queues, calendars, variables and names, as they are at one moment
    contacts    contacts as their scripts see them
    customers   whose addresses those are that contacts come from
    programs    the scripts of accounts, each with what it may load
    short       facts in one line

Nothing here writes, and nothing here runs a script.
"""

from core.gathering.contacts import Case, read_cases
from core.gathering.desk import DeskSeen, read_desk
from core.gathering.programs import Chosen, Programs
from core.gathering.short import in_short

__all__ = ["Case", "Chosen", "DeskSeen", "Programs", "in_short", "read_cases", "read_desk"]
