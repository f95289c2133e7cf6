"""Rows of scripts and their versions, read and written in the caller's transaction (a `turn`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import NotFound, Refused
from core.models import Account, Person, Script, ScriptVersion
from core.scripts.names import missing

if TYPE_CHECKING:
    from core.scripts.turns import By

KIND = "script"
"""What the journal calls them."""
_VERSION = re.compile(r"v(\d+)\b")


async def script_names() -> list[str]:
    """All of them."""
    return [script.name for script in await Script.all().order_by("name")]


async def script_named(name: str) -> Script:
    """The script. Raises NotFound with those that are there."""
    script = await Script.get_or_none(name=name)
    if script is None:
        raise missing(KIND, name, await script_names())
    return script


async def version_of(script: Script, number: int) -> ScriptVersion:
    """One version. Raises NotFound with those that are there."""
    version = await ScriptVersion.get_or_none(script_id=script.id, number=number)
    if version is None:
        there = [f"v{one.number}" for one in await versions_of(script)]
        raise NotFound(f"script {script.name} has no v{number}; there are: {', '.join(there[:20]) or 'none yet'}")
    return version


async def versions_of(script: Script) -> list[ScriptVersion]:
    """All versions, the newest first."""
    return await ScriptVersion.filter(script_id=script.id).order_by("-number")


async def leading(script: Script) -> ScriptVersion | None:
    """The active version, else the newest one; None where there is none."""
    versions = await versions_of(script)
    return next((one for one in versions if one.number == script.active), versions[0] if versions else None)


async def add_script(by: By, name: str, description: str) -> Script:
    """A script without a version, of which `add_version` tells the journal; the name is not taken."""
    return await Script.create(name=name, description=description, created_at=by.at)


async def add_version(by: By, script: Script, source: str, remark: str) -> int:
    """One more version; its number, which no version of this script ever had."""
    number = await _next_number(by, script)
    author = await Person.get_or_none(login=by.actor)
    await ScriptVersion.create(
        script_id=script.id, number=number, source=source, author_id=author.id if author else None, at=by.at,
        remark=remark,
    )  # fmt: skip
    verb = "create" if number == 1 else "save"
    await by.write(verb, KIND, script.id, f"v{number} of {script.name}" + (f": {remark}" if remark else ""))
    return number


async def _next_number(by: By, script: Script) -> int:
    # A number that was given away is not given again, though its version was deleted: the journal speaks of it.
    newest = await ScriptVersion.filter(script_id=script.id).order_by("-number").first()
    lines = await by.database.rows(
        "SELECT text FROM journal WHERE kind = ? AND thing_id = ? AND verb IN ('create', 'save') ORDER BY id DESC"
        " LIMIT 1",
        KIND, script.id,
    )  # fmt: skip
    said = _VERSION.match(lines[0]["text"]) if lines else None
    return max(newest.number if newest else 0, int(said[1]) if said else 0) + 1


async def make_active(by: By, script: Script, number: int | None) -> int | None:
    """Let this version decide from now on, or none; the number of the one before."""
    before = script.active
    await Script.filter(id=script.id).update(active=number)
    after = f", after v{before}" if before else ""
    if number is None:
        await by.write("deactivate", KIND, script.id, f"{script.name} has no active version{after}")
    else:
        await by.write("activate", KIND, script.id, f"v{number} of {script.name}{after}")
    return before


async def once_active(by: By, script: Script) -> set[int]:
    """The versions that decided at some time, as the journal has it."""
    lines = await by.database.rows(
        "SELECT text FROM journal WHERE kind = ? AND thing_id = ? AND verb = 'activate'", KIND, script.id
    )
    return {int(found[1]) for line in lines if (found := _VERSION.match(line["text"]))}


async def accounts_of(script: Script) -> list[str]:
    """The addresses of the accounts that are routed by it."""
    return [account.address for account in await Account.filter(script_id=script.id).order_by("address")]


async def free(name: str, *, but: str = "") -> None:
    """Raise Refused when there is a script of this name, whatever its capitals; `but` is the one that may."""
    for other in await script_names():
        if other.casefold() == name.casefold() and other != but:
            raise Refused(f"there is a script {other} already: choose another name")
