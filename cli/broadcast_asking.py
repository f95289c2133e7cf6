"""What the commands of broadcasts ask with, and the plan they show."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.files import new_text
from core.clock import zone_named
from core.errors import NotFound, Wrong
from core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.broadcasts import Forecast, Plan, Timing
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

At = Annotated[str, typer.Option("--at", metavar="TIME", help="When it begins, as 2026-03-02T09:30; now if not said.")]
Rate = Annotated[int, typer.Option("--rate", min=0, help="Messages a minute; 0 = as the outgoing server allows.")]
SendHours = Annotated[
    str,
    typer.Option(
        "--send-hours",
        metavar="HOURS",
        help="Messages leave in these hours alone, by each customer's clock: 09:00-17:00,"
        " or 'mon-fri 09:00-17:00, sat 10:00-12:00'; at any hour if not said.",
    ),
]


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


async def timing_of(office: Office, at: str, rate: int, send_hours: str, *, late: int = 60, brake: int = 0) -> Timing:
    """When and how fast a command line asks for. Raises Wrong for no time, and for hours that cannot be read."""
    from core.broadcasts import Timing
    from core.consent import right_send_hours

    return Timing(await moment_of(office, at), late, rate, brake, right_send_hours(send_hours))


def told(plan: Plan, timing: Timing, now: datetime) -> dict[str, object]:
    """A plan for programs, and under `lines` for people. Raises Wrong where nobody would get it in its hours."""
    from core.broadcasts import forecast

    takes, ahead = plan.takes(timing.rate_per_minute), forecast(plan, timing, now)
    worst = plan.worst
    said: dict[str, object] = {
        "customers": plan.customers,
        "recipients": plan.recipients,
        "excluded": plan.excluded(),
        "parts": {str(parts): number for parts, number in plan.by_parts.items()},
        "parts_in_all": plan.parts,
        "cost": plan.cost,
        "minutes": round(takes.total_seconds() / 60, 1) if takes is not None else None,
        "send_hours": timing.send_hours,
        "waiting": ahead.waiting,
        "outside": ahead.outside,
        "waits_until": ahead.waits_until,
        "ends_at": ahead.ends_at,
        "ucs2": plan.ucs2,
        "template_error": plan.wrong[0] if plan.wrong is not None else "",
        "worst": {"reference": worst.reference, "parts": worst.parts, "units": worst.units, "text": worst.text}
        if worst
        else None,
        "digest": timing.digest_of(plan),
    }
    return said | {"lines": [*_lines(plan), *_times(plan, timing, ahead)]}


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
    return lines


def _times(plan: Plan, timing: Timing, ahead: Forecast) -> list[str]:
    from core.broadcasts import hours_in_words

    lines = []
    if (takes := plan.takes(timing.rate_per_minute)) is not None:
        rate = min(one for one in (timing.rate_per_minute, plan.rate_per_minute) if one)
        done = f"done by {ahead.ends_at:%Y-%m-%d %H:%M}Z" if ahead.ends_at is not None else "done in some months"
        lines.append(f"           {takes.total_seconds() / 60:,.0f} min at {rate}/min, {done}")
    if timing.send_hours:
        lines.append(f"           {hours_in_words(timing.send_hours)}")
    if ahead.waiting and ahead.waits_until is not None:
        lines.append(f"{ahead.waiting:>10,} wait for {ahead.waits_for}, until {ahead.waits_until:%Y-%m-%d %H:%M}Z")
    return lines


async def write_left_out(office: Office, plan: Plan, path: str) -> None:
    """Those who are left out, as CSV. Raises Refused where the file cannot be written."""
    from core.broadcasts.left_out_file import left_out_csv

    with new_text(path) as file:
        async for line in left_out_csv(office.broadcasts, plan):
            file.write(line)


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
