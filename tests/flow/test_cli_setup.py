"""`postroom apply`, `export`, `account`, `doctor`: what a person sees, and the exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from cli.output import print_json, print_table
from core.settings import find_settings
from tests.flow.command import Command, write
from tests.flow.desk_files import DESK, SECRETS, minimal_account

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def postroom(command: Command) -> Command:
    return command


@pytest.fixture
def desk_toml(folder: Path) -> str:
    return write(folder / "desk.toml", DESK)


# -- apply and export ----------------------------------------------------------------------------------------------


def test_apply_says_what_it_did_and_a_second_time_that_there_is_nothing_to_do(
    postroom: Command, desk_toml: str
) -> None:
    done = postroom("apply", desk_toml)
    assert (done.code, done.err) == (0, "")
    assert 'desk: changed\n    name: "" -> Acme\n' in done.out
    assert "outgoing server: added\n" in done.out
    assert "account texts@acme.example: added\n" in done.out
    assert (again := postroom("apply", desk_toml)).out == "nothing to do\n"
    assert again.code == 0


def test_a_dry_run_shows_the_difference_and_leaves_everything(postroom: Command, folder: Path, desk_toml: str) -> None:
    postroom("apply", desk_toml)
    other = write(folder / "other.toml", DESK.replace('"geheim 3"', '"geheim 4"').replace("= 600", "= 0"))
    expected = (
        "outgoing server: would be changed\n    rate_per_minute: 600 -> 0\n"
        "account texts@acme.example: would be changed\n    password: (secret) -> (secret)\n"
    )
    assert postroom("apply", "--dry-run", other).out == postroom("apply", other, "--dry-run").out == expected
    new = write(folder / "new.toml", minimal_account("new@acme.example"))
    added = postroom("apply", new, "--dry-run").out
    assert added.startswith("account new@acme.example: would be added\n")
    assert "\n    kind: email\n" in added
    assert postroom("apply", desk_toml).out == "nothing to do\n"


def test_every_mistake_is_a_line_on_stderr_and_the_exit_code_is_two(postroom: Command, folder: Path) -> None:
    path = write(folder / "bad.toml", '[desk]\nnmae = "x"\n[[scripts]]\nname = "x"\n')
    done = postroom("apply", path)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == f'postroom: {path}: [desk]: nmae is not known; did you mean "name"?'
    assert done.err.splitlines()[1].startswith(f"postroom: {path}: [[scripts]] is not known here; known are ")
    assert postroom("apply", "nowhere.toml").words.startswith("nowhere.toml cannot be read (No such file")
    assert postroom("apply", write(folder / "bad.toml", minimal_account("a@b.example"))).code == 2


def test_an_export_is_toml_without_secrets_and_can_be_piped_back(postroom: Command, desk_toml: str) -> None:
    postroom("apply", desk_toml)
    exported = postroom("export")
    assert exported.code == 0
    assert not any(secret in exported.out for secret in SECRETS)
    assert len(tomllib.loads(exported.out)["account"]) == 2
    assert postroom.apart("apply", "-", stdin=exported.out).out == "nothing to do\n"


def test_nothing_that_is_printed_or_stored_shows_a_password(postroom: Command, desk_toml: str, folder: Path) -> None:
    printed = [postroom("apply", "--dry-run", desk_toml), postroom("apply", desk_toml), postroom("account", "list")]
    assert not any(secret in str(printed) for secret in SECRETS)
    for path in folder.rglob("*sqlite3*"):
        assert not any(secret.encode() in path.read_bytes() for secret in SECRETS)


def test_a_lost_key_can_be_given_up_and_only_a_lost_one(postroom: Command, desk_toml: str) -> None:
    postroom("apply", desk_toml)
    key_file = find_settings(postroom.db).key_file
    assert postroom("apply", desk_toml, "--new-key").words.startswith("the key to this desk's passwords is there")
    key_file.unlink()
    done = postroom("apply", desk_toml)
    assert (done.code, "looked for POSTROOM_KEY and" in done.words) == (1, True)
    done = postroom("apply", desk_toml, "--new-key")
    assert done.code == 0, done
    assert 'account texts@acme.example: changed\n    password: "" -> (secret)\n' in done.out
    assert key_file.exists()
    assert postroom("apply", desk_toml, "--new-key", "--dry-run").code == 2


# -- account and doctor --------------------------------------------------------------------------------------------


def test_accounts_are_listed_for_people_and_for_programs(postroom: Command, desk_toml: str) -> None:
    assert postroom("account", "list").out == "none\n"
    postroom("apply", desk_toml)
    table = postroom("account", "list").out.splitlines()
    assert table[0].split()[:3] == ["Account", "Kind", "Status"]
    assert [line.split()[:3] for line in table[1:]] == [
        ["texts@acme.example", "sms", "off"],
        ["help@acme.example", "email", "off"],
    ]
    rows = json.loads(postroom("account", "list", "--json").out)
    promised = (
        "address kind enabled status error last_poll on_server accounted contacts duplicates receipts quarantined "
        "oldest_unfetched"
    )
    assert set(promised.split()) <= rows[0].keys()
    assert (rows[0]["address"], rows[0]["enabled"], rows[0]["last_poll"]) == ("texts@acme.example", True, None)


def test_an_account_is_disabled_and_enabled_by_its_address(postroom: Command, desk_toml: str) -> None:
    postroom("apply", desk_toml)
    assert postroom("account", "disable", "Help@acme.example").out == "Help@acme.example is disabled\n"
    assert postroom("account", "disable", "help@acme.example").out == "help@acme.example was disabled already\n"
    enabled = {row["address"]: row["enabled"] for row in json.loads(postroom("account", "list", "--json").out)}
    assert enabled == {"texts@acme.example": True, "help@acme.example": False}
    assert postroom("account", "enable", "help@acme.example").out == "help@acme.example is enabled\n"
    done = postroom("account", "enable", "nobody@acme.example")
    assert (done.code, done.words) == (
        2,
        "there is no account nobody@acme.example: `postroom account list` names them",
    )


def test_a_check_that_fails_says_what_to_do_and_exits_with_one(postroom: Command, folder: Path) -> None:
    text = '[[queue]]\nname = "front"\n' + minimal_account(
        "a@acme.example", password='"x"', imap='{ host = "127.0.0.1", port = 1, security = "none" }'
    )
    postroom("apply", write(folder / "desk.toml", text))
    done = postroom("account", "check", "a@acme.example")
    assert (done.code, done.err) == (1, "")
    assert "ok      credentials: password stored\n" in done.out
    assert re.search(r"FAILED  connect: 127\.0\.0\.1:1 cannot be reached .*\n        what to do: check host", done.out)
    assert "\x1b" not in done.out
    done = postroom("account", "check", "a@acme.example", "--json")
    assert {step["name"]: step["ok"] for step in json.loads(done.out)} == {
        "credentials": True, "connect": False, "outgoing server": False, "test mail": None,
    }  # fmt: skip
    assert postroom("account", "check", "b@acme.example").code == 2


def test_the_doctor_finds_a_new_desk_well_and_a_bare_key_bad(postroom: Command) -> None:
    done = postroom("doctor")
    assert (done.code, done.err) == (0, "")
    assert "ok      key: from " in done.out
    assert "-       engine: none is running\n        what to do: start one with `postroom --no-ui`\n" in done.out
    find_settings(postroom.db).key_file.chmod(0o644)
    done = postroom("doctor")
    assert done.code == 1
    assert "FAILED  key: the key file" in done.out


# -- the command itself --------------------------------------------------------------------------------------------


def test_without_a_command_the_screen_is_said_to_be_missing(postroom: Command) -> None:
    done = postroom()
    assert (done.code, "postroom --no-ui" in done.words) == (2, True)


def test_a_mistyped_command_or_option_is_a_wrong_question(postroom: Command) -> None:
    done = postroom("acount", "list")
    assert (done.code, "Did you mean 'account'?" in done.err) == (2, True)
    assert postroom("apply").code == 2
    assert postroom("apply", "--nope", "x").code == 2
    assert postroom("--nope").code == 2


_WITH_MODULES = """
import sys
from cli.main import main
try:
    main()
finally:
    print(*(name for name in {suspects!r} if name in sys.modules), file=sys.stderr)
"""


def imported(suspects: list[str], *arguments: str) -> list[str]:
    """Which of these modules a command has imported, seen in a process of its own."""
    program = _WITH_MODULES.format(suspects=suspects)
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return done.stderr.split()


@pytest.mark.parametrize("arguments", [["--help"], ["account", "--help"], ["--version"]])
def test_help_and_version_need_no_database_and_no_orm(arguments: list[str]) -> None:
    assert imported(["tortoise", "core.store", "core.models", "rich.console", "textual"], *arguments) == []


def test_a_status_imports_nothing_that_it_does_not_need(postroom: Command) -> None:
    postroom("export")
    suspects = [
        "cryptography", "phonenumbers", "re2", "lxml", "aioimaplib", "aiosmtplib", "structlog", "rich.console",
        "core.gateway.dialects", "core.blueprint", "core.mime", "core.engine", "textual",
    ]  # fmt: skip
    assert imported(suspects, "--db", postroom.db, "status") == []


def test_an_error_nobody_foresaw_is_one_line_and_a_private_file(
    postroom: Command, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret of the house")

    monkeypatch.setattr("core.blueprint.parse_blueprint", broken)
    monkeypatch.setattr("core.blueprint.read_blueprint", broken)
    done = postroom("apply", "desk.toml")
    assert done.code == 1
    assert "a secret of the house" not in done.words
    (path,) = re.findall(r"; (/\S+) has the details", done.words)
    with open(path) as file:
        assert "ZeroDivisionError: a secret of the house" in file.read()
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert str(folder) in path


def test_a_reader_that_goes_away_is_no_error(postroom: Command, desk_toml: str) -> None:
    postroom("apply", desk_toml)
    reader, writer = os.pipe()
    os.close(reader)
    with closing(os.fdopen(writer, "w")) as stdout:
        done = postroom.apart("account", "list", stdout=stdout.fileno())
    assert done.err == ""


def test_ctrl_c_ends_a_command_quietly(postroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.blueprint.read_blueprint", interrupted)
    done = postroom("apply", "desk.toml")
    assert (done.code, done.out + done.err) == (130, "")


# -- what is printed -----------------------------------------------------------------------------------------------


def test_a_table_cuts_what_is_too_wide_and_shows_nothing_that_steers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    rows: list[dict[str, object]] = [
        {"a": "漢字" * 30, "b": 7, "c": "\x1b[2J" + "x" * 90, "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
        {"a": "short", "b": None, "c": "line\nbreak", "at": None},
    ]
    print_table({"a": "Account", "b": "Waiting", "c": "Error", "at": "When"}, rows, wide="c")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert max(map(cell_len, lines)) <= 80
    assert cell_len(lines[0].partition("When")[0]) == cell_len(lines[1].partition("2026")[0])
    assert "\x1b" not in "".join(lines)
    assert "…" in lines[1]
    assert "2026-01-02 03:04:05Z" in lines[1]


def test_json_keeps_every_letter_and_lets_none_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"text": "é漢🙂 \x1b \x9b2J \u202e \u2028 \x7f", "at": datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC)}
    print_json([value])
    out = capsys.readouterr().out
    assert "é漢🙂" in out
    assert not re.search("[\x1b\x7f-\x9f\u202e\u2028]", out)
    assert json.loads(out) == [{**value, "at": "2026-01-02T03:04:05.000600Z"}]
