"""Passwords that a desk.toml gives, in itself, in the environment or in files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.blueprint.document import PASSWORD_KEYS, Document, WithLogin, WithPassword
from core.blueprint.files import resolved
from core.blueprint.mistakes import place
from core.errors import Wrong

if TYPE_CHECKING:
    from pathlib import Path

MAX_PASSWORD_FILE = 65536


@dataclass(frozen=True, slots=True)
class GivenLogin:
    """How the file says that a login is proved; what it says of it replaces all that was stored of it."""

    password: str = field(default="", repr=False)
    password_command: str = field(default="", repr=False)
    token_command: str = field(default="", repr=False)


def given_logins(document: Document, folder: Path) -> tuple[dict[str, GivenLogin], list[str]]:
    """What the file says of logins, by account address, "" for the outgoing server; and what is wrong with it."""
    found: dict[str, GivenLogin] = {}
    lines: list[str] = []
    tables: list[tuple[str, str, WithLogin]] = [("account", account.address, account) for account in document.account]
    if document.outgoing_server:
        tables.append(("outgoing_server", "", document.outgoing_server))
    for table, name, entry in tables:
        if not entry.model_fields_set.intersection(PASSWORD_KEYS):
            continue
        try:
            found[name] = _given(entry, folder)
        except Wrong as err:
            lines.append(f"{place(table, name)}: {err}")
    return found, lines


def given_passwords(document: Document, folder: Path) -> tuple[dict[str, str], list[str]]:
    """What the file says of the passwords of users by login, and what is wrong with them."""
    found: dict[str, str] = {}
    lines: list[str] = []
    for entry in document.user:
        if not entry.model_fields_set.intersection(PASSWORD_KEYS):
            continue
        from core.people.passwords import look_at

        try:
            found[entry.login] = given = _password(entry, folder)
            if given:
                look_at(given)
        except Wrong as err:
            lines.append(f"{place('user', entry.login)}: {err}")
    return found, lines


def _given(entry: WithLogin, folder: Path) -> GivenLogin:
    return GivenLogin(
        password=_password(entry, folder),
        password_command=entry.password_command or "",
        token_command=entry.token_command or "",
    )


def _password(entry: WithPassword, folder: Path) -> str:
    if entry.password_env:
        return _from_environment(entry.password_env)
    if entry.password_file:
        return _from_file(resolved(folder, entry.password_file))
    return entry.password.get_secret_value() if entry.password else ""


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Wrong(f"password_env: the environment variable {name} is not set; set it and apply again")
    return _checked(value, "password_env")


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_PASSWORD_FILE).decode("utf-8", "surrogateescape")
    except OSError as err:
        raise Wrong(f"password_file: {path} cannot be read ({err.strerror})") from err
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise Wrong(f"password_file: {path} is empty")
    return _checked(value, "password_file")


def _checked(value: str, key: str) -> str:
    if any(mark in value for mark in "\r\n\0"):
        raise Wrong(f"{key}: what it leads to has more than one line; a password has one")
    return value
