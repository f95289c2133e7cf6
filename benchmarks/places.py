"""Desks, sizes and processes that the benchmarks share."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

DESK = """
[desk]
name = "Bench"
region = "GB"

[outgoing_server]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
connections = {connections}

[[gateway]]
name = "line"
recipient = "{{number}}@sms.example"

[[queue]]
name = "front"
"""
ACCOUNT = """
[[account]]
kind = "sms"
address = "texts{number}@desk.example"
gateway = "line"
queue = "front"
user = "{user}"
password = "{password}"
enabled = {enabled}
imap = {{ host = "127.0.0.1", port = {imap_port}, security = "none", after_fetch = "keep" }}
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each is measured."""

    rounds: int = 3
    mails: int = 10_000
    mails_django: int = 500
    letters: int = 10_000
    letters_django: int = 2_000
    contacts: int = 10_000
    deliveries: int = 120
    idle_seconds: float = 30.0
    mailboxes: int = 20
    starts: int = 15
    waiting: int = 100_000
    presses: int = 100
    watch_seconds: float = 30.0
    agents: int = 200
    recipients: int = 20_000
    customers: int = 1_000_000

    @classmethod
    def quick(cls) -> Sizes:
        """Enough to see that everything runs."""
        return cls(1, 1_000, 50, 1_000, 200, 1_000, 12, 5.0, 20, 3, 10_000, 20, 5.0, 40, 2_000, 100_000)


def desk_toml(
    *, imap_port: int = 1, smtp_port: int = 1, users: list[str], password: str = "none", connections: int = 4
) -> str:
    """A desk with one account for each user; without a mail server none of them is fetched."""
    enabled = "true" if imap_port > 1 else "false"
    accounts = (
        ACCOUNT.format(number=number, user=user, password=password, imap_port=imap_port, enabled=enabled)
        for number, user in enumerate(users)
    )
    return DESK.format(smtp_port=smtp_port, connections=connections) + "".join(accounts)


def side(name: str, **values: object) -> dict[str, Any]:
    """Run one side in a process of its own (`benchmarks.sides.NAME`); what it said."""
    command = [sys.executable, "-m", f"benchmarks.sides.{name}", json.dumps(values)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-3000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
