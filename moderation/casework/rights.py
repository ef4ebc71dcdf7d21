"""Who may work on which cases: care by team membership, conduct also by moderators of the group.

Operators run the machine and stand in for a team that isn't there yet: they may do both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.errors import NotFound
from community.ids import GroupId, MemberId, TeamId
from moderation.store import letters
from moderation.store import teams as store
from moderation.store.cases import CaseRow
from moderation.store.queue import Sight


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may see at the desk. Empty for a member: then the desk doesn't exist for them."""

    member: MemberId
    care_teams: frozenset[TeamId]
    conduct_teams: frozenset[TeamId]
    conduct_groups: frozenset[GroupId]
    lead_teams: frozenset[TeamId]

    @property
    def any(self) -> bool:
        return bool(self.care_teams or self.conduct_teams or self.conduct_groups)

    def may_see(self, row: CaseRow, sight: Sight) -> bool:
        """Whether this case exists for this person. Never one about themselves or somebody they are tied to;
        one about somebody of the team is its lead's, one about a group's moderator isn't that group's."""
        if self.is_barred(sight, row.team_id):
            return False
        if row.case.lane == "care":
            return row.team_id in self.care_teams
        if row.team_id in self.conduct_teams:
            return True
        return row.group_id in self.conduct_groups and not sight.group_staff

    def is_barred(self, sight: Sight, team: TeamId) -> bool:
        """Whether a case of this team doesn't exist for this person, whatever seat they have."""
        if self.member in sight.about or self.member in sight.tied:
            return True
        return sight.staff and team not in self.lead_teams

    def leads(self, row: CaseRow) -> bool:
        return row.team_id in self.lead_teams


async def rights_of(conn: Conn, member: MemberId, *, is_operator: bool) -> Rights:
    """What the member may work on now."""
    if is_operator:
        teams = frozenset(await store.all_teams(conn))
        return Rights(member, teams, teams, frozenset(), teams)
    seats = await store.seats_of(conn, member)
    return Rights(
        member,
        care_teams=frozenset(s.team_id for s in seats if s.care or s.lead),
        conduct_teams=frozenset(s.team_id for s in seats if s.conduct or s.lead),
        conduct_groups=frozenset(await store.moderated_groups(conn, member)),
        lead_teams=frozenset(s.team_id for s in seats if s.lead),
    )


async def desk_rights(conn: Conn, member: MemberId, *, is_operator: bool) -> Rights:
    """As `rights_of`; raises NotFound for whom there is no desk."""
    rights = await rights_of(conn, member, is_operator=is_operator)
    if not rights.any:
        raise NotFound
    return rights


async def set_seat(tx: Tx, team: TeamId, seat: store.Seat, *, now: datetime) -> None:
    """Give (or take, with all False) someone a seat in a moderation team. Without one in care they read no
    letters any more."""
    require_tx(tx)
    await store.put_seat(tx, team, seat, now=now)
    if not (seat.care or seat.lead):
        await letters.step_out(tx, seat.member_id, team=team, now=now)
