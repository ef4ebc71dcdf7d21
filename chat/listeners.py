"""Who is connected to this process: people, and each one's live connections.

A listener's position in a conversation is the hub's; here is only who they are, what they follow and what
they don't want to see.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chat.outlet import Outlet
from chat.reading import Facts
from community.ids import ConversationId, MemberId, SessionId


class Ticket:
    """A join under way. Void once the listener left, joined again, was put out or has gone."""

    __slots__ = ("is_void",)

    def __init__(self) -> None:
        self.is_void = False


class Person:
    """A member with at least one connection here. The facts follow the database by rings."""

    __slots__ = ("blocks", "handle", "id", "is_seen", "language", "listeners", "since")

    def __init__(self, id: MemberId, facts: Facts, since: datetime) -> None:
        self.id = id
        self.since = since
        self.listeners: dict[Listener, None] = {}  # in the order they came
        self.know(facts)

    def know(self, facts: Facts) -> None:
        self.handle, self.blocks, self.is_seen = facts.handle, facts.blocks, facts.is_seen
        self.language = facts.language

    def shuns(self, other: MemberId) -> bool:
        """Whether presence and typing must not pass between the two, in either direction."""
        return other in self.blocks.blocked or other in self.blocks.blockers


class Listener:
    """One live connection."""

    __slots__ = ("following", "joins", "outlet", "person", "session_id")

    def __init__(self, person: Person, session_id: SessionId, outlet: Outlet) -> None:
        self.person = person
        self.session_id = session_id
        self.outlet = outlet
        self.following: set[ConversationId] = set()
        self.joins: dict[ConversationId, Ticket] = {}

    def wanted(self) -> set[ConversationId]:
        """What this connection follows or is about to."""
        return self.following | self.joins.keys()


class Crowd:
    """Everyone connected to this process, by member."""

    def __init__(self) -> None:
        self._people: dict[MemberId, Person] = {}
        self.size = 0

    def person(self, member: MemberId) -> Person | None:
        return self._people.get(member)

    def people(self) -> list[Person]:
        return list(self._people.values())

    def listeners(self) -> Iterator[Listener]:
        for person in self.people():
            yield from list(person.listeners)

    def enter(
        self, signed: tuple[MemberId, SessionId], facts: Facts, now: datetime, outlet: Outlet
    ) -> Listener:
        """A new connection. Who is here already keeps their Person, with the facts just read."""
        member, session = signed
        person = self._people.get(member)
        if person is None:
            person = self._people[member] = Person(member, facts, now)
        person.know(facts)
        listener = Listener(person, session, outlet)
        person.listeners[listener] = None
        self.size += 1
        return listener

    def leave(self, listener: Listener) -> None:
        person = listener.person
        if listener in person.listeners:
            del person.listeners[listener]
            self.size -= 1
            if not person.listeners:
                self._people.pop(person.id, None)
