"""Text that a stranger would have a terminal obey, mails and servers that carry it, and what a terminal may be sent."""

from __future__ import annotations

import base64
import re
import socketserver
import threading
from contextlib import contextmanager
from email.utils import encode_rfc2231
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "PWN"
"""In every sequence that would do something."""
STEERING = (
    f"\x1b]0;{MARK}\x07", f"\x1b]2;{MARK}\x1b\\", f"\x1b]52;c;{base64.b64encode(MARK.encode()).decode()}\x07",
    f"\x1b]8;;http://{MARK}.example/\x07link\x1b]8;;\x07", f"\x1b]1337;SetMark={MARK}\x07", "\x1b]4;1;rgb:00/00/00\x07",
    f"\x1bP{MARK}\x1b\\", f"\x1b_{MARK}\x1b\\", f"\x1b^{MARK}\x1b\\", f"\x1bX{MARK}\x1b\\", f"\x1bk{MARK}\x1b\\",
    "\x1b[2J\x1b[H", "\x1b[31;1m", "\x1b[?1049l", "\x1b[?25h", "\x1b[6n", "\x1b[c", "\x1b[5i", "\x1b[3;1H",
    "\x1b[8;1;1t", "\x1b[?1000h", "\x1b[200~", "\x1b[201~", "\x1bc", "\x1b(0", "\x1b#8", "\x1b7\x1b8", "\x1b",
    "\x9b31m",    f"\x9d0;{MARK}\x9c", f"\x90{MARK}\x9c", "\x84\x85\x8d\x8e\x8f",
    "\x07\x08\x0b\x0c\x0e\x0f\x11\x13\x7f\x00", "\r\rover\r",
)  # fmt: skip
MARKUP = "[bold]b[/] [@click=app.quit]go[/] [link=http://x.example]l[/] [/] [red on blue] \\[ {x} %s $text"
HIDING = (
    "\u202egnp.exe\u202c \u2066iso\u2069 \u200e\u200f\u061c \u200bz\u200cw\u200dj\u2060 \ufeff \u00ad \u2028ls\u2029ps "
    "\U000e0041\U000e0042\U000e007f \ufff9a\ufffab\ufffb \u115f\u3164\uffa0 \ufdd0\ufffe\uffff \U0001d173 \u180e"
)
STORM = "Z" + "\u0301\u0489\u20dd\u0e47" * 400 + "algo" + "\u0300" * 2000
PICTURES = (
    "👨\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 👍🏽 1\ufe0f\u20e3 👨\u200d\u200d👩 "
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
)
SCRIPTS = "עברית العربية ไทย हिन्दी 日本語 ཨོཾ ｆｕｌｌ ﷽ 𒐫"
PLANES = (
    "".join(f"{chr(plane << 16 | 0x1234)}{chr(plane << 16 | 0xFFFE)}" for plane in range(17)) + "\U0001f600\U00020000"
)
SURROGATES = b"\xed\xa0\x80\xed\xbf\xbf \xf4\x90\x80\x80 \xc0\xaf \xff\xfe"
"""As nobody may write them in UTF-8."""
STEERED = " ".join(STEERING)
EVERYTHING = f"{MARKUP} {STEERED} {HIDING} {PICTURES} {SCRIPTS} {PLANES} {STORM}"


def hostile_letter(n: int, body: bytes, *, words: str = EVERYTHING, sender: str = "") -> bytes:
    """An e-mail with these words in every header that a desk shows, a file among its parts."""
    address = sender or f'"{MARK}\x1b]0;x\x07 {n}"@evil.example'
    lines = [
        f"From: {_encoded(words)} <{address}>".encode(),
        b"To: help@desk.example, " + _encoded(f"{n} {words}").encode() + b" <other@evil.example>",
        b"Cc: " + _encoded(words).encode() + b" <third@evil.example>",
        b"Subject: "
        + _encoded(f"{n} {words}").encode()
        + b" raw \x1b]0;"
        + MARK.encode()
        + b"\x07 \x9b31m \xe2\x80\xae",
        f"Message-ID: <{n}\x1b[31m@evil.example>".encode(),
        b"Date: Mon, 02 Mar 2026 09:55:00 +0000",
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"',
        b"",
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
        body,
        b"--b\r\nContent-Type: application/octet-stream",
        f"Content-Disposition: attachment; filename*={encode_rfc2231('../' + words[:300], 'utf-8')}\r\n".encode(),
        b"x\r\n--b--\r\n",
    ]
    return b"\r\n".join(lines)


def hostile_text(number: str, n: int, body: bytes) -> bytes:
    """A text by the plain gateway."""
    return (
        f"From: {number.lstrip('+')}@sms.example\r\nTo: texts@desk.example\r\nSubject: SMS\r\n"
        f"Message-ID: <{n}@gate.example>\r\nDate: Mon, 02 Mar 2026 09:55:00 +0000\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + body


def _encoded(words: str) -> str:
    """As encoded words of 60 octets or so each (RFC 2047)."""
    raw = words.encode("utf-8", "surrogatepass")
    pieces = [raw[at : at + 45] for at in range(0, len(raw), 45)]
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(piece).decode()}?=" for piece in pieces)


class _Rude(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"* BYE " + EVERYTHING.replace("\r", "").replace("\n", "").encode() + b" \x9b31m\r\n")


@contextmanager
def rude_imap() -> Iterator[int]:
    """An IMAP server that turns everybody away with everything it knows; its port on the loopback."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Rude) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


_ALLOWED = re.compile(
    r"\x1b\[[0-9;]*m"  # colours
    r"|\x1b\[[0-9]+;[0-9]+H"  # the cursor's place
    r"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"  # modes
    r"|\x1b\[\?(?:2026|2048)\$p"  # whether there are such modes
    r"|\x1b\[[<>][0-9]*u"  # the kitty keyboard protocol
    r"|\x1b\]22;[a-z-]*\x07"  # the pointer's shape
    r"|\r\n"
)
_STRANGE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a"
    + "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_TAGS = re.compile("(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]")


def strange_in(output: bytes) -> list[str]:
    """Whatever a program has sent to its terminal that is neither text nor a sequence that Textual needs."""
    said = output.decode("utf-8", "surrogateescape")
    text = _ALLOWED.sub("", said)
    found = [*_STRANGE.finditer(text), *_TAGS.finditer(text)]
    found += re.finditer(re.escape("\x1b[31;1m"), said)  # Textual names the colour last
    return [ascii(one.string[max(0, one.start() - 20) : one.end() + 40]) for one in found]
