"""Writing into the database what a blueprint says and is not so yet, in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from core import journal
from core.blueprint.campaigns import wrong_campaigns_of_accounts
from core.blueprint.checking import mistakes
from core.blueprint.people import kept_passwords
from core.blueprint.picture import TABLES, Secret, picture_of_database, picture_of_file
from core.blueprint.reading import WrongBlueprint
from core.blueprint.routing import script_fields, wrong_scripts
from core.blueprint.writing import Writer
from core.scripts.turns import By

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.blueprint.picture import Picture, Values
    from core.blueprint.reading import Blueprint
    from core.secrets import Vault
    from core.store import Database

_MOST_WORDS = 2000
_KINDS = {"outgoing_server": "outgoing server"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as the file says."""

    kind: str
    """`account`, `queue`, `outgoing server`, ..."""
    name: str
    """Empty for the desk and the outgoing server, of which there is one."""
    what: Literal["add", "change"]
    fields: Mapping[str, tuple[str, str]]
    """Key of desk.toml -> old and new value as they may be shown; a secret is `(secret)`."""

    remark: str = ""
    """What did not become so: a script that is not right is saved and not activated."""

    @property
    def words(self) -> str:
        """`queue front added`, `account x@y changed (queue, imap.port)`."""
        thing = f"{self.kind} {self.name}".rstrip()
        return f"{thing} added" if self.what == "add" else f"{thing} changed ({', '.join(self.fields)})"


async def apply(
    database: Database, vault: Vault, blueprint: Blueprint, *, actor: str, dry_run: bool = False, verb: str = "apply"
) -> list[Change]:
    """Make the desk what the file says; what the file does not speak of stays as it is. The changes made.

    `verb`: what the journal calls it. With `dry_run` nothing is written. Raises WrongBlueprint with every mistake
    when the file does not fit the database (a name that does not exist, say); then nothing is written either.
    """
    wrong, hashes = await _wrong_scripts(blueprint), await kept_passwords(blueprint)
    if dry_run:
        changes, _ = await _plan(vault, blueprint, wrong, hashes)
        return changes
    async with database.transaction():
        # Two that apply at once take their turns: SQLite has one writer anyway.
        await database.rows("SELECT id FROM desk WHERE id = 1" + ("" if database.is_sqlite else " FOR UPDATE"))
        changes, wanted = await _plan(vault, blueprint, wrong, hashes)
        writer = Writer(database, vault, By(database, actor, datetime.now(UTC)))
        for change, (table, values) in zip(changes, wanted, strict=True):
            await writer.write(table, change.name, values, new=change.what == "add")
        if changes:
            text = "; ".join(change.words for change in changes)
            await journal.append(actor=actor, verb=verb, kind="desk", thing_id=1, text=text[:_MOST_WORDS])
    return changes


async def _wrong_scripts(blueprint: Blueprint) -> dict[str, str]:
    """Why which scripts cannot be activated: found out in a process of its own, before any transaction."""
    if not blueprint.document.script:
        return {}
    from core.routing.sandbox import Sandbox

    stored = await picture_of_database(None)
    wanted = picture_of_file(blueprint, stored)
    after = merged(stored, wanted)
    if mistakes(stored, wanted, after):
        return {}
    async with Sandbox() as sandbox:
        return await wrong_scripts(stored, wanted, after, sandbox)


async def _plan(
    vault: Vault, blueprint: Blueprint, wrong: Mapping[str, str], hashes: Mapping[str, str]
) -> tuple[list[Change], list[tuple[str, Values]]]:
    """The changes, and for each its table and all the values that thing shall have."""
    stored = await picture_of_database(vault)
    wanted = picture_of_file(blueprint, stored, hashes)
    after = merged(stored, wanted)
    lines = [*mistakes(stored, wanted, after), *wrong_campaigns_of_accounts(blueprint.document, after)]
    if lines:
        raise WrongBlueprint([f"{blueprint.source}: {line}" for line in lines])
    changes: list[Change] = []
    values: list[tuple[str, Values]] = []
    for table in TABLES:
        for name in wanted[table]:
            old, new = stored[table].get(name), after[table][name]
            fields = {key: new[key] for key in new if old is None or old.get(key) != new[key]}
            if table == "script":
                fields = script_fields(old, wanted[table][name], wrong.get(name, ""))
            if old is not None and not fields:
                continue
            shown = {key: (_shown((old or {}).get(key), key), _shown(value, key)) for key, value in fields.items()}
            remark = f"not activated: {wrong[name]}" if table == "script" and name in wrong else ""
            kind = _KINDS.get(table, table)
            changes.append(Change(kind, name, "add" if old is None else "change", shown, remark))
            whole = table == "gateway" or (old is None and table != "script")
            values.append((table, new if whole else fields))
    return changes, values


def merged(stored: Picture, wanted: Picture) -> Picture:
    """What would stand in the database once `wanted` is written."""
    after = {table: dict(things) for table, things in stored.items()}
    for table, things in wanted.items():
        for name, values in things.items():
            after[table][name] = {**stored[table].get(name, {}), **values}
    return after


def _shown(value: object, key: str = "") -> str:
    """A value as a person reads it; never a secret."""
    if key == "source" and isinstance(value, str):
        return f"{value.count(chr(10))} lines"
    if isinstance(value, str | Secret):
        return str(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
