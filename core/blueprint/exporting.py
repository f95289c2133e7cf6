"""The desk written down as a desk.toml: everything but its secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

from core.blueprint.picture import TABLES, picture_of_database, whole_overrides
from core.blueprint.routing import NEWEST, Json

if TYPE_CHECKING:
    from tomlkit.items import Item, Table

    from core.blueprint.picture import Values
    from core.store import Database

_IDENTITY = {"user": "login", "account": "address", "canned": "word"}
_HEAD = "Written by `postroom export`. Passwords are not in it: add password_env, password_file or password_command."
_UNSAID_INSIDE = ("ca_file", "sms", "email")
"""Keys of inline tables that are left out where they are empty."""
_SUBTABLES = frozenset({"receipt"})
"""Keys of a gateway that are too long for one line."""


async def export(database: Database) -> str:
    """The desk as TOML that `apply` makes an equal desk of. Passwords and gateways' secrets are left out."""
    async with database.transaction():  # one moment of all tables
        picture = await picture_of_database(None)
    document = tomlkit.document()
    document.add(tomlkit.comment(_HEAD))
    for table in TABLES:
        entries = [_entry(table, name, values) for name, values in picture[table].items()]
        if not entries:
            continue
        document.add(tomlkit.nl())
        if table in ("desk", "outgoing_server"):
            document.add(table, entries[0])
            continue
        listed = tomlkit.aot()
        for entry in entries:
            listed.append(entry)
        document.add(table, listed)
    return document.as_string()


def _entry(table: str, name: str, values: Values) -> Table:
    entry = tomlkit.table()
    if name:
        entry.add(_IDENTITY.get(table, "name"), _item(name))
    if table == "gateway":
        values = {"dialect": values["dialect"], **whole_overrides(values)}
    else:
        values = {key: value for key, value in _nested(values).items() if not _unsaid(table, key, value)}
    for key, value in values.items():
        if value is not None:
            entry.add(key, _item(value, as_table=key in _SUBTABLES))
    return entry


def _unsaid(table: str, key: str, value: object) -> bool:
    """What the file is no poorer without: an empty value that is the key's own default."""
    if isinstance(value, Json):
        return key == "settings" and value == "{}"
    return value in ("", (), {}) or key == NEWEST or (table == "script" and key == "active" and value is True)


def _nested(values: Values) -> Values:
    """`imap.host` and its kin under one key."""
    nested: dict[str, Any] = {}
    for key, value in values.items():
        outer, dot, inner = key.partition(".")
        if dot:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[key] = value
    for value in nested.values():
        for inner in _UNSAID_INSIDE if isinstance(value, dict) else ():
            if value.get(inner) == "":
                del value[inner]
    return nested


def _item(value: object, *, as_table: bool = False) -> Item:
    if isinstance(value, dict):
        table = tomlkit.table() if as_table else tomlkit.inline_table()
        for key, each in value.items():
            table.add(key, _item(each))
        return table
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for each in value:
            array.append(_item(each))
        return array.multiline(len(array) > 2)
    if isinstance(value, Json):
        return _item(value.value)
    if isinstance(value, str):
        return _text(value)
    return tomlkit.item(value)


def _text(text: str) -> Item:
    """Lines as lines where TOML has a form for them, else on one line with escapes."""
    if "\n" not in text:
        return tomlkit.string(text)
    if "'''" not in text and not text.endswith("'"):
        return tomlkit.value(f"'''\n{text}'''")  # a line end right behind the quotes is not of the text
    return tomlkit.string(text)
