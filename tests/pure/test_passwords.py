"""Passwords as they are kept: as dear to try as RFC 9106 recommends for machines with little memory."""

from __future__ import annotations

import pytest

from core.people.passwords import hashed, verified


@pytest.mark.usefixtures("dear_hashes")
def test_a_password_is_hashed_as_the_rfc_recommends() -> None:
    kept = hashed("correct horse")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # section 4, the second recommended option
    assert verified(kept, "correct horse")
    assert not verified(kept, "another horse") and not verified("", "correct horse")
