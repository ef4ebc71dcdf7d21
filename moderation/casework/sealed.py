"""Sealing with AES-GCM: key ids, so that keys can be changed; associated data, so that a box opens only where it
was put.

The keys come from a file that is in no backup (server/keys.py). Whoever loses it can't read notes and contacts
again, which `kith backup` says.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from community.store import sealed_words

KEY_BYTES = 32
NONCE_BYTES = 12
MARK = "sealed:1:"


class CantOpen(Exception):
    """The key is gone, or the box was changed or moved."""


@dataclass(frozen=True, slots=True)
class Box:
    key_id: str
    content: bytes


class Keys:
    """All keys by id; new boxes use `current`."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        assert current in keys and all(len(k) == KEY_BYTES for k in keys.values()), (
            "whole keys, one of them current"
        )
        self._keys = dict(keys)
        self._current = current

    def seal(self, plain: bytes, place: str) -> Box:
        """A box that opens only for the same `place` (what it is and whose)."""
        return Box(self._current, seal(self._keys[self._current], plain, f"{self._current}:{place}"))

    def open(self, box: Box, place: str) -> bytes:
        """Raises CantOpen."""
        key = self._keys.get(box.key_id)
        if key is None:
            raise CantOpen(f"key {box.key_id} isn't here")
        return unseal(key, box.content, f"{box.key_id}:{place}")


WORDS = sealed_words.MARK


class SealedWords:
    """Words of private conversations, for community/store/sealed_words.py: the key's id stands in the text, so that
    keys can be changed."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def seal(self, text: str, place: str) -> str:
        box = self._keys.seal(text.encode(), f"words:{place}")
        return f"{WORDS}{box.key_id}:{base64.b64encode(box.content).decode()}"

    def open(self, text: str, place: str) -> str | None:
        """Words from before there was a seal stay as they are; None where no key here opens the box."""
        if not text.startswith(WORDS):
            return text
        key_id, _, content = text[len(WORDS) :].partition(":")
        try:
            return self._keys.open(Box(key_id, base64.b64decode(content)), f"words:{place}").decode()
        except (CantOpen, ValueError):
            return None


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plain: bytes, place: str) -> bytes:
    """A fresh random nonce before the box: one key seals far fewer than 2^32 boxes here."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def unseal(key: bytes, content: bytes, place: str) -> bytes:
    try:
        return AESGCM(key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):
        raise CantOpen("the box was changed, or isn't from here") from None


def as_text(content: bytes) -> str:
    """A box for a text column."""
    return MARK + base64.b64encode(content).decode()


def from_text(text: str) -> bytes | None:
    """The box in a text column; None for plain text from before there were keys."""
    return base64.b64decode(text[len(MARK) :]) if text.startswith(MARK) else None
