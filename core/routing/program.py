"""A script together with those it may load: what is compiled as one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import Wrong
from core.routing.values import dumped

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SCRIPT = 65_536
"""Characters of one script."""
MOST_SCRIPTS = 200
DEEPEST_LOAD = 8

_NAME = re.compile(r"[^\x00-\x1f\x7f@\"'\\][^\x00-\x1f\x7f\"'\\]{0,99}")


@dataclass(frozen=True)
class Program:
    """The script to run by name, and the source of every script of the desk it may load."""

    entry: str
    sources: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        if self.entry not in self.sources:
            raise Wrong(f'The script "{self.entry}" is not among the sources of its program.')
        if len(self.sources) > MOST_SCRIPTS:
            raise Wrong(f"A program has {len(self.sources):,} scripts: at most {MOST_SCRIPTS} go together.")
        for name in self.sources:
            if not _NAME.fullmatch(name):
                raise Wrong(f"{name!r} is no name for a script: use letters, digits, spaces and hyphens.")
        cleaned = {name: tidy(source) for name, source in self.sources.items()}
        object.__setattr__(self, "sources", cleaned)

    @cached_property
    def digest(self) -> str:
        """The same for the same scripts: what compiled scripts are kept under."""
        return hashlib.sha256(dumped([self.entry, dict(self.sources)]).encode()).hexdigest()


def tidy(source: str) -> str:
    """A script's text with plain line ends, without a byte order mark, a NUL or a lone surrogate."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not source.isascii():
        source = source.encode("utf-8", "replace").decode("utf-8")
    return source if source.endswith("\n") or not source else source + "\n"
