"""A prepared letter is, octet for octet, the letter that is composed anew; also where that is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Wrong
from core.gateway.dialects import dialect, presets
from core.mail import Address, OutboundMail
from core.mime import Prepared, compose
from core.models.states import Channel, Purpose
from core.outbox import Draft, draft, skeleton
from core.outbox.draft import Letter, write_letter
from core.outbox.skeleton import Skeleton

THEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
WORDS = st.one_of(
    st.text(max_size=120),
    st.text("ab é€😀\r\n\t=?", max_size=200),
    st.sampled_from(["plain words", "x" * 1200, "a\nBcc: evil@x.example", "=?utf-8?q?x?=", "two  blanks"]),
)
OVERRIDES: list[dict[str, object]] = [
    {}, {"sender_name": "{number}"}, {"headers": {"X-Ref": "{reference}"}}, {"subject": "{text}"}
]  # fmt: skip
ADDRESSES = st.sampled_from(
    ["ann@x.example", "a" * 60 + "@" + "b" * 60 + ".example", "no address", "ö@x.example", "x@bücher.example", "a@b\n"]
)


@settings(max_examples=150)
@given(
    to=ADDRESSES,
    name=WORDS,
    subject=WORDS,
    text=WORDS,
    html=st.one_of(st.just(""), WORDS, st.just("<p>é</p>\n" + "<b>long</b>" * 200)),
    automatic=st.booleans(),
    charset=st.sampled_from(["utf-8", "iso-8859-1"]),
)
def test_a_prepared_letter_is_the_composed_one(
    to: str, name: str, subject: str, text: str, html: str, automatic: bool, charset: str
) -> None:
    mail = OutboundMail(
        message_id="<1.a@desk.example>", sender=Address("desk@x.example", "The Désk, Ltd."), to=(Address(to, name),),
        subject=subject, text=text, automatic=automatic, loop_token="Acme", date=THEN, charset=charset,
        headers=(("X-Account", "1"),), html=html,
    )  # fmt: skip

    def quick() -> bytes:
        said = {"to": mail.to[0], "subject": subject, "text": text, "message_id": mail.message_id, "date": THEN,
                "html": html}  # fmt: skip
        return Prepared(mail).compose(**said)  # type: ignore[arg-type]

    same(quick, lambda: compose(mail))


@settings(max_examples=120)
@given(
    preset=st.sampled_from(sorted(presets())),
    number=st.sampled_from(["+447700900123", "60777", "+4915112345678", "nobody"]),
    text=WORDS,
    purpose=st.sampled_from([Purpose.BROADCAST, Purpose.REPLY]),
    more=st.sampled_from(
        [{}, {"sender_name": "{number}"}, {"headers": {"X-Ref": "{reference}"}}, {"subject": "{text}"}]
    ),
)
def test_a_text_by_the_skeleton_is_the_one_written_alone(
    preset: str, number: str, text: str, purpose: Purpose, more: dict[str, object]
) -> None:
    try:
        gateway = dialect(preset, {"recipient": "{number}@sms.example", **more})
    except Wrong:
        return
    account: Any = SimpleNamespace(id=1, address="texts@x.example", description="Texts", kind=Channel.SMS)
    said = Draft(1, number, text, purpose)
    same(
        lambda: fixed(lambda: Skeleton(account, gateway, "GB", "Acme").letter(said, THEN)),
        lambda: fixed(lambda: write_letter(said, account, gateway, "GB", "Acme")),
    )


@pytest.mark.parametrize("html", ["", "<p>Hello é</p>"])
def test_an_email_by_the_skeleton_is_the_one_written_alone(html: str) -> None:
    account: Any = SimpleNamespace(id=1, address="help@x.example", description="Help", kind=Channel.EMAIL)
    said = Draft(1, "ann@x.example", "Hello", Purpose.BROADCAST, subject="Hi", html=html)
    same(
        lambda: fixed(lambda: Skeleton(account, None, "GB", "Acme").letter(said, THEN)),
        lambda: fixed(lambda: write_letter(said, account, None, "GB", "Acme")),
    )


def fixed(work: Any) -> Letter:
    """With one Message-ID and one date for both ways."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (draft, skeleton):
            patch.setattr(module, "new_message_id", lambda domain: f"<1.a@{domain}>")
        patch.setattr("core.mime.composing.Clock", lambda: SimpleNamespace(now=lambda: THEN))
        found: Letter = work()
        return found


def same(one: Any, other: Any) -> None:
    """Both give the same, or refuse with the same words."""
    try:
        wanted = other()
    except (Wrong, UnicodeError) as error:
        with pytest.raises(type(error)) as found:
            one()
        assert str(found.value) == str(error)
    else:
        assert one() == wanted


def test_what_cannot_be_prepared_is_refused() -> None:
    mail = OutboundMail(
        "<1.a@x.example>", Address("a@x.example"), (Address("b@x.example"),), "s", "t", in_reply_to="<2.a@x.example>"
    )
    with pytest.raises(ValueError, match="that answer nothing"):
        Prepared(mail)
