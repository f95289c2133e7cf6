"""How much a script may take, and how long a sandbox is patient with one that takes more."""

from __future__ import annotations

from dataclasses import dataclass

from core.routing.failure import LIMITS, Kind


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a script, and on the worker that runs it."""

    seconds: float = 0.5
    """CPU time for one contact, compiling included; twice as much on the wall, for a machine that is busy."""
    memory: int = 256 << 20
    """Octets above what the worker needs before it has seen a script."""
    grace: float = 0.1
    """Seconds until one built-in that does not stop by itself is ended, with its worker."""
    runs: int = 50_000
    """Contacts after which a worker is replaced by a fresh one."""


@dataclass(slots=True)
class Patience:
    """How long each contact may take while one after another runs into a limit.

    A single bad contact costs its own time. A script that is bad for all would cost a batch of 500 four minutes: after
    one that failed so the next gets a tenth, and after `tries` in a row the rest is not tried. One that goes well
    restores it all.
    """

    seconds: float
    in_a_row: int = 0
    tries: int = 5

    def limit(self) -> float | None:
        """Seconds for the next contact, None when it is not to be tried."""
        if self.in_a_row >= self.tries:
            return None
        return self.seconds if self.in_a_row < 1 else self.seconds / 10

    def after(self, kind: Kind | None) -> None:
        """Take note of what became of one contact: None is no failure."""
        self.in_a_row = self.in_a_row + 1 if kind in LIMITS else 0
