"""Random acts by random people on the case machine and its rights: what may never happen, doesn't.

Pure and fast: no database, no clock. The same `step`, `clock_act` and `Rights.may_see` that the desk uses; the
unique indexes of the database are stood for by a dictionary.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from community.ids import CaseId, GroupId, MemberId, MessageId, PageId, TeamId
from moderation.casework import acts
from moderation.casework.case import Case, IllegalAct, Past
from moderation.casework.machine import clock_act, replay, step
from moderation.casework.rights import Rights
from moderation.pipeline.types import Tier
from moderation.store.cases import CaseRow
from moderation.store.queue import Sight

_count = count(1)


def new_id() -> UUID:
    """The same ids in every run of an example: hypothesis repeats them."""
    return UUID(int=next(_count))


TEAM, GROUP = TeamId(new_id()), GroupId(new_id())
MEMBERS = [MemberId(new_id()) for _ in range(4)]
CARER, OTHER, CONDUCTOR, LEAD, GROUP_MODERATOR, NOBODY = (MemberId(new_id()) for _ in range(6))
STAFF = frozenset((CARER, OTHER, CONDUCTOR, LEAD))
NO: frozenset[Any] = frozenset()
RIGHTS = {
    CARER: Rights(CARER, frozenset({TEAM}), NO, NO, NO),
    OTHER: Rights(OTHER, frozenset({TEAM}), frozenset({TEAM}), NO, NO),
    CONDUCTOR: Rights(CONDUCTOR, NO, frozenset({TEAM}), NO, NO),
    LEAD: Rights(LEAD, frozenset({TEAM}), frozenset({TEAM}), NO, frozenset({TEAM})),
    GROUP_MODERATOR: Rights(GROUP_MODERATOR, NO, NO, frozenset({GROUP}), NO),
    NOBODY: Rights(NOBODY, NO, NO, NO, NO),
}
AUTHORS = [*MEMBERS, CARER, GROUP_MODERATOR, LEAD]
RULES = [f"care.rule{n}" for n in range(4)]


class World(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        global _count
        _count = count(1_000)
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self.rows: dict[CaseId, CaseRow] = {}
        self.history: dict[CaseId, list[tuple[acts.Act, datetime]]] = {}
        self.touched: set[CaseId] = set()
        self.author: dict[MessageId, MemberId] = {}

    # ---- what the desk and the gate do, without a database

    def sight(self, row: CaseRow) -> Sight:
        subject = row.member_id or self.author.get(row.message_id) if row.message_id else row.member_id
        about = frozenset({subject}) if subject else NO
        return Sight(about, bool(about & STAFF), GROUP_MODERATOR in about, NO)

    def write(self, id: CaseId, act: acts.Act) -> None:
        row = self.rows[id]
        after = step(row.case, act, self.now)
        self.history[id].append((act, self.now))
        self.touched.add(id)
        self.rows[id] = CaseRow(row.id, row.team_id, row.group_id, row.member_id, row.message_id, after)

    def open_case(self, lane: str, key: object) -> CaseId | None:
        return next(
            (
                r.id
                for r in self.rows.values()
                if r.case.lane == lane and r.case.state != "closed" and key in (r.member_id, r.message_id)
            ),
            None,
        )

    def insert(self, opening: acts.Opened, member: MemberId | None) -> None:
        id, case = CaseId(new_id()), step(None, opening, self.now)
        self.rows[id] = CaseRow(id, TEAM, GROUP, member, None if member else opening.message, case)
        self.history[id] = [(opening, self.now)]

    def by(self, who: MemberId, id: CaseId, act: acts.Act) -> Case | None:
        """As DeskGround.act: what doesn't exist for this person can't be done by them."""
        before = self.rows[id].case
        if not RIGHTS[who].may_see(self.rows[id], self.sight(self.rows[id])):
            return None
        try:
            self.write(id, act)
        except IllegalAct:
            return None
        return before

    # ---- rules

    @rule(author=st.sampled_from(AUTHORS), tier=st.sampled_from([Tier.amber, Tier.red, Tier.crisis]),
          rules=st.frozensets(st.sampled_from(RULES), min_size=1))  # fmt: skip
    def a_finding(self, author: MemberId, tier: Tier, rules: frozenset[str]) -> None:
        message = MessageId(new_id())
        self.author[message] = author
        found = self.open_case("care", author)
        if found is None:
            self.insert(acts.Opened("care", tier, message, rules), author)
            return
        before = self.rows[found].case
        self.write(found, acts.Joined(tier, message, before.rules | rules))
        assert self.rows[found].case.tier >= before.tier, "folding in never lowers a tier"

    @rule(author=st.sampled_from(AUTHORS))
    def a_report(self, author: MemberId) -> None:
        message = MessageId(new_id())
        self.author[message] = author
        self.insert(acts.Opened("conduct", Tier.green, message, frozenset({"flag"}), "reported"), None)

    @rule(author=st.sampled_from(MEMBERS), who=st.sampled_from([CONDUCTOR, OTHER, LEAD]))
    def a_decision_is_appealed(self, author: MemberId, who: MemberId) -> None:
        """Far down the road in one step, so that what follows is tried often."""
        self.a_report(author)
        id = max(self.rows)
        self.acts(id, who, acts.Decided(who, "remove", None, "r"))
        self.write(id, acts.Appealed(author))
        self.acts(id, who, acts.Decided(who, "close", None, "r"))
        assert self.rows[id].case.state == "appealed", "not by who decided"

    def chosen(self, data: st.DataObject) -> tuple[CaseId, MemberId]:
        """A case that is open if one is, and mostly somebody who may see it: refusals alone prove little."""
        alive = [id for id in sorted(self.rows) if self.rows[id].case.state != "closed"]
        id = data.draw(st.sampled_from(alive or sorted(self.rows)))
        able = [m for m, r in RIGHTS.items() if r.may_see(self.rows[id], self.sight(self.rows[id]))]
        return id, data.draw(st.sampled_from([*able, *able, *able, *RIGHTS]))

    def acts(self, id: CaseId, who: MemberId, act: acts.Act) -> None:
        before = self.by(who, id, act)
        if before is None:
            return
        assert who not in self.sight(self.rows[id]).about, "nobody works on their own case"
        assert not self.sight(self.rows[id]).staff or who == LEAD, "staff are their lead's"
        assert RIGHTS[who].any, "no right, no act"
        if isinstance(act, acts.Decided) and before.state == "appealed":
            assert who not in (before.decided_by, before.appealed_by), "another person answers an appeal"
        if isinstance(act, acts.Decided | acts.Closed):
            assert before.held_by(self.now) in (None, who), "what somebody holds, nobody else settles"
        if isinstance(act, acts.Closed):
            assert before.state not in ("appealed", "decided"), "an author's time to disagree isn't cut short"
        assert self.rows[id].case.tier >= before.tier, "no act lowers a tier"

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def somebody_holds(self, data: st.DataObject) -> None:
        id, who = self.chosen(data)
        kinds = [
            acts.Claimed(who), acts.Claimed(who), acts.Claimed(who, take_over=True), acts.Renewed(who),
            acts.Released(who), acts.Noted(who), acts.Signed(who, "memorial", "asked"),
        ]  # fmt: skip
        self.acts(id, who, data.draw(st.sampled_from(kinds)))

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), tier=st.sampled_from(list(Tier)))
    def somebody_cares(self, data: st.DataObject, tier: Tier) -> None:
        id, who = self.chosen(data)
        kinds = [
            acts.Spoke(who), acts.Spoke(who), acts.Laddered(who, "intent", "now"),
            acts.Escalated(who, tier, "person"), acts.FollowingUp(who, self.now + timedelta(hours=24)),
            acts.Supported(who, MessageId(new_id())),
        ]  # fmt: skip
        self.acts(id, who, data.draw(st.sampled_from(kinds)))

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def somebody_settles(self, data: st.DataObject) -> None:
        id, who = self.chosen(data)
        first = self.rows[id].case.messages[0]
        kinds = [
            acts.Decided(who, "remove", None, "r"), acts.Decided(who, "mask", None, "r"),
            acts.Decided(who, "publish", None, "r"), acts.Decided(who, "close", None, "r"),
            acts.RepairAsked(who, first, "r"), acts.Closed(who, "person"),
        ]  # fmt: skip
        self.acts(id, who, data.draw(st.sampled_from(kinds)))

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def the_author_disagrees_or_writes_back(self, data: st.DataObject) -> None:
        decided = [id for id in sorted(self.rows) if self.rows[id].case.state == "decided"]
        id = data.draw(st.sampled_from(decided * 3 + sorted(self.rows)))
        row = self.rows[id]
        author = row.member_id or self.author[row.message_id] if row.message_id else row.member_id
        assert author is not None
        if row.case.lane == "care" and row.case.state == "closed" and self.open_case("care", author):
            return  # the words go to the open one
        act = acts.Appealed(author) if row.case.lane == "conduct" else acts.Answered(MessageId(new_id()))
        try:
            self.write(id, act)
        except IllegalAct:
            return

    @precondition(lambda self: len(self.rows) > 1)
    @rule(data=st.data(), who=st.sampled_from(list(RIGHTS)))
    def somebody_joins_two(self, data: st.DataObject, who: MemberId) -> None:
        one, two = (
            data.draw(st.sampled_from(sorted(self.rows))),
            data.draw(st.sampled_from(sorted(self.rows))),
        )
        a, b = self.rows[one], self.rows[two]
        if one == two or a.case.lane != b.case.lane or "closed" in (a.case.state, b.case.state):
            return
        if not all(RIGHTS[who].may_see(r, self.sight(r)) for r in (a, b)):
            return
        waits = a.case.lane == "care" and (a.case.waits or a.case.state in ("open", "paged", "acknowledged"))
        merged = acts.Merged(
            who, one, a.case.tier, a.case.messages, a.case.rules | b.case.rules, a.case.due_at, waits
        )
        closed = acts.Closed(who, "merged", two)
        try:
            step(a.case, closed, self.now)  # one transaction: both or neither
            self.write(two, merged)
        except IllegalAct:
            return
        self.write(one, closed)
        assert self.rows[two].case.tier >= max(a.case.tier, b.case.tier) or a.case.lane == "conduct"
        if waits and a.case.due_at is not None:
            assert (self.rows[two].case.due_at or a.case.due_at) <= a.case.due_at, (
                "joining gives nobody more time"
            )

    @rule(by=st.sampled_from([timedelta(minutes=m) for m in (1, 4, 6, 20, 90, 1500, 42_000)]))
    def time_goes_by(self, by: timedelta) -> None:
        self.now += by
        for id, row in list(self.rows.items()):
            act = clock_act(row.case, self.now)
            if act is not None:
                self.write(id, act)
                again = clock_act(self.rows[id].case, self.now)
                assert again is None, "a clock that ran out runs again from now"

    @rule()
    def a_page_goes_out(self) -> None:
        for case, row in list(self.rows.items()):
            if row.case.state == "open" and row.case.tier >= Tier.red:
                self.write(case, acts.Paged(PageId(new_id()), "opened"))

    # ---- what may never be

    @invariant()
    def a_care_case_has_a_running_clock_and_an_owner_once_somebody_has_it(self) -> None:
        for row in self.rows.values():
            if row.case.lane == "care" and row.case.state != "closed":
                assert row.case.due_at is not None
                if row.case.state == "acknowledged":
                    assert row.case.owner is not None
                if row.case.state in ("open", "paged"):
                    assert row.case.owner is None

    @invariant()
    def one_open_case_a_subject_and_lane(self) -> None:
        keys = [
            (r.case.lane, r.member_id or r.message_id) for r in self.rows.values() if r.case.state != "closed"
        ]
        assert len(keys) == len(set(keys))

    @invariant()
    def only_those_with_the_right_ever_acted(self) -> None:
        for id, history in self.history.items():
            for act, _ in history:
                by = getattr(act, "by", None)
                if by is not None and not isinstance(act, acts.Appealed):
                    assert RIGHTS[by].may_see(self.rows[id], self.sight(self.rows[id]))

    @invariant()
    def what_happened_makes_the_case_also_after_being_stored(self) -> None:
        for id in self.touched:
            history = self.history[id]
            stored = [Past(acts.decode(acts.verb(act), acts.encode(act)), at) for act, at in history]
            assert replay(stored) == self.rows[id].case
        self.touched.clear()


World.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCases = World.TestCase
