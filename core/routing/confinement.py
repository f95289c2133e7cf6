"""What the worker does to itself before it sees a script: it cannot outlive its parent, nor take what is not its own.

A Starlark script has no I/O at all, so this bounds time and memory; it is not what keeps a script from files.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """End at once when the parent ends, however it ends (prctl(2); elsewhere than Linux the closed socket ends us)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def close_in(memory: int) -> None:
    """No more than `memory` octets above what is in use now, no files, no children, no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        bound = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    else:
        resource.setrlimit(resource.RLIMIT_DATA, (memory + (128 << 20), memory + (128 << 20)))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def ring_at(seconds: float) -> None:
    """End this process after so many seconds of CPU, or twice as many on the wall; 0 is never."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds)


def obey_alarms() -> None:
    """Alarms end the process, whatever the parent did with them; a key pressed in the terminal does not."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
