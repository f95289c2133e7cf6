"""From the text of a desk.toml to a blueprint, or to every mistake in it at once, one line each."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from core.blueprint.document import PASSWORD_KEYS, Document, WithLogin, WithPassword
from core.blueprint.hints import did_you_mean
from core.errors import Wrong
from core.scripts.sources import right_source
from core.text import harmless, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

    from core.blueprint.document import GatewayTable

MAX_FILE = 4 * 2**20
"""Octets of a desk.toml; a desk of thousands of accounts is a tenth of that."""
MAX_PASSWORD_FILE = 65536
MAX_TEXT_FILE = 2**18

_SINGLE = ("desk", "outgoing_server")
_IDENTITY = {"account": "address", "user": "login", "canned": "word"}
"""What a table is known by where it is not its name."""
_TYPES = {
    "missing": "is missing",
    "int_type": "must be a whole number",
    "string_type": "must be a text in quotes",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "string_too_short": "must not be empty",
}


class WrongBlueprint(Wrong):
    """The desk.toml has mistakes."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)
        """One mistake each: file, table, key, what is wrong with it."""


@dataclass(frozen=True, slots=True)
class GivenLogin:
    """How the file says that a login is proved; what it says of it replaces all that was stored of it."""

    password: str = field(default="", repr=False)
    password_command: str = field(default="", repr=False)
    token_command: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A desk.toml that was read and is in itself right; whether it fits the database is seen by `apply`."""

    source: str
    """What to call the file in a sentence."""
    folder: Path
    """Relative paths in the file start here."""
    document: Document
    logins: Mapping[str, GivenLogin]
    """By account address, "" for the outgoing server; only those that the file speaks of."""

    texts: Mapping[tuple[str, str, str], str]
    """What scripts and templates say, in the file or in files of their own, by table, name and key."""

    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of users by login, only those that the file speaks of; empty = none any more."""

    def path(self, text: str) -> str:
        """A path of the file made absolute; empty stays empty."""
        return str(_resolved(self.folder, text)) if text else ""


def read_blueprint(path: Path) -> Blueprint:
    """Read a desk.toml. Raises Wrong when it cannot be read, WrongBlueprint with all its mistakes."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
        text = raw.decode("utf-8-sig")
    except OSError as err:
        raise Wrong(f"{path} cannot be read ({err.strerror}): check the path") from err
    except UnicodeDecodeError as err:
        raise Wrong(f"{path} is not text in UTF-8: save it as UTF-8") from err
    if len(raw) > MAX_FILE:
        raise Wrong(f"{path} is larger than {MAX_FILE // 2**20} MB: that is no desk.toml")
    return parse_blueprint(text, source=str(path), folder=path.absolute().parent)


def parse_blueprint(text: str, *, source: str, folder: Path) -> Blueprint:
    """The same from a text; `source` is its name in errors."""
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as err:
        raise Wrong(f"{source} is not TOML: {err}") from None
    document, lines = _validated(raw, source)
    if document is not None:
        lines += [f"{source}: {line}" for line in (*_nuls(raw), *_duplicates(document), *_dialect_keys(document))]
        logins, troubles = _logins(document, folder)
        texts, more = _texts(document, folder)
        passwords, wrong = _passwords(document, folder)
        lines += [f"{source}: {line}" for line in (*troubles, *more, *wrong)]
    if lines or document is None:
        raise WrongBlueprint(lines)
    return Blueprint(source, folder, document, logins, texts, passwords)


def place(table: str, name: str) -> str:
    """A table as it is written in the file, with what it is known by."""
    return f"[{table}]" if table in _SINGLE else f"[[{table}]] {one_line(name, 80)}"


# -- mistakes of form ----------------------------------------------------------------------------------------------


def _validated(raw: dict[str, Any], source: str) -> tuple[Document | None, list[str]]:
    try:
        return Document.model_validate(raw), []
    except ValidationError as err:
        return None, [f"{source}: {_sentence(error, raw)}" for error in err.errors(include_input=False)]


def _sentence(error: ErrorDetails, raw: dict[str, Any]) -> str:
    table, *rest = error["loc"]
    if not rest:
        return _about_table(str(table), error["type"], raw)
    where = f"[{table}]"
    if isinstance(rest[0], int):
        where = _numbered(str(table), rest[0], raw)
        rest = rest[1:]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in rest)
    if error["type"] == "extra_forbidden":
        *path, last = (part for part in rest if isinstance(part, str))
        return f"{where}: {key} is not known{did_you_mean(last, _keys(str(table), path))}"
    return f"{where}: {key} {trouble(error)}" if key else f"{where}: {trouble(error)}"


def _about_table(table: str, kind: str, raw: dict[str, Any]) -> str:
    shown = f"[[{table}]]" if isinstance(raw[table], list) else f"[{table}]" if isinstance(raw[table], dict) else table
    if kind == "list_type":
        return f"{shown} must be written [[{table}]], once for each"
    if kind == "model_type":
        return f"{shown} must be written [{table}], once"
    known = [f"[{name}]" if name in _SINGLE else f"[[{name}]]" for name in _keys("", [])]
    return f"{one_line(shown, 80)} is not known here; known are {', '.join(known)}"


def _numbered(table: str, index: int, raw: dict[str, Any]) -> str:
    where = f"[[{table}]] number {index + 1}"
    entry = raw[table][index]
    name = entry.get(_IDENTITY.get(table, "name")) if isinstance(entry, dict) else None
    return f"{where} ({one_line(name, 60)})" if isinstance(name, str) and name else where


def _keys(table: str, path: list[str]) -> list[str]:
    """The keys that the model knows at this place, in the order of the model."""
    model: type[BaseModel] = Document
    for name in ([table] if table else []) + path:
        field_ = next(f for n, f in model.model_fields.items() if name in (n, f.alias))
        model = next(part for part in _parts(field_.annotation) if issubclass(part, BaseModel))
    return [f.alias or name for name, f in model.model_fields.items()]


def _parts(annotation: Any) -> Iterator[type]:
    """The classes in an annotation such as `list[Table]` or `Table | None`."""
    if isinstance(annotation, type) and not getattr(annotation, "__args__", ()):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _parts(part)


def trouble(error: ErrorDetails) -> str:
    """What is wrong with a value, to be said after its key: `must be a whole number`."""
    kind, given = error["type"], error.get("ctx", {})
    if kind in _TYPES:
        return _TYPES[kind]
    if kind == "literal_error":
        return f"must be {given['expected']}"
    if kind == "greater_than_equal":
        return f"must be at least {given['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {given['le']}"
    if kind == "string_too_long":
        return f"must have at most {given['max_length']} characters"
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "must be").rstrip(".")


# -- mistakes of sense ---------------------------------------------------------------------------------------------


def _nuls(raw: dict[str, Any]) -> Iterator[str]:
    def holds_nul(value: object) -> bool:
        if isinstance(value, dict):
            return any("\0" in key or holds_nul(each) for key, each in value.items())
        if isinstance(value, list):
            return any(map(holds_nul, value))
        return isinstance(value, str) and "\0" in value

    yield from (f"[{table}]: holds a NUL character; take it out" for table, each in raw.items() if holds_nul(each))


def _duplicates(document: Document) -> Iterator[str]:
    for attribute, info in Document.model_fields.items():
        table = info.alias or attribute
        if table in _SINGLE:
            continue
        names = [getattr(entry, _IDENTITY.get(table, "name")) for entry in getattr(document, attribute)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{place(table, name)}: stands in the file {names.count(name)} times; say it once"


def _dialect_keys(document: Document) -> Iterator[str]:
    """Keys that no dialect has; whether their values fit together is seen with what is stored, by `apply`."""
    if not document.gateway:
        return
    from core.gateway.dialects import KEYS

    known = ("name", "dialect", *KEYS)
    for gateway in document.gateway:
        for key in overrides_of(gateway):
            if key not in known:
                yield f"{place('gateway', gateway.name)}: {one_line(key, 60)} is not known{did_you_mean(key, known)}"


def overrides_of(gateway: GatewayTable) -> dict[str, object]:
    """Every key of a gateway that is not its own but its dialect's."""
    return dict(gateway.model_extra or {})


# -- scripts and templates -----------------------------------------------------------------------------------------


def _texts(document: Document, folder: Path) -> tuple[dict[tuple[str, str, str], str], list[str]]:
    found: dict[tuple[str, str, str], str] = {}
    lines: list[str] = []
    entries: list[tuple[str, str, str, str | None, str, str | None]] = [
        *(("script", one.name, "source", one.source, "file", one.file) for one in document.script),
        *(("template", one.name, "body", one.body, "file", one.file) for one in document.template),
        # An empty one takes away what there was.
        *(("template", one.name, "html", one.html or None, "html_file", one.html_file) for one in document.template),
    ]
    for table, name, key, text, file_key, file in entries:
        try:
            text = text if file is None else _file(_resolved(folder, file))
            if text is not None:
                found[table, name, key] = _right_text(table, text)
        except Wrong as err:
            lines.append(f"{place(table, name)}: {key if file is None else file_key}: {err}")
    return found, lines


def _right_text(table: str, text: str) -> str:
    if table == "script":
        return right_source(text)
    if not text.strip() or harmless(text) != text:
        raise Wrong("must be text, not empty and without control characters")
    return text


def _file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_TEXT_FILE + 1)
        text = raw.decode("utf-8-sig")
    except OSError as err:
        raise Wrong(f"{path} cannot be read ({err.strerror})") from err
    except UnicodeDecodeError as err:
        raise Wrong(f"{path} is not text in UTF-8") from err
    if len(raw) > MAX_TEXT_FILE:
        raise Wrong(f"{path} is larger than {MAX_TEXT_FILE // 1024} KB")
    return text.replace("\r\n", "\n")


# -- passwords -----------------------------------------------------------------------------------------------------


def _logins(document: Document, folder: Path) -> tuple[dict[str, GivenLogin], list[str]]:
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


def _passwords(document: Document, folder: Path) -> tuple[dict[str, str], list[str]]:
    """What the file says of the passwords of users, and what is wrong with them."""
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
        return _from_file(_resolved(folder, entry.password_file))
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


def _resolved(folder: Path, text: str) -> Path:
    path = Path(text).expanduser() if text.startswith("~") else Path(text)
    return folder / path
