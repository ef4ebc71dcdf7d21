"""Who is typing and who is here: best effort, never stored, and never across a block in either direction.

Presence is opt-in. Every process whispers who is here on its own connections and repeats it now and then;
what isn't repeated fades. So a process that dies takes nobody's presence with it for long.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Final

from chat.frames import encode
from chat.hub import Hub
from chat.listeners import Crowd, Listener
from chat.protocol import Person as PersonFrame
from chat.protocol import Presence as PresenceFrame
from chat.protocol import Read, Typing
from chat.reading import Reader
from community.bus import Bus, Whisper
from community.clock import Clock
from community.endings import end
from community.errors import Unavailable
from community.ids import ConversationId, MemberId

log = logging.getLogger("kith.chat")

REPEAT_SECONDS: Final = 20.0
FADE_SECONDS: Final = 50.0
TYPING_SECONDS: Final = 2.0
HEARD_MAX: Final = 2_000
SHOWN_MAX: Final = 200

Here = tuple[ConversationId, MemberId]


class Presence:
    """Hears whispers and passes them on to those who may know."""

    def __init__(self, hub: Hub, crowd: Crowd, reader: Reader, clock: Clock, bus: Bus) -> None:
        self._hub = hub
        self._crowd = crowd
        self._reader = reader
        self._clock = clock
        self._bus = bus
        self._heard: deque[Whisper] = deque(maxlen=HEARD_MAX)  # the oldest is dropped: best effort
        self._news = asyncio.Event()
        self._here: dict[ConversationId, dict[MemberId, float]] = {}
        self._typed: dict[Here, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._tell_forever(), name="presence-tell"),
            asyncio.create_task(self._repeat_forever(), name="presence-repeat"),
        ]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        await end(tasks)

    # What happens on our own connections

    def came(self, listener: Listener, c: ConversationId) -> None:
        """`listener` follows `c` now: show them who is here, and show them if they want to be seen."""
        member = listener.person.id
        others = [m for m in self._here.get(c, {}) if m != member and not listener.person.shuns(m)]
        if others:
            self._heard.append(Whisper(c, "presence", member, 2))  # answered by _snapshot
            self._news.set()
        if listener.person.is_seen:
            self._bus.whisper(c, "presence", member, 1)

    def went(self, listener: Listener, c: ConversationId) -> None:
        """`listener` doesn't follow `c` any more; on another of their connections they may still be here."""
        if listener.person.is_seen and not self._follows(listener.person.id, c):
            self._bus.whisper(c, "presence", listener.person.id, 0)

    def types(self, listener: Listener, c: ConversationId) -> None:
        """Pass on that they are typing, not more than once in a while."""
        now, key = self._clock.monotonic(), (c, listener.person.id)
        if c in listener.following and now - self._typed.get(key, -TYPING_SECONDS) >= TYPING_SECONDS:
            self._typed[key] = now
            self._bus.whisper(c, "typing", listener.person.id)

    # What the bus says

    def on_whisper(self, whisper: Whisper) -> None:
        if whisper.kind == "read":
            self._tell_own(whisper)
        elif self._hub.position(whisper.conversation_id) is not None:
            self._heard.append(whisper)
            self._news.set()

    def _tell_own(self, whisper: Whisper) -> None:
        person = self._crowd.person(whisper.member_id)
        if person is not None:
            frame = encode(Read(whisper.conversation_id, whisper.number))
            for listener in list(person.listeners):
                listener.outlet.put(frame, is_best_effort=True)

    async def _tell_forever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            heard = list(self._heard)
            self._heard.clear()
            try:
                handles = await self._handles({w.member_id for w in heard} | self._shown_to(heard))
                for whisper in heard:
                    self._tell(whisper, handles)
            except Unavailable:
                continue  # best effort
            except Exception:  # border: one round of whispers
                log.exception("passing whispers on failed")

    def _tell(self, whisper: Whisper, handles: Mapping[MemberId, str]) -> None:
        c, member = whisper.conversation_id, whisper.member_id
        if whisper.kind == "presence" and whisper.number == 2:
            self._snapshot(c, member, handles)
            return
        if member not in handles:
            return
        person = PersonFrame(member, handles[member])
        if whisper.kind == "typing":
            self._send(c, member, encode(Typing(c, person)))
        elif whisper.number == 1:
            here = self._here.setdefault(c, {})
            is_new = member not in here
            here[member] = self._clock.monotonic()
            if is_new:
                self._send(c, member, encode(PresenceFrame(c, here=(person,))))
        elif self._follows(member, c):
            self._bus.whisper(c, "presence", member, 1)  # gone there, still here
        elif self._here.get(c, {}).pop(member, None) is not None:
            self._send(c, member, encode(PresenceFrame(c, gone=(person,))))

    def _send(self, c: ConversationId, about: MemberId, frame: bytes) -> None:
        for listener in self._hub.followers(c):
            if listener.person.id != about and not listener.person.shuns(about):
                listener.outlet.put(frame, is_best_effort=True)

    def _snapshot(self, c: ConversationId, member: MemberId, handles: Mapping[MemberId, str]) -> None:
        person = self._crowd.person(member)
        if person is None:
            return
        shown = [m for m in self._here.get(c, {}) if m in handles and m != member and not person.shuns(m)]
        frame = encode(PresenceFrame(c, here=tuple(PersonFrame(m, handles[m]) for m in shown[:SHOWN_MAX])))
        for listener in list(person.listeners):
            if c in listener.following:
                listener.outlet.put(frame, is_best_effort=True)

    def _shown_to(self, heard: list[Whisper]) -> set[MemberId]:
        return {m for w in heard if w.number == 2 for m in self._here.get(w.conversation_id, {})}

    async def _handles(self, members: set[MemberId]) -> Mapping[MemberId, str]:
        known = {m: person.handle for m in members if (person := self._crowd.person(m)) is not None}
        unknown = members - known.keys()
        return {**known, **await self._reader.handles(unknown)} if unknown else known

    # Repeating and fading

    def _follows(self, member: MemberId, c: ConversationId) -> bool:
        person = self._crowd.person(member)
        return (
            person is not None
            and person.is_seen
            and any(c in listener.following for listener in person.listeners)
        )

    async def _repeat_forever(self) -> None:
        while True:
            await self._clock.sleep(REPEAT_SECONDS)
            try:
                self.repeat()
            except Exception:  # border: one round
                log.exception("repeating presence failed")

    def repeat(self) -> None:
        """Say again who is here with us, and let go of those of whom nobody spoke."""
        for person in self._crowd.people():
            if person.is_seen:
                for c in {c for listener in person.listeners for c in listener.following}:
                    self._bus.whisper(c, "presence", person.id, 1)
        oldest = self._clock.monotonic() - FADE_SECONDS
        for c, here in list(self._here.items()):
            for member in [m for m, seen in here.items() if seen < oldest]:
                self._heard.append(Whisper(c, "presence", member, 0))
                self._news.set()
            if not here or self._hub.position(c) is None:
                del self._here[c]
        self._typed = {k: at for k, at in self._typed.items() if at >= oldest}
