"""From the text of a desk.toml to a blueprint, or to every mistake in it at once, one line each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.blueprint.document import Document
from core.blueprint.files import resolved, text_of
from core.blueprint.hints import did_you_mean
from core.blueprint.mistakes import IDENTITY, SINGLE, place, validated
from core.blueprint.passwords import given_logins, given_passwords
from core.errors import Wrong
from core.scripts.sources import right_source
from core.text import harmless, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from core.blueprint.document import GatewayTable
    from core.blueprint.passwords import GivenLogin

MAX_FILE = 4 * 2**20
"""Octets of a desk.toml; a desk of thousands of accounts is a tenth of that."""


class WrongBlueprint(Wrong):
    """The desk.toml has mistakes."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)
        """One mistake each: file, table, key, what is wrong with it."""


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
        return str(resolved(self.folder, text)) if text else ""


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
    document, lines = validated(raw, source)
    if document is not None:
        lines += [f"{source}: {line}" for line in (*_nuls(raw), *_duplicates(document), *_dialect_keys(document))]
        logins, troubles = given_logins(document, folder)
        texts, more = _texts(document, folder)
        passwords, wrong = given_passwords(document, folder)
        lines += [f"{source}: {line}" for line in (*troubles, *more, *wrong)]
    if lines or document is None:
        raise WrongBlueprint(lines)
    return Blueprint(source, folder, document, logins, texts, passwords)


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
        if table in SINGLE:
            continue
        names = [getattr(entry, IDENTITY.get(table, "name")) for entry in getattr(document, attribute)]
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
            text = text if file is None else text_of(resolved(folder, file))
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
