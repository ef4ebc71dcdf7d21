"""Passwords: argon2id in a bounded pool, so that a burst of sign-ins can't eat the machine.

19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's first choice. At most two hashes
run at once (40 MiB); the rest wait their turn.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

PASSWORD_CHARS_MIN = 10
PASSWORD_CHARS_MAX = 200
MEMORY_KIB = 19 * 1024
PASSES = 2
_HASHES_AT_ONCE = 2


class Passwords:
    """Hash and check without blocking the loop. `close` ends the threads."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._pool = ThreadPoolExecutor(_HASHES_AT_ONCE, thread_name_prefix="argon2")
        # What an unknown handle is checked against, so that it costs the same as a known one.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one behind `stored`; None costs one hash and says no."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._matches, stored, password)

    def _matches(self, stored: str | None, password: str) -> bool:
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return stored is not None

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
