"""What goes into a template and comes out of it: frozen values, and the error that names a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from core.errors import Wrong


class Blank(Enum):
    """What a field holds that there is, with nothing in it for this customer."""

    BLANK = "blank"


BLANK = Blank.BLANK
Plain = str | int | float | bool | None | Blank
Fields = Mapping[str, Plain | Mapping[str, Plain]]
"""By name; a mapping is a group, whose fields are written `contact.name`. None is an empty text.

BLANK counts as not defined and as false: it can be asked about, and written only with a `default`, or where the
template has a word for it.
"""


@dataclass(frozen=True, slots=True)
class TemplateText:
    """A template as it is written."""

    name: str
    body: str
    subject: str = ""
    """Of an e-mail; empty = none of its own."""
    when_missing: str | None = None
    """What stands for a BLANK field; None = that cannot be written."""
    html: str = ""
    """Of an e-mail, which then has both; empty = the body alone."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What it says with its fields filled in."""

    text: str
    subject: str = ""
    """On one line."""
    html: str = ""


class TemplateWrong(Wrong):
    """A template that cannot be read or filled in: says which, where, and what to do."""

    def __init__(
        self, template: str, part: str, line: int, problem: str, field: str = "", *, blank: bool = False
    ) -> None:
        at = f", {part} line {line}" if part != "subject" and line else f", {part}"
        super().__init__(f"template {template}{at}: {problem}")
        self.template = template
        self.part = part
        """`body`, `subject` or `html`."""
        self.line = line
        """0 where it is none in particular."""
        self.field = field
        """The field that is missing or wrong; empty where it is something else."""
        self.blank = blank
        """Whether the template is right, and this customer alone has nothing for that field, or nothing that fits."""
