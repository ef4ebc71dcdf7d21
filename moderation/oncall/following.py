"""Answering a page's link as a person would, for the canary: open the page behind it, then press its button.

By the address that stands in every page; where that can't be reached from inside (a proxy that doesn't turn
back), by the server's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from moderation.oncall.channels import Undelivered
from moderation.oncall.channels.http import ask

SECONDS: Final = 10.0
_ELSEWHERE: Final = ("unreachable", "bad_certificate", "cut_off", "timed_out")


class Follower:
    """`bases`: addresses of this server, the public one first."""

    def __init__(self, bases: Sequence[str]) -> None:
        self._bases = tuple(dict.fromkeys(base.rstrip("/") for base in bases))

    async def follow(self, path: str) -> str | None:
        """None when the page behind it says that it is answered, else why not: a stable id."""
        why: str | None = "unreachable"
        for base in self._bases:
            why = await self._by(base + path)
            if why not in _ELSEWHERE:
                break
        return why

    async def _by(self, address: str) -> str | None:
        try:
            async with asyncio.timeout(SECONDS):
                if (status := await ask("GET", address)) != 200:
                    return f"opened_{status}"
                if (status := await ask("POST", address)) != 200:
                    return f"pressed_{status}"
        except TimeoutError:
            return "timed_out"
        except Undelivered as failure:
            return failure.why
        return None
