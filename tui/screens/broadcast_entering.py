"""What is typed into the wizard's steps, and what a broadcast is asked for with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.broadcasts import Channel, CustomerStatus, Request, Timing
from core.consent import right_send_hours
from core.desk.waking import wake_time
from core.errors import Wrong
from tui.dialogs.form import Field
from tui.screens.campaign_columns import STATUSES, status_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from core.views import AccountRow
    from core.views.calendars import TemplateRow
    from core.views.customers import CampaignRow, ListRow
    from tui.dialogs.form import Values

NOW = ("", "now", "at once")
CHANNELS = ((Channel.SMS.value, "text messages"), (Channel.EMAIL.value, "e-mails"))
KEYS = {status: status.replace(" ", "_") for status in STATUSES}
"""Status -> the key of its line."""
WHO = (
    Field("audience", "To", "All customers of a campaign's lists, or of one list.", "choice", (("", "nobody yet"),)),
    *(Field(KEYS[one], status_words(one), "Space ticks it.", "flag") for one in STATUSES),
    Field("words", "Only with the words", "Each stands in reference, name, number, address or own fields."),
)
WHEN = (
    Field("name", "Name", "As the list of broadcasts shows it."),
    Field("starts", "Begins", "now, or 14:30, tomorrow 9:00, mon 8:00, 2026-12-01 9:00."),
    Field("rate", "Messages a minute", "0: as fast as the outgoing server takes them.", "number"),
    Field(
        "send_hours",
        "Send window",
        "As 09:00-17:00, or mon-fri 09:00-17:00, sat 10:00-12:00, where each customer lives; empty: at any hour.",
    ),
    Field("brake", "Pause when so many % failed", "It pauses by itself then; 0: never.", "number"),
    Field("late", "Ask when late by minutes", "A start that is missed by more waits for a person.", "number"),
)
CONFIRM = (Field("count", "Type the number to confirm", "How many will get it; then Enter."),)


def what_fields() -> tuple[Field, ...]:
    """Of the second step; what can be chosen follows the channel."""
    return (
        Field("channel", "Channel", "How it reaches them.", "choice", CHANNELS),
        Field("account", "As", "Whom it comes from, and where answers go.", "choice", (("", "none"),)),
        Field("template", "Template", "What it says; the text stands below.", "choice", (("", "none"),)),
    )


def audience_choices(campaigns: Sequence[CampaignRow], lists: Sequence[ListRow]) -> list[tuple[str, str]]:
    """Campaigns first, then lists, each with how many customers it has."""
    found = [(f"campaign:{one.name}", f"campaign {one.name} · {one.customers:,} customers") for one in campaigns]
    found += [(f"list:{one.name}", f"list {one.name} · {one.customers:,} customers") for one in lists]
    return found or [("", "nobody yet")]


def what_choices(
    channel: str, accounts: Sequence[AccountRow], templates: Sequence[TemplateRow]
) -> dict[str, list[tuple[str, str]]]:
    """Accounts and templates of a channel."""
    kinds = [(one.address, f"{one.address}  {one.description}".strip()) for one in accounts if one.kind == channel]
    texts = [(one.name, one.name) for one in templates if one.channel == channel]
    return {"account": kinds or [("", "none of this channel")], "template": texts or [("", "none of this channel")]}


def status_labels(counts: Mapping[str, int]) -> dict[str, str]:
    """`◌ unused 9,012` for the line of each status."""
    return {KEYS[one]: f"{status_words(one)} {counts.get(one, 0):,}" for one in STATUSES}


def entered_request(who: Values, what: Values) -> tuple[Request | None, dict[str, str]]:
    """What is asked for, or what is wrong by field."""
    wrong: dict[str, str] = {}
    kind, _, name = str(who["audience"]).partition(":")
    statuses = tuple(CustomerStatus(one) for one in STATUSES if who[KEYS[one]])
    if not name:
        wrong["audience"] = "there is no campaign and no list yet: make one and import customers first"
    if not statuses:
        wrong[KEYS["unused"]] = "tick at least one status"
    if not what["account"]:
        wrong["account"] = "no account sends on this channel: make one first (1 Accounts)"
    if not what["template"]:
        wrong["template"] = "no template is of this channel: write one first (5 Scripts)"
    if wrong:
        return None, wrong
    return Request(
        Channel(str(what["channel"])), str(what["account"]), str(what["template"]),
        campaign=name if kind == "campaign" else "", list_name=name if kind == "list" else "",
        statuses=statuses, words=str(who["words"]),
    ), {}  # fmt: skip


def entered_timing(
    values: Values, now: datetime, zone: tzinfo, quiet_hours: str = ""
) -> tuple[Timing | None, dict[str, str]]:
    """When and how fast, or what is wrong by field. `quiet_hours`: the campaign's."""
    wrong: dict[str, str] = {}
    starts_at, hours = None, ""
    said = str(values["starts"]).strip()
    if said.casefold() not in NOW:
        try:
            starts_at = wake_time(said, now, zone)
        except Wrong as error:
            wrong["starts"] = str(error)
    try:
        hours = right_send_hours(str(values["send_hours"]), quiet_hours)
    except Wrong as error:
        wrong["send_hours"] = str(error)
    numbers = {"rate": 1_000_000, "brake": 100, "late": 100_000}
    for key, most in numbers.items():
        value = values[key]
        if not isinstance(value, int) or not 0 <= value <= most:
            wrong[key] = f"a whole number from 0 to {most:,}"
    if not str(values["name"]).strip() or len(str(values["name"])) > 100:
        wrong["name"] = "one line of at most 100 characters"
    if wrong:
        return None, wrong
    rate, brake, late = (int(str(values[key])) for key in numbers)
    return Timing(starts_at, late, rate, brake, hours), {}


def usual_name(request: Request, today: datetime) -> str:
    """`spring reminder 24 Nov`."""
    whose = request.campaign or request.list_name
    return f"{whose} {request.template} {today.day} {today:%b}"[:100]
