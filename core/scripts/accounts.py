"""Which account is routed by which script, in the caller's transaction (a `turn`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import NotFound, Refused
from core.models import Account, Script
from core.routing.values import dumped
from core.scripts.rows import script_named
from core.scripts.values import right_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.routing.values import Value
    from core.scripts.turns import By


@dataclass(frozen=True, slots=True)
class AccountScript:
    """What routes an account."""

    script: str
    """Empty: its contacts go to its own queue."""
    settings: Mapping[str, Value]
    """What it says instead of the script's defaults."""


async def set_account_script(by: By, address: str, name: str, settings: Mapping[str, object] | None) -> AccountScript:
    """Set both; what was before. Raises NotFound, Wrong, Refused."""
    account = await Account.get_or_none(address=address.lower())
    if account is None:
        raise NotFound(f"there is no account {address}: `postroom account list` names them")
    script = await script_named(name) if name else None
    if script is not None and script.active is None:
        raise Refused(f"script {name} has no active version and would decide nothing: activate one first")
    old = await Script.get_or_none(id=account.script_id) if account.script_id else None
    before = AccountScript(old.name if old else "", json.loads(account.script_settings))
    after = AccountScript(name, before.settings if settings is None else right_settings(settings))
    if after != before:
        await Account.filter(id=account.id).update(
            script_id=script.id if script else None, script_settings=dumped(after.settings)
        )
        words = f"script {name or 'none'}" + (f", settings {', '.join(after.settings)}" if after.settings else "")
        await by.write("script", "account", account.id, f"{account.address}: {words}")
    return before
