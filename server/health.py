"""/livez, /readyz, /carez and /metrics: is the process there, can it work, is the crisis path whole.

Signed out, /carez says its status alone; /metrics answers loopback or the token from the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from community.clock import Clock, SystemClock
from community.database import Database
from community.errors import Unavailable
from community.tokens import same
from community.web.sessions import Sessions
from moderation.gate.shadowing import Shadow
from moderation.store import health as store
from server.shadow_metrics import count_shadow

OUTBOX_AGE_MAX = timedelta(minutes=2)
PAGE_OVERDUE_MAX = timedelta(minutes=2)


BEAT_AGE_MAX = timedelta(minutes=1)
CANARY_AGE_MAX = timedelta(days=2)
SKEW_MAX = timedelta(seconds=2)
"""Steps are due to within five seconds."""


@dataclass(frozen=True, slots=True)
class CareHealth:
    """The crisis path at this moment; `faults` are sentences for the operator."""

    faults: tuple[str, ...]
    on_duty: int
    pages_waiting: int
    crisis_open: int
    beat_at: datetime | None = None
    channels: int = 0
    channels_failing: int = 0
    canary: str | None = None
    canary_on: date | None = None
    clock_behind_s: float = 0.0  # of Postgres; negative: ahead

    @property
    def status(self) -> str:
        return "ok" if not self.faults else "degraded"


class Health:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        sessions: Sessions,
        *,
        metrics_token: str,
        shadow: Shadow | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sessions = sessions
        self._token = metrics_token
        self._shadow = shadow
        self._is_real = isinstance(clock, SystemClock)

    @property
    def shadow(self) -> Shadow | None:
        """The candidate rules beside the live ones, if there are any."""
        return self._shadow

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/livez", self.livez),
            Route("/readyz", self.readyz),
            Route("/carez", self.carez),
            Route("/metrics", self.metrics),
        ]

    async def livez(self, request: Request) -> Response:
        """The process answers."""
        return _json({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """The process can do its work: the database answers."""
        try:
            async with self._database.read() as conn:
                await store.ping(conn)
        except Unavailable:
            return _json({"status": "unavailable", "database": "away"}, 503)
        return _json({"status": "ok"})

    async def carez(self, request: Request) -> Response:
        """The crisis path: roster, pages, outbox. Details for operators alone."""
        try:
            care = await self.care()
            who = await self._sessions.by_request(request)
        except Unavailable:
            return _json({"status": "down"}, 503)
        body: dict[str, Any] = {"status": care.status}
        if who is not None and who.is_operator:
            body |= msgspec.to_builtins(care)
        return _json(body, 200 if care.status == "ok" else 503)

    async def care(self) -> CareHealth:
        """Read the crisis path. Raises Unavailable."""
        now = self._clock.now()
        async with self._database.read() as conn:
            facts = await store.facts(conn, now=now)
            # A clock that is moved by hand, in a test or a rehearsal, is nobody's fault.
            behind = await store.clock_behind(conn, self._clock) if self._is_real else timedelta()
        return CareHealth(
            faults=(*_faults(facts, now), *skew(behind)),
            clock_behind_s=round(behind.total_seconds(), 3),
            on_duty=facts.on_duty,
            pages_waiting=facts.pages_waiting,
            crisis_open=facts.crisis_open,
            beat_at=facts.beat,
            channels=facts.channels,
            channels_failing=facts.channels_failing,
            canary=facts.canary,
            canary_on=facts.canary_on,
        )

    async def metrics(self, request: Request) -> Response:
        """Prometheus text: counts and times, never a name or a word."""
        if not self._may_read_metrics(request):
            return Response(status_code=404)
        registry = CollectorRegistry()
        care = await self.care()
        for name, words, value in (
            ("kith_on_duty", "people on duty now", care.on_duty),
            ("kith_pages_waiting", "pages that nobody has acknowledged", care.pages_waiting),
            ("kith_crisis_open", "open crisis cases", care.crisis_open),
            ("kith_care_faults", "faults of the crisis path", len(care.faults)),
            (
                "kith_clock_behind_seconds",
                "how far this process's clock is behind the database's",
                care.clock_behind_s,
            ),
            ("kith_channels_failing", "channels that don't take pages", care.channels_failing),
            (
                "kith_escalator_beat_seconds",
                "age of the escalator's last sign of life",
                self._age(care.beat_at),
            ),
        ):
            Gauge(name, words, registry=registry).set(value)
        if self._shadow is not None:
            count_shadow(self._shadow, registry)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def _age(self, at: datetime | None) -> float:
        """Seconds since then; -1 for never."""
        return -1.0 if at is None else (self._clock.now() - at).total_seconds()

    def _may_read_metrics(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if self._token and scheme.lower() == "bearer" and same(token, self._token):
            return True
        # A proxy on this machine that the settings don't know would make everyone look like this machine.
        forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        return not forwarded and self._sessions.address(request) in ("127.0.0.1", "::1")


def skew(behind: timedelta) -> Iterator[str]:
    """Deadlines are rows, and every process reads its own clock: one that is wrong pages late or early."""
    if abs(behind) > SKEW_MAX:
        way = "behind" if behind > timedelta() else "ahead of"
        seconds = abs(behind).total_seconds()
        yield f"This machine's clock is {seconds:.1f} s {way} the database's: pages go out so much late or early."


def _faults(facts: store.Facts, now: datetime) -> Iterator[str]:
    """What is wrong with the crisis path, for the operator."""
    if facts.on_duty == 0:
        yield "Nobody is on duty now: pages wait, and cards say so."
    if facts.oldest_page is not None and now - facts.oldest_page > PAGE_OVERDUE_MAX:
        yield "A page has been waiting for more than two minutes past its time."
    if facts.oldest_outbox is not None and now - facts.oldest_outbox > OUTBOX_AGE_MAX:
        yield "The outbox is not being emptied."
    if facts.beat is None or now - facts.beat > BEAT_AGE_MAX:
        yield "The escalator gives no sign of life: nobody is being paged."
    if facts.channels_failing:
        yield f"{facts.channels_failing} channels don't take pages; others are asked instead."
    if facts.unreachable:
        yield f"{facts.unreachable} people with a shift today have fewer than two channels."
    if facts.canary == "failed":
        yield "The last test case did not come through from end to end."
    elif facts.canary_on is not None and now.date() - facts.canary_on > CANARY_AGE_MAX:
        yield "No test case has come through for two days."


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, {"cache-control": "no-store"}, "application/json")
