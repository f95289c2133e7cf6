"""Templates: texts and e-mails with fields, rendered by Jinja in its sandbox. Pure."""

from __future__ import annotations

from core.templates.filters import first_name
from core.templates.rendering import (
    LONGEST_FIELD,
    LONGEST_SUBJECT,
    LONGEST_TEMPLATE,
    LONGEST_TEXT,
    check,
    escaped,
    fields_of,
    pieces_of,
    render,
)
from core.templates.values import BLANK, Blank, Fields, Plain, Rendered, TemplateText, TemplateWrong

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
    "escaped",
    "fields_of",
    "first_name",
    "pieces_of",
    "render",
]
