"""The demo's customers: a spreadsheet of the town's people, imported as anybody's would be."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from core.campaigns import Audience, ImportWish
from core.views.customers import customer_ids
from demo.talks import names, talks
from demo.town import number_of_newcomer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.office import Office

LIST = "regulars"
NEWCOMERS = 120
COLUMNS = ("Customer no", "Name", "Mobile", "E-mail", "Agent", "Favourite", "Orders")
_FAVOURITES = ("Herb knife", "Cast iron pan", "Bread tin", "Apron")


async def bring(office: Office) -> None:
    """Import them, unless the list has customers already."""
    if await customer_ids(office.database, Audience(list=LIST), limit=1):
        return
    with tempfile.TemporaryDirectory(prefix="postroom-demo-") as folder:
        path = Path(folder) / "regulars.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";").writerows([COLUMNS, *_rows()])
        await office.imports.run(ImportWish(LIST, path), actor="sue")


def _rows() -> Iterator[tuple[str, ...]]:
    """The talks' own people, then those who will come after them; two whose numbers nobody can read."""
    people = [(talk.person, talk.address) for talk in talks()]
    people += [(names()[n % len(names())], number_of_newcomer(n)) for n in range(NEWCOMERS)]
    people += [("Tess Quill", "ask reception"), ("Noor Haddad", "0770 900")]
    for n, (name, address) in enumerate(people):
        mobile, email = ("", address) if "@" in address else (address, "")
        yield (
            f"F{1000 + n}", name, mobile, email, "ann" if n % 5 == 0 else "", _FAVOURITES[n % len(_FAVOURITES)],
            str(1 + n * 7 % 12),
        )  # fmt: skip
