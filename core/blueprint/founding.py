"""The people of a desk who enter themselves: whoever founds it, and whoever comes to work at it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit

from core.blueprint.applying import apply
from core.blueprint.entering import SOURCE, stored_desk
from core.blueprint.reading import parse_blueprint
from core.errors import Refused, Wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.blueprint.applying import Change
    from core.blueprint.entering import Stored
    from core.secrets import Vault
    from core.store import Database


async def found(
    database: Database, vault: Vault, desk: Mapping[str, object], person: Mapping[str, object]
) -> list[Change]:
    """Found a desk: its name, region and time zone, and its first person, who becomes its administrator.

    Raises Wrong with every mistake, one sentence each; Refused where somebody works at it already.
    """
    stored = await stored_desk(database)
    if stored.names("user"):
        raise Refused(f"this desk was founded meanwhile, by {stored.names('user')[0]}: start Postroom anew")
    wanted = {"desk": desk, "user": {**person, "role": "administrator"}}
    return await _entered(database, vault, stored, wanted, str(person["login"]), verb="found")


async def join(database: Database, vault: Vault, person: Mapping[str, object]) -> list[Change]:
    """Let somebody new work at a desk: as an agent, or as its administrator where it has nobody above agents.

    Raises Wrong with every mistake, one sentence each.
    """
    stored = await stored_desk(database)
    led = any(stored.values("user", known)["role"] != "agent" for known in stored.names("user"))
    wanted = {"user": {**person, "role": "agent" if led else "administrator"}}
    return await _entered(database, vault, stored, wanted, str(person["login"]), verb="apply")


async def _entered(
    database: Database,
    vault: Vault,
    stored: Stored,
    wanted: Mapping[str, Mapping[str, object]],
    actor: str,
    *,
    verb: str,
) -> list[Change]:
    wrong: list[str] = []
    document: dict[str, object] = {}
    for table, values in wanted.items():
        found = stored.mistakes(table, values, new=table == "user")
        wrong += [f"{key} {words}".strip() for key, words in found.items()]
        document |= stored.document(table, values)
    if wrong:
        raise Wrong("; ".join(wrong))
    blueprint = parse_blueprint(tomlkit.dumps(document), source=SOURCE, folder=Path.cwd())
    return await apply(database, vault, blueprint, actor=actor, verb=verb)
