"""Whom we write to of our own accord: campaigns, their lists, the customers on them, and files they come from.

Campaigns are set up in `set_up`, lists in `lists`; `customers` are changed by hand, `importing` takes them from a file;
`audience` says which customers are meant, to views and broadcasts alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from core.campaigns.audience import Audience, where_of
    from core.campaigns.customers import CustomerChange, Customers, Status
    from core.campaigns.importing import Imports, ImportWish
    from core.campaigns.lists import Lists
    from core.campaigns.set_up import Campaigns, CampaignSettings
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "audience": ["Audience", "where_of"],
            "customers": ["CustomerChange", "Customers", "Status"],
            "importing": ["Imports", "ImportWish"],
            "lists": ["Lists"],
            "set_up": ["CampaignSettings", "Campaigns"],
        },
    )

__all__ = [
    "Audience",
    "CampaignSettings",
    "Campaigns",
    "CustomerChange",
    "Customers",
    "ImportWish",
    "Imports",
    "Lists",
    "Status",
    "where_of",
]
