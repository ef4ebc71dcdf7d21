"""The keys of notices: one that browsers know this server by, one that signs the right to stop mail.

One small file in the data directory, mode 0600, in no backup, made at the first start like care.key. Lost, it
costs subscriptions and old unsubscribe links, nothing else.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from community.notices.webpush import Vapid
from server import private

FILE = "notices.key"
_CURVE = ec.SECP256R1()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    vapid: str
    """The private number of a key on P-256, base64."""
    unsubscribe: str


@dataclass(frozen=True, slots=True)
class NoticeKeys:
    vapid: ec.EllipticCurvePrivateKey
    unsubscribe: bytes


def load(data: Path) -> NoticeKeys:
    """The keys, made at the first start. Raises TooOpen when others can read the file. Two processes that start at
    once agree: the file is put in place once, whole."""
    path = data / FILE
    if not path.exists():
        _make(path)
    raw = msgspec.json.decode(private.read(path), type=_File)
    number = int.from_bytes(base64.b64decode(raw.vapid), "big")
    return NoticeKeys(ec.derive_private_key(number, _CURVE), base64.b64decode(raw.unsubscribe))


def vapid_of(keys: NoticeKeys, base: str, sender: str) -> Vapid:
    """How this server shows itself to push services: its key, and whom they may ask about it."""
    return Vapid(keys.vapid, base if base.startswith("https:") else f"mailto:{sender or 'kith@kith.invalid'}")


def _make(path: Path) -> None:
    private.make_directory(path.parent)
    number = ec.generate_private_key(_CURVE).private_numbers().private_value
    made = _File(_text(number.to_bytes(32, "big")), _text(secrets.token_bytes(32)))
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with private.open_new(fresh) as file:
        file.write(msgspec.json.encode(made))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails where another process was first: theirs are the keys
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    private.sync_directory(path.parent)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
