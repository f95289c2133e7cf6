"""Credentials: sealed with Fernet (AES-128-CBC and HMAC-SHA256) by a key that never stands in the database.

The key is POSTROOM_KEY, else a file beside the database. Several keys, separated by commas, are how a key is
changed: all of them open, the first one seals. First `old,new` wherever the desk runs, then `new,old` (all that is
stored is then sealed anew when the desk opens), then `new`.
"""

from core.secrets.keys import KeyExposed, WrongKey
from core.secrets.logins import COMMAND_SECONDS, Credentials, login_for
from core.secrets.vault import Vault, forget_secrets, open_vault, opened_overrides, sealed_overrides

__all__ = [
    "COMMAND_SECONDS",
    "Credentials",
    "KeyExposed",
    "Vault",
    "WrongKey",
    "forget_secrets",
    "login_for",
    "open_vault",
    "opened_overrides",
    "sealed_overrides",
]
