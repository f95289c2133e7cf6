"""Mails made by hand, and one way to write a text, for the tests of the dialects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.errors import Wrong
from core.gateway.dialects import Dialect, TextOut, write_text
from core.mail import Address, InboundMail

CREDENTIALS: dict[str, object] = {
    "values": {"api_id": "3120", "user": "desk"},
    "secrets": {"password": "s3cret"},
}

NOTHING = InboundMail(
    message_id="", in_reply_to="", references=(), sender=Address(""), reply_to=None, to=(), cc=(), subject="",
    date=None, text="", quoted="", attachments=(), automatic=None, auto_reason="", report=None, marks=(),
    headers={}, loop_token="", size=0, complete=True, fingerprint="",
)  # fmt: skip


def mail(sender: str = "", text: str = "", **more: Any) -> InboundMail:
    name = more.pop("name", "")
    return replace(NOTHING, sender=Address(sender, name), text=text, **more)


def wrong(do: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(Wrong) as caught:
        do(*args, **more)
    return str(caught.value)


def write(d: Dialect, text: str = "Hello", number: str = "+447700900123", region: str = "GB") -> TextOut:
    return write_text(d, number=number, text=text, account="texts@desk.example", reference="m5a5b", region=region)
