"""The vault: one key a desk, never in the database; logins by password, password command and token command."""

from __future__ import annotations

import asyncio
import os
import shlex
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from core.errors import LoginRefused
from core.models import Account, Desk, Gateway, OutgoingServer, Queue
from core.secrets import (
    KeyExposed,
    Vault,
    WrongKey,
    forget_secrets,
    login_for,
    open_vault,
    opened_overrides,
    sealed_overrides,
)
from core.store import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.settings import Settings
    from core.store import Database

WORD = "correct horse ✓"


@dataclass(frozen=True)
class Row:
    user: str = "desk"
    secret: str = ""
    password_command: str = ""
    token_command: str = ""
    address: str = "texts@desk.example"


@pytest.fixture
async def database(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """Opened without an office, so that nobody has made a key yet."""
    monkeypatch.delenv("POSTROOM_KEY", raising=False)
    async with opened(settings) as database:
        yield database


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()], "here")


def python(*lines: str) -> str:
    return shlex.join([sys.executable, "-c", "\n".join(lines)])


# -- the key -----------------------------------------------------------------------------------------------------


async def test_a_new_desk_gets_a_private_key_file_and_opens_what_it_sealed(
    database: Database, settings: Settings
) -> None:
    sealed = (await open_vault(database, settings)).seal(WORD)
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert (await open_vault(database, settings)).unseal(sealed) == WORD
    assert [path.name for path in settings.key_file.parent.iterdir() if "key." in path.name] == []


async def test_two_that_open_a_new_desk_at_once_have_one_key(database: Database, settings: Settings) -> None:
    first, second = await asyncio.gather(open_vault(database, settings), open_vault(database, settings))
    assert second.unseal(first.seal(WORD)) == WORD


def test_processes_that_start_at_once_on_a_new_desk_have_one_key(tmp_path: Path) -> None:
    go = tmp_path / "go"
    program = f"""
import asyncio, os, pathlib, time
from core.secrets import open_vault
from core.settings import find_settings
from core.store import open_database

async def main() -> None:
    settings = find_settings("sqlite:///{tmp_path}/desk.sqlite3")
    database = await open_database(settings)
    print("ready", flush=True)
    while not pathlib.Path({str(go)!r}).exists():
        time.sleep(0.001)
    vault = await open_vault(database, settings)
    await database.close()
    print(vault.seal("x" * 9), flush=True)

asyncio.run(main())
"""
    environment = {name: value for name, value in os.environ.items() if name != "POSTROOM_KEY"}
    started = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    go.touch()
    sealed = [process.communicate(timeout=60)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    vault = Vault([(tmp_path / "desk.sqlite3.key").read_text().strip()], "here")
    assert {vault.unseal(text) for text in sealed} == {"x" * 9}


async def test_another_key_is_refused_and_the_sentence_says_where_it_was_found(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_vault(database, settings)
    monkeypatch.setenv("POSTROOM_KEY", Fernet.generate_key().decode())
    with pytest.raises(WrongKey, match="the key in POSTROOM_KEY does not open"):
        await open_vault(database, settings)
    monkeypatch.delenv("POSTROOM_KEY")
    settings.key_file.write_text(Fernet.generate_key().decode())
    with pytest.raises(WrongKey, match=str(settings.key_file)):
        await open_vault(database, settings)


async def test_a_missing_key_is_not_replaced_by_a_new_one(database: Database, settings: Settings) -> None:
    await open_vault(database, settings)
    settings.key_file.unlink()
    with pytest.raises(WrongKey, match=f"looked for POSTROOM_KEY and {settings.key_file}"):
        await open_vault(database, settings)
    assert not settings.key_file.exists()


async def test_a_key_made_in_vain_is_taken_away_again(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_vault(database, settings)
    elsewhere = replace(settings, key_file=tmp_path / "other host" / "key")

    async def nothing_yet(_: object) -> str:
        monkeypatch.undo()
        return ""

    monkeypatch.setattr("core.secrets.vault._stored_check", nothing_yet)
    with pytest.raises(WrongKey):
        await open_vault(database, elsewhere)
    assert not elsewhere.key_file.exists()


async def test_a_key_file_that_others_may_read_is_refused_in_one_line(database: Database, settings: Settings) -> None:
    await open_vault(database, settings)
    settings.key_file.chmod(0o640)
    with pytest.raises(KeyExposed, match=r"mode 640\): say `chmod 600") as raised:
        await open_vault(database, settings)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "too short", "=" * 44, "é" * 44])
async def test_what_is_no_key_is_refused_without_being_shown(text: str, database: Database, settings: Settings) -> None:
    settings.key_file.write_text(text)
    settings.key_file.chmod(0o600)
    with pytest.raises(WrongKey) as raised:
        await open_vault(database, settings)
    assert not text or text not in str(raised.value)


async def test_a_change_of_keys_seals_everything_anew_so_that_the_old_one_can_go(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv("POSTROOM_KEY", old)
    vault = await open_vault(database, settings)
    await store_secrets(vault)
    monkeypatch.setenv("POSTROOM_KEY", f"{old}, {new}")
    assert (await open_vault(database, settings)).unseal((await Account.get()).secret) == WORD
    monkeypatch.setenv("POSTROOM_KEY", f"{new},{old}")
    await open_vault(database, settings)
    monkeypatch.setenv("POSTROOM_KEY", new)
    vault = await open_vault(database, settings)
    assert vault.unseal((await Account.get()).secret) == WORD
    assert vault.unseal((await OutgoingServer.get()).secret) == WORD
    overrides = (await Gateway.get()).overrides
    assert opened_overrides(overrides, vault) == {"subject": "{number}", "secrets": {"pin": "1234"}}
    assert "1234" not in str(overrides)


async def test_a_lost_key_can_be_given_up_with_all_that_it_sealed(database: Database, settings: Settings) -> None:
    await store_secrets(await open_vault(database, settings))
    settings.key_file.write_text(Fernet.generate_key().decode())
    async with database.transaction():
        await forget_secrets(database)
    vault = await open_vault(database, settings)
    assert (await Desk.get(id=1)).key_check
    assert (await Account.get()).secret == (await OutgoingServer.get()).secret == ""
    assert opened_overrides((await Gateway.get()).overrides, vault)["secrets"] == {"pin": ""}


async def store_secrets(vault: Vault) -> None:
    overrides = sealed_overrides({"subject": "{number}", "secrets": {"pin": "1234"}}, vault)
    await Gateway.create(name="main", dialect="plain", overrides=overrides)
    await OutgoingServer.create(id=1, host="smtp.example", port=25, security="none", secret=vault.seal(WORD))
    await Account.create(
        kind="email", address="a@desk.example", queue=await Queue.create(name="front"), secret=vault.seal(WORD),
        imap_host="imap.example", imap_port=993, imap_security="tls",
    )  # fmt: skip


# -- logins --------------------------------------------------------------------------------------------------------


async def test_a_stored_password_becomes_a_login_that_does_not_show_it(vault: Vault) -> None:
    login = await login_for(Row(secret=vault.seal(WORD)), vault)
    assert (login.user, login.password, login.token) == ("desk", WORD, "")
    assert WORD not in repr(login) + repr(vault)


async def test_an_outgoing_server_without_a_user_needs_no_password(vault: Vault) -> None:
    assert (await login_for(Row(user=""), vault)).user == ""


async def test_a_user_without_any_password_is_told_so(vault: Vault) -> None:
    with pytest.raises(LoginRefused, match=r"texts@desk\.example has no password"):
        await login_for(Row(), vault)


async def test_a_command_s_first_line_is_the_password_or_the_token(vault: Vault) -> None:
    command = python("print('pass wörd \\r'); print('url: mail.example')")
    assert (await login_for(Row(password_command=command), vault)).password == "pass wörd "
    login = await login_for(Row(token_command=command, secret=vault.seal(WORD)), vault)
    assert (login.token, login.password) == ("pass wörd ", "")


async def test_no_shell_reads_the_command_and_it_does_not_see_the_key(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTROOM_KEY", "the key")
    command = python("import os, sys; print(sys.argv[1], os.environ.get('POSTROOM_KEY'))") + " '$HOME;`id`'"
    assert (await login_for(Row(password_command=command), vault)).password == "$HOME;`id` None"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (python("print('hunter2'); raise SystemExit(3)"), "ended with exit code 3"),
        (python("import sys; print('hunter2', file=sys.stderr)"), "printed nothing"),
        (python("print(); print('hunter2')"), "printed nothing"),
        ("/nowhere/hunter2 --now", "cannot be started"),
        ("pass 'hunter2", "cannot be read as words"),
        (" ", "cannot be read as words"),
        ("a\0hunter2", "cannot be read as words"),
    ],
)
async def test_a_command_that_fails_is_named_and_never_quoted(command: str, words: str, vault: Vault) -> None:
    with pytest.raises(LoginRefused, match=words) as raised:
        await login_for(Row(password_command=command), vault)
    assert str(raised.value).startswith("the password command of texts@desk.example ")
    assert "hunter2" not in str(raised.value) + repr(raised.value.__cause__)


async def test_a_command_that_hangs_is_ended_with_its_children(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.secrets.logins.COMMAND_SECONDS", 0.6)
    pids = tmp_path / "pids"
    command = python(
        "import os, subprocess, sys",
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')",
        "child.wait()",
    )
    with pytest.raises(LoginRefused, match="did not end within"):
        await login_for(Row(password_command=command), vault)
    deadline = time.monotonic() + 5
    while any(is_running(int(pid)) for pid in pids.read_text().split()):
        assert time.monotonic() < deadline, "the command or its child still runs"
        await asyncio.sleep(0.01)


async def test_a_command_that_prints_without_end_does_not_fill_the_memory(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.secrets.logins.COMMAND_SECONDS", 0.5)
    with pytest.raises(LoginRefused, match="did not end"):
        await login_for(Row(password_command="yes hunter2"), vault)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
