"""Passwords of users in a desk.toml: what is kept of each, found out before any transaction, since hashing is slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.blueprint.reading import Blueprint


async def kept_passwords(blueprint: Blueprint) -> dict[str, str]:
    """By login what is to stand in the database: the hash that stands there, where the password is the same."""
    if not blueprint.passwords:
        return {}
    from core.models import Person

    stored = dict(await Person.filter(login__in=list(blueprint.passwords)).values_list("login", "password"))
    return await asyncio.to_thread(_hashes, blueprint.passwords, stored)


def _hashes(passwords: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    from core.people.passwords import hashed, verified

    found: dict[str, str] = {}
    for login, password in passwords.items():
        kept = stored.get(login, "")
        same = bool(kept) and verified(kept, password)
        found[login] = kept if same else hashed(password) if password else ""
    return found
