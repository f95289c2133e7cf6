"""A private, real Postfix for the tests: STARTTLS and TLS on loopback ports, Maildirs in a temp folder.

Postfix's master needs root (`postfix start` refuses everybody else, and its daemons change to other users); an ordinary
user gets a RuntimeError that says so, and the fixtures skip. Nothing of the machine's own Postfix is read or changed
except the programs: configuration, queue, data and log live in the temp folder, and no mail leaves the machine.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.servers.certificates import make_certificates
from tests.servers.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = yes
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
message_size_limit = {size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
notify_classes =
default_transport = bouncing
relay_transport = bouncing
virtual_transport = virtual
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {maildir_root}
virtual_mailbox_maps = hash:{folder}/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtputf8_enable = yes
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 5s
"""
# `bouncing` fails for good (67 is EX_NOUSER) after the mail was taken; smtpd would refuse what is for `error` at once.
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
showq unix n - n - - showq
error unix - - n - - error
bouncing unix - n n - - pipe user=nobody argv=/bin/sh -c {{echo nobody here knows that address; exit 67}}
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_START_SECONDS = 30.0


class Postfix:
    """A Postfix that belongs to this process alone; a context manager that starts and stops it.

    `port` speaks SMTP with STARTTLS, `tls_port` SMTP inside TLS, both on `host`; `ca_file` is the authority to
    trust. Mail to a known user of a domain goes to `maildir_root/USER/Maildir`, which may be the tree that a
    Dovecot serves; an unknown user is refused with 550 at RCPT. Mail to any other domain is taken, and bounced
    to its sender a moment later.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        maildir_root: Path | None = None,
        *,
        domains: Mapping[str, str] | tuple[str, ...] = ("desk.example",),
        size_limit: int = 50_000_000,
    ) -> None:
        """`domains` may map a domain to the user who gets what is for nobody else (empty: nobody does)."""
        if os.getuid() != 0:
            raise RuntimeError("The tests' own Postfix needs root: run them as root, in a container perhaps.")
        self._postfix = _program("postfix")
        # Not pytest's folders: these are closed to other users, and Postfix's daemons run as several.
        self.folder = Path(tempfile.mkdtemp(prefix="postroom-postfix-"))
        self.folder.chmod(0o755)
        self.certificates = make_certificates(self.folder)
        self.ca_file = str(self.certificates.ca_file)
        self.port = free_port()
        self.tls_port = free_port()
        self.maildir_root = maildir_root or self.folder / "mail"
        self._domains = dict(domains) if not isinstance(domains, tuple) else dict.fromkeys(domains, "")
        self._users: set[str] = set()
        self._editions = itertools.count(1_000_000_000)
        self._process: subprocess.Popen[bytes] | None = None
        self._account = self._mail_account()
        self._write_configuration(size_limit)
        for user in filter(None, self._domains.values()):
            self.add_user(user)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- the server ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start and wait until both ports answer. RuntimeError with the server's log when they do not."""
        if self._process is not None:
            raise RuntimeError("this Postfix runs already")
        with (self.folder / "words").open("ab") as words:
            self._process = subprocess.Popen(
                [self._postfix, "-c", str(self.folder / "etc"), "start-fg"],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not (self._offers_encryption() and self._listens(self.tls_port)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Postfix did not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask it to end, and see that nothing of it is left."""
        process = self._process
        if process is None:
            return
        self.resume()
        if master := self._master():
            with contextlib.suppress(ProcessLookupError):
                os.kill(master, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
        self.kill()

    def kill(self) -> None:
        """`kill -9` to master and every child at once."""
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._process = None
        (self.folder / "queue" / "pid" / "master.pid").unlink(missing_ok=True)
        deadline = time.monotonic() + 5
        # Its children are not ours to wait for, but while one lives the ports are taken.
        while (self._listens(self.port) or self._listens(self.tls_port)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart(self) -> None:
        """Stop and start on the same ports with the same queue."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """SIGSTOP to every process: connections stay open and nobody answers, not even to new ones."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT to every process."""
        self._signal(signal.SIGCONT)

    def flush(self) -> None:
        """Try everything in the queue now."""
        self._run("postqueue", "-f")

    def queued(self) -> int:
        """How many mails wait in the queue."""
        return len(self._run("postqueue", "-j").splitlines())

    def wait_for_empty_queue(self, seconds: float = 20.0) -> None:
        """Until nothing waits any more; AssertionError with the log when that does not happen."""
        deadline = time.monotonic() + seconds
        while self.queued():
            if time.monotonic() > deadline:
                raise AssertionError(f"mails still wait in the queue:\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def log(self) -> str:
        """What the server wrote so far, its start-up's words first."""
        texts = []
        for name in ("words", "log"):
            with contextlib.suppress(FileNotFoundError):
                texts.append((self.folder / name).read_text(errors="replace"))
        return "".join(texts)

    # -- users and mails ----------------------------------------------------------------------------------

    def add_user(self, *names: str) -> None:
        """Make users known in every domain; a running server sees it from its next connection on."""
        self._users.update(names)
        for name in names:
            path = self.maildir_root / name
            path.mkdir(parents=True, exist_ok=True)
            self._hand_over(path)
        boxes = [f"{user}@{domain} {user}/Maildir/" for domain in self._domains for user in self._users]
        boxes += [f"@{domain} {user}/Maildir/" for domain, user in self._domains.items() if user]
        (self.folder / "mailboxes").write_text("\n".join([*boxes, ""]))
        self._run("postmap", f"hash:{self.folder}/mailboxes")
        # Postfix's daemons read a table again when its time in whole seconds is another: give each edition its own.
        for name in ("mailboxes", "mailboxes.db"):
            os.utime(self.folder / name, (next(self._editions),) * 2)

    def mails(self, user: str) -> list[bytes]:
        """The raw mails delivered to this user, in the order of delivery (with the headers that Postfix adds)."""
        maildir = self.maildir_root / user / "Maildir"
        paths = [path for part in ("cur", "new") for path in maildir.glob(f"{part}/*")]
        return [path.read_bytes() for path in sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))]

    def wait_for_mails(self, user: str, count: int, seconds: float = 20.0) -> list[bytes]:
        """Until the user has at least this many mails; AssertionError with the log when that does not happen."""
        deadline = time.monotonic() + seconds
        while len(mails := self.mails(user)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{user} has {len(mails)} of {count} mails:\n{self.log()[-4000:]}")
            time.sleep(0.02)
        return mails

    # -- below --------------------------------------------------------------------------------------------

    def _mail_account(self) -> tuple[int, int]:
        """Who owns the mails: whoever owns the tree already, else nobody."""
        nobody = pwd.getpwnam("nobody")
        if self.maildir_root.exists() and (owner := self.maildir_root.stat()).st_uid != 0:
            return owner.st_uid, owner.st_gid
        self.maildir_root.mkdir(parents=True, exist_ok=True)
        os.chown(self.maildir_root, nobody.pw_uid, nobody.pw_gid)
        return nobody.pw_uid, nobody.pw_gid

    def _write_configuration(self, size_limit: int) -> None:
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        text = _MAIN.format(
            folder=self.folder,
            domains=" ".join(self._domains),
            maildir_root=self.maildir_root,
            uid=self._account[0],
            gid=self._account[1],
            size_limit=size_limit,
            certificate=self.certificates.certificate,
            key=self.certificates.key,
        )
        (self.folder / "etc" / "main.cf").write_text(text)
        text = _MASTER.format(port=self.port, tls_port=self.tls_port)
        (self.folder / "etc" / "master.cf").write_text(text)
        self.add_user()

    def _hand_over(self, path: Path) -> None:
        os.chown(path, *self._account)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [_program(program), "-c", str(self.folder / "etc"), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def _master(self) -> int:
        """The master's process id, which is its process group's too; 0 when there is none."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int((self.folder / "queue" / "pid" / "master.pid").read_text())
        return 0

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and (master := self._master()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(master, number)

    def _listens(self, port: int) -> bool:
        try:
            with socket.create_connection((self.host, port), 1):
                return True
        except OSError:
            return False

    def _offers_encryption(self) -> bool:
        """Whether SMTP answers and offers STARTTLS (it does not before tlsmgr is there)."""
        try:
            with socket.create_connection((self.host, self.port), 1) as line, line.makefile("rb") as answers:
                line.settimeout(5)
                if not answers.readline().startswith(b"220"):
                    return False
                line.sendall(b"EHLO test\r\nQUIT\r\n")
                return b"STARTTLS" in answers.read()
        except OSError:
            return False


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"The tests need a real SMTP server and {name} is missing: install Debian's postfix.")
    return found
