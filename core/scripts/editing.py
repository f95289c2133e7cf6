"""What a person does with scripts and their versions: each verb one transaction, one change, one line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused
from core.models import Account, Person, Script, ScriptVersion
from core.routing.ready_made import ReadyMade, ready_made
from core.scripts import removing, rows
from core.scripts.accounts import AccountScript, set_account_script
from core.scripts.names import LONGEST_WORDS, missing, right_script_name, right_words, some
from core.scripts.sources import right_source
from core.scripts.turns import turn
from core.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.clock import Clock
    from core.routing.problem import Problem
    from core.scripts.checking import Checking
    from core.scripts.removing import KeptScript
    from core.scripts.uses import Uses
    from core.store import Database


class DoesNotCheck(Refused):
    """A version that is not right cannot be activated."""

    def __init__(self, name: str, number: int, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        more = f" ({len(problems) - 1} more are wrong)" if len(problems) > 1 else ""
        super().__init__(
            f"v{number} of {name} is kept and not active: it is not right, line {first.line}: {first.message}{more}"
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Activated:
    """What decides now, and what did before."""

    number: int
    before: int | None


class Scripts:
    """Verbs on scripts; `actor` is a login or `roles.COMMAND`. All raise Refused to an agent, NotFound, Wrong."""

    def __init__(self, database: Database, clock: Clock, checking: Checking, uses: Uses) -> None:
        self.database = database
        self.clock = clock
        self.checking = checking
        self.uses = uses

    # -- writing ---------------------------------------------------------------------------------------------------

    async def create(self, name: str, source: str, *, actor: str, description: str = "", remark: str = "") -> int:
        """Make a script with its first version, which is not active yet: 1. Raises Refused when there is one."""
        right_script_name(name)
        source, description = right_source(source), right_words(description, "description")
        remark = right_words(remark, "remark")
        async with turn(self.database, self.clock, actor) as by:
            await rows.free(name)
            script = await rows.add_script(by, name, description)
            return await rows.add_version(by, script, source, remark)

    async def save(self, name: str, source: str, *, actor: str, remark: str = "", known: int | None = None) -> int:
        """Make a new version; its number. It is not active yet, and need not be right.

        `known`: the newest version that the writer has seen. Raises Refused when there is a newer one, or when the
        newest one says the same.
        """
        source, remark = right_source(source), right_words(remark, "remark")
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            newest = next(iter(await rows.versions_of(script)), None)
            if newest is not None and known is not None and newest.number > known:
                raise Refused(f"{await _author(newest)} saved v{newest.number} of {name} meanwhile: look at that first")
            if newest is not None and newest.source == source:
                raise Refused(f"v{newest.number} of {name} says the same: nothing was saved")
            return await rows.add_version(by, script, source, remark)

    async def copy(self, name: str, new_name: str, *, actor: str, number: int | None = None) -> int:
        """Make another script of a version of this one (else of the active, else of the newest one): 1."""
        script = await rows.script_named(name)
        version = await rows.leading(script) if number is None else await rows.version_of(script, number)
        if version is None:
            raise Refused(f"script {name} has no version to copy: save one first")
        remark = f"copied from v{version.number} of {name}"
        return await self.create(new_name, version.source, actor=actor, description=script.description, remark=remark)

    async def create_from(self, model: str, name: str, *, actor: str) -> int:
        """Make a script of a ready-made one (`core.routing.ready_made`): 1. Raises NotFound."""
        found = ready_made_named(model)
        remark = f"from the ready-made script {model}"
        return await self.create(
            name, found.source, actor=actor, description=one_line(found.description, LONGEST_WORDS), remark=remark
        )

    async def rename(self, name: str, new_name: str, *, actor: str) -> None:
        """Give it another name. Raises Refused with the active scripts that load it by the old one."""
        right_script_name(new_name)
        loading = await self.uses.active(rows.KIND, name)
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            await rows.free(new_name, but=name)
            if loading:
                raise Refused(f"script {name} is loaded by {some(loading)}: change that first")
            await Script.filter(id=script.id).update(name=new_name)
            await by.write("rename", rows.KIND, script.id, f"{name} is {new_name} now")

    async def describe(self, name: str, description: str, *, actor: str) -> str:
        """Say what it is for; what was said before."""
        description = right_words(description, "description")
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            if script.description != description:
                await Script.filter(id=script.id).update(description=description)
                await by.write("describe", rows.KIND, script.id, f"{name}: {description}")
        return script.description

    async def set_remark(self, name: str, number: int, remark: str, *, actor: str) -> str:
        """Remark on a version; what was remarked before. Raises Refused while it is locked."""
        remark = right_words(remark, "remark")
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            version = await rows.version_of(script, number)
            if version.locked:
                raise Refused(f"v{number} of {name} is locked: unlock it first")
            if version.remark != remark:
                await ScriptVersion.filter(id=version.id).update(remark=remark)
                await by.write("remark", rows.KIND, script.id, f"v{number} of {name}: {remark}")
        return version.remark

    async def set_locked(self, name: str, number: int, locked: bool, *, actor: str) -> bool:
        """Lock a version, so that it is neither deleted nor remarked on, or unlock it; False when it was so already."""
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            version = await rows.version_of(script, number)
            changed = await ScriptVersion.filter(id=version.id, locked=not locked).update(locked=locked)
            if changed:
                await by.write("lock" if locked else "unlock", rows.KIND, script.id, f"v{number} of {name}")
        return bool(changed)

    # -- deciding --------------------------------------------------------------------------------------------------

    async def activate(self, name: str, number: int, *, actor: str) -> Activated:
        """Let a version decide from the next contact on: to publish, and to go back. Raises DoesNotCheck."""
        version = await rows.version_of(await rows.script_named(name), number)
        problems = await self.checking.activation(name, version.source)
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            await rows.version_of(script, number)
            if problems:
                raise DoesNotCheck(name, number, problems)
            if script.active == number:
                return Activated(number, number)
            return Activated(number, await rows.make_active(by, script, number))

    async def publish(self, name: str, source: str, *, actor: str, remark: str = "") -> Activated:
        """Save a source unless the newest version says the same, and activate it. Raises DoesNotCheck: saved only."""
        script = await Script.get_or_none(name=name)
        newest = next(iter(await rows.versions_of(script)), None) if script is not None else None
        if script is None:
            number = await self.create(name, source, actor=actor, remark=remark)
        elif newest is not None and newest.source == right_source(source):
            number = newest.number
        else:
            number = await self.save(name, source, actor=actor, remark=remark)
        return await self.activate(name, number, actor=actor)

    async def roll_back(self, name: str, *, actor: str) -> Activated:
        """Activate the version that decided before: the next lower one that ever did. Raises Refused without one."""
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            there = {version.number for version in await rows.versions_of(script)}
            was = [number for number in await rows.once_active(by, script) if number < (script.active or 1 << 31)]
        if not there.intersection(was):
            raise Refused(f"no earlier version of {name} was ever active: activate one by its number")
        return await self.activate(name, max(there.intersection(was)), actor=actor)

    async def deactivate(self, name: str, *, actor: str) -> int | None:
        """Let no version decide: contacts go to their account's own queue; the version that did until now."""
        async with turn(self.database, self.clock, actor) as by:
            script = await rows.script_named(name)
            return await rows.make_active(by, script, None) if script.active else None

    async def set_on_account(
        self, address: str, name: str, settings: Mapping[str, object] | None = None, *, actor: str
    ) -> AccountScript:
        """Route an account by a script ("" = by none), with settings of its own (None: as they are); what was before.

        Raises Refused for a script without an active version, which would decide nothing.
        """
        problems = await self.checking.as_router(name, await self._settings(address, settings)) if name else ()
        async with turn(self.database, self.clock, actor) as by:
            before = await set_account_script(by, address, name, settings)
            if problems:
                raise Refused(f"script {name} cannot route an account, line {problems[0].line}: {problems[0].message}")
        return before

    async def _settings(self, address: str, settings: Mapping[str, object] | None) -> Mapping[str, object]:
        if settings is not None:
            return settings
        account = await Account.get_or_none(address=address.lower())
        return dict(json.loads(account.script_settings)) if account else {}

    # -- deleting --------------------------------------------------------------------------------------------------

    async def delete_version(self, name: str, number: int, *, actor: str) -> KeptScript:
        """Delete a version; what `put_back` needs. Raises Refused when it is active, locked or the last one."""
        async with turn(self.database, self.clock, actor) as by:
            return await removing.delete_version(by, name, number)

    async def delete(self, name: str, *, actor: str) -> KeptScript:
        """Delete a script with all its versions; what `put_back` needs.

        Raises Refused with the accounts it routes, the active scripts that load it, or its locked versions.
        """
        loading = await self.uses.active(rows.KIND, name)
        async with turn(self.database, self.clock, actor) as by:
            kept = await removing.delete_script(by, name)
            if loading:
                raise Refused(f"script {name} is loaded by {some(loading)}: change that first")
        return kept

    async def put_back(self, kept: KeptScript, *, actor: str) -> None:
        """Have a deleted script or version again as it was; its runs no longer know it. Raises Refused."""
        async with turn(self.database, self.clock, actor) as by:
            await removing.put_back(by, kept)


async def _author(version: ScriptVersion) -> str:
    person = await Person.get_or_none(id=version.author_id) if version.author_id else None
    return person.login if person else "the command"


def ready_made_named(name: str) -> ReadyMade:
    """The ready-made script. Raises NotFound with those that are there."""
    for found in ready_made():
        if found.name == name:
            return found
    raise missing("ready-made script", name, [found.name for found in ready_made()])
