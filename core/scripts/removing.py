"""Deleting scripts and versions, and having them back, in the caller's transaction (a `turn`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused
from core.models import Person, Script, ScriptVersion
from core.scripts import rows
from core.scripts.names import some

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.scripts.turns import By


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version as it was when it was deleted."""

    number: int
    source: str
    author: str
    """Login; empty where nobody is known."""
    at: datetime
    remark: str
    locked: bool


@dataclass(frozen=True, slots=True)
class KeptScript:
    """What was deleted of a script: what `Scripts.put_back` makes again."""

    name: str
    description: str
    active: int | None
    created_at: datetime
    versions: tuple[KeptVersion, ...]


async def delete_version(by: By, name: str, number: int) -> KeptScript:
    """Delete one version of several. Raises Refused when it is active, locked or the last one."""
    script = await rows.script_named(name)
    version = await rows.version_of(script, number)
    if script.active == number:
        raise Refused(f"v{number} of {name} is active: activate another one first")
    if version.locked:
        raise Refused(f"v{number} of {name} is locked: unlock it first")
    if len(await rows.versions_of(script)) == 1:
        raise Refused(f"v{number} is all there is of {name}: delete the script")
    kept = await _kept(script, [version])
    await version.delete()
    await by.write("delete", rows.KIND, script.id, f"v{number} of {name}")
    return kept


async def delete_script(by: By, name: str) -> KeptScript:
    """Delete a script with all its versions. Raises Refused while an account uses it or a version is locked."""
    script = await rows.script_named(name)
    if accounts := await rows.accounts_of(script):
        raise Refused(f"script {name} routes {some(accounts)}: give each of them another one first")
    versions = await rows.versions_of(script)
    if locked := [f"v{version.number}" for version in versions if version.locked]:
        raise Refused(f"script {name} has locked versions ({some(locked)}): unlock them first")
    kept = await _kept(script, versions)
    await script.delete()
    await by.write("delete", rows.KIND, script.id, f"{name} with {len(versions)} versions")
    return kept


async def put_back(by: By, kept: KeptScript) -> None:
    """Make again what was deleted. Raises Refused when another one has taken its name or number."""
    script = await Script.get_or_none(name=kept.name, created_at=kept.created_at)
    if script is None:
        await rows.free(kept.name)
        script = await Script.create(
            name=kept.name, description=kept.description, active=kept.active, created_at=kept.created_at
        )
    there = {version.number for version in await rows.versions_of(script)}
    for version in kept.versions:
        if version.number in there:
            raise Refused(f"there is another v{version.number} of {kept.name} by now")
        author = await Person.get_or_none(login=version.author)
        await ScriptVersion.create(
            script_id=script.id, number=version.number, source=version.source, author_id=author.id if author else None,
            at=version.at, remark=version.remark, locked=version.locked,
        )  # fmt: skip
    numbers = [f"v{version.number}" for version in kept.versions]
    await by.write("put back", rows.KIND, script.id, f"{some(numbers)} of {kept.name}")


async def _kept(script: Script, versions: Sequence[ScriptVersion]) -> KeptScript:
    logins = {person.id: person.login for person in await Person.all()}
    return KeptScript(
        script.name,
        script.description,
        script.active,
        script.created_at,
        tuple(
            KeptVersion(one.number, one.source, logins.get(one.author_id or 0, ""), one.at, one.remark, one.locked)
            for one in versions
        ),
    )
