"""Signatures of webhooks, both ways: HMAC-SHA256 over time and body, so that neither can be made up or kept.

`X-Kith-Signature: t=1767600000,v1=<hex>` over "<t>.<body>". An answer older than five minutes is refused; a
replay within them does nothing, because acknowledging twice is acknowledging once.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

HEADER = "x-kith-signature"
TOLERANCE_S = 300


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The header's value for this body at this time."""
    stamp = int(at.timestamp())
    return f"t={stamp},v1={_mac(secret, stamp, body)}"


def is_signed(secret: str, body: bytes, given: str, at: datetime) -> bool:
    """Whether the header was made with the secret for this very body, not long ago."""
    parts = dict(part.partition("=")[::2] for part in given.split(","))
    stamp = parts.get("t", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    if abs(at.timestamp() - int(stamp)) > TOLERANCE_S:
        return False
    return hmac.compare_digest(parts.get("v1", "").encode(), _mac(secret, int(stamp), body).encode())


def _mac(secret: str, stamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), str(stamp).encode() + b"." + body, hashlib.sha256).hexdigest()
