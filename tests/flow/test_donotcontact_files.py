"""Files of do-not-contact lists: whatever a spreadsheet or our own export writes bars the right number and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.donotcontact import entries
from core.errors import Wrong
from tests.pure.test_customer_files import workbook

if TYPE_CHECKING:
    from pathlib import Path

    from core.office import Office

ANN, BEN = "+447700900109", "+447700900110"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"number,name\n'+447700900109,Ann\n'+447700900110,Ben\n", id="our own export"),
        pytest.param(b'name,number\n"Bob; jr",07700900109\n"a\tb",07700900110\n', id="separators in names"),
        pytest.param(b"name;number\nAnn;07700900109\nBen;07700900110\n", id="semicolons"),
        pytest.param(b"07700900109\n07700900110\n", id="one a line"),
        pytest.param("\ufeff07700900109,Ann\n07700900110,Ben\n".encode(), id="no names of columns"),
        pytest.param("number\tname\n07700900109\tAnn\n07700900110\tBen\n".encode("utf-16"), id="utf-16"),
        pytest.param(workbook([["name", "number"], ["Ann", "07700900109"], ["Ben", "07700 900110"]]), id="workbook"),
    ],
)
async def test_the_right_numbers_are_barred(office: Office, folder: Path, content: bytes) -> None:
    path = folder / "list.csv"
    path.write_bytes(content)
    found = await office.donotcontact.take_in(path, actor="sue")
    assert (found.added, found.bad) == (2, ())
    assert {one.address for one in await entries(office.database)} == {ANN, BEN}


async def test_a_guarded_number_is_added_and_taken_off_by_hand_too(office: Office) -> None:
    assert await office.donotcontact.add(f"'{ANN}", actor="sue")
    assert await office.donotcontact.remove(ANN, actor="sue")


async def test_a_bad_row_is_named_and_an_open_quote_ends_it_with_its_line(office: Office, folder: Path) -> None:
    path = folder / "list.csv"
    path.write_text(f"number\nrubbish\n{ANN}\n")
    found = await office.donotcontact.take_in(path, actor="sue")
    assert found.added == 1 and [line for line, _ in found.bad] == [2]
    path.write_text(f'number\n{ANN}\n"{BEN}\n')
    with pytest.raises(Wrong, match="line 3 cannot be read as CSV: a quote is not closed"):
        await office.donotcontact.take_in(path, actor="sue")
