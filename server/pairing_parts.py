"""Pairings put together: asking and answering, supporters, and what happens by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.message_pages import RoomParts
from chat.pairings.api import PairingsApi
from chat.pairings.asking import Asking
from chat.pairings.group_pages import PairingGroupPages
from chat.pairings.pages import PairingPages, PairingTools
from chat.pairings.pairings import Pairings
from chat.pairings.supporters import Supporters
from chat.pairings.sweeping import Sweeping
from community.groups import Groups
from community.people import People
from moderation.gate.gate import Gate
from moderation.oncall.roster_acts import Oncall

if TYPE_CHECKING:
    from community.database import Database
    from server.assembly import House, Tools


@dataclass(frozen=True, slots=True)
class PairingParts:
    pairings: Pairings
    asking: Asking
    supporters: Supporters
    sweeping: Sweeping


@dataclass(frozen=True, slots=True)
class Floor:
    """What pairings stand on."""

    people: People
    groups: Groups
    gate: Gate
    oncall: Oncall


def make_pairings(database: Database, tools: Tools, floor: Floor) -> PairingParts:
    """A block is heard from here on, in the transaction that keeps it."""
    clock, bus = tools.clock, tools.bus
    asking = Asking(database, clock, bus, floor.groups, floor.gate.keeper)
    sweeping = Sweeping(database, clock, bus)
    floor.people.on_block.append(sweeping.blocked)
    return PairingParts(
        pairings=Pairings(database, clock, bus, asking, floor.oncall.cover),
        asking=asking,
        supporters=Supporters(database, clock, bus, floor.groups),
        sweeping=sweeping,
    )


def pairing_pages(house: House, rooms: RoomParts) -> tuple[PairingPages, PairingGroupPages]:
    parts = house.pairings
    tools = PairingTools(parts.pairings, parts.asking, parts.supporters, rooms)
    return PairingPages(tools), PairingGroupPages(tools)


def pairings_api(house: House) -> PairingsApi:
    parts = house.pairings
    return PairingsApi(parts.pairings, parts.asking, parts.supporters, house.rooms)
