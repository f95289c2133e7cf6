"""One heap for all threads of a screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAPS = """
import ctypes, sys, threading
from cli.memory import keep_memory_together

if sys.argv[1] == "together":
    keep_memory_together()
together = threading.Barrier(4)

def work():
    together.wait()
    kept = [bytearray(10_000) for _ in range(200)]
    together.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, out)
libc.fclose(out)
"""


@pytest.mark.parametrize(("how", "has_one"), [("together", True), ("as ever", False)])
def test_all_threads_of_a_screen_share_one_heap(how: str, has_one: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HEAPS, how], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert (done.stdout.count("<heap nr=") == 1) is has_one
