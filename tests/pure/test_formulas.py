"""What is written for a spreadsheet runs nothing there, and is read back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formulas import BEGINNINGS, guarded, guarded_but_numbers, unguarded
from core.views.report_files import csv_line

LIKE_FORMULAS = st.builds(str.__add__, st.sampled_from(["", "'", "''", *BEGINNINGS]), st.text())


@given(LIKE_FORMULAS)
def test_nothing_that_is_guarded_begins_a_formula_and_comes_back_as_it_was(text: str) -> None:
    assert not guarded(text).startswith(BEGINNINGS)
    assert unguarded(guarded(text)) == text


@given(LIKE_FORMULAS)
def test_a_line_of_csv_holds_guarded_cells(text: str) -> None:
    (cells,) = csv.reader(io.StringIO(csv_line([text, 1, None]), newline=""))
    assert cells == [guarded(text), "1", ""]


@pytest.mark.parametrize(("text", "cell"), [
    ("+447700900123", "+447700900123"), ("+44 7700", "'+44 7700"), ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
    ("-1", "'-1"), ("+", "'+"), ("=1+1", "'=1+1"), ("@SUM(1)", "'@SUM(1)"), ("Ann", "Ann"), ("", ""),
])  # fmt: skip
def test_a_telephone_number_may_stand_as_it_is(text: str, cell: str) -> None:
    assert guarded_but_numbers(text) == cell


def test_an_apostrophe_is_no_guard() -> None:
    assert (unguarded("'=1"), unguarded("'tis"), unguarded("'"), unguarded("=1")) == ("=1", "'tis", "'", "=1")
