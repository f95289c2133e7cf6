"""What proves to a mail server who we are; IMAP and SMTP use the same."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    """A user with a password, or with an OAuth2 access token (then XOAUTH2 is used and the password is not).

    Neither secret shows in its `repr`.
    """

    user: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
