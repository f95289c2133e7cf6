"""What customers write and what clerks answer, as data (`talks.toml`, `answers.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a customer's."""

    say: str
    wait: Literal["answer", "letter"] | float = "answer"
    """What comes before it: a person's answer, anything from the desk, or so many seconds."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One kind of conversation."""

    name: str
    account: str
    """The user name of the account it goes to."""
    person: str
    address: str
    lines: tuple[Line, ...]
    phone: Literal["", "slow", "dead"] = ""
    subject: str = ""
    html: bool = False
    history: str = ""
    """An older letter of ours, quoted under the first one."""
    file: str = ""
    away: str = ""
    """What their mail system answers to every letter."""

    @property
    def by_text(self) -> bool:
        """Whether it is held in texts."""
        return self.address.startswith("+")


@dataclass(frozen=True, slots=True)
class Reply:
    """What clerks answer to messages with one of these words."""

    words: tuple[str, ...]
    say: tuple[str, ...]
    note: str = ""
    queue: str = ""
    outcome: str = "answered"
    last: bool = False

    def fits(self, text: str) -> bool:
        """Whether one of the words stands in the text."""
        return any(word in text.lower() for word in self.words)


@cache
def talks() -> tuple[Talk, ...]:
    """Every kind of conversation, in the order of the file."""
    return tuple(
        Talk(**{**table, "lines": tuple(Line(**line) for line in table["lines"])}) for table in _read("talks")["talk"]
    )


@cache
def names() -> tuple[str, ...]:
    """The names of people who come after those of the talks."""
    return tuple(_read("talks")["names"])


@cache
def replies() -> tuple[Reply, ...]:
    """The clerks' answers, in the order of the file; the last one fits everything."""
    return tuple(
        Reply(**{**table, "words": tuple(table["words"]), "say": tuple(table["say"])})
        for table in _read("answers")["answer"]
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("demo") / f"{name}.toml").read_text("utf-8"))
