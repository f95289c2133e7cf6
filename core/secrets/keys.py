"""Where the key is found, and how a new desk gets one."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet

from core.errors import Permanent
from core.settings import KEY_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from core.settings import Settings

_MAX_KEY_FILE = 4096


class WrongKey(Permanent):
    """The key does not open this desk's credentials."""


class KeyExposed(Permanent):
    """The key file can be read by others."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What was found, and where."""

    keys: tuple[str, ...]
    where: str
    created: bool = False


def keys_at_hand(settings: Settings, *, may_create: bool) -> Keys:
    """POSTROOM_KEY, else the key file, else a new one where that may be. Raises WrongKey, KeyExposed."""
    given = _split(os.environ.get(KEY_VARIABLE, ""))
    if given:
        return Keys(given, KEY_VARIABLE)
    path, created = settings.key_file, False
    if not path.exists():
        if not may_create:
            raise WrongKey(
                f"the key to this desk's passwords is missing (looked for {KEY_VARIABLE} and {path}): put it back;"
                " if it is lost, `postroom apply FILE --new-key` forgets the passwords"
            )
        created = _create_key(path)
    return Keys(_read_key(path), str(path), created)


def _split(text: str) -> tuple[str, ...]:
    return tuple(key for part in text.split(",") if (key := part.strip()))


def _read_key(path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(_MAX_KEY_FILE).decode("ascii", "replace")
    except OSError as err:
        raise WrongKey(f"the key file {path} cannot be read ({err.strerror}): make it yours, with mode 600") from err
    if mode & 0o077:
        raise KeyExposed(f"the key file {path} may be read by others (mode {mode:o}): say `chmod 600 {path}`")
    keys = _split(text)
    if not keys:
        raise WrongKey(f"the key file {path} is empty: put the key back, or set {KEY_VARIABLE}")
    return keys


def _create_key(path: Path) -> bool:
    """Write a new key; False when somebody else was first. It appears whole or not at all: written, then linked."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:  # O_EXCL and 0600
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            os.link(file.name, path)
    except FileExistsError:
        return False
    except OSError as err:
        raise WrongKey(
            f"the key file {path} cannot be made ({err.strerror}): set {KEY_VARIABLE}, or take another place with --db"
        ) from err
    return True


def fernet(key: str, where: str) -> Fernet:
    """What seals with a key. Raises WrongKey for what is none."""
    try:
        return Fernet(key)
    except ValueError:
        raise WrongKey(
            f"{where} holds something that is no key: it must be 44 characters, 32 random octets in URL-safe base64"
        ) from None
