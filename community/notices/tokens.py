"""The right to stop the mail, carried in the mail: who, signed. It needs no sign-in and does nothing else.

No row stands behind it and it doesn't end: a mail from last year must still be able to stop the next one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from community.ids import MemberId

_SEAL_BYTES = 16


def unsubscribe_token(key: bytes, member: MemberId) -> str:
    """For the path of a link."""
    return base64.urlsafe_b64encode(member.bytes + _seal(key, member)).rstrip(b"=").decode()


def read_token(key: bytes, token: str) -> MemberId | None:
    """Whose it is; None for one that this server didn't sign."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != 16 + _SEAL_BYTES:
        return None
    member = MemberId(UUID(bytes=raw[:16]))
    return member if hmac.compare_digest(raw[16:], _seal(key, member)) else None


def _seal(key: bytes, member: MemberId) -> bytes:
    return hmac.new(key, b"kith unsubscribe 1 " + member.bytes, hashlib.sha256).digest()[:_SEAL_BYTES]
