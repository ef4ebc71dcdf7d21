"""Serialised WebSocket frames: made once for an event, written as they are to any number of transports.

A server's text frame is unmasked (RFC 6455, 5.1), so the bytes are the same for every listener.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

_encode = msgspec.json.Encoder().encode
_TEXT: Final = 0x81  # FIN and opcode 1


def text_frame(payload: bytes) -> bytes:
    """`payload`, which is UTF-8, as one complete text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def encode(told: msgspec.Struct) -> bytes:
    """A server frame as bytes for the wire."""
    return text_frame(_encode(told))


def payloads(frames: bytes) -> Iterator[str]:
    """The texts in one or more frames made by `text_frame`, for servers that frame by themselves."""
    at = 0
    while at < len(frames):
        size, start = frames[at + 1], at + 2
        if size >= 126:
            start += 2 if size == 126 else 8
            size = int.from_bytes(frames[at + 2 : start], "big")
        at = start + size
        yield frames[start:at].decode()
