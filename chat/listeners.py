"""Who is connected to this process: people, and each one's live connections.

A listener's position in a conversation is the hub's; here is only who they are, what they follow and what
they don't want to see.
"""

from __future__ import annotations

from collections.abc import Iterator

from chat.outlet import Outlet
from chat.reading import Blocks
from community.ids import ConversationId, MemberId, SessionId


class Ticket:
    """A join under way. Void once the listener left, joined again, was put out or has gone."""

    __slots__ = ("is_void",)

    def __init__(self) -> None:
        self.is_void = False


class Person:
    """A member with at least one connection here. `blocks` follows the database by rings."""

    __slots__ = ("blocks", "handle", "id", "is_seen", "listeners")

    def __init__(self, id: MemberId, handle: str, blocks: Blocks, is_seen: bool) -> None:
        self.id = id
        self.handle = handle
        self.blocks = blocks
        self.is_seen = is_seen
        self.listeners: dict[Listener, None] = {}  # in the order they came

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

    def enter(self, person: Person, session_id: SessionId, outlet: Outlet) -> Listener:
        """A new connection. Who is here already keeps their Person; its facts are those just read."""
        present = self._people.setdefault(person.id, person)
        present.handle, present.blocks, present.is_seen = person.handle, person.blocks, person.is_seen
        listener = Listener(present, session_id, outlet)
        present.listeners[listener] = None
        self.size += 1
        return listener

    def leave(self, listener: Listener) -> None:
        person = listener.person
        if listener in person.listeners:
            del person.listeners[listener]
            self.size -= 1
            if not person.listeners:
                self._people.pop(person.id, None)
