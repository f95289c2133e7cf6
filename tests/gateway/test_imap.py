"""Mailboxes on a real Dovecot: everything that goes well."""

from __future__ import annotations

import asyncio
import imaplib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.errors import FolderMissing, LoginRefused
from core.gateway.imap import ImapServer, Mailbox, append, folders
from core.gateway.login import Login

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.servers.dovecot import Dovecot


def mail(number: int, size: int = 0) -> bytes:
    return b"Subject: mail %d\r\nFrom: a@example.org\r\n\r\nWords.\r\n" % number + b"x" * 76 * size


def server(dovecot: Dovecot, **changes: object) -> ImapServer:
    return ImapServer(**{"host": dovecot.host, "port": dovecot.port, "security": "none", **changes})  # type: ignore[arg-type]


@pytest.fixture
async def mailbox(dovecot: Dovecot, mail_user: str) -> AsyncIterator[Mailbox]:
    """The user's INBOX with five mails in it."""
    dovecot.deliver(mail_user, *(mail(n) for n in range(1, 6)))
    opened = await Mailbox.open(server(dovecot), Login(mail_user, dovecot.password))
    yield opened
    await opened.close()


async def test_an_open_mailbox_tells_what_it_is(mailbox: Mailbox) -> None:
    assert mailbox.exists == 5
    assert mailbox.uidvalidity > 0
    assert mailbox.can_idle
    assert mailbox.can_move
    assert "UIDPLUS" in mailbox.capabilities  # Dovecot lists it after the login only


async def test_uids_begin_where_asked_and_never_before(mailbox: Mailbox) -> None:
    assert await mailbox.uids() == [1, 2, 3, 4, 5]
    assert await mailbox.uids(4) == [4, 5]
    assert await mailbox.uids(6) == []  # `6:*` is answered with 5
    assert await mailbox.uids(2**32) == []


async def test_envelopes_tell_size_and_arrival(mailbox: Mailbox) -> None:
    envelopes = await mailbox.envelopes([5, 1, 99])
    assert [(e.uid, e.size) for e in envelopes] == [(1, len(mail(1))), (5, len(mail(5)))]
    assert all(timedelta(0) <= datetime.now(UTC) - e.arrived < timedelta(minutes=1) for e in envelopes)


async def test_bodies_are_the_very_octets_and_stay_unread(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    assert await mailbox.bodies([1, 3, 99]) == {1: mail(1), 3: mail(3)}
    assert await mailbox.bodies([]) == {}
    assert not any(dovecot.flags(mail_user))


ODD = {
    "empty": b"",
    "no body": b"Subject: x\r\n",
    "raw 8 bit": "Subject: Grüße {5}\r\n\r\nä\r\n".encode("latin-1"),
    "quotes and stars": b'Subject: a " ( * b) {3}\r\n\r\n* 1 FETCH (UID 1)\r\n.\r\n',
    "looks like IMAP": b") UID 9)\r\nA1 OK done\r\n+ go on\r\n* BYE\r\n",
    "10,000 lines of header": b"Subject: x\r\n" + b"X-Line: y\r\n" * 10_000 + b"\r\nz\r\n",
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD.keys())
async def test_odd_mails_arrive_as_they_are(dovecot: Dovecot, mail_user: str, mailbox: Mailbox, raw: bytes) -> None:
    dovecot.deliver(mail_user, raw, mail(7))
    assert await mailbox.refresh() == 7
    assert await mailbox.bodies([6, 7]) == {6: raw, 7: mail(7)}
    assert [e.size for e in await mailbox.envelopes([6])] == [len(raw)]


async def test_a_mail_with_nuls_arrives(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    dovecot.deliver(mail_user, b"Subject: a\0b\r\n\r\n\0\0\r\n")
    await mailbox.refresh()
    # IMAP knows no NUL: Dovecot sends 0x80 in its place.
    assert await mailbox.bodies([6]) == {6: b"Subject: a\x80b\r\n\r\n\x80\x80\r\n"}


async def test_the_head_of_a_mail_is_cut_at_the_limit(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    dovecot.deliver(mail_user, ODD["10,000 lines of header"])
    await mailbox.refresh()
    assert await mailbox.head(6, 1000) == ODD["10,000 lines of header"][:1000]
    assert await mailbox.head(1) == mail(1).partition(b"Words")[0]
    assert await mailbox.head(99) == b""


async def test_a_mail_of_30_megabytes_is_fetched_whole(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    huge = mail(6, 400_000)
    dovecot.deliver(mail_user, huge)
    await mailbox.refresh()
    (envelope,) = await mailbox.envelopes([6])
    assert envelope.size == len(huge)
    assert (await mailbox.bodies([6], envelope.size))[6] == huge


async def test_five_thousand_mails_in_one_fetch(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, *(mail(n) for n in range(1, 5001)))
    mailbox = await Mailbox.open(server(dovecot), Login(mail_user, dovecot.password))
    uids = await mailbox.uids()
    assert [e.uid for e in await mailbox.envelopes(uids)] == uids == list(range(1, 5001))
    assert await mailbox.bodies(uids) == {n: mail(n) for n in range(1, 5001)}
    await mailbox.close()


# -- the acknowledgement -------------------------------------------------------------------------------------------


async def test_seen_is_marked_on_those_mails_only(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    await mailbox.mark_seen([2, 99])
    await mailbox.mark_seen([])
    await mailbox.close()
    assert dovecot.flags(mail_user) == ["", "S", "", "", ""]


async def test_deleting_takes_ours_and_leaves_what_others_marked(
    dovecot: Dovecot, mail_user: str, mailbox: Mailbox
) -> None:
    other = imaplib.IMAP4(dovecot.host, dovecot.port, timeout=10)
    other.login(mail_user, dovecot.password)
    other.select()
    other.uid("STORE", "5", "+FLAGS", "\\Deleted")
    await mailbox.delete([1, 3, 99])
    assert await mailbox.uids() == [2, 4, 5]
    other.logout()


async def test_moved_mails_stand_in_the_other_folder(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    dovecot.deliver(mail_user, mail(0), folder="Erledigt & später")
    await mailbox.move([2, 4, 99], "Erledigt & später")
    assert await mailbox.uids() == [1, 3, 5]
    assert sorted(dovecot.messages(mail_user, "Erledigt & später")) == [mail(0), mail(2), mail(4)]


async def test_without_move_and_uidplus_mails_are_moved_all_the_same(
    dovecot: Dovecot, mail_user: str, mailbox: Mailbox
) -> None:
    dovecot.deliver(mail_user, mail(0), folder="Done")
    mailbox.capabilities -= {"MOVE", "UIDPLUS"}
    await mailbox.move([2, 4], "Done")
    assert await mailbox.uids() == [1, 3, 5]
    assert sorted(dovecot.messages(mail_user, "Done")) == [mail(0), mail(2), mail(4)]


async def test_without_uidplus_nothing_is_expunged_while_another_mail_is_marked(
    dovecot: Dovecot, mail_user: str, mailbox: Mailbox
) -> None:
    other = imaplib.IMAP4(dovecot.host, dovecot.port, timeout=10)
    other.login(mail_user, dovecot.password)
    other.select()
    other.uid("STORE", "5", "+FLAGS", "\\Deleted")
    mailbox.capabilities -= {"UIDPLUS"}
    await mailbox.delete([1, 3])
    assert await mailbox.uids() == [1, 2, 3, 4, 5]
    await mailbox.close()
    other.logout()
    assert dovecot.flags(mail_user) == ["T", "", "T", "", "T"]


async def test_moving_into_a_missing_folder_says_so_and_keeps_the_mails(mailbox: Mailbox) -> None:
    with pytest.raises(FolderMissing, match="'Nowhere'"):
        await mailbox.move([1], "Nowhere")
    mailbox.capabilities -= {"MOVE"}
    with pytest.raises(FolderMissing):
        await mailbox.move([1], "Nowhere")
    assert await mailbox.uids() == [1, 2, 3, 4, 5]


# -- folders and logins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["With Space", "Entwürfe", 'say "hi"', "a \\ b & c", "日本語", "Zeile\nzwei"])
async def test_folders_of_any_name_are_listed_and_selected(dovecot: Dovecot, mail_user: str, folder: str) -> None:
    dovecot.deliver(mail_user, mail(1), folder=folder)
    login = Login(mail_user, dovecot.password)
    assert sorted(await folders(server(dovecot), login)) == sorted(["INBOX", folder])
    mailbox = await Mailbox.open(server(dovecot, folder=folder), login)
    assert await mailbox.bodies([1]) == {1: mail(1)}
    await mailbox.close()


async def test_a_missing_folder_is_told_from_other_trouble(dovecot: Dovecot, mail_user: str) -> None:
    with pytest.raises(FolderMissing, match=r"no folder 'Nowhere'.*Mailbox doesn't exist"):
        await Mailbox.open(server(dovecot, folder="Nowhere"), Login(mail_user, dovecot.password))


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("o'brien", 'with "quotes" and \\ too'),
        ('the "boss"', "plain"),
        ("jürgen", "schlüssel"),
        ("günther2", "plain"),
        ("spaced user", " leading and trailing "),
    ],
)
async def test_logins_of_any_letters_are_taken(dovecot: Dovecot, user: str, password: str) -> None:
    dovecot.add_user(user, password)
    mailbox = await Mailbox.open(server(dovecot), Login(user, password))
    assert mailbox.exists == 0
    await mailbox.close()


async def test_a_wrong_password_is_refused_and_never_shown(
    dovecot: Dovecot, mail_user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with pytest.raises(LoginRefused) as refused:
        await Mailbox.open(server(dovecot), Login(mail_user, "not-the-word"))
    assert "not-the-word" not in str(refused.value) + repr(refused.value.__dict__) + caplog.text
    assert "Authentication failed" in str(refused.value)


async def test_a_line_break_in_a_password_is_refused_before_it_is_sent(dovecot: Dovecot, mail_user: str) -> None:
    with pytest.raises(LoginRefused, match="line break"):
        await Mailbox.open(server(dovecot), Login(mail_user, f"{dovecot.password}\r\nA1 DELETE INBOX"))


async def test_a_token_logs_in_and_a_bad_one_is_refused_at_once(dovecot: Dovecot, mail_user: str) -> None:
    mailbox = await Mailbox.open(server(dovecot), Login(mail_user, token=dovecot.token(mail_user)))
    assert mailbox.can_move  # the capabilities are those after the login
    await mailbox.close()
    for token in (dovecot.token(mail_user, valid_seconds=-60), dovecot.token("somebody"), "nonsense"):
        with pytest.raises(LoginRefused, match="check user and token") as refused:
            await Mailbox.open(server(dovecot), Login(mail_user, token=token))
        assert token not in str(refused.value)


async def test_an_appended_mail_arrives_unread(dovecot: Dovecot, mail_user: str) -> None:
    login = Login(mail_user, dovecot.password)
    await append(server(dovecot), login, mail(1))
    await append(server(dovecot), login, mail(2, 400_000))
    assert dovecot.messages(mail_user) == [mail(1), mail(2, 400_000)]
    assert not any(dovecot.flags(mail_user))
    with pytest.raises(FolderMissing):
        await append(server(dovecot), login, mail(1), "Nowhere")


async def test_another_uidvalidity_is_seen_at_the_next_opening(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, mail(1))
    login = Login(mail_user, dovecot.password)
    first = await Mailbox.open(server(dovecot), login)
    await first.close()
    again = await Mailbox.open(server(dovecot), login)
    await again.close()
    dovecot.bump_uidvalidity(mail_user)
    after = await Mailbox.open(server(dovecot), login)
    assert first.uidvalidity == again.uidvalidity != after.uidvalidity
    assert await after.bodies(await after.uids()) == {1: mail(1)}
    await after.close()


# -- news ----------------------------------------------------------------------------------------------------------


async def test_idle_ends_as_soon_as_a_mail_arrives(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    waiting = asyncio.create_task(mailbox.idle(30))
    await asyncio.sleep(0)  # now IDLE is sent
    began = asyncio.get_running_loop().time()
    dovecot.deliver(mail_user, mail(6))
    assert await waiting
    assert asyncio.get_running_loop().time() - began < 5
    assert await mailbox.uids(6) == [6]


async def test_idle_ends_in_peace_when_nothing_happens(mailbox: Mailbox) -> None:
    assert not await mailbox.idle(0.05)
    assert not await mailbox.idle(0.05)
    assert await mailbox.uids() == [1, 2, 3, 4, 5]


async def test_news_between_looking_and_idling_are_not_missed(
    dovecot: Dovecot, mail_user: str, mailbox: Mailbox
) -> None:
    assert await mailbox.uids(6) == []
    dovecot.deliver(mail_user, mail(6))
    assert await mailbox.refresh() == 6  # the server has told now, and will not tell again
    assert await mailbox.idle(30)
    assert await mailbox.uids(6) == [6]
    assert not await mailbox.idle(0.05)


async def test_news_that_uids_has_seen_are_none_any_more(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    dovecot.deliver(mail_user, mail(6))
    assert await mailbox.refresh() == 6
    assert await mailbox.uids(6) == [6]
    assert not await mailbox.idle(0.05)


async def test_our_own_deleting_and_moving_is_no_news(dovecot: Dovecot, mail_user: str, mailbox: Mailbox) -> None:
    dovecot.deliver(mail_user, mail(0), folder="Done")
    await mailbox.delete([1])
    await mailbox.move([2], "Done")
    assert not await mailbox.idle(0.05)
    assert mailbox.exists == 3


async def test_two_thousand_mails_expunged_by_another_while_we_idle(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, *(mail(n) for n in range(1, 2002)))
    mailbox = await Mailbox.open(server(dovecot), Login(mail_user, dovecot.password))
    waiting = asyncio.create_task(mailbox.idle(30))
    other = await Mailbox.open(server(dovecot), Login(mail_user, dovecot.password))
    await other.delete(range(1, 2001))
    await other.close()
    assert await waiting
    while mailbox.exists > 1:
        assert await mailbox.idle(10)
    assert await mailbox.uids() == [2001]
    assert await mailbox.bodies([1, 2001]) == {2001: mail(2001)}
    await mailbox.close()
