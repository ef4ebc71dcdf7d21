"""The roster's acts: promises made, taken back, swapped; training entered; hand-over written; what it comes to.

People take their own shifts; leads fill the roster for anyone. Nobody is put on a care shift whose training for
the lane doesn't count on its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from community.ids import CaseId, MemberId, TeamId, new_id
from community.store import groups
from moderation.casework.rights import Rights, desk_rights
from moderation.desk.desk import Who
from moderation.oncall.cover import CareSettings, Team, cover_of, team_now
from moderation.oncall.roster import AHEAD, Rule, Turn, clashes, expand, gaps, lapsed, trained
from moderation.pipeline.types import Tier
from moderation.store import queue, teams, training
from moderation.store import roster as store
from moderation.store.pages import Cover
from moderation.store.roster import Shift, ShiftRow
from moderation.store.training import HandoverRow, SwapRow, TrainingRow

EXPANDED: Final = timedelta(days=28)
"""Rules are shifts so far ahead; more would only be moved when life moves."""
SHIFT_MAX: Final = timedelta(hours=24)
NOTE_CHARS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class RosterSeen:
    """A roster between two moments with everything that its page and its API show."""

    team: TeamId
    shifts: list[ShiftRow]
    gaps: list[tuple[datetime, datetime]]
    swaps: list[SwapRow]
    now: Team
    lapsed: frozenset[MemberId]
    leads: bool  # whether who looks may fill it for others


class Oncall:
    def __init__(self, database: Database, clock: Clock, settings: CareSettings) -> None:
        self._database = database
        self._clock = clock
        self.settings = settings

    async def cover(self, conn: Conn, team: TeamId, tier: Tier, *, now: datetime) -> Cover:
        """What a card for this tier may honestly say."""
        return cover_of(await team_now(conn, team, self.settings, now=now), tier)

    async def look(self, who: Who, start: datetime, end: datetime) -> RosterSeen:
        """The roster between; gaps only of what is still to come. Raises NotFound for whom there is no desk."""
        now = self._clock.now()
        async with self._database.read() as conn:
            rights, team = await self._place(conn, who)
            return RosterSeen(
                team=team,
                shifts=await store.rows_between(conn, team, start=start, end=end),
                gaps=await self.gaps(conn, team, start=max(start, now), end=end),
                swaps=await training.open_swaps(conn, team),
                now=await team_now(conn, team, self.settings, now=now),
                lapsed=lapsed([r.record() for r in await training.training(conn, team)], "care", now.date()),
                leads=team in rights.lead_teams,
            )

    async def people(self, who: Who) -> list[teams.Seat]:
        """Who could take shifts."""
        async with self._database.read() as conn:
            _, team = await self._place(conn, who)
            return [s for s in await teams.seats(conn, team) if s.care or s.lead]

    async def rules(self, who: Who) -> list[store.RuleRow]:
        """Promises that repeat and stand."""
        async with self._database.read() as conn:
            _, team = await self._place(conn, who)
            return await store.rules(conn, team)

    async def gaps(
        self, conn: Conn, team: TeamId, *, start: datetime, end: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Time in which somebody should be on duty and nobody is: around the clock, or a small team's stated
        hours. Shifts of people whose training lapses before them don't count."""
        if end <= start:
            return []
        records = [r.record() for r in await training.training(conn, team)]
        seats = await teams.seats(conn, team)
        small = self.settings.is_small(sum(s.care for s in seats))
        rows = await store.rows_between(conn, team, start=start, end=end)
        turns = [
            turn
            for turn in (row.turn() for row in rows)
            if turn.member not in lapsed(records, "care", turn.starts_at.date())
        ]
        return gaps(turns, start, end, self.settings.hours if small else None)

    # ---- shifts

    async def add_shift(self, who: Who, shift: Shift) -> UUID:
        """One shift. Raises Invalid, Forbidden, Conflict when the person has another at that time."""
        if not timedelta() < shift.ends_at - shift.starts_at <= SHIFT_MAX:
            raise Invalid("A shift ends after it starts, and within a day.", code="bad_times")
        now = self._clock.now()
        if shift.ends_at <= now:
            raise Invalid("That shift would be over already.", code="past")
        turn = Turn(shift.member_id, shift.seat, shift.starts_at, shift.ends_at)
        async with self._database.transaction() as tx:
            team = await self._may_take(tx, who, shift.member_id)
            await self._check(tx, team, [turn])
            return await store.add_shift(tx, team, shift)

    async def add_rule(self, who: Who, rule: Rule) -> tuple[UUID, int]:
        """A promise that repeats, and its shifts of the next four weeks; answers how many. Raises like
        `add_shift`."""
        if not rule.weekdays or (rule.last_on is not None and rule.last_on < rule.first_on):
            raise Invalid("That never happens: choose at least one day.", code="never")
        now = self._clock.now()
        turns = [t for t in _turns(rule, now) if t.ends_at > now]
        async with self._database.transaction() as tx:
            team = await self._may_take(tx, who, rule.member)
            await self._check(tx, team, turns or [_first(rule)])
            id = await store.add_rule(tx, team, rule, by=who.member_id, now=now)
            await store.add_turns(tx, team, id, turns)
        return id, len(turns)

    async def drop_shift(self, who: Who, id: UUID) -> None:
        """Take back a shift, or end a rule: what hasn't begun goes. Raises NotFound, Conflict, Forbidden."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            rights, team = await self._place(tx, who)
            rule = next((r for r in await store.rules(tx, team) if r.id == id), None)
            if rule is not None:
                _own_or_lead(rights, team, rule.rule.member)
                await store.end_rule(tx, id, now=now)
                return
            row = await store.shift(tx, id)
            if row is None or row.team_id != team:
                raise NotFound
            _own_or_lead(rights, team, row.member_id)
            if not await store.drop_shift(tx, id, now=now):
                raise Conflict("That shift has begun. Ask somebody to take the rest of it.", code="begun")

    async def expand_all(self) -> int:
        """Make the shifts that rules promise in the coming weeks. Idempotent; the daily job."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            rules = await store.rules(tx)
            for row in rules:
                await store.add_turns(
                    tx, row.team_id, row.id, [t for t in _turns(row.rule, now) if t.ends_at > now]
                )
        return len(rules)

    # ---- swaps

    async def ask_swap(self, who: Who, shift: UUID, to: MemberId) -> UUID:
        """Ask somebody to take a shift over; it stays one's own until they say yes."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            rights, team = await self._place(tx, who)
            row = await store.shift(tx, shift)
            if row is None or row.team_id != team:
                raise NotFound
            _own_or_lead(rights, team, row.member_id)
            if row.ends_at <= now or to == row.member_id:
                raise Conflict("That can't be swapped any more.", code="past")
            await self._check(tx, team, [Turn(to, row.seat, row.starts_at, row.ends_at)])
            swap = await training.ask_swap(tx, shift, from_=row.member_id, to=to, now=now)
        if swap is None:
            raise Conflict("Somebody has been asked already.", code="asked")
        return swap

    async def answer_swap(self, who: Who, id: UUID, *, accept: bool) -> None:
        """Yes or no by whom it was asked of; taking it back by who asked. Raises NotFound, Conflict."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            _, team = await self._place(tx, who)
            swap = await training.lock_swap(tx, id)
            row = await store.shift(tx, swap.shift_id) if swap is not None else None
            if swap is None or row is None or who.member_id not in (swap.to_id, swap.from_id):
                raise NotFound
            if swap.state != "asked":
                raise Conflict("That was answered already.", code="answered")
            if who.member_id == swap.from_id:
                if accept:
                    raise Forbidden("You asked; the other person says yes.", code="not_yours")
                await training.answer_swap(tx, id, "withdrawn", now=now)
                return
            if accept:
                await self._check(tx, team, [Turn(swap.to_id, row.seat, row.starts_at, row.ends_at)])
                await store.give_shift(tx, row.id, swap.to_id)
            await training.answer_swap(tx, id, "taken" if accept else "declined", now=now)

    # ---- training, hand-over

    async def training(self, who: Who) -> list[TrainingRow]:
        """All records of the team for leads, else one's own."""
        async with self._database.read() as conn:
            rights, team = await self._place(conn, who)
            rows = await training.training(conn, team)
        return rows if team in rights.lead_teams else [r for r in rows if r.member_id == who.member_id]

    async def add_training(self, who: Who, row: TrainingRow) -> UUID:
        """Leads enter records, never their own: somebody else has seen the training."""
        async with self._database.transaction() as tx:
            rights, team = await self._place(tx, who)
            if team not in rights.lead_teams:
                raise Forbidden("Leads enter training records.", code="not_lead")
            if row.member_id == who.member_id and not who.is_operator:
                raise Forbidden("Somebody else enters your own record.", code="own_record")
            if row.expires_on < row.trained_on:
                raise Invalid("It can't end before it began.", code="bad_times")
            if all(s.member_id != row.member_id for s in await teams.seats(tx, team)):
                raise Invalid("They have no seat in this team yet.", code="no_seat")
            fresh = TrainingRow(
                new_id(),
                row.member_id,
                row.lane,
                row.trained_on,
                row.expires_on,
                row.supervisor_id,
                row.topics_excluded,
            )
            await training.add_training(tx, team, fresh, by=who.member_id, now=self._clock.now())
        return fresh.id

    async def revoke_training(self, who: Who, id: UUID) -> None:
        async with self._database.transaction() as tx:
            rights, team = await self._place(tx, who)
            if team not in rights.lead_teams:
                raise Forbidden("Leads keep training records.", code="not_lead")
            if not await training.revoke_training(tx, team, id, now=self._clock.now()):
                raise NotFound

    async def spare_me(self, who: Who, topics: Sequence[str]) -> None:
        """Topics that one would rather not be paged for; nobody asks why."""
        async with self._database.transaction() as tx:
            _, team = await self._place(tx, who)
            await training.set_topics(tx, team, who.member_id, sorted(set(topics))[:20])

    async def handover(self, who: Who) -> list[HandoverRow]:
        """Open care cases that exist for this person, and what the shift before says about each."""
        async with self._database.read() as conn:
            rights, team = await self._place(conn, who)
            if team not in rights.care_teams:
                raise NotFound
            return await _open_cases(conn, rights, team)

    async def hand_over(self, who: Who, case: CaseId, words: str) -> None:
        """A note on an open case for whoever comes next."""
        clean = words.strip()
        if not 1 <= len(clean) <= NOTE_CHARS_MAX or "\0" in clean:
            raise Invalid(fields=(FieldError("words", f"Please write 1 to {NOTE_CHARS_MAX} characters."),))
        async with self._database.transaction() as tx:
            rights, team = await self._place(tx, who)
            open_ = await _open_cases(tx, rights, team)
            if team not in rights.care_teams or all(row.case_id != case for row in open_):
                raise NotFound
            await training.add_note(tx, team, case, by=who.member_id, words=clean, now=self._clock.now())

    # ---- inner

    async def _place(self, conn: Conn, who: Who) -> tuple[Rights, TeamId]:
        rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
        team = await groups.default_team(conn)
        if team not in rights.care_teams | rights.conduct_teams:
            raise NotFound
        return rights, team

    async def _may_take(self, tx: Tx, who: Who, member: MemberId) -> TeamId:
        rights, team = await self._place(tx, who)
        _own_or_lead(rights, team, member)
        return team

    async def _check(self, tx: Tx, team: TeamId, turns: Sequence[Turn]) -> None:
        """Whether this person may take these: a seat, training that counts, no other shift at the time."""
        first, member = turns[0], turns[0].member
        seat = next((s for s in await teams.seats(tx, team) if s.member_id == member), None)
        if seat is None or (first.seat == "lead" and not seat.lead):
            raise Invalid("They have no such seat in this team.", code="no_seat")
        if first.seat != "lead":
            records = [r.record() for r in await training.training(tx, team)]
            if member not in trained(records, "care", first.starts_at.date()):
                raise Invalid(
                    "There is no training record for the care lane that counts on that day.",
                    code="not_trained",
                )
        start, end = min(t.starts_at for t in turns), max(t.ends_at for t in turns)
        others = [r.turn() for r in await store.rows_between(tx, team, start=start, end=end)]
        if any(clashes(turn, others) for turn in turns):
            raise Conflict("They have another shift at that time.", code="clash")


async def _open_cases(conn: Conn, rights: Rights, team: TeamId) -> list[HandoverRow]:
    """The team's open care cases, without those that don't exist for this person: a tie bars notes too."""
    rows = await training.open_cases(conn, team, not_about=rights.member)
    sights = await queue.sights(conn, [row.case_id for row in rows])
    return [row for row in rows if not rights.is_barred(sights[row.case_id], team)]


def _own_or_lead(rights: Rights, team: TeamId, member: MemberId) -> None:
    if rights.member != member and team not in rights.lead_teams:
        raise Forbidden("Leads fill the roster for others.", code="not_lead")


def _turns(rule: Rule, now: datetime) -> list[Turn]:
    first = now.date() - timedelta(days=2)
    return list(expand(rule, first, (now + EXPANDED).date()))


def _first(rule: Rule) -> Turn:
    """The first shift of a rule that begins later than we expand."""
    last = rule.first_on + timedelta(weeks=rule.every_weeks + 1)
    found = next(expand(rule, rule.first_on, last), None)
    if found is None:
        raise Invalid("That never happens: choose at least one day.", code="never")
    return found


__all__ = ["AHEAD", "Oncall", "RosterSeen"]
