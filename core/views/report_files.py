"""Reports as CSV (RFC 4180) and as JSON: the same words and numbers in both. Durations are seconds."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from typing import TYPE_CHECKING

from core.formulas import guarded
from core.views.reports import ContactReportRow, Report, reasons_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.views.figures import Figures
    from core.views.reports import ReportRow

Plain = dict[str, str | int | float | None]
COUNTED = (
    "arrived", "entered", "offered", "missed", "refused", "taken", "answered", "in_time", "replies", "transferred",
    "returned", "handled", "closed", "unserved",
)  # fmt: skip


def plain_figures(one: Figures) -> Plain:
    """The figures by name."""
    found: Plain = {name: getattr(one, name) for name in COUNTED}
    return found | {
        "service_level_percent": _short(one.service_level),
        "average_wait_s": _short(one.average_wait),
        "longest_wait_s": _short(one.longest_wait),
        "average_handling_s": _short(one.average_handling),
        "open_s": _short(one.open_time / 1_000_000),
        "held_s": _short(one.held_time / 1_000_000),
        "wrap_up_s": _short(one.wrap_time / 1_000_000),
    }


def plain_rows(told: Report) -> list[Plain]:
    """Every row of a report by the names of its columns."""
    return [_plain_row(told.by, row, reasons_of(told.rows)) for row in told.rows]


def _plain_row(by: str, row: ReportRow, reasons: Sequence[str]) -> Plain:
    found: Plain = {"since": row.since.isoformat(), "until": row.until.isoformat(), by: row.name}
    found |= plain_figures(row.figures)
    if row.presence is not None:
        found |= {"signed_in_s": _short(row.presence.signed_in), "ready_s": _short(row.presence.ready)}
        found["not_ready_s"] = _short(sum(row.presence.not_ready.values()))
        for reason in reasons:
            name = f"not_ready_s ({reason or 'no reason'})"
            found[name] = _short(row.presence.not_ready.get(reason, 0.0))
    return found


def plain_contact(row: ContactReportRow) -> Plain:
    """A contact by the names of its columns."""
    found: Plain = {one.name.rstrip("_"): getattr(row, one.name) for one in fields(row)}
    return found | {
        "arrived": row.arrived.isoformat(), "waited": _short(row.waited), "handled": _short(row.handled)
    }  # fmt: skip


def csv_lines(rows: Sequence[Plain]) -> Iterator[str]:
    """Lines of CSV with their ends, the names first; nothing without a row. No field can become a formula."""
    if not rows:
        return
    yield csv_line(list(rows[0]))
    for row in rows:
        yield csv_line(list(row.values()))


def csv_line(values: Sequence[str | int | float | None]) -> str:
    """One line with its end."""
    line = io.StringIO()
    csv.writer(line).writerow([guarded(value) if isinstance(value, str) else value for value in values])
    return line.getvalue()


def json_of(told: Report) -> str:
    """A report as one JSON document."""
    return json.dumps(
        {
            "report": told.by,
            "step": told.step,
            "since": told.within.since.isoformat(),
            "until": told.within.until.isoformat(),
            "rows": plain_rows(told),
            "total": plain_figures(told.total),
        },
        ensure_ascii=False,
        indent=1,
    )


def json_of_contacts(rows: Sequence[ContactReportRow]) -> str:
    """Contacts as one JSON document."""
    return json.dumps({"report": "contact", "rows": [plain_contact(row) for row in rows]}, ensure_ascii=False, indent=1)


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
