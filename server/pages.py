"""Every page, package by package, with their templates and static files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.routing import BaseRoute

import chat
import community.web
import forum
import moderation
import server
from chat.pages import RoomPages
from community.web.accounts_pages import AccountsPages
from community.web.design_pages import DesignPages
from community.web.easy_read_pages import EasyReadPages
from community.web.front_pages import FrontPages
from community.web.groups_pages import GroupsPages
from community.web.mine_pages import MinePages
from community.web.pages import Pages
from community.web.questions_pages import QuestionsPages
from community.web.recovery_pages import RecoveryPages
from community.web.rendering import Site, Templates
from community.web.standing_pages import StandingPages
from community.web.statics import Statics
from community.web.wishes_pages import WishesPages
from moderation.carers.pages import CarePages
from moderation.desk.appeal_pages import AppealPages
from moderation.desk.console import Console
from moderation.desk.letters_pages import LettersPages
from moderation.desk.memorial_api import MemorialApi
from moderation.oncall.pages import OncallPages
from server.console_parts import console_pages, desk_pages, outside, with_strip
from server.forum_parts import forum_pages
from server.group_warnings import group_warnings
from server.lead_pages import carers_rail, lead_rail, operator_rail
from server.member_parts import member_parts
from server.notice_parts import notice_parts
from server.pairing_parts import pairing_pages
from server.room_parts import room_parts

if TYPE_CHECKING:
    from server.assembly import House

_PACKAGES = {
    "community": community.web,
    "moderation": moderation,
    "chat": chat,
    "forum": forum,
    "server": server,
}


def page_routes(house: House, version: str) -> list[BaseRoute]:
    """Routes of all pages and static files."""
    folders = {name: Path(str(module.__file__)).parent for name, module in _PACKAGES.items()}
    statics = Statics(
        {name: folder / "static" for name, folder in folders.items() if (folder / "static").is_dir()}
    )
    templates = Templates(
        site=Site(version=version),
        clock=house.clock,
        statics=statics,
        folders={name: folder / "templates" for name, folder in folders.items()},
    )

    talk = forum_pages(house)
    shown = room_parts(house)
    rooms, (pairings, group_pairings) = RoomPages(shown), pairing_pages(house, shown)
    member = member_parts(house)
    notices = notice_parts(house).pages
    accounts, questions = AccountsPages(house.people, member.recovery), QuestionsPages(member.questions)
    zone = ZoneInfo(house.settings.care.time_zone)
    sections = [rooms.section, talk.section, group_pairings.section, notices.section]
    groups = GroupsPages(house.groups, member.easy_reads, sections=sections, zone=zone)
    console = Console(house.database, house.clock)
    desk = desk_pages(house, console)
    letters = LettersPages(house.letters, house.gate, house.database)
    on_call = OncallPages(house.oncall.oncall, house.oncall.reaching, house.clock, console, outside(house))
    pages = Pages(
        house.sessions,
        templates,
        rail=[
            desk.rail,
            lead_rail(house),
            operator_rail(house),
            on_call.rail,
            carers_rail(house),
            letters.rail,
            questions.rail,
            groups.rail,
            pairings.rail,
            talk.rail,
        ],
    )
    listed = [
        *FrontPages(house.helplines, accounts.end_session).pages(),
        *(DesignPages().pages() if house.settings.server.development else []),
        *accounts.pages(),
        *MinePages(house.people, house.database, house.export, house.erasure).pages(),
        *RecoveryPages(member.recovery, house.people).pages(),
        *WishesPages(member.wishes).pages(),
        *notices.pages(),
        *groups.pages(),
        *questions.pages(),
        *EasyReadPages(member.easy_reads).pages(),
        *StandingPages(house.groups, house.database, house.clock, group_warnings(house)).pages(),
        *rooms.pages(),
        *pairings.pages(),
        *group_pairings.pages(),
        *talk.pages(),
        *desk.pages(),
        *on_call.pages(),
        *letters.pages(),
        *console_pages(house, console),
        *CarePages(house.database, house.clock).pages(),
        *with_strip(house, console),
        *AppealPages(house.appeals).pages(),
        *MemorialApi(house.memorials).pages(),
    ]
    return [*statics.routes(), *notices.routes(), *pages.routes(listed), pages.lost()]
