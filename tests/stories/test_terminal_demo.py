"""The demo in a real terminal, answered from the keyboard, by somebody who has never seen it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tests.stories.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = "It is on the van and comes today. Sue"


def test_a_customer_of_the_demo_is_answered_from_the_keyboard_and_writes_back(tmp_path: Path) -> None:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("POSTROOM_")}
    homes = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "STATE", "CONFIG")}
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with Terminal(inherited | homes | {"TMPDIR": str(temporary)}, "--demo") as terminal:
        # Somebody waits for the shop, and is taken by the keys that the foot of the screen names.
        screen = terminal.sees("Postroom · Fernhill", "sue, supervisor", "F1 Help", "t Take")
        assert len(screen.splitlines()) == 24 and max(map(len, screen.splitlines())) <= 80
        terminal.until(lambda screen: re.search(r"orders +◌ [1-9]", screen), "somebody waits for the shop")
        terminal.press("End")
        terminal.sees("── orders · ", "4711")
        terminal.press("Tab", "t")
        terminal.sees("is yours")
        terminal.press("M-3")
        terminal.sees("── Mine 1", "to 07700 900101", "It was due on")

        # The answer is written, counted, sent; the phone says that it has it.
        terminal.misses("⏎ Open")  # the cursor is in the editor
        terminal.type(ANSWER)
        terminal.sees(f"{len(ANSWER)} of 160")
        terminal.press("M-2")  # Alt and a number is never typed, wherever the cursor is
        terminal.sees("── Queues")
        terminal.press("M-3")
        terminal.sees(ANSWER)
        terminal.press("C-s")
        terminal.sees("it is in the outbox", "● delivered", "comes today.", "0 of 160")

        # The customer reads it and writes back: it comes into the thread by itself.
        terminal.sees("Brilliant, thank you!")
        terminal.press("M-6")
        terminal.sees("── Outbox", "● sent", "07700 900101")
        terminal.press("7")
        terminal.sees("── Journal", "sue")
        terminal.press("C-q")
        terminal.sees("You have 1 open contact")
        terminal.press("Enter")
        assert terminal.ends() == 0
        assert list(temporary.glob("postroom-demo-*")) == []
    assert not list((tmp_path / "STATE").rglob("last-error.txt"))
