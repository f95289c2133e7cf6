"""A stretch of a long list whose newest stand first: pages by key, never by counting, and never the whole table."""

from __future__ import annotations

from dataclasses import dataclass

from core.store.searching import containing

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which part of the list."""

    limit: int = 200
    """Rows at most, the newest of them."""
    since: int | None = None
    """No older than this id."""
    before: int | None = None
    """Older than this id."""

    def narrow(self, column: str, where: list[str], values: list[object]) -> None:
        """Add its bounds to the conditions of a query."""
        for bound, sign in ((self.since, ">="), (self.before, "<")):
            if bound is not None:
                where.append(f"{column} {sign} ?")
                values.append(bound)


def with_words(words: str, text: str, where: list[str], values: list[object]) -> None:
    """Add to the conditions that each word stands in `text`, an SQL expression; a number may begin with a 0."""
    for word in words.lower().split()[:MOST_WORDS]:
        if word.isdigit() and word.startswith("0"):
            word = word.lstrip("0") or word
        where.append(f"LOWER({text}) LIKE ? ESCAPE '!'")
        values.append(containing(word))


def all_of(where: list[str]) -> str:
    """The WHERE clause; empty without a condition."""
    return f" WHERE {' AND '.join(where)}" if where else ""
