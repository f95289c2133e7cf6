"""One thing of desk.toml entered at a screen: the same checks as for the file, told field by field."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from pydantic import ValidationError

from core import roles
from core.blueprint.applying import apply, merged
from core.blueprint.checking import mistakes
from core.blueprint.document import PASSWORD_KEYS, Document
from core.blueprint.mistakes import place, trouble
from core.blueprint.picture import Secret, picture_of_database, picture_of_file
from core.blueprint.reading import WrongBlueprint, parse_blueprint
from core.blueprint.routing import Json
from core.errors import Refused, Wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.blueprint.applying import Change
    from core.blueprint.picture import Picture
    from core.secrets import Vault
    from core.store import Database

SOURCE = "what was entered"
"""What sentences call it, where of a file they would say its path."""
_IDENTITY = {"account": "address", "gateway": "name", "queue": "name", "user": "login", "canned": "word"}
_SINGLE = ("desk", "outgoing_server")
_REFERRING = frozenset({"kind", "gateway"})
"""Keys that some sentences begin with and go on without a colon."""
_KEY = re.compile(r"[a-z][a-z_.]*")


@dataclass(frozen=True, slots=True)
class Stored:
    """The desk as it is stored, without its secrets: what a form begins with and is judged by."""

    picture: Picture

    def names(self, table: str) -> list[str]:
        """What there is of a table (`queue`, `gateway`, `class`, `account`, `user`), in the order it was made."""
        return list(self.picture[table])

    def values(self, table: str, name: str = "") -> dict[str, object]:
        """Values of one thing by key of desk.toml (`imap.host`), without its secrets; empty when it is not there.

        Entered again as they are they change nothing: a command for a password is among them only if there is one.
        """
        found = self.picture[table].get(name, {})
        return {
            key: value.value if isinstance(value, Json) else list(value) if isinstance(value, tuple) else value
            for key, value in found.items()
            if not isinstance(value, Secret) and (value or key not in PASSWORD_KEYS)
        }

    def secret_names(self, gateway: str) -> list[str]:
        """Names of the secrets that a gateway has."""
        found = self.picture["gateway"].get(gateway, {}).items()
        return [key.removeprefix("secrets.") for key, value in found if isinstance(value, Secret)]

    def document(self, table: str, values: Mapping[str, object]) -> dict[str, Any]:
        """What was entered as a desk.toml; the first queue of a desk is made with the account that names it."""
        entry: dict[str, Any] = {}
        for key, value in values.items():
            outer, dot, inner = key.partition(".")
            if dot:
                entry.setdefault(outer, {})[inner] = value
            else:
                entry[key] = value
        document = {table: entry if table in _SINGLE else [entry]}
        if table == "account" and not self.picture["queue"] and values.get("queue"):
            document["queue"] = [{"name": values["queue"]}]
        return document

    def mistakes(self, table: str, values: Mapping[str, object], *, new: bool) -> dict[str, str]:
        """What is wrong with what was entered, by key; under "" what belongs to no single one. Empty: all is well."""
        name = str(values.get(_IDENTITY.get(table, ""), ""))
        document = self.document(table, values)
        found: dict[str, str] = {}
        if new and name.lower() in (known.lower() for known in self.picture[table]):
            found[_IDENTITY[table]] = f"there is {name} already: choose another, or modify that one"
        try:
            Document.model_validate(document)
        except ValidationError as error:
            for one in error.errors(include_input=False):
                key = ".".join(str(part) for part in one["loc"][1:] if not isinstance(part, int))
                key = key if one["loc"][0] == table else str(one["loc"][0])
                found.setdefault(key, trouble(one))
            return found
        return found or self._misfits(table, name, document)

    def _misfits(self, table: str, name: str, document: dict[str, Any]) -> dict[str, str]:
        try:
            blueprint = parse_blueprint(tomlkit.dumps(document), source=SOURCE, folder=Path.cwd())
        except WrongBlueprint as error:
            return _keyed(error.lines, table, name)
        wanted = picture_of_file(blueprint, self.picture)
        return _keyed(mistakes(self.picture, wanted, merged(self.picture, wanted)), table, name)


async def stored_desk(database: Database) -> Stored:
    """Read it, in one moment."""
    async with database.transaction():
        return Stored(await picture_of_database(None))


async def enter(
    database: Database, vault: Vault, table: str, values: Mapping[str, object], *, actor: str, new: bool
) -> list[Change]:
    """Make one `account`, `gateway`, `user`, the `desk` or the `outgoing_server` what was entered, as `apply` would.

    `values` by key of desk.toml (`imap.host`); keys left out stay as they are. A queue that an account names is
    made with it while the desk has none. Raises Wrong with every mistake, one sentence each; Refused when a new
    one is there already, and to an agent.
    """
    await roles.supervisor_only(database, actor, roles.SET_UP)
    stored = await stored_desk(database)
    name = str(values.get(_IDENTITY.get(table, ""), ""))
    if new and name.lower() in (known.lower() for known in stored.picture[table]):
        raise Refused(f"there is {table} {name} already: modify that one")
    found = stored.mistakes(table, values, new=new)
    if found:
        raise Wrong("; ".join(f"{key} {words}".strip() for key, words in found.items()))
    blueprint = parse_blueprint(tomlkit.dumps(stored.document(table, values)), source=SOURCE, folder=Path.cwd())
    return await apply(database, vault, blueprint, actor=actor)


def read_keys(text: str) -> dict[str, object]:
    """Keys written as in desk.toml, one a line. Raises Wrong."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Wrong(f"that is not written as in desk.toml: {error}") from None


def write_keys(values: Mapping[str, object]) -> str:
    """The same as text."""
    return tomlkit.dumps(values) if values else ""


def _keyed(lines: list[str] | tuple[str, ...], table: str, name: str) -> dict[str, str]:
    """Sentences by the key that each begins with."""
    found: dict[str, str] = {}
    # A name that is taken in small letters stands so in the sentence.
    wheres = [f"{place(table, one)}: " for one in (name, name.lower())]
    for line in lines:
        words = line.removeprefix(f"{SOURCE}: ")
        for where in wheres:
            words = words.removeprefix(where)
        match = _KEY.match(words)
        key, rest = (match.group(), words[match.end() :]) if match else ("", words)
        if rest.startswith(":") or key in _REFERRING:
            found.setdefault(key, rest.lstrip(": "))
        else:
            found.setdefault("", words)
    return found
