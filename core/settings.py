"""Where this desk lives: the database and the key beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import Wrong

KEY_VARIABLE = "POSTROOM_KEY"
DB_VARIABLE = "POSTROOM_DB"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process must know before it can open anything."""

    db: str
    """`sqlite:///path` or `postgresql://user:password@host/database`."""
    key_file: Path
    """Holds the key that encrypts credentials, unless POSTROOM_KEY does."""

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, None on PostgreSQL."""
        return Path(self.db.removeprefix("sqlite:///")) if self.db.startswith("sqlite:") else None


def find_settings(db: str | None = None) -> Settings:
    """From `--db`, else POSTROOM_DB, else a file in the user's data folder. Raises Wrong for an unreadable URL."""
    url = db or os.environ.get(DB_VARIABLE) or f"sqlite:///{data_folder() / 'postroom.sqlite3'}"
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        if not url.startswith("sqlite:///") or len(url) == len("sqlite:///"):
            raise Wrong(f"{url}: an SQLite database is named sqlite:///PATH (four slashes for an absolute path)")
        path = Path(url.removeprefix("sqlite:///")).absolute()
        return Settings(f"sqlite:///{path}", path.with_name(path.name + ".key"))
    if scheme in ("postgresql", "postgres"):
        return Settings(url, data_folder() / "postgresql.key")
    raise Wrong(f"{_without_password(url)}: a database is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")


def shown_url(url: str) -> str:
    """The URL as it may be printed: without its password."""
    return _without_password(url)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":...@", 1)


def data_folder() -> Path:
    """Where a desk lives unless another place is said."""
    from platformdirs import user_data_path

    return user_data_path("postroom", appauthor=False)
