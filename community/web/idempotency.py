"""Idempotency-Key: a call repeated with the same key and words gets the first answer (24 h).

Claim first, then run, then keep the answer. Only answers below 500 are kept: a call that failed on our
side may be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
from starlette.responses import Response

from community.clock import Clock
from community.database import Database
from community.errors import Conflict, Invalid
from community.ids import MemberId
from community.store import idempotency as store

KEY_CHARS_MAX = 128
KEPT = timedelta(hours=24)
STUCK = timedelta(minutes=1)  # a claim without an answer for so long was a crash: run again


class _Kept(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes


class Idempotency:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def once(
        self,
        member: MemberId,
        key: str,
        asked: tuple[str, str, bytes],
        run: Callable[[], Awaitable[Response]],
    ) -> Response:
        """The first answer to `asked` under `key`, running it when there is none.

        Raises Invalid for a key that can't be one, Conflict when the key belongs to another request or
        its first run hasn't ended yet.
        """
        if not 1 <= len(key) <= KEY_CHARS_MAX or not key.isascii():
            raise Invalid("An Idempotency-Key has 1 to 128 ASCII characters.", code="bad_key")
        digest = hashlib.sha256(b"\0".join((asked[0].encode(), asked[1].encode(), asked[2]))).digest()
        now = self._clock.now()
        async with self._database.transaction() as tx:
            claim = await store.claim(tx, member, key, digest, now=now, stale=now - STUCK, gone=now - KEPT)
        if claim.request_hash != digest:
            raise Conflict("This Idempotency-Key was used for another request.", code="key_reused")
        if claim.answer is not None:
            kept = msgspec.msgpack.decode(claim.answer, type=_Kept)
            return Response(kept.body, kept.status, {**kept.headers, "idempotency-replayed": "true"})
        if not claim.ours:
            raise Conflict("The first of these requests is still under way.", code="in_progress")
        return await self._run(member, key, run)

    async def _run(self, member: MemberId, key: str, run: Callable[[], Awaitable[Response]]) -> Response:
        try:
            response = await run()
        except BaseException:
            async with self._database.transaction() as tx:
                await store.release(tx, member, key)
            raise
        headers = {k: v for k, v in response.headers.items() if k in ("content-type", "cache-control")}
        kept = _Kept(response.status_code, headers, bytes(response.body))
        async with self._database.transaction() as tx:
            await store.keep(tx, member, key, response.status_code, msgspec.msgpack.encode(kept))
        return response
