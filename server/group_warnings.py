"""What a group's owner should know about the people behind it: is there anybody who would answer?

The ground's settings page asks this through a function, because it knows nothing of moderation.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from community.store.groups import GroupRow
from community.web.words import _
from moderation.gate.deciding import group_rules
from moderation.oncall.roster import trained
from moderation.pipeline.packs import unread_languages
from moderation.store import members, teams, training

if TYPE_CHECKING:
    from server.assembly import House

Warn = Callable[[GroupRow], Awaitable[list[str]]]


def group_warnings(house: House) -> Warn:
    """For the settings page: sentences, the gravest first."""

    async def warn(group: GroupRow) -> list[str]:
        async with house.database.read() as conn:
            seats = await teams.seats(conn, group.team_id)
            records = [row.record() for row in await training.training(conn, group.team_id)]
            own = await members.moderators(conn, group.id)
        today = house.clock.now().date()
        counting = trained(records, "care", today)
        ready = sum(seat.care and seat.member_id in counting for seat in seats)
        return told(group, ready=ready, conduct=own + sum(seat.conduct for seat in seats))

    return warn


def told(group: GroupRow, *, ready: int, conduct: int) -> list[str]:
    """`ready` people are trained for care, `conduct` people look at what breaks a guideline."""
    said = []
    if ready == 0:
        said.append(
            _(
                "Nobody who is trained for care stands behind this group. A cry for help would wait for an operator."
            )
        )
    elif ready == 1:
        said.append(_("One person alone is trained for care. When they sleep, nobody answers."))
    if conduct == 0:
        said.append(_("This group has no moderator. What waits for a person would wait for ever."))
        if group.settings.get("premoderate_first"):
            said.append(_("First messages wait for a person, and there is none: newcomers are never heard."))
    rules = group_rules(group.preset, json.dumps(group.settings))
    unread = unread_languages(rules)
    if unread:
        said.append(
            _("No rules read these languages, so people must read everything: %(languages)s.")
            % {"languages": ", ".join(unread)}
        )
    return said
