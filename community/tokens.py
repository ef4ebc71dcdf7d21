"""Secrets that are handed to one person and kept here only as a hash.

256 random bits need no salt and no slow hash: SHA-256 of the token is what the database holds, so a
stolen backup signs nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token() -> str:
    """A fresh URL-safe secret of 256 bits. Show it once; keep only `token_hash` of it."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What the database stores and looks up."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def csrf_token(session_token: str) -> str:
    """The form token that belongs to a session: bound to it, so it ends when the session does."""
    return hmac.new(session_token.encode(), b"kith csrf 1", hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Constant-time comparison of two texts."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))
