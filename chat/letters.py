"""Letters from the house on their way to live connections: a notice is sent once to each member who is here.

They are kept in the database anyway (`GET /me/notices`); this only saves the person from having to look.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from msgspec import UNSET

from chat.frames import encode
from chat.listeners import Crowd, Person
from chat.protocol import Notice
from chat.reading import Reader
from community.clock import Clock
from community.ids import NoticeId
from community.web.words import _, speaking

LOOK_BACK: Final = timedelta(minutes=2)
"""A letter committed later may carry an earlier time; those already sent are remembered meanwhile."""
REMEMBERED_MAX: Final = 5_000


class Letters:
    """Sends new notices; who wasn't connected when one was written reads it from the list."""

    def __init__(self, crowd: Crowd, reader: Reader, clock: Clock) -> None:
        self._crowd = crowd
        self._reader = reader
        self._clock = clock
        self._sent: OrderedDict[NoticeId, None] = OrderedDict()

    async def deliver(self, people: Collection[Person]) -> None:
        """Send what was written for these people since they came."""
        now = self._clock.now()
        since = {person.id: max(person.since, now - LOOK_BACK) for person in people}
        for notice in await self._reader.notices(since):
            person = self._crowd.person(notice.member_id)
            if person is None or notice.id in self._sent:
                continue
            self._sent[notice.id] = None
            with speaking(person.language):
                frame = encode(Notice(notice.id, notice.kind, _(notice.say), notice.message_id or UNSET))
            for listener in list(person.listeners):
                listener.outlet.put(frame)
        while len(self._sent) > REMEMBERED_MAX:
            self._sent.popitem(last=False)
