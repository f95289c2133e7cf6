"""What static import graphs cannot see: what is really loaded."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def loaded_by(statement: str) -> set[str]:
    """The top-level names of all modules loaded after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_whole_core_loads_where_no_screen_and_no_command_line_is_installed() -> None:
    # structlog takes rich where it finds it, so what is asked is that core can do without.
    absent = "import sys\nfor name in ('textual', 'rich', 'typer', 'click'): sys.modules[name] = None\n"
    core = "import core.office, core.engine, core.blueprint, core.checkup, core.views, core.triage, core.intake"
    assert not loaded_by(absent + core) & {"cli", "tui", "demo"}


def test_help_loads_no_database() -> None:
    statement = (
        "import sys\nsys.argv = ['postroom', '--help']\nimport cli.main\ntry: cli.main.main()\nexcept SystemExit: pass"
    )
    assert not loaded_by(statement) & {"tortoise", "asyncpg", "lxml", "phonenumbers"}


def test_status_loads_nothing_of_mail() -> None:
    assert not loaded_by("import cli.status, core.views, core.store") & {"aioimaplib", "aiosmtplib", "lxml", "asyncpg"}


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{version('postroom')}]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_constraints_hold_names_and_versions_only() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        name, separator, number = line.partition("==")
        assert separator and name.replace("-", "").replace("_", "").replace(".", "").isalnum() and number, line


@pytest.mark.parametrize("folder", ["core", "tui", "cli", "demo"])
def test_no_module_has_a_name_that_says_nothing(folder: str) -> None:
    banned = {"manager", "helper", "helpers", "utils", "util", "base", "common", "misc"}
    names = {path.stem for path in (ROOT / folder).rglob("*.py")}
    assert not names & banned


def test_every_dependency_is_constrained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    constrained = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    missing = {name for one in wanted if (name := one.split(">=")[0].split("==")[0].lower()) not in constrained}
    assert not missing


def test_the_screen_loads_no_engine_and_no_mailbox() -> None:
    code = "import tui.app, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    found = set(done.stdout.split())
    assert not found & {"core.engine", "core.gateway.imap", "aioimaplib", "asyncssh"}
