"""The pages of leads and operators, in one list beside everyone else's, and their part of the rail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from community.web.pages import Page
from community.web.sections import Entry, RailSection, RailSections
from community.web.sessions import Signed
from community.web.words import _
from moderation.casework.rights import rights_of
from moderation.desk.console import watches
from moderation.desk.ground import Who
from moderation.desk.members_pages import MembersPages
from moderation.evidence.audit_pages import AuditPages
from moderation.evidence.pages import LeadPages
from moderation.evidence.rules_pages import RulesPages
from moderation.oncall.roster_pages import RosterPages
from server.operator_pages import OperatorPages
from server.rehearsal_pages import RehearsalPages

if TYPE_CHECKING:
    from server.assembly import House


def lead_pages(house: House) -> list[Page]:
    """Every page that only leads, moderators or operators have."""
    settings = house.oncall.oncall.settings
    return [
        *LeadPages(house.database, house.clock, settings).pages(),
        *RulesPages(house.database, house.clock, lambda: house.health.shadow).pages(),
        *AuditPages(house.database, house.clock, settings.hours.zone).pages(),
        *MembersPages(house.database, house.clock, house.ground.notes).pages(),
        *RosterPages(house.oncall.oncall, house.clock).pages(),
        *RehearsalPages(house).pages(),
        *OperatorPages(house).pages(),
    ]


def lead_rail(house: House) -> RailSections:
    """The ways to them: what each person has a right to, and nothing for a member."""

    async def rail(who: Signed) -> RailSection | None:
        async with house.database.read() as conn:
            rights = await rights_of(conn, who.member_id, is_operator=who.is_operator)
            looks = rights.any and await watches(conn, rights, Who(who.member_id, who.is_operator))
        if not rights.any:
            return None
        entries = [Entry(_("People"), "/moderation/members"), Entry(_("Rules"), "/moderation/rules")]
        if rights.lead_teams:
            entries = [
                Entry(_("Figures"), "/moderation/figures"),
                *entries,
                Entry(_("Audit log"), "/moderation/audit"),
                Entry(_("Team"), "/moderation/team"),
                Entry(_("Duties"), "/moderation/offices"),
            ]
        if looks:
            entries.append(Entry(_("What was opened"), "/moderation/break-glass"))
        return RailSection(_("Leading") if rights.lead_teams else _("Looking things up"), tuple(entries))

    return rail


def carers_rail(house: House) -> RailSections:
    """What moderators keep for themselves."""

    async def rail(who: Signed) -> RailSection | None:
        async with house.database.read() as conn:
            rights = await rights_of(conn, who.member_id, is_operator=who.is_operator)
        if not rights.any:
            return None
        entries = (
            Entry(_("What I carry"), "/moderation/wellbeing"),
            Entry(_("Ties"), "/moderation/ties"),
            Entry(_("Practice"), "/moderation/practice"),
        )
        return RailSection(_("Looking after yourself"), entries)

    return rail


def operator_rail(house: House) -> RailSections:
    """The ways of those who run the server."""
    return OperatorPages(house).rail
