"""The send window from the command line: planned, refused, frozen, shown, kept."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from core.models import Broadcast
from tests.flow.broadcasting import add, leaves, numbered, set_up
from tests.flow.conftest import ONLY_SQLITE, furnish

if TYPE_CHECKING:
    from core.office import Office
    from tests.flow.command import Command

pytestmark = ONLY_SQLITE
TO_ALL = ("--campaign", "spring", "--account", "texts@acme.example", "--template", "parcel")
LATER = "2099-07-06T20:00"
"""A Monday, when it is eight in the evening at the desk."""


@pytest.fixture
def postroom(command: Command) -> Command:
    async def prepare(office: Office) -> None:
        await furnish()
        await set_up(office, quiet_hours="21:00-08:00")
        await add(office, *numbered(4), {"number": "+12125550123", "reference": "york"})

    command.within(prepare)
    return command


def test_a_plan_says_who_is_outside_the_window_and_when_the_last_has_left(postroom: Command) -> None:
    """At eight in London it is three in New York."""
    asked = ("broadcast", "plan", *TO_ALL, "--at", LATER, "--rate", "2", "--send-hours", "Mon-Fri 9:00-17:00")
    done = postroom(*asked)
    assert (done.code, done.err) == (0, "")
    for line in (
        "2 min at 2/min, done by 2099-07-07 08:02Z",
        "leaves mon-fri 09:00-17:00 by the customer's clock",
        "4 wait for the send window, until 2099-07-07 08:00Z",
    ):
        assert line in done.out
    said = json.loads(postroom(*asked, "--json").out)
    assert (said["send_hours"], said["waiting"], said["outside"]) == ("mon-fri 09:00-17:00", 4, 4)
    assert (said["waits_until"], said["ends_at"]) == ("2099-07-07T08:00:00Z", "2099-07-07T08:02:00Z")
    always = json.loads(postroom("broadcast", "plan", *TO_ALL, "--at", LATER, "--json").out)
    assert (always["send_hours"], always["waiting"], always["outside"], always["ends_at"]) == ("", 0, 0, None)
    assert always["digest"] != said["digest"]


ASLEEP = (
    "the send window 22:00-23:00 lies wholly within the campaign's quiet hours 21:00-08:00: nobody would ever get it,"
    " so name other hours"
)
NO_DAY = (
    "the send window 'noon' cannot be read ('noon' is no day of the week): write 09:00-17:00, or mon-fri 09:00-17:00,"
    " sat 10:00-12:00"
)


@pytest.mark.parametrize(("hours", "words"), [("22:00-23:00", ASLEEP), ("noon", NO_DAY)])
@pytest.mark.parametrize("verb", ["plan", "start"])
def test_hours_that_cannot_be_are_refused_in_one_sentence(postroom: Command, verb: str, hours: str, words: str) -> None:
    done = postroom("broadcast", verb, *TO_ALL, "--send-hours", hours, *(("--yes", "5") if verb == "start" else ()))
    assert (done.code, done.words) == (2, words)
    assert json.loads(postroom("broadcast", "list", "--json").out) == []


def test_a_broadcast_keeps_its_hours_from_confirm_to_ledger(postroom: Command) -> None:
    """Its window opens in some three hours by the clock in India, for a list of no campaign."""
    there = datetime.now(ZoneInfo("Asia/Kolkata"))
    opens, ends = there + timedelta(hours=3), there + timedelta(hours=4)
    hours = f"{opens:%H}:00-{ends:%H}:00"

    async def loose(office: Office) -> None:
        await add(office, *numbered(2, first=100, zone="Asia/Kolkata"), list_id=3)

    postroom.within(loose)
    to_loose = ("--list", "loose", *TO_ALL[2:])
    done = postroom("broadcast", "start", *to_loose, "--yes", "2", "--no-wait", "--send-hours", hours)
    assert done.code == 0
    (row,) = json.loads(postroom("broadcast", "list", "--json").out)
    assert row["send_hours"] == hours

    async def turn(office: Office) -> None:
        await office.broadcasts.feed()
        await leaves(office)

    postroom.within(turn)
    shown = postroom("broadcast", "show", "1").out
    assert f"leaves {hours} by the customer's clock" in shown and "2 are held, the first until" in shown
    assert json.loads(postroom("broadcast", "show", "1", "--json").out)["send_hours"] == hours
    rows = json.loads(postroom("broadcast", "ledger", "1", "--json").out)
    assert [(row["state"], row["reason"]) for row in rows] == [
        ("waiting", f"held until {opens:%H}:00 Asia/Kolkata (send window)")
    ] * 2
    written = postroom("broadcast", "ledger", "1", "--csv", "-").out
    assert written.count("(send window)") == 2

    async def opened(office: Office) -> None:
        await Broadcast.all().update(send_hours="00:00-24:00")
        await office.database.rows("UPDATE recipient SET due_at = 0")
        await turn(office)
        await office.broadcasts.feed()

    postroom.within(opened)
    (row,) = json.loads(postroom("broadcast", "list", "--json").out)
    assert (row["state"], row["sent"]) == ("done", 2)


def test_the_help_says_how_hours_are_written(postroom: Command) -> None:
    for verb in ("plan", "start"):
        told = " ".join(postroom("broadcast", verb, "--help").out.split())
        assert "--send-hours" in told and "mon-fri 09:00-17:00, sat 10:00-12:00" in told
