"""Everything that the pages of rooms and pairings work with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chat.message_pages import RoomParts
from chat.talk import Talk
from moderation.gate.standing_cards import StandingCards

if TYPE_CHECKING:
    from server.assembly import House


def room_parts(house: House) -> RoomParts:
    """What rooms and pairings show talks with."""
    return RoomParts(
        rooms=house.rooms,
        meetings=house.meetings,
        talk=Talk(house.database),
        gate=house.gate,
        flags=house.flags,
        people=house.people,
        cards=StandingCards(house.database, house.clock),
        database=house.database,
        clock=house.clock,
        zone=ZoneInfo(house.settings.care.time_zone),
    )
