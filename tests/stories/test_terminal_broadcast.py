"""A broadcast in a real terminal at 80x24: from a file of customers to the last text at the server."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.servers.smtp_recorder import Fault, RecorderProcess
from tests.stories.running import RunningDesk, account_toml, bare_toml, until
from tests.stories.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMERS = 40
DEAD = "447700900017"
BODY = "Dear {{ customer.name }}, your boiler is due on {{ customer.due }}."
MORE = f"""
enabled = false

[[template]]
name = "reminder"
channel = "sms"
body = "{BODY}"

[[campaign]]
name = "spring"
sms_account = "texts@desk.example"

[[list]]
name = "north"
campaign = "spring"
"""


def customers() -> str:
    """A file as another system writes it; two of its rows cannot be written to, one has no date."""
    rows = ["ref,first name,last name,mobile,due"]
    rows += [f"C{n:03},Pat,Number {n},07700 900{n:03},1 Dec" for n in range(CUSTOMERS)]
    rows += ["X1,Bad,Number,oops,1 Dec", "X2,Same,Number,+44 7700 900001,1 Dec", "X3,No,Date,07700 900777,"]
    return "\n".join(rows)


def test_a_broadcast_from_a_file_to_the_last_text(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(customers())
    faults = [Fault("rcpt", "550 5.1.1 no such subscriber", match=DEAD)]
    with RecorderProcess(tmp_path / "record", faults=faults) as server, RunningDesk(tmp_path) as desk:
        texts = account_toml("texts@desk.example", user="u", password="p", imap_port=1, more="enabled = false")
        desk.apply(bare_toml(smtp_port=server.port) + texts + MORE.replace("\nenabled = false\n", ""))
        assert "43" in desk.run("customer", "import", "north", str(file))
        engine = desk.start()
        environment = desk.environment | {"POSTROOM_AS": "sue", "TEXTUAL_ANIMATIONS": "none",
                                          "XDG_CONFIG_HOME": str(tmp_path / "config")}  # fmt: skip
        with Terminal(environment) as terminal:
            terminal.sees("sue, supervisor")
            terminal.press("4")
            terminal.sees("campaign spring · 43 customers", "07700 900000")
            plan(terminal)
            confirm(terminal)
            run(terminal, desk)
        until("all have left", lambda: len(server.read()) == CUSTOMERS - 1)
        assert set(Counter(one.recipient for one in server.read()).values()) == {1}
        assert dict(desk.query("SELECT state, count(*) FROM recipient GROUP BY state")) == {
            "sent": CUSTOMERS - 1, "failed": 1
        }  # fmt: skip
        desk.stop(engine)


def plan(terminal: Terminal) -> None:
    """Who, what, and what would happen: those left out are looked at."""
    terminal.press("w")
    terminal.sees("[1 Who]", "campaign spring · 43 customers", "43 customers, before anybody is left out")
    terminal.press("C-s")
    terminal.sees("[2 What]", "Dear {{ customer.name }}")
    terminal.press("C-s")
    terminal.sees("[3 Plan]", f"{CUSTOMERS} will get it", "number not valid", "same number twice", "template error")
    terminal.press("t")
    terminal.sees("1 template error", "X3")
    terminal.press("Escape")
    terminal.misses("Number or address")
    terminal.press("Enter")
    terminal.sees("[4 Preview]", f"1 of {CUSTOMERS}", "Dear Pat Number 0, your boiler is due on 1 Dec.")
    terminal.press("Right")
    terminal.sees(f"2 of {CUSTOMERS}", "Number 1, your")


def confirm(terminal: Terminal) -> None:
    """Slowly enough to be paused on the way; back and forth, nothing that was typed is lost."""
    terminal.press("Enter")
    terminal.sees("[5 When]", "Messages a minute")
    terminal.press("Tab")
    terminal.sees("0: as fast as the outgoing server takes them.")
    terminal.type("600")
    terminal.sees("at 600/min: 4 s")
    terminal.press("Escape")
    terminal.sees("[4 Preview]")
    terminal.press("Enter")
    terminal.sees("[5 When]", "at 600/min: 4 s")
    terminal.press("C-s")
    terminal.sees("[6 Confirm]", "Type the number to confirm")
    terminal.type("4")
    terminal.press("Enter")
    terminal.sees(f"{CUSTOMERS} will get it: type that number")
    terminal.type("0")
    terminal.press("Enter")


def run(terminal: Terminal, desk: RunningDesk) -> None:
    """Paused, resumed, and watched to the end."""
    terminal.sees("● running", f"of {CUSTOMERS}")
    terminal.until(lambda screen: _sent(screen) > 3, "some that are sent")
    terminal.press("p")
    terminal.sees("▲ paused", "paused by sue")
    until("nothing is on its way", lambda: not desk.count("SELECT count(*) FROM outbox WHERE state = 'sending'"))
    sent = desk.count("SELECT count(*) FROM outbox WHERE state = 'sent'")
    assert 3 < sent < CUSTOMERS
    terminal.sees(f"● sent {sent} ")
    assert not desk.count("SELECT count(*) FROM outbox WHERE state = 'queued'")
    terminal.press("p")
    terminal.sees("● running")
    terminal.sees("● done", f"● sent {CUSTOMERS - 1}", "✖ failed 1", "100 %", "no such subscriber")
    terminal.press("Escape")
    terminal.sees("campaign spring · 43 customers")
    terminal.press("b")
    terminal.sees("Broadcasts · none running", "● done")


def _sent(screen: str) -> int:
    found = re.search(r"● sent (\d+)", screen)
    return int(found[1]) if found else 0
