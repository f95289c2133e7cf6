"""What is said of a template that many customers would read, and of one letter among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from core.sms import count_parts
from core.text import one_line
from tui.screens.broadcast_words import ucs2_line

if TYPE_CHECKING:
    from core.scripts import Preview, Survey
    from core.views.choices import Price
    from core.views.customers import CustomerRecord


def survey_lines(survey: Survey, price: Price | None) -> list[Content]:
    """Three lines: how many get it in how many parts, the longest, who gets none."""
    parts = [f"{number:,} × {size} part{'' if size == 1 else 's'}" for size, number in survey.by_parts.items()]
    total = sum(size * number for size, number in survey.by_parts.items())
    cost = f" = {total:,} parts, {price.of(total)}" if price is not None and total else f" = {total:,} parts"
    many = ", ".join(parts[:4]) + (cost if parts else "") if parts else "e-mails"
    lines = [Content.assemble((f"{survey.written:>7,} would get it", "bold"), f": {many}")]
    if survey.ucs2:
        lines.append(
            Content.assemble((f"▲ {survey.ucs2:>5,} need UCS-2", "$warning"), ", which halves what a part holds")
        )
    else:
        lines.append(Content(f"{0:>7} need UCS-2") if parts else Content(""))
    none = f"{survey.left_out_count:>5,} would get none"
    if survey.left_out:
        reason = survey.left_out[0][1]
        why = reason.partition(": ")[2] or reason  # without the template's name, which stands above
        lines.append(Content.assemble((f"▲ {none}", "$warning"), f": {one_line(why, 200)}"))
    else:
        lines.append(Content(f"  {none}"))
    return lines


def letter_lines(
    row: CustomerRecord | None, said: Preview | None, place: str, *, worst: bool, price: Price | None
) -> list[Content]:
    """Whose letter it is, and what makes it long."""
    who = one_line(row.name or row.reference, 40) if row is not None else "nobody"
    head: list[str | tuple[str, str]] = [(place, "bold $primary"), f"  {who}"]
    lines: list[Content] = []
    if said is not None:
        size = f"{said.characters:,} characters"
        if said.parts:
            cost = f", {price.of(said.parts)}" if price is not None else ""
            size += f", {said.parts} part{'' if said.parts == 1 else 's'} of {said.encoding}{cost}"
        lines.append(Content.styled(size, "$text-muted"))
        if worst:
            head.append((" · the longest", "bold $warning"))
        if said.encoding == "UCS-2":
            lines.append(ucs2_line(count_parts(said.text)))
        if said.subject:
            lines.append(Content.assemble(("Subject ", "$text-muted"), (one_line(said.subject, 200), "bold")))
    return [Content.assemble(*head), *lines]
