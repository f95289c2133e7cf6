"""Where this machine seems to stand: a time zone and a region for a new desk to begin with."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

if TYPE_CHECKING:
    from collections.abc import Mapping

_TERRITORY = re.compile(r"[a-z]{2,3}_([A-Z]{2})(?:[.@]|$)")
_LOCALES = ("LC_ALL", "LC_TELEPHONE", "LC_MONETARY", "LANG")
_LEFT_ALONE = "US"
"""The territory of the locale that many machines come with, wherever they stand."""


def guess_timezone(environment: Mapping[str, str], root: Path = Path("/")) -> str:
    """A name of the IANA database such as `Europe/London`: from TZ, else as the system is set; else `UTC`.

    As localtime(5) and debian's /etc/timezone have it.
    """
    zones = available_timezones()
    candidates = [environment.get("TZ", "").removeprefix(":")]
    try:
        candidates.append(str((root / "etc/localtime").readlink()))
    except OSError:
        pass  # no link: a copy, or nothing at all
    try:
        candidates.append((root / "etc/timezone").read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError):
        pass
    for text in candidates:
        name = text.rpartition("zoneinfo/")[2]
        if name in zones:
            return name
    return "UTC"


def guess_region(environment: Mapping[str, str], timezone: str) -> str:
    """A country's two letters: from the locale, else that of the time zone; empty where neither says."""
    there = _countries().get(timezone, "")
    said = next((environment[name] for name in _LOCALES if environment.get(name)), "")
    territory = _TERRITORY.match(said)
    if territory is None or (territory.group(1) == _LEFT_ALONE and there):
        return there
    return territory.group(1)


def _countries() -> dict[str, str]:
    """Time zone -> country, from the IANA database's own table."""
    lines = (files("tzdata") / "zoneinfo/zone.tab").read_text("utf-8").splitlines()
    fields = [line.split("\t") for line in lines if not line.startswith("#")]
    return {field[2]: field[0] for field in fields if len(field) > 2}
