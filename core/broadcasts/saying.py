"""What a broadcast says to one customer: as `campaign_fields` has it, and no dearer than what the template asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.campaign_fields import COLUMNS as ASKED
from core.campaign_fields import GROUPS, STANDARD, customer_fields, listed_fields, own_fields, with_written_names, write
from core.clock import from_moment
from core.sms import national, zone_of
from core.templates import (
    BLANK,
    LONGEST_FIELD,
    LONGEST_TEXT,
    Rendered,
    TemplateWrong,
    escaped,
    fields_of,
    first_name,
    pieces_of,
    render,
)
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.templates import Fields, Plain, TemplateText

COLUMNS = ", ".join(f"c.{name}" for name in ("id", "number_as_written", *ASKED)) + (
    ", (SELECT l.own_fields FROM customer_list l WHERE l.id = c.list_id) AS list_fields"
)
"""Of a customer `c`: all that a template may ask for, and which own fields its list has."""
LONGEST_LINE = 1_000
Pieces = tuple[str | tuple[str, str], ...]
_MOMENT = re.compile(r"\|\s*(?:date|time)\b")
_first_name = lru_cache(maxsize=10_000)(first_name)
_UNSENDABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])
"""NUL and lone surrogates: no mail and no database holds them."""


class Sayer:
    """Says one template to customers, for a campaign (or none) of a desk. A row holds `COLUMNS`."""

    def __init__(self, template: TemplateText, *, desk: Mapping[str, Any], campaign: str) -> None:
        self.template = template
        self.desk = desk
        self.campaign = campaign
        used = fields_of(template)
        self._asked = [name.partition(".")[2] for name in used if name.startswith("customer.")]
        self._has_own = bool(set(self._asked) - set(STANDARD))
        # A name without a dot is a group, of which a bracket may take any field.
        whole = any("." not in name for name in used)
        said = template.body + template.subject + template.html
        self._is_simple = not whole
        self._is_timed = _MOMENT.search(said) is not None
        self._constant: dict[str, Mapping[str, Plain]] = {
            group: _blanked({field: known.get(field, "") for field in GROUPS[group] if f"{group}.{field}" in used})
            for group, known in (("campaign", {"name": campaign}), ("desk", {"name": desk["name"]}), ("agent", {}))
            if any(name.startswith(f"{group}.") for name in used)
        }

        parts: list[tuple[Pieces | None, Callable[[Plain], str]]]
        parts = [(pieces_of(template.body), str), (pieces_of(template.subject), str)]
        if template.html:
            parts.append((pieces_of(template.html, html=True), escaped))
        pieces = [(part, shown) for part, shown in parts if part is not None]
        self._pieces = pieces if len(pieces) == len(parts) else None

    def say(self, row: Mapping[str, Any]) -> Rendered:
        """The message for this customer. Raises TemplateWrong where a field is missing."""
        if self._is_simple:
            fields = self._fields(row)
            if self._pieces is not None and (said := _joined(self._pieces, fields)) is not None:
                return _sendable(said)
            try:
                return _sendable(render(self.template, fields, zone=self.zone(row) if self._is_timed else ""))
            except TemplateWrong:
                pass  # said once more with all its fields, so that the error can name those there are
        return _sendable(write(self.template, customer_fields(row, self.campaign, self.desk)))

    def zone(self, row: Mapping[str, Any]) -> str:
        """Where this customer lives."""
        return zone_of(row["zone"] or "", row["number"] or "", self.desk["timezone"])

    def _fields(self, row: Mapping[str, Any]) -> Fields:
        own: dict[str, Plain] = {}
        if self._has_own:
            own = with_written_names(_none_of(row.get("list_fields")) | own_fields(row["own_fields"]))
        customer: dict[str, Plain] = {}
        for name in self._asked:
            if name in STANDARD:
                customer[name] = self._standard(name, row)
            elif name in own:
                customer[name] = own[name]
        return {**self._constant, "customer": _blanked(customer)}

    def _standard(self, name: str, row: Mapping[str, Any]) -> Plain:
        made = _MADE.get(name)
        if made is not None:
            return made(row)
        if name == "number":
            return national(row["number"], self.desk["region"]) if row["number"] else ""
        value: Plain = row[name]
        return value


def _joined(pieces: Sequence[tuple[Pieces, Callable[[Plain], str]]], fields: Fields) -> Rendered | None:
    """A template of nothing but words and fields, filled in; None where something is missing or very long."""
    said = []
    for part, shown in pieces:
        words: list[str] = []
        for piece in part:
            if isinstance(piece, str):
                words.append(piece)
                continue
            group = fields.get(piece[0])
            value = group.get(piece[1], BLANK) if isinstance(group, Mapping) else BLANK
            if value is BLANK or (isinstance(value, str) and len(value) > LONGEST_FIELD):
                return None
            words.append(shown(value))
        said.append("".join(words))
    html = said[2] if len(said) > 2 else ""
    if len(said[0]) > LONGEST_TEXT or len(said[1]) > LONGEST_TEXT or len(html) > LONGEST_TEXT:
        return None
    return Rendered(said[0].rstrip(), " ".join(said[1].split()), html.rstrip())


@lru_cache(maxsize=1_000)
def _none_of(stored: str | None) -> dict[str, Plain]:
    return dict.fromkeys(listed_fields(stored), "")


def _callback(row: Mapping[str, Any]) -> str:
    return from_moment(row["callback_at"]).isoformat() if row["callback_at"] is not None else ""


_MADE: Mapping[str, Callable[[Mapping[str, Any]], Plain]] = {
    "name": lambda row: one_line(row["name"] or "", LONGEST_LINE),
    "first_name": lambda row: _first_name(row["name"] or ""),
    "callback": _callback,
}


def _sendable(said: Rendered) -> Rendered:
    if said.text.isascii() and "\0" not in said.text and said.subject.isascii() and "\0" not in said.subject:
        if not said.html or (said.html.isascii() and "\0" not in said.html):
            return said
    return Rendered(*(part.translate(_UNSENDABLE) for part in (said.text, said.subject, said.html)))


def _blanked(fields: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: BLANK if value is None or value == "" else value for name, value in fields.items()}
