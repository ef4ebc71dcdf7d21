"""The pages of leads and operators, in one list beside everyone else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from community.web.pages import Page
from moderation.evidence.pages import LeadPages
from moderation.evidence.rules_pages import RulesPages
from moderation.oncall.roster_pages import RosterPages

if TYPE_CHECKING:
    from server.assembly import House


def lead_pages(house: House) -> list[Page]:
    """Every page that only leads, moderators or operators have."""
    settings = house.oncall.oncall.settings
    return [
        *LeadPages(house.database, house.clock, settings).pages(),
        *RulesPages(house.database, house.clock, lambda: house.health.shadow).pages(),
        *RosterPages(house.oncall.oncall, house.clock).pages(),
    ]
