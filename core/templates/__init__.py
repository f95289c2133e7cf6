"""Templates: texts and e-mails with fields, rendered by Jinja in its sandbox. Pure."""

from __future__ import annotations

from core.templates.filters import first_name
from core.templates.rendering import (
    BLANK,
    LONGEST_FIELD,
    LONGEST_SUBJECT,
    LONGEST_TEMPLATE,
    LONGEST_TEXT,
    Blank,
    Fields,
    Plain,
    Rendered,
    TemplateText,
    TemplateWrong,
    check,
    fields_of,
    pieces_of,
    render,
)

__all__ = [
    "BLANK",
    "LONGEST_FIELD",
    "LONGEST_SUBJECT",
    "LONGEST_TEMPLATE",
    "LONGEST_TEXT",
    "Blank",
    "Fields",
    "Plain",
    "Rendered",
    "TemplateText",
    "TemplateWrong",
    "check",
    "fields_of",
    "first_name",
    "pieces_of",
    "render",
]
