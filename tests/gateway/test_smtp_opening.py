"""From an address to a session: what goes wrong on the way has a name, and no secret ever shows."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from core.errors import LoginRefused, PostroomError, ServerBusy, ServerGone, TlsFailed, Wrong
from core.gateway.login import Login
from core.gateway.smtp import Letter, Opening, SmtpServer, SmtpSession, Verdict
from tests.servers.certificates import make_certificates
from tests.servers.ports import free_port
from tests.servers.smtp_recorder import Fault, Manners, Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SECRET = "geheim-Pässwort 7"
LETTER = Letter("desk@desk.example", ("anna@far.example",), b"hello\r\n")


def at(port: int, security: str = "none", **more: Any) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, security, timeout=more.pop("timeout", 0.5), **more)


async def failing(server: SmtpServer, login: Login | None = None) -> PostroomError:
    """The error that opening raises; it names the server and is one sentence."""
    with pytest.raises(PostroomError) as caught:
        await SmtpSession.open(server, login)
    assert server.where in str(caught.value)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("stage", "action", "kind"),
    [
        ("greeting", "421 4.3.2 too many", ServerBusy),
        ("greeting", "554 5.7.1 not for you", ServerGone),
        ("greeting", "garbage", ServerGone),
        ("greeting", "close", ServerGone),
        ("greeting", "reset", ServerGone),
        ("greeting", "hang", ServerGone),
        ("ehlo", "421 4.3.2 bye ; close", ServerBusy),
        ("ehlo", "garbage", ServerGone),
        ("ehlo", "close", ServerGone),
        ("ehlo", "hang", ServerGone),
    ],
)
async def test_a_server_in_trouble_has_an_error_of_its_own_kind(
    recorder: Recorder, stage: str, action: str, kind: type[PostroomError]
) -> None:
    recorder.faults = [Fault(stage, action)]
    assert type(await failing(at(recorder.port))) is kind
    recorder.faults = []
    if action != "hang":
        await recorder.until(lambda: not recorder.open_wires)


async def test_nobody_listening_is_said_in_words() -> None:
    error = await failing(at(free_port()))
    assert isinstance(error, ServerGone)
    assert "Connection refused" in str(error)


async def test_a_host_that_cannot_be_is_said_in_words() -> None:
    assert isinstance(await failing(SmtpServer("no..where", 25, "none", timeout=5)), ServerGone)


@pytest.mark.parametrize(
    "fields",
    [("", 25, "none"), ("mail\r\nx", 25, "none"), ("mail", 0, "none"), ("mail", 25, "ssl"), ("mail", 70000, "tls")],
)
def test_a_server_that_makes_no_sense_is_a_wrong_question(fields: tuple[str, int, str]) -> None:
    with pytest.raises(Wrong):
        SmtpServer(*fields)
    with pytest.raises(Wrong):
        SmtpServer("mail", 25, "none", helo="two words")


async def test_a_server_that_only_knows_helo_is_enough(recorder: Recorder) -> None:
    recorder.manners = Manners(ehlo=False)
    session = await SmtpSession.open(at(recorder.port), None)
    assert not session.pipelining
    assert (await session.send(LETTER)).verdict is Verdict.ACCEPTED
    assert recorder.letters[0].parameters == ""
    await session.close()


async def test_the_greeting_uses_the_given_name_or_one_that_is_valid(recorder: Recorder) -> None:
    await (await SmtpSession.open(at(recorder.port, helo="desk.example"), None)).close()
    await (await SmtpSession.open(at(recorder.port), None)).close()
    names = [line.split(b" ")[1] for line in recorder.lines if line.startswith(b"EHLO")]
    assert names[0] == b"desk.example"
    assert b"." in names[1]


async def test_the_steps_can_be_taken_one_by_one(recorder: Recorder) -> None:
    opening = Opening(at(recorder.port))
    assert await opening.connect() == "recorder ESMTP"
    assert await opening.encrypt() == ""
    await opening.greet()
    assert "pipelining" in opening.extensions
    session = SmtpSession.of(opening)
    assert (await session.send(LETTER)).verdict is Verdict.ACCEPTED
    await session.close()


async def test_a_cancel_while_opening_leaves_no_connection(recorder: Recorder) -> None:
    recorder.faults = [Fault("ehlo", "slow 30")]
    opening = asyncio.create_task(SmtpSession.open(at(recorder.port, timeout=30), None))
    await recorder.until(lambda: recorder.happened("ehlo"))
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await recorder.until(lambda: not recorder.open_wires)


# -- encryption ---------------------------------------------------------------------------------------------------


async def test_without_starttls_there_is_no_falling_back_to_plain_text(recorder: Recorder) -> None:
    error = await failing(at(recorder.port, "starttls"), Login("desk", SECRET))
    assert isinstance(error, TlsFailed)
    assert "does not offer STARTTLS" in str(error)
    assert [line[:4] for line in recorder.lines] == [b"EHLO"]


@pytest.mark.parametrize(
    ("answer", "kind"), [("454 4.7.0 TLS not available now", ServerBusy), ("501 5.5.4 no", TlsFailed)]
)
async def test_a_refused_starttls_is_no_session(recorder: Recorder, answer: str, kind: type[PostroomError]) -> None:
    recorder.manners = Manners(keywords=("STARTTLS",), answers={"STARTTLS": answer})
    assert type(await failing(at(recorder.port, "starttls"))) is kind


async def test_starttls_into_something_that_is_no_tls_fails(recorder: Recorder) -> None:
    recorder.manners = Manners(keywords=("STARTTLS",), answers={"STARTTLS": "220 go\r\n250 not really"})
    assert isinstance(await failing(at(recorder.port, "starttls")), TlsFailed | ServerGone)
    assert not any(line.startswith((b"MAIL", b"AUTH")) for line in recorder.lines)


async def test_tls_with_a_server_that_speaks_plain_text_fails(recorder: Recorder) -> None:
    assert isinstance(await failing(at(recorder.port, "tls")), TlsFailed)


async def test_tls_with_a_certificate_of_our_authority_works_and_another_does_not(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.certificate, made.key)
    async with Recorder(tls=context) as recorder:
        session = await SmtpSession.open(at(recorder.port, "tls", ca_file=str(made.ca_file), timeout=5), None)
        assert (await session.send(LETTER)).verdict is Verdict.ACCEPTED
        assert await session.noop()
        recorder.faults = [Fault("recorded", "close")]
        assert (await session.send(LETTER)).verdict is Verdict.IN_DOUBT
        await session.close()
        assert len(recorder.letters) == 2
        error = await failing(at(recorder.port, "tls", timeout=5))
        assert isinstance(error, TlsFailed)
        assert "certificate" in str(error)


async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, names=("other.example",), addresses=())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.certificate, made.key)
    async with Recorder(tls=context) as recorder:
        error = await failing(at(recorder.port, "tls", ca_file=str(made.ca_file), timeout=5))
        assert isinstance(error, TlsFailed)
        assert "127.0.0.1" in str(error)
        assert not recorder.lines


async def test_a_big_letter_that_stalls_inside_tls_is_certainly_not_sent(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.certificate, made.key)
    async with Recorder(tls=context, faults=[Fault("body", "hang", times=1)]) as recorder:
        big = Letter("desk@desk.example", ("anna@far.example",), (b"x" * 70 + b"\r\n") * 400_000)
        server = at(recorder.port, "tls", ca_file=str(made.ca_file), timeout=1)
        session = await SmtpSession.open(server, None)
        assert (await session.send(big)).verdict is Verdict.NOT_SENT
        await session.close()
        session = await SmtpSession.open(server, None)
        assert (await session.send(big)).verdict is Verdict.ACCEPTED
        assert recorder.letters[0].raw == big.raw
        await session.close()


async def test_authorities_that_cannot_be_read_are_a_matter_of_encryption(recorder: Recorder, tmp_path: Path) -> None:
    missing, broken = tmp_path / "none.pem", tmp_path / "broken.pem"
    broken.write_text("no certificate")
    for file in (missing, broken):
        error = await failing(at(recorder.port, "tls", ca_file=str(file), timeout=5))
        assert isinstance(error, TlsFailed)
        assert str(file) in str(error)


# -- the login ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def real_server() -> AsyncIterator[int]:
    """aiosmtpd, which checks a user and a password by PLAIN and LOGIN. The port."""

    def check(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        good = isinstance(data, LoginPassword) and data == LoginPassword(b"desk", SECRET.encode())
        return AuthResult(success=good, handled=good)

    class Handler:
        async def handle_DATA(self, *_: object) -> str:
            return "250 2.0.0 taken"

    def make() -> SMTP:
        return SMTP(Handler(), hostname="real", auth_require_tls=False, authenticator=check)

    served = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    yield served.sockets[0].getsockname()[1]
    served.close()
    await served.wait_closed()


async def test_a_right_password_opens_and_a_wrong_one_does_not(real_server: int) -> None:
    session = await SmtpSession.open(at(real_server, timeout=5), Login("desk", SECRET))
    assert (await session.send(LETTER)).verdict is Verdict.ACCEPTED
    await session.close()
    error = await failing(at(real_server, timeout=5), Login("desk", "wrong"))
    assert isinstance(error, LoginRefused)
    assert "login of desk" in str(error)


PLAIN = base64.b64encode(f"\0desk\0{SECRET}".encode()).decode()
TOKEN = base64.b64encode(f"user=desk\x01auth=Bearer {SECRET}\x01\x01".encode()).decode()


@pytest.mark.parametrize(
    ("keywords", "answers", "login", "kind"),
    [
        ((), {}, Login("desk", SECRET), LoginRefused),
        (("AUTH GSSAPI",), {}, Login("desk", SECRET), LoginRefused),
        (("AUTH PLAIN",), {}, Login("desk", token=SECRET), LoginRefused),
        (("AUTH PLAIN LOGIN",), {"AUTH": "535 5.7.8 no: {line}"}, Login("desk", SECRET), LoginRefused),
        (("AUTH PLAIN",), {"AUTH": "534 5.7.9 use another password"}, Login("desk", SECRET), LoginRefused),
        (("AUTH PLAIN",), {"AUTH": "454 4.7.0 later: {line}"}, Login("desk", SECRET), ServerBusy),
        (("AUTH PLAIN",), {"AUTH": "421 4.7.0 too many"}, Login("desk", SECRET), ServerBusy),
        (("AUTH PLAIN",), {"AUTH": "{line}"}, Login("desk", SECRET), ServerGone),
        (("AUTH PLAIN",), {"AUTH": f"535 your password {SECRET} is bad"}, Login("desk", SECRET), LoginRefused),
        (("AUTH CRAM-MD5",), {"AUTH": "334 !!!"}, Login("desk", SECRET), LoginRefused),
        (
            ("AUTH XOAUTH2",),
            {"AUTH": "334 eyJzdGF0dXMiOiI0MDAifQ==", "": "535 5.7.8 no"},
            Login("desk", token=SECRET),
            LoginRefused,
        ),
        (("AUTH XOAUTH2",), {"AUTH": "535 5.7.8 {line}"}, Login("desk", token=SECRET), LoginRefused),
    ],
)
async def test_a_login_that_fails_says_why_and_shows_no_secret(
    recorder: Recorder,
    caplog: pytest.LogCaptureFixture,
    keywords: tuple[str, ...],
    answers: dict[str, str],
    login: Login,
    kind: type[PostroomError],
) -> None:
    caplog.set_level(logging.DEBUG)
    recorder.manners = Manners(keywords=keywords, answers=answers)
    error = await failing(at(recorder.port), login)
    assert type(error) is kind, error
    shown = "".join(traceback.format_exception(error)) + caplog.text + repr(login) + repr(Opening(at(recorder.port)))
    for secret in (SECRET, PLAIN, TOKEN, PLAIN[:12], base64.b64encode(SECRET.encode()).decode()):
        assert secret not in shown


async def test_the_token_goes_out_as_xoauth2(recorder: Recorder) -> None:
    recorder.manners = Manners(keywords=("AUTH PLAIN XOAUTH2",), answers={"AUTH XOAUTH2": "235 2.7.0 welcome"})
    session = await SmtpSession.open(at(recorder.port), Login("desk", token=SECRET))
    assert b"AUTH XOAUTH2 " + TOKEN.encode() in recorder.lines
    assert (await session.send(LETTER)).verdict is Verdict.ACCEPTED
    await session.close()


async def test_a_method_that_the_server_cannot_do_is_followed_by_the_next(recorder: Recorder) -> None:
    recorder.manners = Manners(
        keywords=("AUTH CRAM-MD5 PLAIN LOGIN",),
        answers={"AUTH CRAM-MD5": "535 5.7.8 no such secret", "AUTH LOGIN": "504 5.5.4 no", "AUTH PLAIN": "235 ok"},
    )
    session = await SmtpSession.open(at(recorder.port), Login("desk", SECRET))
    asked = [line.split(b" ")[1] for line in recorder.lines if line.startswith(b"AUTH")]
    assert asked == [b"CRAM-MD5", b"LOGIN", b"PLAIN"]
    await session.close()


async def test_wrong_credentials_are_tried_once_and_not_by_every_method(recorder: Recorder) -> None:
    recorder.manners = Manners(keywords=("AUTH PLAIN LOGIN",), answers={"AUTH": "535 5.7.8 no"})
    await failing(at(recorder.port), Login("desk", SECRET))
    assert sum(line.startswith(b"AUTH") for line in recorder.lines) == 1
