"""The live side put together: one list of its parts, and the order in which they start and stop."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from starlette.routing import BaseRoute, WebSocketRoute

from chat.attendance import Attendance
from chat.connection import Desk
from chat.door import Door
from chat.hub import Hub
from chat.joining import Joining
from chat.listeners import Crowd
from chat.marks import Marks
from chat.presence import Presence
from chat.reader import NoticeWords, StoreReader
from chat.reading import Reader
from chat.room_news import RoomNews
from chat.socket import Socket
from chat.standing import Standing
from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.web.sessions import Sessions
from moderation.gate.gate import Gate

SOCKET_PATH = "/chat/socket"


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """`origins`: exact, as browsers send them. `scale`: limits.scale."""

    origins: Collection[str]
    scale: float
    version: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What the live side stands on."""

    database: Database
    clock: Clock
    bus: Bus
    sessions: Sessions
    gate: Gate


class Live:
    """`start` after the bus, `drain` before the web server closes its sockets, `stop` before the bus."""

    def __init__(
        self, ground: Ground, settings: LiveSettings, words: NoticeWords, *, reader: Reader | None = None
    ) -> None:
        clock, bus = ground.clock, ground.bus
        reader = reader or StoreReader(ground.database, clock, words)
        self._bus = bus
        self.crowd = Crowd()
        self.hub = Hub(reader, clock, self.crowd)
        self.presence = Presence(self.hub, self.crowd, reader, clock, bus)
        self.joining = Joining(self.hub, reader, self.presence)
        self.marks = Marks(ground.database, bus, clock)
        self.news = RoomNews(self.hub)
        self.attendance = Attendance(ground.database, self.hub, clock, bus)
        self.standing = Standing(self.crowd, self.joining, reader, clock)
        self.socket = Socket(
            Door(ground.sessions, settings.origins, settings.scale),
            Desk(ground.gate, self.joining, self.presence, self.marks, clock, settings.scale),
            crowd=self.crowd,
            reader=reader,
            standing=self.standing,
            version=settings.version,
        )

    def routes(self) -> list[BaseRoute]:
        return [WebSocketRoute(SOCKET_PATH, self.socket)]

    async def start(self) -> None:
        self._bus.listen(self.hub.on_ring, self.presence.on_whisper, self.hub.on_gap)
        self._bus.listen(self.standing.on_ring, None, self.standing.on_gap)
        self._bus.listen(self.news.on_ring, None, self.news.on_gap)
        await self.hub.start()
        await self.standing.start(self._bus)
        await self.presence.start()
        await self.marks.start()
        await self.attendance.start()

    async def drain(self, within_s: float) -> None:
        """Send everyone elsewhere and finish what was said; see Socket.drain."""
        await self.socket.drain(within_s)

    async def stop(self) -> None:
        await self.attendance.stop()
        await self.joining.stop()
        await self.marks.stop()
        await self.presence.stop()
        await self.standing.stop()
        await self.hub.stop()
