"""Passwords, kept as argon2id hashes (RFC 9106, the library's default profile)."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Wrong

SHORTEST = 8
LONGEST = 1024


def hashed(password: str) -> str:
    """The hash to keep; takes some 50 ms. Raises Wrong for one that is too short or too long."""
    look_at(password)
    return _hasher().hash(password)


def look_at(password: str) -> None:
    """Raise Wrong for one that is too short or too long."""
    if len(password) < SHORTEST:
        raise Wrong(f"a password has at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise Wrong(f"a password has at most {LONGEST} characters")


def verified(kept: str, password: str) -> bool:
    """Whether the password is the one of this hash; takes as long for an empty hash, and is False then."""
    try:
        return _hasher().verify(kept or _nobodys(), password[:LONGEST]) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    # Of nobody: so that a login that is not there takes as long as one that is.
    return _hasher().hash("nobody has this one")
