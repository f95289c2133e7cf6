"""`account check` and `doctor` against a real Dovecot and a real Postfix, and what they say when something is wrong."""

from __future__ import annotations

import asyncio
import email
import os
import shutil
from contextlib import aclosing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from core.checkup import Step, check_account, doctor, examine
from core.clock import Clock
from core.errors import NotFound
from core.models import Account, Desk, Engine, Gateway, Journal, Mail, OutgoingServer
from core.models.states import MailOutcome
from core.office import Office, open_office
from core.settings import Settings
from core.store import Leases
from tests.flow.desk_files import apply_text
from tests.servers.postfix import Postfix

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot
    from tests.servers.smtp_recorder import Recorder

PASSWORD = "geheim 7"


@pytest.fixture(scope="module")
def delivering(dovecot: Dovecot) -> Iterator[Postfix]:
    """A Postfix that delivers into the mailboxes that the Dovecot serves."""
    if os.getuid() != 0:
        pytest.skip("Postfix's master runs as root only")
    with Postfix(maildir_root=dovecot.folder / "mail") as server:
        yield server


def desk_toml(dovecot: Dovecot, user: str, outgoing: str, **imap: str) -> str:
    keys = {"folder": '"INBOX"', "after_fetch": '"seen"', "ca_file": f'"{dovecot.ca_file}"', **imap}
    return f"""
[desk]
name = "Acme"
{outgoing}
[[queue]]
name = "front"
[[account]]
kind = "email"
address = "{user}@desk.example"
queue = "front"
user = "{user}"
password = "{PASSWORD}"
imap = {{ host = "127.0.0.1", port = {dovecot.port}, security = "starttls",
  {", ".join(f"{key} = {value}" for key, value in keys.items())} }}
""".replace(",\n", ", ")


def outgoing_toml(host: str, port: int, security: str = "none", **keys: str) -> str:
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return f'[outgoing_server]\nhost = "{host}"\nport = {port}\nsecurity = "{security}"\n{lines}'


@pytest.fixture
def place(folder: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("POSTROOM_KEY", raising=False)
    shutil.copy(sqlite_template, folder / "desk.sqlite3")
    return Settings(f"sqlite:///{folder / 'desk.sqlite3'}", folder / "desk.key")


@pytest.fixture
async def office(place: Settings) -> AsyncIterator[Office]:
    async with open_office(place) as office:
        yield office


async def ended(steps: AsyncIterator[Step]) -> dict[str, Step]:
    """The results by name; each was announced before, and none holds a secret."""
    results: dict[str, Step] = {}
    async for step in steps:
        assert PASSWORD not in repr(step)
        if not step.running:
            assert step.ok is not False or step.remedy, f"{step.name} says not what to do"
            results[step.name] = step
    return results


async def check(office: Office, address: str, arrival_seconds: float = 20) -> dict[str, Step]:
    return await ended(check_account(office.database, office.vault, address, arrival_seconds=arrival_seconds))


async def set_up(office: Office, dovecot: Dovecot, user: str, outgoing: str, **imap: str) -> str:
    await apply_text(office, desk_toml(dovecot, user, outgoing, **imap))
    return f"{user}@desk.example"


# -- account check -------------------------------------------------------------------------------------------------


async def test_a_healthy_account_passes_every_step_and_the_test_mail_is_gone_afterwards(
    office: Office, dovecot: Dovecot, delivering: Postfix, mail_user: str
) -> None:
    delivering.add_user(mail_user)
    dovecot.deliver(mail_user, b"Subject: before\r\n\r\nx\r\n")
    outgoing = outgoing_toml("127.0.0.1", delivering.port, "starttls", ca_file=f'"{delivering.ca_file}"')
    address = await set_up(office, dovecot, mail_user, outgoing, after_fetch='"move:INBOX"')
    steps = await check(office, address)
    assert {name: step.ok for name, step in steps.items()} == {
        "credentials": True,
        "connect": True,
        "log in": True,
        "abilities": True,
        "folder": True,
        "after fetching": True,
        "outgoing credentials": True,
        "outgoing server": True,
        "outgoing log in": None,
        "test mail": True,
        "arrival": True,
    }, steps
    assert "encrypted by STARTTLS" in steps["connect"].detail
    assert "tells of new mail by itself (IDLE); moves in one step (MOVE)" in steps["abilities"].detail
    assert steps["folder"].detail.startswith("INBOX: 1 mails, UIDVALIDITY ")
    assert steps["arrival"].detail.startswith("in INBOX after ")
    assert [b"Subject: before" in raw for raw in dovecot.messages(mail_user)] == [True]


async def test_the_test_mail_says_that_a_machine_and_this_desk_sent_it(
    office: Office, dovecot: Dovecot, mail_user: str, recorder: Recorder
) -> None:
    address = await set_up(office, dovecot, mail_user, outgoing_toml("127.0.0.1", recorder.port))
    steps = await check(office, address, arrival_seconds=0.3)
    assert steps["arrival"].ok is False
    assert "within 0.3 seconds" in steps["arrival"].detail
    (letter,) = recorder.letters
    mail = email.message_from_bytes(letter.raw)
    assert mail["X-Postroom-Loop"] == "Acme"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (letter.sender, tuple(letter.recipients)) == (address, (address,))


async def test_a_test_mail_that_an_engine_fetched_first_has_arrived_too(
    office: Office, dovecot: Dovecot, mail_user: str, recorder: Recorder
) -> None:
    address = await set_up(office, dovecot, mail_user, outgoing_toml("127.0.0.1", recorder.port))
    now = office.clock.now()
    last = None
    async with aclosing(check_account(office.database, office.vault, address)) as steps:
        async for step in steps:
            if step.name == "arrival" and step.running:
                await Mail.create(
                    account=await Account.get(address=address), uidvalidity=1, uid=1, outcome=MailOutcome.OWN_LOOP,
                    letter_id=email.message_from_bytes(recorder.letters[0].raw)["Message-ID"],
                    arrived_at=now, taken_at=now,
                )  # fmt: skip
            last = step
    assert last is not None
    assert (last.name, last.ok) == ("arrival", True)
    assert last.detail.startswith("taken by the engine")


async def test_a_wrong_password_is_told_from_a_server_that_is_not_there(
    office: Office, dovecot: Dovecot, mail_user: str, recorder: Recorder
) -> None:
    text = desk_toml(dovecot, mail_user, outgoing_toml("127.0.0.1", recorder.port))
    await apply_text(office, text.replace(PASSWORD, "wrong"))
    steps = await check(office, f"{mail_user}@desk.example")
    assert (steps["connect"].ok, steps["log in"].ok) == (True, False)
    assert steps["log in"].remedy == "check user and password"
    assert steps["outgoing server"].ok
    assert steps["test mail"].detail.startswith("left out")
    assert recorder.letters == []
    await apply_text(office, text.replace(f"port = {dovecot.port}", "port = 1"))
    steps = await check(office, f"{mail_user}@desk.example")
    assert steps["connect"].ok is False
    assert "log in" not in steps


async def test_a_certificate_that_is_not_trusted_stops_before_the_login(
    office: Office, dovecot: Dovecot, mail_user: str, recorder: Recorder
) -> None:
    outgoing = outgoing_toml("127.0.0.1", recorder.port)
    steps = await check(office, await set_up(office, dovecot, mail_user, outgoing, ca_file='""'))
    assert steps["connect"].ok is False
    assert "not trusted" in steps["connect"].detail


async def test_a_folder_that_is_not_there_is_named_with_those_that_are(
    office: Office, dovecot: Dovecot, mail_user: str, recorder: Recorder
) -> None:
    outgoing = outgoing_toml("127.0.0.1", recorder.port)
    dovecot.deliver(mail_user, b"Subject: x\r\n\r\n", folder="Erledigt")
    address = await set_up(office, dovecot, mail_user, outgoing, after_fetch='"move:Erledigt"')
    assert (await check(office, address, 0.2))["after fetching"].ok
    await set_up(office, dovecot, mail_user, outgoing, after_fetch='"move:Erledgit"')
    step = (await check(office, address, 0.2))["after fetching"]
    assert (step.ok, step.remedy) == (False, "create it, or did you mean Erledigt?")
    await set_up(office, dovecot, mail_user, outgoing, folder='"Nowhere"')
    step = (await check(office, address, 0.2))["folder"]
    assert (step.ok, step.remedy) == (False, "create it, or choose one of Erledigt, INBOX")


async def test_an_outgoing_server_that_is_missing_or_mute_does_not_hide_the_mailbox(
    office: Office, dovecot: Dovecot, mail_user: str
) -> None:
    address = await set_up(office, dovecot, mail_user, "")
    steps = await check(office, address)
    assert (steps["folder"].ok, steps["outgoing server"].detail) == (True, "none is set up")
    await set_up(office, dovecot, mail_user, outgoing_toml("127.0.0.1", 1))
    steps = await check(office, address)
    assert (steps["folder"].ok, steps["outgoing server"].ok) == (True, False)


async def test_an_account_that_does_not_exist_is_a_wrong_question(office: Office) -> None:
    with pytest.raises(NotFound, match="there is no account nobody@desk"):
        await check(office, "nobody@desk.example")


# -- doctor --------------------------------------------------------------------------------------------------------


async def diagnosis(place: Settings) -> dict[str, Step]:
    return await ended(examine(place, Clock()))


async def test_a_healthy_desk_has_nothing_that_is_broken(
    place: Settings, dovecot: Dovecot, mail_user: str, recorder: Recorder
) -> None:
    async with open_office(place) as office:
        address = await set_up(office, dovecot, mail_user, outgoing_toml("127.0.0.1", recorder.port))
        await apply_text(office, '[[gateway]]\nname = "line"\nrecipient = "@sms.example"\n')
    steps = await diagnosis(place)
    assert [step for step in steps.values() if step.ok is False] == []
    assert list(steps) == [
        "program", "libraries", "database", "disk", "writing", "integrity", "clock", "key", "time zone", "engine",
        "gateway line", "outgoing server", "outgoing log in", f"mailbox {address}",
    ]  # fmt: skip
    assert steps["engine"].detail == "none is running"
    assert steps[f"mailbox {address}"].detail.startswith("INBOX: 0 mails")


async def test_a_healthy_desk_on_postgresql_too(postgres_url: str, tmp_path: Path) -> None:
    steps = await diagnosis(Settings(postgres_url, tmp_path / "desk.key"))
    assert [step for step in steps.values() if step.ok is False] == []
    assert "up to date" in steps["database"].detail
    assert steps["integrity"].ok is None


async def test_every_mailbox_and_server_that_fails_is_named(place: Settings, dovecot: Dovecot, mail_user: str) -> None:
    async with open_office(place) as office:
        address = await set_up(office, dovecot, mail_user, outgoing_toml("127.0.0.1", 1))
        await Account.filter(address=address).update(imap_folder="Nowhere")
    steps = await diagnosis(place)
    assert {name for name, step in steps.items() if step.ok is False} == {"outgoing server", f"mailbox {address}"}
    async with open_office(place):
        await Account.filter(address=address).update(enabled=False)
        await OutgoingServer.all().delete()
    steps = await diagnosis(place)
    assert [step for step in steps.values() if step.ok is False] == []
    assert steps[f"mailbox {address}"].detail == "disabled"


async def test_settings_that_cannot_work_are_found(place: Settings) -> None:
    async with open_office(place) as office:
        await Desk.filter(id=1).update(timezone="Mars/Olympus")
        await Gateway.create(name="bare", dialect="plain")
        await Gateway.create(name="unset", dialect="body-lines", overrides={"recipient": "@x.example"})
        await Gateway.create(name="gone", dialect="no such")
        await Journal.create(at=office.clock.now() + timedelta(hours=3), actor="x", verb="x", kind="desk")
    steps = await diagnosis(place)
    assert {name for name, step in steps.items() if step.ok is False} == {
        "time zone", "gateway bare", "gateway unset", "gateway gone", "clock",
    }  # fmt: skip
    assert steps["gateway unset"].detail == "has no api_id, user, password"
    assert "2 hours ahead" in steps["clock"].detail


async def test_a_running_engine_is_named(place: Settings) -> None:
    async with open_office(place) as office:
        leases = Leases(office.database, office.clock, "here-1")
        await leases.take("engine:here-1", seconds=60)
        await Engine.create(holder="here-1", host="here", pid=1, version="9.9", started_at=office.clock.now())
    assert (await diagnosis(place))["engine"] == Step("engine", True, "9.9 on here, process 1")


async def test_a_key_that_is_wrong_or_bare_is_found_before_any_password_is_needed(place: Settings) -> None:
    async with open_office(place):
        pass
    place.key_file.chmod(0o644)
    assert (await diagnosis(place))["key"].remedy == f"say `chmod 600 {place.key_file}`"
    place.key_file.write_text(Fernet.generate_key().decode())
    place.key_file.chmod(0o600)
    steps = await diagnosis(place)
    assert steps["key"].ok is False
    assert list(steps)[-1] == "key"


async def test_a_database_that_cannot_be_opened_is_the_last_thing_said(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite3").write_text("this is no database, but it is long enough to look like a file of one")
    steps = await diagnosis(Settings(f"sqlite:///{tmp_path / 'desk.sqlite3'}", tmp_path / "desk.key"))
    assert list(steps)[-1] == "database"
    assert steps["database"].ok is False


async def test_a_damaged_database_is_found(place: Settings) -> None:
    async with open_office(place) as office:
        async with office.database.transaction():
            for number in range(400):
                await Journal.create(at=office.clock.now(), actor="x" * 60, verb="x", kind="desk", text="y" * number)
    path = place.sqlite_path
    assert path is not None
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 4096 * 2 // 3 * 4096
    raw[middle : middle + 4096] = b"\xee" * 4096
    path.write_bytes(raw)
    steps = await diagnosis(place)
    assert steps["integrity"].ok is False
    assert list(steps)[-1] == "integrity"


async def test_a_library_in_another_version_and_a_full_disk_are_found(
    place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: "0.0" if name == "aioimaplib" else "1")
    monkeypatch.setattr(doctor, "LITTLE_SPACE", 2**62)
    steps = await diagnosis(place)
    assert "aioimaplib is 0.0, not 2.0.3" in steps["libraries"].detail
    assert steps["disk"].ok is False


# -- as it happens -------------------------------------------------------------------------------------------------


async def test_every_step_is_told_when_it_begins_and_when_it_ends(
    office: Office, dovecot: Dovecot, mail_user: str, recorder: Recorder
) -> None:
    address = await set_up(office, dovecot, mail_user, outgoing_toml("127.0.0.1", recorder.port))
    steps = check_account(office.database, office.vault, address, arrival_seconds=0.3)
    told = [(step.name, step.running) async for step in steps]
    for name in ("credentials", "connect", "log in", "folder", "outgoing server", "test mail", "arrival"):
        assert told.index((name, True)) < told.index((name, False)), name
    assert [name for name, running in told if running][:4] == ["credentials", "connect", "log in", "folder"]


@pytest.mark.parametrize("until", ["connect", "log in", "folder", "outgoing server", "outgoing log in"])
async def test_a_check_that_is_left_closes_what_it_holds(
    office: Office, dovecot: Dovecot, mail_user: str, recorder: Recorder, until: str
) -> None:
    address = await set_up(office, dovecot, mail_user, outgoing_toml("127.0.0.1", recorder.port))
    before = len(asyncio.all_tasks())
    async with aclosing(check_account(office.database, office.vault, address)) as steps:
        async for step in steps:
            if step.name == until and not step.running:
                break
    await recorder.until(lambda: not recorder.open_wires)
    assert len(asyncio.all_tasks()) == before
    assert not recorder.letters
