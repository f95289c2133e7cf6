"""What the wizard says of a plan: who gets it, who does not and why, what it costs, how long it takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from textual.content import Content

from core.broadcasts import Channel, LeftOut, forecast, hours_in_words
from core.sms import count_parts
from core.text import one_line
from tui.ages import duration
from tui.screens.campaign_columns import STATUSES, moment_words
from tui.telling import shown_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from core.broadcasts import Forecast, Plan, Preview, Request, Timing, Worst
    from core.sms import PartCount
    from core.views.choices import Price

STEPS = ("Who", "What", "Plan", "Preview", "When", "Confirm")
KEYS = {
    "o": (LeftOut.OPTED_OUT, LeftOut.DO_NOT_CONTACT), "n": (LeftOut.NO_ADDRESS,), "i": (LeftOut.NOT_VALID,),
    "d": (LeftOut.TWICE,), "f": (LeftOut.CAPPED,), "t": (LeftOut.TEMPLATE,), "": tuple(LeftOut),
}  # fmt: skip
"""Which reasons a key of the plan shows."""
ROOM = 36
A_WHILE = timedelta(minutes=1)


def steps_line(step: int) -> Content:
    """`1 Who ─ 2 What ─ [3 Plan] ─ ...`."""
    parts: list[str | tuple[str, str]] = []
    for number, name in enumerate(STEPS):
        if number:
            parts.append((" ─ ", "$text-muted"))
        words = f"{number + 1} {name}"
        parts.append(
            (f"[{words}]", "bold $primary") if number == step else (words, "" if number < step else "$text-muted")
        )
    return Content.assemble(*parts)


def audience_words(request: Request) -> str:
    """`Campaign spring · status unused, call-back · with "leeds"`."""
    whose = f"Campaign {request.campaign}" if request.campaign else f"List {request.list_name}"
    statuses = ", ".join(STATUSES[one.value][1] for one in request.statuses)
    words = f" · with “{request.words}”" if request.words else ""
    return one_line(f"{whose} · status {statuses}{words}", 300)


def plan_lines(plan: Plan, timing: Timing, now: datetime, zone: tzinfo) -> list[Content]:
    """The whole step: those left out on the left, parts and price on the right, time below."""
    channel = plan.request.channel
    left: list[Content] = [Content(f"{plan.customers:>9,} customers")]
    for reason, number in plan.left_out.items():
        key = next((key for key, reasons in KEYS.items() if key and reason in reasons), "")
        words = f"− {number:>7,} {reason.in_words(channel)}"
        left.append(Content.assemble(f"{words:<{ROOM - 5}}", (f"({key})", "bold $primary")))
    right = _parts(plan) if channel is Channel.SMS else [Content(""), *_mails(plan)]
    height = max(len(left), len(right))
    blank = Content("")
    left += [blank] * (height - len(left))
    right += [blank] * (height - len(right))
    both = [
        Content.assemble(one, " " * (ROOM + 2 - one.cell_length), two) for one, two in zip(left, right, strict=True)
    ]
    lines = [Content(audience_words(plan.request)), *both]
    if plan.wrong is not None:
        lines.append(Content.styled(one_line(f"          of {plan.wrong[1]:,}: {plan.wrong[0]}", 150), "$text-muted"))
    lines.append(Content.assemble((f"{plan.recipients:>9,} will get it", "bold")))
    lines.append(Content(" " * 10 + time_words(plan, timing, now, zone)))
    if timing.send_hours:
        lines.append(Content(" " * 10 + hours_in_words(timing.send_hours)))
    ahead = forecast(plan, timing, now)
    if ahead.waiting:
        words = f" of them {waiting_words(ahead, now, zone)}"
        lines.append(Content.assemble((f"{ahead.waiting:>9,}", "$warning"), words))
    return lines


def _parts(plan: Plan) -> list[Content]:
    lines = [Content.styled(f"{'parts':>5} {'messages':>11}", "$text-muted")]
    lines += [Content(f"{parts:>5} {number:>11,}") for parts, number in list(plan.by_parts.items())[:6]]
    if plan.worst is not None:
        who = one_line(plan.worst.name or plan.worst.reference, 22)
        lines.append(Content.assemble(f"longest: {who} ", ("(w)", "bold $primary")))
    if plan.ucs2:
        because = " ".join(list(plan.forcing)[:6])
        lines.append(Content.assemble((f"▲ {plan.ucs2:,} UCS-2", "$warning"), f" because of {one_line(because, 14)}"))
    per = plan.price.of(1) if plan.price is not None else ""
    total = f"{plan.parts:,} parts × {per} = {plan.cost}" if per else f"{plan.parts:,} parts; no price is known"
    return [*lines, Content.styled(total, "bold")]


def _mails(plan: Plan) -> list[Content]:
    if plan.worst is None:
        return []
    return [Content(f"longest: {plan.worst.units:,} characters"), Content(one_line(plan.worst.name, 34))]


def time_words(plan: Plan, timing: Timing, now: datetime, zone: tzinfo) -> str:
    """`at 240/min: 50 min, done by Today 15:10`; `50 min of sending` where it rests in between."""
    takes = plan.takes(timing.rate_per_minute)
    if takes is None:
        return "as fast as the outgoing server takes it: no rate is set"
    rates = [rate for rate in (timing.rate_per_minute, plan.rate_per_minute) if rate > 0]
    ahead, length = forecast(plan, timing, now), duration(takes.total_seconds())
    if ahead.ends_at is None:
        return f"at {min(rates):,}/min: {length} of sending, done in more than a month"
    rests = " of sending" if ahead.ends_at - ahead.begins_at > takes + A_WHILE else ""
    return f"at {min(rates):,}/min: {length}{rests}, done by {moment_words(ahead.ends_at, now, zone)}"


def waiting_words(ahead: Forecast, now: datetime, zone: tzinfo) -> str:
    """`wait for the send window, the last until today 15:00`."""
    until = moment_words(ahead.waits_until, now, zone)
    return f"wait for {ahead.waits_for}, the last until {until[:1].lower()}{until[1:]}"


def time_lines(plan: Plan, timing: Timing, now: datetime, zone: tzinfo) -> list[Content]:
    """What the fifth step says below its fields: how long it takes, in which hours, who waits."""
    lines = [Content.styled(time_words(plan, timing, now, zone), "bold")]
    if timing.send_hours:
        lines.append(Content(hours_in_words(timing.send_hours)))
    ahead = forecast(plan, timing, now)
    if ahead.waiting:
        words = f"{ahead.waiting:,} of {plan.recipients:,} {waiting_words(ahead, now, zone)}"
        lines.append(Content.styled(words, "$warning"))
    return lines


def preview_lines(one: Preview, total: int, region: str, price: Price | None = None) -> list[Content]:
    """Whose it is, and the message as it will be sent."""
    count = count_parts(one.text) if one.parts else None
    parts = f" · {one.parts} part{'' if one.parts == 1 else 's'} of {count.encoding}" if count is not None else ""
    if price is not None and one.parts:
        parts += f" · {price.of(one.parts)}"
    who = f"{one_line(one.name or one.reference, 30)} · {shown_address(one.address, region)}"
    head = Content.assemble(
        (f"{one.number:,} of {total:,}", "bold $primary"), f"  {one_line(who, 60)}", (f"{parts}", "$text-muted")
    )
    subject = (
        [Content.assemble(("Subject ", "$text-muted"), (one_line(one.subject, 200), "bold"))] if one.subject else []
    )
    return [head, *([ucs2_line(count)] if count is not None and count.forcing else []), *subject]


def ucs2_line(count: PartCount) -> Content:
    """`▲ UCS-2 because of ‘ (plain: ')`."""
    words = [f"{char} (plain: {plain})" if plain else char for char, plain in count.forcing[:8]]
    return Content.assemble(("▲ ", "$warning"), one_line("UCS-2 because of " + ", ".join(words), 200))


def worst_words(worst: Worst) -> str:
    """Why the longest message is so long."""
    kind = (
        f"{worst.encoding}, {worst.units:,} units, {worst.parts} part{'' if worst.parts == 1 else 's'}"
        if worst.encoding
        else f"{worst.units:,} characters"
    )
    lines = [f"{worst.name or worst.reference}: {kind}", ""]
    for char, plain in worst.forcing[:10]:
        lines.append(f"{char} makes it UCS-2" + (f"; {plain} would not" if plain else ""))
    return "\n".join([*lines, "", worst.text])


def confirm_lines(plan: Plan, timing: Timing, name: str, now: datetime, zone: tzinfo) -> list[Content]:
    """All of it once more, before the count is typed."""
    request, ahead = plan.request, forecast(plan, timing, now)
    begins = moment_words(timing.starts_at, now, zone) if timing.starts_at is not None else "at once"
    brake = f"pauses when {timing.brake_percent} % have failed" if timing.brake_percent else "does not pause by itself"
    facts: Sequence[tuple[str, str]] = (
        ("name", name),
        ("to", f"{plan.recipients:,} · {audience_words(request)}"),
        ("what", f"template {request.template} as {request.account}"),
        ("left out", f"{sum(plan.left_out.values()):,} of {plan.customers:,} customers"),
        ("cost", f"{plan.parts:,} parts, {plan.cost or 'no price is known'}" if request.channel is Channel.SMS else ""),
        ("begins", begins),
        ("takes", time_words(plan, timing, now, zone)),
        ("hours", hours_in_words(timing.send_hours)),
        ("waiting", f"{ahead.waiting:,} {waiting_words(ahead, now, zone)}" if ahead.waiting else ""),
        ("brake", brake),
    )
    return [Content.assemble((f"{label:<10}", "$text-muted"), one_line(value, 300)) for label, value in facts if value]
