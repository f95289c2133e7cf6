"""Many rows in one step: the same as one by one, on both databases, whatever is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.store.bulk import MOST_VALUES, for_all, read_ids

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from core.store import Database

    Odd = tuple[int | None, str | None]

PORTION = 1_000
SET = "UPDATE odd SET number = came.column1, words = came.column2 FROM {rows} AS came WHERE odd.id = came.column3"
TYPES = ("BIGINT", "TEXT", "BIGINT")
NUMBERS = st.none() | st.integers(-(2**63), 2**63 - 1)
# No database keeps NUL in a text alike, and none keeps half of a pair.
WORDS = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ODD = st.tuples(NUMBERS, WORDS)
SEVERAL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def odd(database: Database) -> AsyncIterator[Database]:
    """A database with an empty table `odd`."""
    await database.rows("CREATE TABLE odd (id BIGINT PRIMARY KEY, number BIGINT, words TEXT)")
    yield database
    await database.rows("DROP TABLE odd")


async def fill(database: Database, rows: Sequence[Odd]) -> None:
    await database.rows("DELETE FROM odd")
    await database.many("INSERT INTO odd VALUES (?, ?, ?)", [(id_, *row) for id_, row in enumerate(rows)])


async def held(database: Database) -> list[Odd]:
    return [(row["number"], row["words"]) for row in await database.rows("SELECT number, words FROM odd ORDER BY id")]


async def same_both_ways(database: Database, columns: Sequence[str], rest: str, *values: object) -> int:
    """How many rows there are, which `rows_at_once` and `rows` have alike."""
    found = await database.rows_at_once(columns, rest, *values)
    assert found == await database.rows(f"SELECT {', '.join(columns)} {rest}", *values)
    return len(found)


@SEVERAL
@given(rows=st.lists(ODD, max_size=8))
async def test_rows_that_come_at_once_are_those_that_come_one_by_one(odd: Database, rows: list[Odd]) -> None:
    await fill(odd, rows)
    columns = ("o.id", "o.number", "o.words AS said", "coalesce(o.words, o.number || '. AS') AS either")
    assert await same_both_ways(odd, columns, "FROM odd o ORDER BY o.id DESC") == len(rows)


async def test_they_come_in_their_order_to_their_limit_and_for_the_values_that_are_asked(odd: Database) -> None:
    await fill(odd, [(id_ * 7919 % PORTION, f'"{id_}" \\ {{}}') for id_ in range(PORTION)])
    ordered = "FROM odd ORDER BY number, id LIMIT"
    for most in (0, 1, PORTION, PORTION + 1):
        assert await same_both_ways(odd, ("id", "number", "words"), f"{ordered} {most}") == min(most, PORTION)
    later = ("id", "number + ? AS later")
    assert await same_both_ways(odd, later, "FROM odd WHERE number < ? ORDER BY id", 5, 10) == 10
    assert await same_both_ways(odd, ("id",), "FROM odd WHERE words = ?", "no such words") == 0


@SEVERAL
@given(rows=st.lists(ODD, min_size=1, max_size=8), become=ODD)
async def test_what_is_written_for_all_is_what_is_written_one_by_one(
    odd: Database, rows: list[Odd], become: Odd
) -> None:
    await fill(odd, [become] * (len(rows) + 1))
    await odd.many(*for_all(SET, TYPES, [(*row, id_) for id_, row in enumerate(rows)]))
    assert await held(odd) == [*rows, become]


@pytest.mark.parametrize("count", [1, PORTION, MOST_VALUES // len(TYPES)])
async def test_one_statement_takes_one_row_a_portion_and_as_many_as_it_says(odd: Database, count: int) -> None:
    await odd.insert_many("odd", ("id", "number"), [(id_, id_) for id_ in range(count)])
    await odd.many(*for_all(SET, TYPES, [(-id_, str(id_), id_) for id_ in range(count)]))
    assert await held(odd) == [(-id_, str(id_)) for id_ in range(count)]


@pytest.mark.parametrize("count", [0, MOST_VALUES // len(TYPES) + 1])
def test_no_row_and_too_many_are_a_mistake_that_says_so(count: int) -> None:
    with pytest.raises(ValueError, match=rf"{count} rows of 3 values: one statement takes 1 to {MOST_VALUES} values"):
        for_all(SET, TYPES, [(1, "", id_) for id_ in range(count)])


async def test_all_ids_come_as_one_row_in_the_order_that_is_asked(odd: Database) -> None:
    assert len(await read_ids(odd, "SELECT id FROM odd")) == 0
    largest = 2**63 - 1
    for ids in ([7], [0, 255, 256, largest], list(range(1, PORTION))):
        await odd.rows("DELETE FROM odd")
        await odd.insert_many("odd", ("id", "number"), [(id_, -id_ if id_ < largest else None) for id_ in ids])
        assert list(await read_ids(odd, "SELECT id FROM odd ORDER BY id")) == ids
        found = await read_ids(odd, "SELECT id FROM odd WHERE id < ? ORDER BY number, id LIMIT 3", largest)
        assert list(found) == sorted(one for one in ids if one < largest)[::-1][:3]
