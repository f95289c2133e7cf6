"""Intake: small mails from one Dovecot, into our database and, by others, into theirs."""

from __future__ import annotations

import shutil
import subprocess
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measure import Comparison, interleaved
from benchmarks.places import Sizes, desk_toml, side
from tests.flow.mails import text_mail
from tests.servers.dovecot import Dovecot
from tests.stories.running import RunningDesk

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "Where is my order {n}? It should have come on Monday.\r\n" + "Some more words to fill the mail a bit.\r\n" * 4
MBSYNC = """
IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass "{password}"
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX
Sync Pull
Create Near
SyncState *
"""


def run(folder: Path, sizes: Sizes) -> list[Comparison]:
    """Mails a second, against mbsync and django-mailbox."""
    with Dovecot() as dovecot:
        user = dovecot.add_user()
        dovecot.deliver(user, *_mails(sizes.mails))
        _mbsync(folder, dovecot, user, sizes.mails)  # the server's caches are warm for everyone from here on
        found = interleaved(
            sizes.rounds,
            {
                "postroom": lambda: _ours(folder, dovecot, user, sizes.mails),
                "mbsync": lambda: _mbsync(folder, dovecot, user, sizes.mails),
                "django-mailbox": lambda: _django(folder, dovecot, sizes.mails_django),
            },
        )
    ours = found["postroom"]
    return [
        Comparison("intake", "mails/s", ours, "mbsync to Maildir", found["mbsync"], 1.0),
        Comparison("intake", "mails/s", ours, "django-mailbox", found["django-mailbox"], 10.0),
    ]


def _mails(count: int) -> list[bytes]:
    return [text_mail(f"+4477009{n:05d}", WORDS.format(n=n)) for n in range(count)]


def _ours(folder: Path, dovecot: Dovecot, user: str, count: int) -> float:
    home = folder / "ours"
    home.mkdir()
    desk = RunningDesk(home)
    desk.apply(desk_toml(imap_port=dovecot.port, users=[user], password=dovecot.password))
    done = f"SELECT EXISTS (SELECT 1 FROM mail WHERE id >= {count})"
    said = side("engine", path=desk.url.removeprefix("sqlite:///"), done=done)
    if desk.count("SELECT count(DISTINCT address) FROM contact") != count:
        raise RuntimeError("not every mail became a contact")
    shutil.rmtree(home)
    return count / float(said["seconds"])


def _mbsync(folder: Path, dovecot: Dovecot, user: str, count: int) -> float:
    home = folder / "mbsync"
    home.mkdir()
    configuration = home / "mbsyncrc"
    configuration.write_text(
        MBSYNC.format(port=dovecot.port, user=user, password=dovecot.password, folder=home / "mail")
    )
    (home / "mail").mkdir()
    began = perf_counter()
    # It warns of the password in the clear, which does not leave this machine.
    subprocess.run(["mbsync", "-c", configuration, "-q", "bench"], check=True, stderr=subprocess.DEVNULL)
    seconds = perf_counter() - began
    fetched = sum(len(list((home / "mail" / "INBOX" / part).iterdir())) for part in ("cur", "new"))
    if fetched != count:
        raise RuntimeError(f"mbsync fetched {fetched} of {count} mails")
    shutil.rmtree(home)
    return count / seconds


def _django(folder: Path, dovecot: Dovecot, count: int) -> float:
    """It deletes what it has fetched, so each round has a user of its own."""
    home = folder / "django"
    home.mkdir()
    user = dovecot.add_user()
    dovecot.deliver(user, *_mails(count))
    said = side("django_mailbox", folder=str(home), port=dovecot.port, user=user, password=dovecot.password)
    if said["count"] != count:
        raise RuntimeError(f"django-mailbox fetched {said['count']} of {count} mails")
    shutil.rmtree(home)
    return count / float(said["seconds"])
