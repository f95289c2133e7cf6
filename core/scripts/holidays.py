"""Days off from an iCalendar file, read in a process of their own: a file may repeat itself without end."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import Wrong

LARGEST_FILE = 2 * 2**20
"""Octets; ten years of a country's holidays are a hundredth of that."""
MOST_DAYS = 2_000
LONGEST_SPAN = timedelta(days=10 * 366)
SECONDS = 10.0
_MEMORY = 2**30


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day off."""

    day: date
    name: str
    """What the file calls it, on one line."""


async def read_holidays(content: bytes, *, first: date, last: date, seconds: float = SECONDS) -> list[Holiday]:
    """The days between `first` and `last` (both included) that an iCalendar file names, in order.

    As `core.calendars.days_off` reads them. Raises Wrong for what is no such file, or takes longer than `seconds`.
    """
    if len(content) > LARGEST_FILE:
        raise Wrong(f"that iCalendar file is larger than {LARGEST_FILE // 2**20} MB: export the holidays alone")
    if last < first or last - first > LONGEST_SPAN:
        raise Wrong("holidays are read from one day to a later one, at most ten years on")
    # -P: a file named like a module in the folder where we were started is not ours.
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "core.scripts.holidays", first.isoformat(), last.isoformat(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            written, _ = await reader.communicate(content)
    except TimeoutError:
        words = f"that iCalendar file took longer than {seconds:.0f} s to read: it repeats itself too often"
        raise Wrong(words) from None
    finally:
        if reader.returncode is None:
            reader.kill()
            await reader.wait()
    if reader.returncode != 0:
        raise Wrong("that iCalendar file took too much memory to read: it repeats itself too often")
    found = json.loads(written)
    if "wrong" in found:
        raise Wrong(found["wrong"])
    if len(found["days"]) > MOST_DAYS:
        raise Wrong(f"that iCalendar file has more than {MOST_DAYS:,} days off: export the holidays alone")
    return [Holiday(date.fromisoformat(day), name) for day, name in found["days"]]


def _main() -> None:
    import resource

    from core.calendars import days_off

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    first, last = (date.fromisoformat(word) for word in sys.argv[1:3])
    try:
        found = days_off(sys.stdin.buffer.read(), first, last)
        answer: dict[str, object] = {"days": [(day.isoformat(), name) for day, name in found.items()]}
    except Wrong as wrong:
        answer = {"wrong": str(wrong)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
