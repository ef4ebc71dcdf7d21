"""Secrets of channels at rest: sealed with the key file, like notes, so that a stolen database or backup signs
nothing and rings nobody.

A box opens only for its own channel and column. What was stored before there were boxes is read as it is, and
sealed at the next start.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Final

from community.database import Database
from moderation.casework.sealed import Box, CantOpen, Keys
from moderation.oncall.channels import Undelivered
from moderation.store import channels as store
from moderation.store.channels import Channel

MARK: Final = "sealed:2:"  # key id and box, unlike a note's, whose key is its case's


class Secrets:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def sealed(self, channel: Channel) -> Channel:
        """As it is stored."""
        return replace(
            channel,
            secret=self._seal(channel.secret, f"channel:{channel.id}:secret"),
            their_key=self._seal(channel.their_key, f"channel:{channel.id}:their_key"),
        )

    def opened(self, channel: Channel) -> Channel:
        """As it is used. Raises Undelivered "no_key" where the key file isn't the one it was sealed with."""
        try:
            return replace(
                channel,
                secret=self._open(channel.secret, f"channel:{channel.id}:secret"),
                their_key=self._open(channel.their_key, f"channel:{channel.id}:their_key"),
            )
        except CantOpen:
            raise Undelivered("no_key") from None

    async def seal_all(self, database: Database) -> int:
        """Seal what an earlier release stored in the open; how many channels it was. Any number of processes."""
        async with database.transaction() as tx:
            plain = await store.in_the_open(tx, MARK)
            for channel in plain:
                done = self.sealed(channel)
                await store.set_secrets(tx, channel.id, secret=done.secret, their_key=done.their_key)
        return len(plain)

    def _seal(self, text: str, place: str) -> str:
        if not text or text.startswith(MARK):
            return text
        box = self._keys.seal(text.encode(), place)
        return f"{MARK}{box.key_id}:{base64.b64encode(box.content).decode()}"

    def _open(self, text: str, place: str) -> str:
        if not text.startswith(MARK):
            return text
        key, _, content = text.removeprefix(MARK).partition(":")
        try:
            box = Box(key, base64.b64decode(content, validate=True))
        except ValueError:
            raise CantOpen("this is no box") from None
        return self._keys.open(box, place).decode()
