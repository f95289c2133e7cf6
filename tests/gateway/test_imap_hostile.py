"""IMAP servers as they should not be: slow, garbled, lying, old or hostile. Each is scripted word by word."""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from core.errors import FolderMissing, LoginRefused, PostroomError, Refused, ServerBusy, ServerGone, TlsFailed, Wrong
from core.gateway.imap import ImapServer, Mailbox, MoreThanAsked, append
from core.gateway.login import Login
from tests.servers.certificates import make_certificates
from tests.servers.scripted_imap import HANG, Say, ScriptedImap

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = Login("anna", "geheim")


def address(fake: ScriptedImap, security: str = "none", timeout: float = 5, ca_file: str | None = None) -> ImapServer:
    return ImapServer(fake.host, fake.port, security, timeout=timeout, ca_file=ca_file)


async def opened(fake: ScriptedImap, timeout: float = 5) -> Mailbox:
    return await Mailbox.open(address(fake, timeout=timeout), LOGIN)


# -- greetings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [
        (Say(b"* BYE [UNAVAILABLE] come back later\r\n", close=True), ServerBusy),
        (Say(b"* BYE Too many connections\r\n", close=True), ServerBusy),
        (Say(b"* BYE we do not like you\r\n", close=True), ServerGone),
        (Say(b"", close=True), ServerGone),
        (Say(b"* OK half a sen", close=True), ServerGone),
        (Say(b"220 mail.example ESMTP\r\n"), ServerGone),
        (Say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ServerGone),
        (Say(b"* CAPABILITY IMAP4rev1\r\n"), ServerGone),
        (Say(b"\r\n"), ServerGone),
        (Say(b"\xff\xfe\0\0\x1b[2J\r\n"), ServerGone),
        (Say(b"* " + b"a" * 300_000), ServerGone),
        (HANG, ServerGone),
    ],
)
async def test_what_greets_badly_is_left_at_once(greeting: Say, kind: type[PostroomError]) -> None:
    async with ScriptedImap(greeting=greeting) as fake:
        with pytest.raises(kind) as raised:
            await opened(fake, timeout=0.3)
        assert "\x1b" not in str(raised.value)
        assert not fake.lines


async def test_a_server_that_knows_us_already_is_not_told_the_password() -> None:
    async with ScriptedImap(greeting=Say(b"* PREAUTH hello anna\r\n")) as fake:
        mailbox = await opened(fake)
        assert not fake.heard("LOGIN")
        await mailbox.close()


# -- logins --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n", LoginRefused),
        (b"{tag} NO wrong\r\n", LoginRefused),
        (b"{tag} BAD what?\r\n", LoginRefused),
        (b"{tag} NO [EXPIRED] change it\r\n", LoginRefused),
        (b"{tag} NO [UNAVAILABLE] try later\r\n", ServerBusy),
        (b"{tag} NO [INUSE] locked\r\n", ServerBusy),
        (b"{tag} NO [LIMIT] too often\r\n", ServerBusy),
        (b"{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n", ServerBusy),
        (b"* BYE [LIMIT] enough\r\n", ServerBusy),
        (b"* BYE enough\r\n", ServerGone),
        (b"zzz OK not your tag\r\n", ServerGone),
        (b"{tag} WELL maybe\r\n", LoginRefused),
        (b"{tag} ???\r\n", ServerGone),
    ],
)
async def test_a_login_that_fails_says_whether_patience_helps(answer: bytes, kind: type[PostroomError]) -> None:
    async with ScriptedImap({"LOGIN": Say(answer)}) as fake:
        with pytest.raises(kind):
            await opened(fake)


@pytest.mark.parametrize("answer", [b"{tag} NO %s\r\n", b"{tag} BAD %s\r\n", b"* BYE %s\r\n", b"* BYE [LIMIT] %s\r\n"])
async def test_a_server_that_repeats_the_password_does_not_make_us_repeat_it(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    login = Login("anna", 'ge"heim\\')
    said = b'cannot parse LOGIN "anna" "ge\\"heim\\\\" aka ge"heim\\ \x1b[31m' + b"!" * 500
    async with ScriptedImap({"LOGIN": Say(answer % said)}) as fake:
        with pytest.raises(PostroomError) as raised:
            await Mailbox.open(address(fake), login)
    text = str(raised.value) + caplog.text
    assert "heim" not in text
    assert "***" in text
    assert "\x1b" not in text
    assert len(str(raised.value)) < 350


async def test_where_a_login_in_the_open_is_forbidden_none_is_tried() -> None:
    async with ScriptedImap(capabilities="IMAP4rev1 LOGINDISABLED STARTTLS") as fake:
        with pytest.raises(LoginRefused, match="starttls or tls"):
            await opened(fake)
        assert not fake.heard("LOGIN ")


async def test_where_login_is_forbidden_but_plain_is_offered_plain_is_used() -> None:
    answers = {"AUTHENTICATE": Say(b"+ \r\n"), "AUTHENTICATE +": Say(b"{tag} OK in\r\n")}
    async with ScriptedImap(answers, capabilities="IMAP4rev1 LOGINDISABLED AUTH=PLAIN") as fake:
        mailbox = await opened(fake)
        assert base64.b64decode(fake.lines[2]) == b"\0anna\0geheim"
        await mailbox.close()


async def test_letters_beyond_ascii_go_by_plain_which_says_how_they_are_written() -> None:
    answers = {"AUTHENTICATE": Say(b"{tag} OK in\r\n")}
    async with ScriptedImap(answers, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR") as fake:
        mailbox = await Mailbox.open(address(fake), Login("jürgen", "schlüssel"))
        assert base64.b64decode(fake.heard("AUTHENTICATE PLAIN")[0].split()[3]) == "\0jürgen\0schlüssel".encode()
        await mailbox.close()


# -- XOAUTH2 -------------------------------------------------------------------------------------------------------

TOKEN = Login("anna@example.org", token="ya29.secret-token")
OAUTH = b"user=anna@example.org\1auth=Bearer ya29.secret-token\1\1"


@pytest.mark.parametrize("extra", ["", " SASL-IR"])
async def test_a_token_logs_in_with_and_without_an_initial_response(extra: str) -> None:
    answers: dict[str, Say | list[Say]]
    if extra:
        answers = {"AUTHENTICATE": Say(b"{tag} OK in\r\n")}
    else:
        answers = {"AUTHENTICATE": Say(b"+ \r\n"), "AUTHENTICATE +": Say(b"{tag} OK in\r\n")}
    async with ScriptedImap(answers, capabilities=f"IMAP4rev1 AUTH=XOAUTH2{extra}") as fake:
        mailbox = await Mailbox.open(address(fake), TOKEN)
        assert base64.b64encode(OAUTH) in b"".join(fake.lines)
        await mailbox.close()


@pytest.mark.parametrize("extra", ["", " SASL-IR"])
async def test_a_refused_token_is_a_refused_login_and_not_a_time_out(extra: str) -> None:
    challenge = Say(b"+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}') + b"\r\n")
    refusal = Say(b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials " + base64.b64encode(OAUTH) + b"\r\n")
    answers: dict[str, Say | list[Say]] = (
        {"AUTHENTICATE": challenge, "AUTHENTICATE +": refusal}
        if extra
        else {"AUTHENTICATE": Say(b"+ \r\n"), "AUTHENTICATE +": [challenge, refusal]}
    )
    async with ScriptedImap(answers, capabilities=f"IMAP4rev1 AUTH=XOAUTH2{extra}") as fake:
        with pytest.raises(LoginRefused, match=r"Invalid credentials \*\*\*") as raised:
            await Mailbox.open(address(fake), TOKEN)
        assert b"\r\n" in fake.lines  # the empty response
    assert "secret" not in str(raised.value)


async def test_a_server_that_never_stops_asking_is_told_that_there_is_no_more() -> None:
    more = Say(b"+ \r\n")
    answers = {"AUTHENTICATE": [more], "AUTHENTICATE +": [more, more, more, Say(b"{tag} BAD no\r\n")]}
    async with ScriptedImap(answers, capabilities="IMAP4rev1 AUTH=XOAUTH2") as fake:
        with pytest.raises(LoginRefused):
            await Mailbox.open(address(fake), TOKEN)
        assert b"*\r\n" in fake.lines


async def test_a_token_is_not_sent_to_a_server_that_takes_none() -> None:
    async with ScriptedImap(capabilities="IMAP4rev1 AUTH=PLAIN") as fake:
        with pytest.raises(LoginRefused, match="XOAUTH2"):
            await Mailbox.open(address(fake), TOKEN)
        assert not fake.heard("AUTHENTICATE")


# -- encryption ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("greeting", "capabilities"),
    [
        (b"* OK ready\r\n", "IMAP4rev1 IDLE"),
        (b"* PREAUTH come in\r\n", "IMAP4rev1 STARTTLS"),
    ],
)
async def test_where_starttls_is_stripped_no_login_is_sent(greeting: bytes, capabilities: str) -> None:
    async with ScriptedImap(greeting=Say(greeting), capabilities=capabilities) as fake:
        with pytest.raises(TlsFailed, match="no login was sent"):
            await Mailbox.open(address(fake, "starttls"), LOGIN)
        assert not fake.heard("LOGIN")
        assert not fake.heard("STARTTLS")
        assert not fake.heard("SELECT")


@pytest.mark.parametrize("answer", [b"{tag} NO not today\r\n", b"{tag} BAD\r\n"])
async def test_a_refused_starttls_is_no_reason_to_go_on_in_the_open(answer: bytes) -> None:
    async with ScriptedImap({"STARTTLS": Say(answer)}, capabilities="IMAP4rev1 STARTTLS") as fake:
        with pytest.raises(TlsFailed):
            await Mailbox.open(address(fake, "starttls"), LOGIN)
        assert not fake.heard("LOGIN")


@pytest.mark.parametrize("extra", [b"* CAPABILITY IMAP4rev1\r\n", b"half a line"])
async def test_text_slipped_in_behind_starttls_is_an_attack(extra: bytes) -> None:
    answers = {"STARTTLS": Say(b"{tag} OK go\r\n" + extra)}
    async with ScriptedImap(answers, capabilities="IMAP4rev1 STARTTLS") as fake:
        with pytest.raises(TlsFailed, match="in the clear"):
            await Mailbox.open(address(fake, "starttls"), LOGIN)


@pytest.mark.parametrize("close", [False, True])
async def test_a_starttls_that_leads_nowhere_is_given_up(close: bool) -> None:
    answers = {"STARTTLS": Say(b"{tag} OK go\r\n", close=close)}
    async with ScriptedImap(answers, capabilities="IMAP4rev1 STARTTLS") as fake:
        with pytest.raises(ServerGone):
            await Mailbox.open(address(fake, "starttls", timeout=0.3), LOGIN)
        assert not any(b"geheim" in line for line in fake.lines)


async def test_a_trusted_certificate_for_another_name_hears_no_login(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, names=("localhost",), addresses=())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    async with ScriptedImap(context=context) as fake:
        with pytest.raises(TlsFailed, match="not trusted"):
            await Mailbox.open(address(fake, "tls", ca_file=str(made.ca_file)), LOGIN)
        assert not fake.lines


@pytest.mark.parametrize(("security", "port"), [("ssl", 993), ("", 993), ("tls", 0), ("tls", 70000)])
def test_a_server_that_cannot_be_is_refused_before_anything_is_tried(security: str, port: int) -> None:
    with pytest.raises(Wrong):
        ImapServer("mail.example", port, security)


# -- the folder ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"{tag} NO [NONEXISTENT] no such\r\n", FolderMissing),
        (b"{tag} NO [TRYCREATE] no such\r\n", FolderMissing),
        (b"{tag} NO no such mailbox\r\n", FolderMissing),
        (b"{tag} NO [NOPERM] not yours\r\n", FolderMissing),
        (b"{tag} NO [INUSE] locked\r\n", ServerBusy),
        (b"{tag} NO Mailbox temporarily unavailable\r\n", ServerBusy),
        (b"{tag} BAD what?\r\n", ServerBusy),
    ],
)
async def test_a_folder_that_does_not_open_says_why(answer: bytes, kind: type[PostroomError]) -> None:
    async with ScriptedImap({"SELECT": Say(answer)}) as fake:
        with pytest.raises(kind):
            await opened(fake)


@pytest.mark.parametrize(
    ("said", "uidvalidity", "exists"),
    [
        (b"* ok [uidvalidity 12] x\r\n* 5 exists\r\n", 12, 5),
        (b"* OK [UIDVALIDITY 99999999999999] x\r\n* 99999999999999 EXISTS\r\n", 0, 0),
        (b"* OK [UIDVALIDITY x]\r\n* EXISTS\r\n* x EXISTS\r\n* \r\n* 1\r\n", 0, 0),
        (b"", 0, 0),
    ],
)
async def test_what_select_tells_is_read_with_patience(said: bytes, uidvalidity: int, exists: int) -> None:
    async with ScriptedImap({"SELECT": Say(said + b"{tag} OK done\r\n")}) as fake:
        mailbox = await opened(fake)
        assert (mailbox.uidvalidity, mailbox.exists) == (uidvalidity, exists)
        await mailbox.close()


# -- fetching ------------------------------------------------------------------------------------------------------


async def test_a_mail_that_stops_in_its_midst_is_given_up_at_the_time_out() -> None:
    async with ScriptedImap({"UID FETCH": Say(b"* 1 FETCH (UID 1 BODY[] {500}\r\nSubject: he")}) as fake:
        mailbox = await opened(fake, timeout=0.3)
        began = time.monotonic()
        with pytest.raises(ServerGone, match="does not answer"):
            await mailbox.bodies([1])
        assert time.monotonic() - began < 1.5
        await mailbox.close()


async def test_a_mail_that_is_cut_off_is_no_mail() -> None:
    answer = Say(b"* 1 FETCH (UID 1 BODY[] {500}\r\nSubject: he", close=True)
    async with ScriptedImap({"UID FETCH": answer}) as fake:
        mailbox = await opened(fake)
        with pytest.raises(ServerGone):
            await mailbox.bodies([1])
        await mailbox.close()


async def test_a_slow_but_steady_server_is_waited_for() -> None:
    async with ScriptedImap({"UID FETCH": HANG}) as fake:
        mailbox = await opened(fake, timeout=0.3)
        fetching = asyncio.create_task(mailbox.bodies([1]))
        tag = await fake.hears("UID FETCH")
        fake.say(b"* 1 FETCH (UID 1 BODY[] {6}\r\n")
        for _ in range(6):
            await asyncio.sleep(0.1)  # twice the time-out in all, and never the whole of it in silence
            fake.say(b"x")
        fake.say(b")\r\n%s OK done\r\n" % tag)
        assert await fetching == {1: b"xxxxxx"}
        await mailbox.close()


async def test_a_server_that_takes_a_large_mail_slowly_is_not_silent() -> None:
    answers = {"APPEND": Say(b"+ go on\r\n"), "APPEND +": Say(b"{tag} OK done\r\n")}
    async with ScriptedImap(answers, pace=0.03) as fake:
        began = time.monotonic()
        await append(address(fake, timeout=1.0), LOGIN, b"x" * 2**25)
        assert time.monotonic() - began > 1.0


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n",
        b"* 1 FETCH (UID 1 BODY[] {200000000}\r\n",
        b"* 1 FETCH (UID 1 X " + b"y" * 3_000_000,
        b"* 1 FETCH (UID 1)\r\n" * 200_000,
    ],
)
async def test_a_server_that_sends_without_end_is_cut_off_before_it_fills_the_memory(answer: bytes) -> None:
    async with ScriptedImap({"UID FETCH": Say(answer)}) as fake:
        mailbox = await opened(fake)
        tracemalloc.start()
        with pytest.raises(MoreThanAsked):
            await mailbox.bodies([1], 1000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 40 * 2**20
        await mailbox.close()


async def test_bodies_that_nobody_asked_for_are_left_aside() -> None:
    answer = (
        b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nb)\r\n* 3 FETCH (BODY[] {1}\r\nc)\r\n"
        b"* 4 FETCH (UID x BODY[] {1}\r\nd)\r\n* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n* 5 FETCH gibberish\r\n"
        b"{tag} OK done\r\n"
    )
    async with ScriptedImap({"UID FETCH": Say(answer)}) as fake:
        mailbox = await opened(fake)
        assert await mailbox.bodies([1, 3, 4]) == {1: b"a"}
        await mailbox.close()


@pytest.mark.parametrize("value", [b"NIL", b'""', b"{0}\r\n", b'"a \\"quoted\\" one"'])
async def test_a_body_may_be_nothing_empty_or_quoted(value: bytes) -> None:
    answer = Say(b"* 1 FETCH (UID 1 BODY[] " + value + b")\r\n{tag} OK done\r\n")
    async with ScriptedImap({"UID FETCH": answer}) as fake:
        mailbox = await opened(fake)
        expected = {b"NIL": {}, b'"a \\"quoted\\" one"': {1: b'a "quoted" one'}}.get(value, {1: b""})
        assert await mailbox.bodies([1]) == expected
        await mailbox.close()


async def test_mails_that_vanish_while_they_are_fetched_are_missing() -> None:
    answer = Say(b"* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n{tag} NO [EXPUNGEISSUED] some are gone\r\n")
    async with ScriptedImap({"UID FETCH": answer}) as fake:
        mailbox = await opened(fake)
        assert await mailbox.bodies([1, 2]) == {1: b"a"}
        await mailbox.close()


async def test_a_refused_fetch_is_no_empty_mailbox() -> None:
    answers = {"UID FETCH": Say(b"{tag} NO [SERVERBUG] oh\r\n"), "UID SEARCH": Say(b"{tag} BAD no\r\n")}
    async with ScriptedImap(answers) as fake:
        mailbox = await opened(fake)
        with pytest.raises(ServerBusy, match="oh"):
            await mailbox.envelopes([1])
        with pytest.raises(ServerBusy):
            await mailbox.uids()
        await mailbox.close()


async def test_an_arrival_that_cannot_be_read_does_not_hide_the_mail() -> None:
    answer = Say(b'* 1 FETCH (UID 1 RFC822.SIZE 7 INTERNALDATE "some day")\r\n{tag} OK done\r\n')
    async with ScriptedImap({"UID FETCH": answer}) as fake:
        mailbox = await opened(fake)
        assert [(e.uid, e.size, e.arrived.tzinfo is not None) for e in await mailbox.envelopes([1])] == [(1, 7, True)]
        await mailbox.close()


@pytest.mark.parametrize("garbage", [b"zzz OK whose is this\r\n", b"what\r\n", b"\0\0\0\r\n", b"* BYE tired\r\n"])
async def test_a_server_out_of_step_is_left(garbage: bytes) -> None:
    async with ScriptedImap({"UID SEARCH": Say(garbage + b"* SEARCH 1\r\n{tag} OK done\r\n")}) as fake:
        mailbox = await opened(fake)
        with pytest.raises(ServerGone):
            await mailbox.uids()
        await mailbox.close()


async def test_odd_lines_between_are_stepped_over() -> None:
    odd = b'\r\n* OK Still here {5}\r\n* X "unbalanced ( quote\r\n* \r\n* 1\r\n+ go on\r\n* LIST {3}\r\na\r\n\r\n'
    answer = odd + b"* SEARCH 1 2\r\n* SEARCH 3\r\n{tag} OK done\r\n"
    async with ScriptedImap({"UID SEARCH": Say(answer)}) as fake:
        mailbox = await opened(fake)
        assert await mailbox.uids() == [1, 2, 3]
        await mailbox.close()


async def test_an_append_that_is_refused_before_its_octets_is_a_missing_folder() -> None:
    async with ScriptedImap({"APPEND": Say(b"{tag} NO [TRYCREATE] no such\r\n")}) as fake:
        with pytest.raises(FolderMissing):
            await append(address(fake), LOGIN, b"Subject: x\r\n\r\n", "Nowhere")


# -- waiting -------------------------------------------------------------------------------------------------------


async def test_without_idle_waiting_is_refused_and_asking_works() -> None:
    answers = {"NOOP": Say(b"* 4 EXISTS\r\n{tag} OK done\r\n")}
    async with ScriptedImap(answers, capabilities="IMAP4rev1") as fake:
        mailbox = await opened(fake)
        assert not mailbox.can_idle
        with pytest.raises(Refused, match="IDLE"):
            await mailbox.idle(1)
        assert await mailbox.refresh() == 4
        await mailbox.close()


async def test_news_pushed_to_an_idler_arrive_within_milliseconds() -> None:
    async with ScriptedImap() as fake:
        mailbox = await opened(fake)
        taken = []
        for number in range(4, 24):
            fake.idling.clear()
            waiting = asyncio.create_task(mailbox.idle(30))
            await fake.idling.wait()
            began = time.perf_counter()
            fake.say(b"* %d EXISTS\r\n* 1 RECENT\r\n" % number)
            assert await waiting
            taken.append(time.perf_counter() - began)
            assert mailbox.exists == number
        assert sorted(taken)[10] < 0.02
        await mailbox.close()


@pytest.mark.parametrize("news", [b"* 4 EXISTS\r\n", b"* 2 EXPUNGE\r\n", b"* 1 RECENT\r\n"])
async def test_each_kind_of_news_ends_the_waiting(news: bytes) -> None:
    async with ScriptedImap() as fake:
        mailbox = await opened(fake)
        waiting = asyncio.create_task(mailbox.idle(30))
        await fake.idling.wait()
        fake.say(news)
        assert await waiting
        await mailbox.close()


@pytest.mark.parametrize("chatter", [b"* OK Still here\r\n", b"* 1 FETCH (FLAGS (\\Seen))\r\n", b"* 3 EXISTS\r\n"])
async def test_chatter_is_no_news(chatter: bytes) -> None:
    async with ScriptedImap() as fake:
        mailbox = await opened(fake)
        waiting = asyncio.create_task(mailbox.idle(0.3))
        await fake.idling.wait()
        fake.say(chatter)
        assert not await waiting
        await mailbox.close()


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"IDLE": Say(b"{tag} NO not now\r\n")}, ServerBusy),
        ({"IDLE": Say(b"{tag} BAD what?\r\n")}, ServerBusy),
        ({"IDLE": HANG}, ServerGone),
        ({"IDLE +": HANG}, ServerGone),
        ({"IDLE": Say(b"* BYE Idle for too long\r\n", close=True)}, ServerGone),
        ({"IDLE": Say(b"+ go", close=True)}, ServerGone),
    ],
)
async def test_an_idle_that_goes_wrong_says_so(answers: dict[str, Say], kind: type[PostroomError]) -> None:
    async with ScriptedImap(answers) as fake:
        mailbox = await opened(fake, timeout=0.3)
        with pytest.raises(kind):
            await mailbox.idle(0.05)
        await mailbox.close()


async def test_a_farewell_between_two_commands_is_no_news_but_an_error() -> None:
    async with ScriptedImap() as fake:
        mailbox = await opened(fake)
        fake.say(b"* BYE maintenance\r\n")
        await mailbox._wire._closed.wait()
        with pytest.raises(ServerGone, match="maintenance"):
            await mailbox.idle(1)
        await mailbox.close()


async def test_two_commands_at_once_are_a_mistake_that_is_told() -> None:
    async with ScriptedImap() as fake:
        mailbox = await opened(fake)
        waiting = asyncio.create_task(mailbox.idle(30))
        await fake.idling.wait()
        with pytest.raises(RuntimeError, match="<IDLE> is under way"):
            await mailbox.uids()
        await mailbox.close()  # also while another task waits
        with pytest.raises(ServerGone):
            await waiting


# -- without the extensions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("marked", "expunges"), [(b"1 2", True), (b"1 2 3", False), (b"", True)])
async def test_without_uidplus_expunge_is_sent_only_when_it_takes_ours_alone(marked: bytes, expunges: bool) -> None:
    answers = {
        "UID STORE": Say(b"{tag} OK done\r\n"),
        "UID SEARCH": Say(b"* SEARCH %s\r\n{tag} OK done\r\n" % marked),
        "EXPUNGE": Say(b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n{tag} OK done\r\n"),
    }
    async with ScriptedImap(answers, capabilities="IMAP4rev1") as fake:
        mailbox = await opened(fake)
        await mailbox.delete([1, 2])
        assert bool(fake.heard("EXPUNGE")) == expunges
        await mailbox.delete([])
        await mailbox.close()


async def test_without_move_the_mails_are_copied_before_they_are_deleted() -> None:
    done = Say(b"{tag} OK done\r\n")
    async with ScriptedImap(
        {"UID COPY": done, "UID STORE": done, "UID EXPUNGE": done}, capabilities="IMAP4rev1 UIDPLUS"
    ) as fake:
        mailbox = await opened(fake)
        await mailbox.move([1, 2, 7], "Erledigt")
        said = [line.split(b" ", 1)[1].strip() for line in fake.lines[-3:]]
        await mailbox.close()
    assert said == [
        b'UID COPY 1:2,7 "Erledigt"',
        b"UID STORE 1:2,7 +FLAGS.SILENT (\\Deleted)",
        b"UID EXPUNGE 1:2,7",
    ]


async def test_a_copy_that_fails_deletes_nothing() -> None:
    async with ScriptedImap({"UID COPY": Say(b"{tag} NO [TRYCREATE] no\r\n")}, capabilities="IMAP4rev1") as fake:
        mailbox = await opened(fake)
        with pytest.raises(FolderMissing):
            await mailbox.move([1], "Nowhere")
        assert not fake.heard("UID STORE")
        await mailbox.close()
