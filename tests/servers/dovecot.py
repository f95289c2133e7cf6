"""A private, real Dovecot for the tests: IMAP, STARTTLS and TLS on loopback ports, Maildirs in a temp folder.

It is configured to run without root (Dovecot manual, "Rootless installation"); started by root, as in a container,
it runs as `nobody`, because Dovecot refuses to serve mail as root.
"""

from __future__ import annotations

import base64
import contextlib
import grp
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

from core.gateway.imap_grammar import encode_mailbox
from tests.servers.certificates import make_certificates
from tests.servers.ports import free_port
from tests.servers.tokens import signed_token

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
default_process_limit = 300
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_username_chars =
auth_failure_delay = 0
mail_max_userip_connections = 100
mail_save_crlf = yes
mailbox_idle_check_interval = 1s
mail_location = maildir:~/Maildir
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  # A file for each user: a common one is looked at once a second only, too late for a user just made.
  # In it everybody is `anybody`, because a name with quotes in it would be looked for with backslashes.
  args = scheme=PLAIN username_format=anybody {folder}/users/%u
}}
userdb {{
  driver = static
  args = home={folder}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
  # Without the listener nobody is kept waiting after a wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""
# Tokens are checked against the key in this folder, with no server to ask (Dovecot manual, "Local validation").
_TOKEN_CONFIGURATION = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
_START_SECONDS = 15.0


class Dovecot:
    """A Dovecot that belongs to this process alone; a context manager that starts and stops it.

    `port` speaks IMAP with STARTTLS, `tls_port` IMAP inside TLS, both on `host`; `ca_file` is the authority to trust.
    Every user made by `add_user` has its own Maildir; `password` is the password of those that were given none.
    """

    host = "127.0.0.1"
    password = "geheim 7"

    def __init__(self) -> None:
        binary = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if binary is None:
            raise RuntimeError("The tests need a real IMAP server: install the Debian package dovecot-imapd.")
        self._binary = binary
        # Unix sockets live below base_dir and a socket's path may have 107 octets: not pytest's long temp folders.
        self.folder = Path(tempfile.mkdtemp(prefix="postroom-dovecot-"))
        self.certificates = make_certificates(self.folder)
        self.ca_file = str(self.certificates.ca_file)
        self.port = free_port()
        self.tls_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._token_key = os.urandom(32)
        for name in ("run", "state", "mail", "users", "keys/default/HS256"):
            (self.folder / name).mkdir(parents=True)
        self._write_configuration()
        self._hand_over(self.folder, *self.folder.rglob("*"))

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- the server ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start and wait until both ports greet. RuntimeError with the server's log when it does not."""
        if self._process is not None:
            raise RuntimeError("this Dovecot runs already")
        as_somebody = {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}
        self._process = subprocess.Popen(
            [self._binary, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            start_new_session=True,  # one process group for master and all children: one signal reaches them all
            **(as_somebody if os.getuid() == 0 else {}),  # type: ignore[call-overload]
        )
        deadline = time.monotonic() + _START_SECONDS
        while not (self._greets(self.port) and self._listens(self.tls_port)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Dovecot did not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask it to end, and see that nothing of it is left."""
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGCONT)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
        self.kill()

    def kill(self) -> None:
        """`kill -9` to master and every child at once."""
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGKILL)
        process.wait()
        self._process = None
        deadline = time.monotonic() + 5
        # Its children are not ours to wait for, but while one lives the ports are taken.
        while (self._listens(self.port) or self._listens(self.tls_port)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart(self) -> None:
        """Stop and start on the same ports with the same mails."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """SIGSTOP to every process: connections stay open and nobody answers, not even to new ones."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT to every process."""
        self._signal(signal.SIGCONT)

    def log(self) -> str:
        """What the server wrote into its log so far."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "log").read_text(errors="replace")
        return ""

    # -- users and mails -----------------------------------------------------------------------------------------

    def add_user(self, name: str = "", password: str = "") -> str:
        """A user with an empty INBOX; without a name a fresh one. Returns the name."""
        name = name or f"user{next(self._numbers)}"
        (self.folder / "users" / name).write_text(f"anybody:{{PLAIN}}{password or self.password}\n")
        self._make_maildir(self.maildir(name))
        return name

    def token(self, user: str, valid_seconds: int = 600) -> str:
        """An access token that logs this user in by XOAUTH2; with a negative `valid_seconds` one that has expired."""
        return signed_token(user, self._token_key, valid_seconds)

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """Where the mails of this folder lie (Maildir++)."""
        inbox = self.folder / "mail" / user / "Maildir"
        return inbox if folder.upper() == "INBOX" else inbox / f".{encode_mailbox(folder)}"

    def deliver(self, user: str, *raws: bytes, folder: str = "INBOX") -> None:
        """Put mails into the folder as a local delivery agent would: written to tmp/, renamed into new/."""
        maildir = self.maildir(user, folder)
        if not maildir.exists():
            self._make_maildir(maildir)
        for raw in raws:
            # The name says the size on disk and on the wire, so that the server need not read each mail to know it.
            on_wire = len(raw) + raw.count(b"\n") - raw.count(b"\r\n")
            unique = f"{time.time():.6f}.{os.getpid()}_{next(self._numbers)}.here,S={len(raw)},W={on_wire}"
            written = maildir / "tmp" / unique
            written.write_bytes(raw)
            written.chmod(0o644)
            written.rename(maildir / "new" / unique)

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The raw mails that stand in the folder now, in the order of delivery."""
        return [path.read_bytes() for path in self._mails(user, folder)]

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The Maildir flags of each mail in the order of delivery: `S` seen, `T` deleted."""
        return [path.name.partition(":2,")[2] for path in self._mails(user, folder)]

    def bump_uidvalidity(self, user: str, folder: str = "INBOX") -> None:
        """Give the folder another UIDVALIDITY, as after a restore from a backup; who selects it next will see it."""
        maildir = self.maildir(user, folder)
        uid_list = maildir / "dovecot-uidlist"
        version, validity, *others = uid_list.read_text().splitlines()[0].split()
        uid_list.write_text(
            " ".join([version, f"V{int(validity[1:]) + 1}", *(o for o in others if o[0] == "N")]) + "\n"
        )
        for index in maildir.glob("dovecot.index*"):
            index.unlink()

    def _mails(self, user: str, folder: str) -> Iterable[Path]:
        maildir = self.maildir(user, folder)
        return sorted(
            (path for part in ("cur", "new") for path in (maildir / part).iterdir()),
            key=lambda path: (path.stat().st_mtime_ns, path.name),
        )

    # -- below ---------------------------------------------------------------------------------------------------

    def _write_configuration(self) -> None:
        text = _CONFIGURATION.format(
            folder=self.folder,
            user=self._account.pw_name,
            group=grp.getgrgid(self._account.pw_gid).gr_name,
            certificate=self.certificates.certificate,
            key=self.certificates.key,
            port=self.port,
            tls_port=self.tls_port,
        )
        (self.folder / "dovecot.conf").write_text(text)
        (self.folder / "oauth2.conf").write_text(_TOKEN_CONFIGURATION.format(folder=self.folder))
        (self.folder / "keys/default/HS256/default").write_bytes(base64.b64encode(self._token_key))

    def _make_maildir(self, maildir: Path) -> None:
        made = [maildir / part for part in ("cur", "new", "tmp")]
        for path in made:
            path.mkdir(parents=True)
        self._hand_over(*made, *(parent for parent in maildir.parents if self.folder in parent.parents), maildir)

    def _hand_over(self, *paths: Path) -> None:
        if os.getuid() == 0:
            for path in paths:
                os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _listens(self, port: int) -> bool:
        try:
            with socket.create_connection((self.host, port), 1):
                return True
        except OSError:
            return False

    def _greets(self, port: int) -> bool:
        try:
            with socket.create_connection((self.host, port), 1) as line:
                return line.recv(4) == b"* OK"
        except OSError:
            return False
