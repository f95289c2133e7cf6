"""The database: open, transaction, raw SQL where rows come by the hundred thousand, the bell, and leases."""

from core.store.bell import Bell, heard
from core.store.busy import StoreBusy
from core.store.database import Database
from core.store.leases import Leases
from core.store.opening import open_database, open_to_read, opened

__all__ = ["Bell", "Database", "Leases", "StoreBusy", "heard", "open_database", "open_to_read", "opened"]
