"""What a broadcast says to one customer: as `campaign_fields` has it, and no dearer than what the template asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.campaign_fields import COLUMNS as ASKED
from core.campaign_fields import GROUPS, STANDARD, customer_fields, own_fields, write, written_name
from core.clock import from_moment
from core.sms import national, zone_of
from core.templates import BLANK, Rendered, TemplateWrong, fields_of, first_name, render
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.templates import Fields, Plain, TemplateText

COLUMNS = ", ".join(f"c.{name}" for name in ("id", "number_as_written", *ASKED))
"""Of a customer `c`: all that a template may ask for."""
LONGEST_LINE = 1_000
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
        # A name without a dot is a group, of which a bracket may take any field; a moment is said in a zone.
        whole = any("." not in name for name in used)
        said = template.body + template.subject
        self._is_simple = not whole and "date" not in said and "time" not in said
        self._constant = {"campaign": _blanked({"name": campaign}), "desk": _blanked({"name": desk["name"]})}
        self._nobody = {"agent": _blanked(dict.fromkeys(GROUPS["agent"], ""))}

    def say(self, row: Mapping[str, Any]) -> Rendered:
        """The message for this customer. Raises TemplateWrong where a field is missing."""
        if self._is_simple:
            try:
                return _sendable(render(self.template, self._fields(row)))
            except TemplateWrong:
                pass  # said once more with all its fields, so that the error can name those there are
        return _sendable(write(self.template, customer_fields(row, self.campaign, self.desk)))

    def zone(self, row: Mapping[str, Any]) -> str:
        """Where this customer lives."""
        return zone_of(row["zone"] or "", row["number"] or "", self.desk["timezone"])

    def _fields(self, row: Mapping[str, Any]) -> Fields:
        own: dict[str, Plain] = {}
        if self._has_own:
            found = own_fields(row["own_fields"])
            for name, value in found.items():
                own.setdefault(written_name(name), value)
            own = {**found, **own}
        customer: dict[str, Plain] = {}
        for name in self._asked:
            if name in STANDARD:
                customer[name] = self._standard(name, row)
            elif name in own:
                customer[name] = own[name]
        return {**self._constant, **self._nobody, "customer": _blanked(customer)}

    def _standard(self, name: str, row: Mapping[str, Any]) -> Plain:
        made = _MADE.get(name)
        if made is not None:
            return made(row)
        if name == "number":
            return national(row["number"], self.desk["region"]) if row["number"] else ""
        value: Plain = row[name]
        return value


def _callback(row: Mapping[str, Any]) -> str:
    return from_moment(row["callback_at"]).isoformat() if row["callback_at"] is not None else ""


_MADE: Mapping[str, Callable[[Mapping[str, Any]], Plain]] = {
    "name": lambda row: one_line(row["name"] or "", LONGEST_LINE),
    "first_name": lambda row: first_name(row["name"] or ""),
    "callback": _callback,
}


def _sendable(said: Rendered) -> Rendered:
    if said.text.isascii() and "\0" not in said.text and said.subject.isascii() and "\0" not in said.subject:
        return said
    return Rendered(said.text.translate(_UNSENDABLE), said.subject.translate(_UNSENDABLE))


def _blanked(fields: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: BLANK if value is None or value == "" else value for name, value in fields.items()}
