"""Changes of standing on live connections: a ban, a block, a revoked session takes effect at once.

A ring says who changed, the truth is read again. Where a ring could be lost on its way between processes,
everyone live is looked at again every second, a bounded number at a time; in one process that is only a
safety net and goes slower. Letters from the house (notices) reach their member's connections here too.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final
from uuid import UUID

from chat.joining import Joining
from chat.letters import Letters
from chat.listeners import Crowd, Listener, Person
from chat.reading import Reader
from community.bus import Bus, Topic
from community.clock import Clock
from community.endings import end
from community.errors import Unavailable
from community.ids import MemberId, SessionId

log = logging.getLogger("kith.chat")

REVOKED: Final = 4403
LOOK_SECONDS: Final = 0.9
"""A little under the second that protocol.md promises."""
CERTAIN_LOOK_SECONDS: Final = 15.0
PEOPLE_A_LOOK: Final = 1_000
RETRY_SECONDS: Final = 0.3
RUNG_MAX: Final = 5_000
"""Rings remembered for those who are just coming in."""


class Standing:
    """Reads again who may stay, and acts on it."""

    def __init__(self, crowd: Crowd, joining: Joining, reader: Reader, clock: Clock) -> None:
        self._crowd = crowd
        self._joining = joining
        self._reader = reader
        self._clock = clock
        self._letters = Letters(crowd, reader, clock)
        self._members: set[MemberId] = set()
        self._sessions: set[SessionId] = set()
        self._everyone = False
        self._rung: OrderedDict[UUID, float] = OrderedDict()
        self._is_due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._round: Iterator[Person] = iter(())

    async def start(self, bus: Bus) -> None:
        every = CERTAIN_LOOK_SECONDS if bus.is_certain else LOOK_SECONDS
        self._tasks = [
            asyncio.create_task(self._act_forever(), name="standing-act"),
            asyncio.create_task(self._look_forever(every), name="standing-look"),
        ]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        await end(tasks)

    # What the bus says

    def on_ring(self, topic: Topic, id: UUID) -> None:
        if topic == "member":
            self._note(id)
            self._members.add(MemberId(id))
        elif topic == "session":
            self._note(id)
            self._sessions.add(SessionId(id))
        elif topic == "group":
            self._everyone = True  # rare; which of their conversations it was isn't worth remembering
        else:
            return
        self._is_due.set()

    def on_gap(self) -> None:
        self._everyone = True
        self._is_due.set()

    def entered(self, listener: Listener, began: float) -> None:
        """`listener` is new; its facts were read after `began`. A ring since then found nobody here."""
        member, session = listener.person.id, listener.session_id
        if max(self._rung.get(member, 0.0), self._rung.get(session, 0.0)) >= began:
            self._members.add(member)
            self._is_due.set()

    def _note(self, id: UUID) -> None:
        self._rung[id] = self._clock.monotonic()
        self._rung.move_to_end(id)
        if len(self._rung) > RUNG_MAX:
            self._rung.popitem(last=False)

    # Acting on it

    async def _act_forever(self) -> None:
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            try:
                await self._act()
            except Unavailable:
                self._is_due.set()
                await self._clock.sleep(RETRY_SECONDS)
            except Exception:  # border: one round; what was due stays due
                log.exception("reading standing again failed")
                self._is_due.set()
                await self._clock.sleep(RETRY_SECONDS)

    async def _act(self) -> None:
        """What is due stays due until it was done."""
        sessions, members, everyone = set(self._sessions), set(self._members), self._everyone
        if sessions:
            await self._close_revoked([x for x in self._crowd.listeners() if x.session_id in sessions])
            self._sessions -= sessions
        if everyone:
            members |= {person.id for person in self._crowd.people()}
        people = [person for id in members if (person := self._crowd.person(id)) is not None]
        for some in _in_parts(people, PEOPLE_A_LOOK):
            await self._read_again(some)
        self._members -= members
        self._everyone = self._everyone and not everyone

    async def _read_again(self, people: Collection[Person]) -> None:
        """Everything about these people: blocks, sessions, what they may read, letters."""
        facts = await self._reader.facts([person.id for person in people])
        for person in people:
            if person.id in facts:
                person.know(facts[person.id])
        await self._look(people)
        await self._letters.deliver(people)

    async def _look(self, people: Collection[Person]) -> None:
        """Close revoked sessions and put out who may no longer read."""
        listeners = [listener for person in people for listener in list(person.listeners)]
        await self._close_revoked(listeners)
        wanted = {(x.person.id, c): None for x in listeners for c in x.wanted()}
        if not wanted:
            return
        may = await self._reader.readable(list(wanted))
        for listener in listeners:
            for c in listener.wanted():
                pair = (listener.person.id, c)
                if pair in wanted and pair not in may:
                    self._joining.put_out(listener, c)

    async def _close_revoked(self, listeners: Collection[Listener]) -> None:
        if not listeners:
            return
        alive = await self._reader.alive({x.session_id for x in listeners})
        for listener in listeners:
            if listener.session_id not in alive:
                listener.outlet.close(REVOKED, "You were signed out on this device.")

    # Looking unasked

    async def _look_forever(self, every: float) -> None:
        while True:
            await self._clock.sleep(every)
            try:
                await self._look(self._next_people())
            except Unavailable:
                continue
            except Exception:  # border: one look; the next one comes
                log.exception("a look at standing failed")

    def _next_people(self) -> list[Person]:
        """The next so many in turn, so that a look costs the same however many are here."""
        people = list(islice(self._round, PEOPLE_A_LOOK))
        if len(people) < PEOPLE_A_LOOK:
            self._round = iter(self._crowd.people())
            people += islice(self._round, PEOPLE_A_LOOK - len(people))
        return list({person.id: person for person in people if person.listeners}.values())


def _in_parts(people: list[Person], size: int) -> Iterable[list[Person]]:
    return (people[start : start + size] for start in range(0, len(people), size))
