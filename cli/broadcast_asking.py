"""What the commands of broadcasts ask with, and the plan they show."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import new_text
from core.clock import zone_named
from core.errors import NotFound, Wrong
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.broadcasts import Plan
    from core.office import Office

Id = Annotated[int, typer.Argument(metavar="ID", help="The broadcast's number.")]
Account = Annotated[str, typer.Option("--account", help="The account it is sent as.")]
Template = Annotated[str, typer.Option("--template", help="What it says.")]
Campaign = Annotated[str, typer.Option("--campaign", help="To the customers of all its lists.")]
List = Annotated[str, typer.Option("--list", help="To the customers of this list.")]
Status = Annotated[
    list[str] | None, typer.Option("--status", help="To customers of this status; repeat it. Else unused and callback.")
]
Words = Annotated[str, typer.Option("--filter", metavar="WORDS", help="To customers in whose row each word stands.")]


async def plan_of(
    office: Office,
    account: str,
    template: str,
    campaign: str,
    list_name: str,
    statuses: list[str] | None,
    words: str,
    progress: Callable[[int, int], None] | None,
) -> Plan:
    """The plan that a command line asks for. Raises Wrong, NotFound."""
    from core.broadcasts import USUALLY, Channel, CustomerStatus, Request

    rows = await office.database.read("SELECT kind FROM account WHERE address = ?", account)
    if not rows:
        raise NotFound(f"there is no account {account}: 'postroom account list' shows them")
    unknown = [one for one in statuses or () if one not in list(CustomerStatus)]
    if unknown:
        raise Wrong(f"there is no status {unknown[0]}; there are: {', '.join(CustomerStatus)}")
    wanted = tuple(CustomerStatus(one) for one in statuses) if statuses else USUALLY
    request = Request(Channel(rows[0]["kind"]), account, template, campaign, list_name, wanted, words)
    return await office.broadcasts.plan(request, progress)


def told(plan: Plan) -> dict[str, object]:
    """A plan for programs, and under `lines` for people."""
    takes = plan.takes()
    worst = plan.worst
    said: dict[str, object] = {
        "customers": plan.customers,
        "recipients": plan.recipients,
        "excluded": plan.excluded(),
        "parts": {str(parts): number for parts, number in plan.by_parts.items()},
        "parts_in_all": plan.parts,
        "cost": plan.cost,
        "minutes": round(takes.total_seconds() / 60, 1) if takes is not None else None,
        "waiting": plan.waiting,
        "waits_until": plan.waits_until,
        "ucs2": plan.ucs2,
        "template_error": plan.wrong[0] if plan.wrong is not None else "",
        "worst": {"reference": worst.reference, "parts": worst.parts, "units": worst.units, "text": worst.text}
        if worst
        else None,
        "digest": plan.digest,
    }
    return said | {"lines": _lines(plan)}


def _lines(plan: Plan) -> list[str]:
    lines = [f"{plan.customers:>10,} customers"]
    lines += [f"{-number:>10,} {reason}" for reason, number in plan.excluded().items()]
    if plan.wrong is not None:
        words, number = plan.wrong
        lines.append(f"           of {number:,}: {harmless(words, lines=False)}")
    lines.append(f"{plan.recipients:>10,} will get it")
    if plan.by_parts:
        lines += [f"{number:>10,} of {parts} part{'s' * (parts > 1)}" for parts, number in plan.by_parts.items()]
        lines.append(f"{plan.parts:>10,} parts in all" + (f", {plan.cost}" if plan.cost else ""))
    if plan.ucs2:
        chars = " ".join(list(plan.forcing)[:10])
        lines.append(f"{plan.ucs2:>10,} are UCS-2 because of {harmless(chars, lines=False)}")
    if plan.worst is not None and plan.worst.parts != 1:
        worst = plan.worst
        size = f"{worst.parts} parts" if worst.parts else f"{worst.units:,} characters"
        lines.append(f"           the longest: {harmless(f'{worst.reference} {worst.name}', lines=False)}, {size}")
    if (takes := plan.takes()) is not None:
        lines.append(f"           {takes.total_seconds() / 60:,.0f} min at {plan.rate_per_minute}/min")
    if plan.waiting and plan.waits_until is not None:
        lines.append(f"{plan.waiting:>10,} wait for the end of quiet hours, until {plan.waits_until:%Y-%m-%d %H:%M}Z")
    return lines


async def write_left_out(office: Office, plan: Plan, path: str) -> None:
    """Those who are left out, as CSV. Raises Refused where the file cannot be written."""
    with new_text(path) as file:
        rows = csv.writer(file)
        rows.writerow(("reason", "reference", "name", "address", "detail"))
        async for reason, one in office.broadcasts.left_out(plan):
            cells = (reason.in_words(plan.request.channel), one.reference, one.name, one.address, one.detail)
            rows.writerow([f"'{cell}" if cell.startswith(("=", "-", "@", "\t", "\r")) else cell for cell in cells])


async def moment_of(office: Office, written: str) -> datetime | None:
    """A time as it is typed, in the desk's zone unless it names its own. Raises Wrong."""
    if not written:
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise Wrong(f"{written} is no time: write it as 2026-03-02T09:30") from error
    if at.tzinfo is not None:
        return at
    rows = await office.database.read("SELECT timezone FROM desk WHERE id = 1")
    return at.replace(tzinfo=zone_named(rows[0]["timezone"]))
