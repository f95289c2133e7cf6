"""What is measured, each in a process of its own: takes one JSON object as its argument and prints another."""

from __future__ import annotations

import json
import sys
from typing import Any


def asked() -> dict[str, Any]:
    """What the benchmark asked of this side."""
    values: dict[str, Any] = json.loads(sys.argv[1])
    return values


def say(**values: object) -> None:
    """Answer the benchmark."""
    print(json.dumps(values))
