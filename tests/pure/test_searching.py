"""What a person looks for finds just that, whatever she types."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from core.store.searching import containing

TEXTS = st.text(st.sampled_from("ab!%_\\AB'é"), max_size=6)


@given(TEXTS, TEXTS)
def test_a_pattern_finds_the_words_where_they_stand_and_nowhere_else(words: str, text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        (found,) = connection.execute("SELECT ? LIKE ? ESCAPE '!'", (text.lower(), containing(words))).fetchone()
    assert bool(found) is (words.lower() in text.lower())
