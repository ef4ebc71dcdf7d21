"""Web push: an encrypted nudge without words, by RFC 8291 (aes128gcm, RFC 8188) and RFC 8292 (VAPID).

Written on `cryptography`, which is here anyway: pywebpush brings two HTTP clients, and http-ece is this one page.
The RFC's own example is a test. What a push service sees is that some browser of some server was nudged.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from community.asking import BadAddress, ask, check, is_public
from community.store.news_letters import Device

RECORD_BYTES = 4096
LASTS = timedelta(hours=12)
"""How long a push service keeps a nudge for a browser that is off, and how long its VAPID token is good."""
ENDPOINT_CHARS_MAX = 1000
GONE = frozenset({404, 410})
"""Answers that say that the subscription has ended (RFC 8030, 7.3)."""


class BadEndpoint(ValueError):
    """Not a push service that this server speaks to, or keys that are none."""


def check_endpoint(endpoint: str, *, loopback: bool = False) -> None:
    """Raises BadEndpoint: https, a name and no inner address. Names are looked at again when they are asked
    (community/asking.py)."""
    try:
        check(endpoint)
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:  # BadAddress too
        raise BadEndpoint from error
    if loopback and host == "127.0.0.1":
        return
    if parts.scheme != "https" or port not in (None, 443) or len(endpoint) > ENDPOINT_CHARS_MAX:
        raise BadEndpoint
    if _is_ip(host):
        if not is_public(host.strip("[]")):
            raise BadEndpoint
    elif "." not in host or host.endswith((".local", ".localhost", ".internal", ".")):
        raise BadEndpoint


def check_keys(public_key: bytes, auth: bytes) -> None:
    """Raises BadEndpoint unless these are a point of P-256 and a secret of 16 bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError as error:
        raise BadEndpoint from error
    if len(public_key) != 65 or len(auth) != 16:
        raise BadEndpoint


@dataclass(frozen=True, slots=True)
class Vapid:
    """The server's own key, and whom a push service may ask about it (a URL or mailto:)."""

    key: ec.EllipticCurvePrivateKey
    contact: str

    @property
    def public(self) -> str:
        """As browsers want it: base64url of the uncompressed point."""
        return _b64(_point(self.key))

    def header(self, endpoint: str, now: datetime) -> str:
        """RFC 8292, 3: a signed token for this push service alone."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + LASTS).timestamp()),
            "sub": self.contact,
        }
        said = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
        r, s = decode_dss_signature(self.key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={said}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={self.public}"


def encrypt(
    plain: bytes,
    public_key: bytes,
    auth: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body for a push service: one aes128gcm record. `key` and `salt` are fresh for each message; only the
    RFC's example gives them."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    salt = os.urandom(16) if salt is None else salt
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    ours = _point(key)
    shared = key.exchange(ec.ECDH(), theirs)
    input_key = _hkdf(shared, auth, b"WebPush: info\0" + public_key + ours, 32)
    content_key = _hkdf(input_key, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _hkdf(input_key, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, plain + b"\x02", None)  # 2: the last record
    head = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + sealed


@dataclass(frozen=True, slots=True)
class Nudge:
    """What one push carries, and how its service treats it. Only `plain` is sealed. `topic`: a newer nudge takes the
    place of one that wasn't fetched yet, at most 32 characters of base64url (RFC 8030, 5.4)."""

    plain: bytes
    lasts: timedelta
    urgency: Literal["normal", "high"]
    topic: str


NEWS: Final = Nudge(b'{"news":true}', LASTS, "normal", "news")


async def push(
    device: Device, vapid: Vapid, nudge: Nudge = NEWS, *, now: datetime, loopback: bool = False
) -> int:
    """Nudge a browser; answers the push service's status. Raises NoAnswer, BadEndpoint."""
    check_endpoint(device.endpoint, loopback=loopback)
    body = encrypt(nudge.plain, device.public_key, device.auth)
    headers = {
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(int(nudge.lasts.total_seconds())),
        "urgency": nudge.urgency,
        "topic": nudge.topic,
        "authorization": vapid.header(device.endpoint, now),
    }
    try:
        return await ask("POST", device.endpoint, body, headers, public_only=not loopback)
    except BadAddress as error:
        raise BadEndpoint from error


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(value: object) -> str:
    return _b64(json.dumps(value, separators=(",", ":")).encode())


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # "127.1" and "2130706433" are addresses to getaddrinfo too; a name of the web ends in letters.
        return not host.rpartition(".")[2][:1].isalpha()
    return True
