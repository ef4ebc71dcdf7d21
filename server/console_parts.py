"""A moderator's pages beside the queue: one case, what is sealed, regrouping, duties, a member's own side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from community.web.pages import Page
from moderation.desk.case_acts import CaseActs, Hands
from moderation.desk.case_file import Reading
from moderation.desk.case_pages import CasePages
from moderation.desk.console import Console
from moderation.desk.contact_pages import ContactPages, Contacts
from moderation.desk.duties_pages import DutiesPages
from moderation.desk.helplines_pages import HelplinesPages
from moderation.desk.own_pages import OwnPages
from moderation.desk.pages import DeskPages, Parts
from moderation.desk.regroup_pages import RegroupPages
from moderation.desk.sealed_pages import SealedPages
from moderation.desk.team_pages import TeamPages
from moderation.oncall.outside import Outside
from moderation.oncall.team_pages import OncallTeamPages
from server.lead_pages import lead_pages

if TYPE_CHECKING:
    from server.assembly import House


def desk_pages(house: House, console: Console) -> DeskPages:
    """The queue and what stands on every page of the console."""
    parts = Parts(house.desk, house.oncall.reaching, console, house.memorials, house.database, house.clock)
    return DeskPages(parts)


def console_pages(house: House, console: Console) -> list[Page]:
    """The rest."""
    reading = Reading(house.ground, house.desk, house.letters, house.glass)
    contacts = Contacts(house.keys, house.gate.keeper, house.database, house.clock)
    acts = CaseActs(Hands(house.ground, house.desk, house.letters, house.follow_ups, house.conduct))
    return [
        *CasePages(reading, acts, console, house.clock).pages(),
        *SealedPages(reading, house.second, house.memorials, console).pages(),
        *RegroupPages(house.desk, house.regrouping, console).pages(),
        *DutiesPages(console, house.glass, house.database, house.clock).pages(),
        *OwnPages(house.conduct, house.database, house.clock).pages(),
        *ContactPages(contacts, house.database).pages(),
    ]


def outside(house: House) -> Outside:
    """What the outside back-up may read through a page's link."""
    return Outside(house.database, house.clock, house.bus, house.ground.notes)


def with_strip(house: House, console: Console) -> list[Page]:
    """Pages that don't know the console, with what one carries on top all the same."""
    pages = [
        *lead_pages(house),
        *OncallTeamPages(house.oncall.oncall, house.oncall.reaching, house.clock).pages(),
        *HelplinesPages(house.helplines, house.database, house.clock).pages(),
        *TeamPages(house.database, house.clock).pages(),
    ]
    return [console.around(page) if page.path.startswith("/moderation") else page for page in pages]
