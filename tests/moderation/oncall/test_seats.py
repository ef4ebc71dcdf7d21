"""Who has lost their seat is nobody's cover, whatever the roster says."""

from __future__ import annotations

from datetime import timedelta

from community.clock import ManualClock
from moderation.store import roster, teams
from moderation.store.teams import Seat
from tests.moderation.oncall.team import Oncallers


async def test_a_shift_of_somebody_without_a_seat_pages_the_next_person_and_is_a_gap(
    team: Oncallers, clock: ManualClock
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    async with team.database.transaction() as tx:
        await teams.put_seat(tx, team.team, Seat(team.team, ann, None, False, False, False), now=clock.now())
    async with team.database.read() as conn:
        now = clock.now()
        left = await roster.shifts_between(conn, team.team, start=now, end=now + timedelta(hours=1))
    assert [shift.member_id for shift in left] == [bob]
    await team.cry()
    await team.escalator().run()
    asked = await team.rows("select distinct member_id from page_attempt where member_id is not null")
    assert [row["member_id"] for row in asked] == [bob]
