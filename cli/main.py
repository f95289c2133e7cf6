"""The command `postroom`: without a word it opens the screen at once, with words it goes to `cli.command`."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import Any

from core.errors import PostroomError, Wrong
from core.text import harmless

LARGEST = 2**63 - 1
"""Of a whole number in a database."""


def main() -> None:
    """Run a command; what goes wrong is one line on stderr and an exit code: 1 it failed, 2 the question was wrong."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a letter that the terminal lacks is no reason to stop
    try:
        _run()
    except PostroomError as error:
        sys.exit(_say(str(error), 2 if isinstance(error, Wrong) else 1))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains again while it exits
        sys.exit(1)
    except BaseExceptionGroup as group:
        sys.exit(_from_group(group))
    except Exception as error:  # noqa: BLE001 - the border of the command: no traceback reaches a person
        sys.exit(_unforeseen(error))


def _run() -> None:
    if len(sys.argv) == 1:
        gc.disable()  # until the screen is there: a tenth of the time would go into looking at what stays
        from cli.starting import open_screen

        open_screen("", os.environ.get("POSTROOM_AS", ""))
    else:
        from cli.command import app

        app(prog_name="postroom")


def _from_group(group: BaseExceptionGroup[Any]) -> int:
    known, rest = group.split(PostroomError)
    if rest is None and known is not None:
        first: BaseException = known
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        return _say(str(first), 1)
    return _unforeseen(group)


def _impossible() -> str:
    """What no database takes among the words of the command; empty for nothing."""
    for number, word in enumerate(sys.argv[1:], 1):
        if any("\ud800" <= letter <= "\udfff" for letter in word):
            return f"word {number} of the command is no text in UTF-8: write it anew"
        digits = word.rpartition("=")[2].lstrip("+-")
        if digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) >= len(str(LARGEST)):
            return f"{word[:40]} is a larger number than anything here has: look at the list for the right one"
    return ""


def _unforeseen(error: BaseException) -> int:
    if words := _impossible():
        return _say(words, 2)
    import traceback

    from platformdirs import user_state_path

    try:
        folder = user_state_path("postroom", appauthor=False, ensure_exists=True)
        path = folder / "last-error.txt"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(traceback.format_exception(error)))  # it may hold what customers wrote
        where = f"; {path} has the details for whoever mends it"
    except OSError:
        where = ""
    return _say(f"something nobody foresaw ({type(error).__name__}){where}", 1)


def _say(words: str, code: int) -> int:
    for line in harmless(words).splitlines() or [""]:
        print(f"postroom: {line}", file=sys.stderr)  # noqa: T201 - the one place where errors are said
    return code
