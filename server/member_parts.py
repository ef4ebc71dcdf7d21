"""What belongs to members beside their accounts: ways back in, wishes, questions to facilitators, Easy Read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from community.easy_reads import EasyReads
from community.own_wishes import OwnWishes
from community.questions import Questions
from community.recovery import Recovery
from community.web.mine_api import MineApi
from server.mailing import Mailing
from server.oncall_parts import base_url, post_of

if TYPE_CHECKING:
    from server.assembly import House


@dataclass(frozen=True, slots=True)
class MemberParts:
    recovery: Recovery
    wishes: OwnWishes
    questions: Questions
    easy_reads: EasyReads

    def api(self) -> MineApi:
        return MineApi(self.wishes, self.questions)


def member_parts(house: House) -> MemberParts:
    """Made from the house; they hold nothing but mails on their way."""
    database, clock, bus = house.database, house.clock, house.bus
    mailing = Mailing(post_of(house.settings), clock)
    mail = (mailing, base_url(house.settings))
    return MemberParts(
        recovery=Recovery(database, clock, house.passwords, bus, mail=mail),
        wishes=OwnWishes(database, clock, bus),
        questions=Questions(database, clock, house.gate, bus, house.groups),
        easy_reads=EasyReads(house.groups, database, clock, house.gate),
    )
