"""Campaigns: set up, renamed, deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import consent, journal, reach
from core.campaigns.lists import UNDER_WAY
from core.campaigns.naming import missing, named, right_name
from core.errors import NotFound, Refused, Wrong
from core.roles import supervisor_only
from core.text import harmless, one_line

if TYPE_CHECKING:
    from core.clock import Clock
    from core.store import Database

DEED = "set up campaigns"
KIND = "campaign"
ACCOUNTS = {"sms_account": "sms", "email_account": "email"}
TEMPLATES = {"first_try_sms": "sms", "first_try_email": "email", "no_contact_sms": "sms", "no_contact_email": "email"}
_QUIET = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_MOST_SAID = 10_000


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """What is set up of a campaign. Accounts are addresses, templates are names; empty = none."""

    name: str
    sms_account: str = ""
    email_account: str = ""
    first_try_sms: str = ""
    first_try_email: str = ""
    no_contact_sms: str = ""
    no_contact_email: str = ""
    quiet_hours: str = ""
    """`20:00-08:00` in the customer's zone."""
    region: str = ""
    """ISO 3166, how its lists' numbers are read; empty = the desk's."""
    most_messages: int = 0
    """A customer gets at most so many in `per_days`; 0 = no cap."""
    per_days: int = 7
    words: str = ""
    """What an agent says who rings."""
    results_folder: str = ""
    """Where a dialler leaves its files of results; empty = nowhere."""


class Campaigns:
    """Verbs on campaigns; `actor` is a login or `roles.COMMAND`. Each raises Refused to an agent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def save(self, settings: CampaignSettings, *, actor: str, new: bool = False, was: str = "") -> int:
        """Add a campaign, or change the one of that name (`was`: of that name before); its id.

        Raises Wrong for a value that cannot be, NotFound for an account or template, Refused.
        """
        look_at(settings)
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            columns = await self._columns(settings)
            rows = await self.database.rows("SELECT id, quiet_hours FROM campaign WHERE name = ?", was or settings.name)
            if rows and new:
                raise Refused(f"there is a campaign {settings.name} already")
            if was and not rows:
                raise NotFound(await missing(self.database, KIND, was))
            if was not in ("", settings.name) and await self.database.rows(
                "SELECT id FROM campaign WHERE name = ?", settings.name
            ):
                raise Refused(f"there is a campaign {settings.name} already: give {was} another name")
            if rows:
                campaign_id = int(rows[0]["id"])
                names = ", ".join(f"{name} = ?" for name in columns)
                await self.database.rows(f"UPDATE campaign SET {names} WHERE id = ?", *columns.values(), campaign_id)
                if rows[0]["quiet_hours"] != settings.quiet_hours:
                    await consent.hours_changed(self.database, campaign_id, self.clock.now())
            else:
                places = ", ".join("?" * len(columns))
                added = await self.database.rows(
                    f"INSERT INTO campaign ({', '.join(columns)}) VALUES ({places}) RETURNING id", *columns.values()
                )
                campaign_id = int(added[0]["id"])
            await self._tell(actor, "changed" if rows else "added", campaign_id, settings.name)
        return campaign_id

    async def delete(self, name: str, *, actor: str) -> None:
        """Delete a campaign, with its attempts and do-not-contact list. Raises NotFound; Refused with what hangs on it:
        lists, and broadcasts that are under way.
        """
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            rows = await self.database.rows("SELECT id FROM campaign WHERE name = ?", name)
            if not rows:
                raise NotFound(await missing(self.database, KIND, name))
            campaign_id = rows[0]["id"]
            lists = await self.database.rows(
                "SELECT name FROM customer_list WHERE campaign_id = ? ORDER BY name", campaign_id
            )
            if lists:
                said = f"campaign {name} has the lists {named(lists)}"
                raise Refused(f"{said}: move them to another campaign, or to none, first")
            broadcasts = await self.database.rows(
                f"SELECT b.name FROM broadcast b WHERE b.campaign_id = ? AND {UNDER_WAY} ORDER BY b.name", campaign_id
            )
            if broadcasts:
                said = f"campaign {name} has broadcasts under way ({named(broadcasts)})"
                raise Refused(f"{said}: cancel them, or wait for their end")
            counts = await self.database.rows(
                "SELECT (SELECT COUNT(*) FROM attempt WHERE campaign_id = ?) AS attempts,"
                " (SELECT COUNT(*) FROM do_not_contact WHERE campaign_id = ?) AS barred",
                campaign_id, campaign_id,
            )  # fmt: skip
            await self.database.rows("DELETE FROM campaign WHERE id = ?", campaign_id)
            gone = f"{name}, with {counts[0]['attempts']} attempts and {counts[0]['barred']} do-not-contact addresses"
            await self._tell(actor, "deleted", campaign_id, gone)

    async def _columns(self, settings: CampaignSettings) -> dict[str, object]:
        columns: dict[str, object] = {
            "name": settings.name,
            "quiet_hours": settings.quiet_hours,
            "region": settings.region,
            "most_messages": settings.most_messages,
            "per_days": settings.per_days,
            "words": settings.words,
            "results_folder": settings.results_folder,
        }
        for field, kind in ACCOUNTS.items():
            columns[f"{field}_id"] = await self._one("account", "address", "kind", getattr(settings, field), kind)
        for field, channel in TEMPLATES.items():
            columns[f"{field}_id"] = await self._one("template", "name", "channel", getattr(settings, field), channel)
        return columns

    async def _one(self, table: str, column: str, kind_column: str, name: str, kind: str) -> int | None:
        if not name:
            return None
        rows = await self.database.rows(
            f"SELECT {column} AS name, id FROM {table} WHERE {kind_column} = ? ORDER BY {column}", kind
        )
        for row in rows:
            if row["name"] == name:
                return int(row["id"])
        known = named(rows) or "none yet"
        what = f"{'SMS' if kind == 'sms' else 'e-mail'} {table}"
        raise NotFound(f"there is no {what} {one_line(name, 100)}; there are: {known}")

    async def _tell(self, actor: str, verb: str, campaign_id: int, text: str) -> None:
        await journal.append(actor=actor, verb=verb, kind=KIND, thing_id=campaign_id, text=text, at=self.clock.now())


def look_at(settings: CampaignSettings) -> None:
    """Raise Wrong for what no campaign can be; names of other things are looked up when it is saved."""
    right_name(settings.name, KIND)
    look_at_quiet_hours(settings.quiet_hours)
    if settings.region:
        from phonenumbers import SUPPORTED_REGIONS

        if settings.region not in SUPPORTED_REGIONS:
            raise Wrong(
                f"{one_line(settings.region, 20)} is no region: give a country's two capital letters, such as GB"
            )
    if not 0 <= settings.most_messages <= 1000:
        raise Wrong("a customer gets at most 0 (no cap) to 1,000 messages: give such a number")
    if not 1 <= settings.per_days <= 366:
        raise Wrong("messages are capped per 1 to 366 days: give such a number")
    if len(settings.results_folder) > 1024 or harmless(settings.results_folder, lines=False) != settings.results_folder:
        raise Wrong("the folder of a dialler's results must be a path without control characters")
    if settings.results_folder:
        reach.look_at_folder(Path(settings.results_folder))
    if len(settings.words) > _MOST_SAID or harmless(settings.words) != settings.words:
        raise Wrong(f"what an agent says must be text without control characters, {_MOST_SAID:,} characters at most")


def look_at_quiet_hours(text: str) -> None:
    """Raise Wrong unless it is empty or `HH:MM-HH:MM` with two different times."""
    if text and (not _QUIET.fullmatch(text) or text[:5] == text[6:]):
        raise Wrong(f"{one_line(text, 40)} are no quiet hours: write them as 20:00-08:00, in the customer's zone")
