"""Whom a row of the outbox goes to, read back as it was written."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from core.outbox.claiming import addresses_of

ODD = st.text(st.sampled_from('a@.,"\\\\ []\t\u00e9\U0001f600'), max_size=8)


@given(st.lists(ODD | st.emails(), max_size=3), st.booleans())
def test_addresses_are_read_as_json_has_them(addresses: list[str], ascii_only: bool) -> None:
    assert addresses_of(json.dumps(addresses, ensure_ascii=ascii_only)) == tuple(addresses)
