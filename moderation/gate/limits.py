"""How fast people may send: token buckets, pure but for the time that is handed in.

A message with a care finding never meets a refusal here: the gate asks only for the others. Counts are
kept by each process; behind several processes a person reaches at most so many times the rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from community.errors import TooFast

_KEPT_MAX = 50_000  # buckets; when passed, full ones (nobody there) are dropped


@dataclass(frozen=True, slots=True)
class SendLimits:
    """protocol.md, Limits; `scale` multiplies rates and counts for load tests, never sizes."""

    account_per_s: float = 1.0
    account_burst: float = 10.0
    account_per_min: float = 60.0
    room_per_s: float = 20.0
    care_per_min: float = 10.0
    body_chars: int = 8_000
    scale: float = 1.0


class Bucket:
    """Refills at `rate` a second up to `size`; taking from an empty one says how long to wait."""

    __slots__ = ("at", "level", "rate", "size")

    def __init__(self, rate: float, size: float, at: float) -> None:
        self.rate, self.size, self.level, self.at = rate, size, size, at

    def wait_s(self, now: float) -> float:
        """Seconds until one may be taken; 0 when it may be taken now."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1 else (1 - self.level) / self.rate

    def take(self) -> None:
        self.level -= 1


class Limiter:
    """Buckets of accounts and conversations."""

    def __init__(self, limits: SendLimits) -> None:
        self.limits = limits
        self._buckets: dict[tuple[str, UUID], Bucket] = {}

    def check_send(self, author: UUID, conversation: UUID, now: float) -> None:
        """Count one send, or raise TooFast with the time to come back; refused sends count nothing."""
        limits, scale = self.limits, self.limits.scale
        buckets = (
            self._bucket("second", author, limits.account_per_s * scale, limits.account_burst * scale, now),
            self._bucket(
                "minute", author, limits.account_per_min * scale / 60, limits.account_per_min * scale, now
            ),
            self._bucket("room", conversation, limits.room_per_s * scale, limits.room_per_s * scale, now),
        )
        wait_s = max(bucket.wait_s(now) for bucket in buckets)
        if wait_s > 0:
            raise TooFast(retry_after_s=wait_s)
        for bucket in buckets:
            bucket.take()

    def care_overflows(self, author: UUID, now: float) -> bool:
        """Whether this cry is past the ten of a minute that are published at once; further ones are held
        into the open case, never refused."""
        rate = self.limits.care_per_min * self.limits.scale
        bucket = self._bucket("care", author, rate / 60, rate, now)
        if bucket.wait_s(now) > 0:
            return True
        bucket.take()
        return False

    def _bucket(self, kind: str, id: UUID, rate: float, size: float, now: float) -> Bucket:
        key = (kind, id)
        found = self._buckets.get(key)
        if found is None:
            if len(self._buckets) >= _KEPT_MAX:
                self._forget(now)
            found = self._buckets[key] = Bucket(rate, max(1.0, size), now)
        return found

    def _forget(self, now: float) -> None:
        """Drop full buckets: they say no more than a fresh one would."""
        for key, bucket in list(self._buckets.items()):
            if bucket.level + (now - bucket.at) * bucket.rate >= bucket.size:
                del self._buckets[key]
