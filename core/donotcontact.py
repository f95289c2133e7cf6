"""Do-not-contact lists by hand: addresses that a campaign, or the whole desk, is not to write to."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from core import consent, journal
from core.campaigns.tables import Unread, opened
from core.clock import from_moment
from core.errors import NotFound, Wrong
from core.formulas import unguarded
from core.models.states import Channel
from core.roles import supervisor_only
from core.sms import to_e164
from core.store.searching import containing
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from core.campaigns.tables import Table
    from core.clock import Clock
    from core.store import Database

DEED = "change do-not-contact lists"
AT_ONCE = 2_000
MOST_BAD = 1_000
_ENTRY = (
    "d.address, d.channel, COALESCE(c.name, '') AS campaign, d.source, d.at FROM do_not_contact d"
    " LEFT JOIN campaign c ON c.id = d.campaign_id"
)
_HEADINGS = frozenset(("number", "phone", "telephone", "mobile", "email", "e-mail", "address", "mail"))


@dataclass(frozen=True, slots=True)
class Entry:
    """An address on a list."""

    address: str
    channel: str
    campaign: str
    """Empty = the whole desk."""
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file brought."""

    added: int
    known: int
    """Addresses that were on the list already."""
    bad: tuple[tuple[int, str], ...]
    """Line and reason; the first `MOST_BAD`."""
    bad_count: int


class DoNotContacts:
    """The verbs; `actor` is a login or `roles.COMMAND`. What leaves is judged in `core.consent`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def add(self, written: str, *, actor: str, campaign: str = "", reason: str = "recorded by hand") -> bool:
        """Put a number or e-mail address on a list; False when it was on it. Raises Wrong, NotFound, Refused."""
        channel, address = _address(written, await self._region(campaign))
        return await self._add([(channel, address)], campaign, f"{reason} ({actor})", actor, one_line(address, 320)) > 0

    async def remove(self, written: str, *, actor: str, campaign: str = "", reason: str = "") -> bool:
        """Take an address off a list; False when it was not on it. Raises Wrong, NotFound, Refused."""
        channel, address = _address(written, await self._region(campaign))
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            campaign_id = await self._campaign(campaign)
            done = await consent.allow(self.database, channel, address, campaign_id=campaign_id)
            if done:
                await self._tell(actor, "may be contacted", campaign, campaign_id, _why(address, reason))
        return done

    async def take_off(self, ids: Sequence[int], *, actor: str, reason: str = "") -> list[Entry]:
        """Take these entries off their lists, all or none; those that were there, as they stood. Raises Refused."""
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            stood: dict[int, tuple[int | None, Entry]] = {}
            for start in range(0, len(ids), consent.MOST_AT_ONCE):
                part = ids[start : start + consent.MOST_AT_ONCE]
                rows = await self.database.rows(
                    f"SELECT d.id, d.campaign_id, {_ENTRY} WHERE d.id IN ({', '.join('?' * len(part))})", *part
                )
                stood |= {row["id"]: (row["campaign_id"], _entry(row)) for row in rows}
            gone = await consent.allow_these(self.database, ids)
            taken = [stood[one] for one in ids if one in gone]
            for campaign_id, entry in taken:
                await self._tell(actor, "may be contacted", entry.campaign, campaign_id, _why(entry.address, reason))
        return [entry for _, entry in taken]

    async def put_back(self, entries: Sequence[Entry], *, actor: str) -> int:
        """Put on their lists again what was taken off, with sources and moments, all or none; how many were not there.

        Raises Refused, and NotFound where a campaign is there no more.
        """
        added = 0
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            campaigns = {name: await self._campaign(name) for name in {one.campaign for one in entries}}
            for entry in entries:
                campaign_id = campaigns[entry.campaign]
                if await consent.forbid(
                    self.database, [(Channel(entry.channel), entry.address)],
                    campaign_id=campaign_id, source=entry.source, at=entry.at,
                ):  # fmt: skip
                    text = f"{entry.address}: taken back"
                    await self._tell(actor, "do not contact", entry.campaign, campaign_id, text)
                    added += 1
        return added

    async def take_in(
        self, path: Path, *, actor: str, campaign: str = "", progress: Callable[[int], None] | None = None
    ) -> TakenIn:
        """Put every address of a file on a list: one a line, or a table's first column of numbers or addresses.

        Millions in constant memory, some thousands a transaction; a file that comes again adds what is new in it.
        """
        region = await self._region(campaign)
        with ExitStack() as open_file:
            table = await asyncio.to_thread(open_file.enter_context, opened(path))
            return await self._take_in(_lines(table), path.name, region, actor, campaign, progress)

    async def _take_in(
        self,
        lines: Iterator[tuple[int, str, str]],
        file: str,
        region: str,
        actor: str,
        campaign: str,
        progress: Callable[[int], None] | None,
    ) -> TakenIn:
        added = known = bad_count = 0
        bad: list[tuple[int, str]] = []
        while part := await asyncio.to_thread(_some, lines):
            entries: dict[tuple[Channel, str], None] = {}
            for number, text, problem in part:
                try:
                    if problem:
                        raise Wrong(problem)
                    entries[_address(text, region)] = None
                except Wrong as error:
                    bad_count += 1
                    if len(bad) < MOST_BAD:
                        bad.append((number, str(error)))
            what = f"{len(entries)} addresses of {one_line(file, 200)}"
            new = await self._add(list(entries), campaign, one_line(file, 200), actor, what) if entries else 0
            added, known = added + new, known + len(entries) - new
            if progress is not None:
                progress(added + known + bad_count)
        return TakenIn(added, known, tuple(bad), bad_count)

    async def _add(self, entries: list[tuple[Channel, str]], campaign: str, source: str, actor: str, what: str) -> int:
        async with self.database.transaction():
            await supervisor_only(self.database, actor, DEED)
            campaign_id = await self._campaign(campaign)
            added = await consent.forbid(
                self.database, entries, campaign_id=campaign_id, source=source, at=self.clock.now()
            )
            if added:
                await self._tell(actor, "do not contact", campaign, campaign_id, what)
        return added

    async def _campaign(self, name: str) -> int | None:
        if not name:
            return None
        rows = await self.database.rows("SELECT id FROM campaign WHERE name = ?", name)
        if not rows:
            raise NotFound(f"there is no campaign {one_line(name, 100)}: 'postroom campaign list' shows them")
        return int(rows[0]["id"])

    async def _region(self, campaign: str) -> str:
        rows = await self.database.rows(
            "SELECT COALESCE((SELECT NULLIF(region, '') FROM campaign WHERE name = ?), region) AS region"
            " FROM desk WHERE id = 1",
            campaign,
        )
        return str(rows[0]["region"])

    async def _tell(self, actor: str, verb: str, campaign: str, campaign_id: int | None, what: str) -> None:
        kind = "campaign" if campaign else "desk"
        await journal.append(
            actor=actor, verb=verb, kind=kind, thing_id=campaign_id, text=what, at=self.clock.now()
        )  # fmt: skip


async def entries(database: Database, *, campaign: str | None = None, words: str = "", limit: int = 500) -> list[Entry]:
    """Who is on the lists, newest first. `campaign`: only that one's; empty = only the desk's; None = all."""
    clause, values = "", list[object]()
    if campaign is not None:
        clause, values = " AND COALESCE(c.name, '') = ?", [campaign]
    rows = await database.read(
        f"SELECT {_ENTRY} WHERE d.address LIKE ? ESCAPE '!'{clause}"
        f" ORDER BY d.id DESC LIMIT {int(limit)}",
        containing(words.strip()), *values,
    )  # fmt: skip
    return [_entry(row) for row in rows]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(row["address"], row["channel"], row["campaign"], row["source"], from_moment(row["at"]))


def _why(address: str, reason: str) -> str:
    return f"{address}: {one_line(reason, 200)}" if reason else address


def _address(written: str, region: str) -> tuple[Channel, str]:
    text = unguarded(written.strip())
    if "@" in text:
        if len(text) > 320 or any(char.isspace() or not char.isprintable() for char in text):
            raise Wrong(f"{one_line(text, 60)} is no e-mail address")
        return Channel.EMAIL, text.lower()
    return Channel.SMS, to_e164(text, region)


def _lines(table: Table) -> Iterator[tuple[int, str, str]]:
    """The number of a line, its address, and what is wrong with the line. Raises Wrong."""
    names = [unguarded(cell.strip()).lower() for cell in table.first[1]]
    found = [at for at, name in enumerate(names) if name in _HEADINGS]
    at = found[0] if found else 0
    for line, cells in table.rows if found else chain([table.first], table.rows):
        if isinstance(cells, Unread):
            yield line, "", cells[0]
        elif len(cells) > at and cells[at].strip():
            yield line, cells[at], ""


def _some(lines: Iterator[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    return list(islice(lines, AT_ONCE))
