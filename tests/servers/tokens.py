"""OAuth2 access tokens of the tests' own: JSON Web Tokens (RFC 7519) signed with a common key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time


def signed_token(user: str, key: bytes, valid_seconds: int = 600) -> str:
    """A token that says who bears it; with a negative `valid_seconds` it has expired."""
    now = int(time.time())
    claims = {"sub": user, "iat": now - 5, "nbf": now - 5, "exp": now + valid_seconds}
    said = _encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + b"." + _encoded(json.dumps(claims).encode())
    return (said + b"." + _encoded(hmac.new(key, said, hashlib.sha256).digest())).decode()


def _encoded(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")
