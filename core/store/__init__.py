"""The database: open, transaction, raw SQL where rows come by the hundred thousand, the bell, and leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.late import late

if TYPE_CHECKING:
    from core.store.bell import Bell, heard
    from core.store.busy import StoreBusy
    from core.store.database import Database
    from core.store.leases import Leases
    from core.store.opening import open_database, open_to_read, opened
else:  # only for what runs: to a type checker a wrong name would pass
    __getattr__ = late(
        __name__,
        {
            "bell": ["Bell", "heard"],
            "busy": ["StoreBusy"],
            "database": ["Database"],
            "leases": ["Leases"],
            "opening": ["open_database", "open_to_read", "opened"],
        },
    )

__all__ = ["Bell", "Database", "Leases", "StoreBusy", "heard", "open_database", "open_to_read", "opened"]
