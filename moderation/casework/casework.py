"""Opening and feeding cases inside the transaction that keeps the words: message, findings, case, page and
card stand or fall together. If anything after that dies, a restart sends the page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, ConversationId, GroupId, MemberId, MessageId, PageId, TeamId, new_id
from community.store import groups as groups_store
from community.store import people as people_store
from moderation.casework.acts import Why, encode, verb
from moderation.casework.machine import (
    Act,
    Answered,
    Case,
    Closed,
    Edited,
    Joined,
    Opened,
    Paged,
    Repaired,
    Spoke,
    Withdrew,
    is_news,
    step,
)
from moderation.gate.support import Cover, Reader, Support, SupportCard
from moderation.pipeline.types import Lane, Tier, Topic
from moderation.store import cases as store
from moderation.store import conduct, follow_ups, letters, order, pages
from moderation.store.cases import CaseRow
from moderation.store.times import in_force

__all__ = ["Casework", "Cause", "Line", "Raised", "Why", "act", "team_of"]

REOPENS_WITHIN = timedelta(hours=72)
"""A finding so soon after a care case was closed belongs to the same situation (our own value)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a case opens or grows."""

    message: MessageId
    member: MemberId  # the author: whom a care case is about
    team: TeamId
    group: GroupId | None
    tier: Tier
    topic: Topic | None
    rules: frozenset[str]
    why: Why = "finding"


@dataclass(frozen=True, slots=True)
class Line:
    """Words in a private conversation. `delivered`: the other side can read them."""

    conversation: ConversationId
    author: MemberId
    message: MessageId
    delivered: bool


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of it. `brief`: the person had a full card in this episode already."""

    case: CaseId
    opened: bool
    brief: bool


class CoverOf(Protocol):
    """What the roster says for a case of this tier (moderation/oncall/roster_acts.py)."""

    async def __call__(self, conn: Conn, team: TeamId, tier: Tier, *, now: datetime) -> pages.Cover: ...


async def _shifts_alone(conn: Conn, team: TeamId, tier: Tier, *, now: datetime) -> pages.Cover:
    return await pages.cover(conn, team, now=now)


class Casework:
    def __init__(self, support: Support, cover: CoverOf = _shifts_alone) -> None:
        self._support = support
        self._cover = cover

    async def care(self, tx: Tx, cause: Cause, *, now: datetime) -> Raised:
        """Join the author's care case, or open one; page where that is news. Red and crisis page."""
        require_tx(tx)
        written = await letters.of_message(tx, cause.message)
        if written is not None:  # said to a team: it is theirs, whatever group it would be
            cause = replace(cause, team=written.team_id)
        row = await store.lock_care(tx, cause.member, cause.team, closed_since=now - REOPENS_WITHIN)
        if row is None:
            opened = await self._open(tx, cause, "care", now=now)
            if opened is not None:
                await self.page(
                    tx, opened, cause.tier, "worried" if cause.why == "worried" else "opened", now=now
                )
                return Raised(opened.id, opened=True, brief=False)
            row = await store.lock_care(tx, cause.member, cause.team, closed_since=now)
            assert row is not None, "the unique index found an open case, so it is there"
        joined = Joined(cause.tier, cause.message, row.case.rules | cause.rules, cause.why)
        news, before = is_news(row.case, joined), row.case
        after = await act(tx, row, joined, by=None, now=now)
        await store.add_message(tx, row.id, cause.message, now=now)
        if news:
            await self.page(tx, after, cause.tier, _page_reason(before, cause), now=now)
        return Raised(row.id, opened=False, brief=before.state != "closed" and cause.tier <= before.tier)

    async def conduct(self, tx: Tx, cause: Cause, *, now: datetime) -> Raised:
        """Join the message's conduct case, or open one. Nobody is paged for conduct."""
        require_tx(tx)
        row = await store.lock_conduct(tx, cause.message)
        if row is None:
            opened = await self._open(tx, cause, "conduct", now=now)
            if opened is not None:
                return Raised(opened.id, opened=True, brief=False)
            row = await store.lock_conduct(tx, cause.message)
            assert row is not None, "the unique index found an open case, so it is there"
        joined = Joined(Tier.green, cause.message, row.case.rules | cause.rules, cause.why)
        await act(tx, row, joined, by=None, now=now)
        return Raised(row.id, opened=False, brief=False)

    async def hold(self, tx: Tx, message: MessageId, author: MemberId) -> None:
        """Before an edit touches its author's case and its message's: care cases first, whoever's they are."""
        require_tx(tx)
        await order.subjects(tx, {author} | await order.subjects_with(tx, message))
        for id in await store.open_cases_of(tx, message, lane="care"):
            await store.lock(tx, id)

    async def withdrawn(self, tx: Tx, message: MessageId, *, now: datetime) -> list[CaseId]:
        """Tell the message's open cases that its author took it back. No tier falls, no clock stops."""
        found = await store.open_cases_of(tx, message)
        await order.subjects_of(tx, found)
        for id in found:
            row = await store.lock(tx, id)
            if row is not None and row.case.state != "closed":
                await act(tx, row, Withdrew(message), by=None, now=now)
        return found

    async def edited(self, tx: Tx, message: MessageId, *, now: datetime) -> list[CaseId]:
        """The author changed a message: each of its open cases moves on, so that nobody decides on words that they
        haven't seen, and a case that asked for the change hears it. No tier falls, no clock stops."""
        require_tx(tx)
        found, asked = await store.open_cases_of(tx, message), await conduct.repair_waits(tx, message)
        await order.subjects_of(tx, found)
        for id in found:
            row = await store.lock(tx, id)
            if row is None or row.case.state == "closed":
                continue
            is_repair = id in asked and row.case.state in ("open", "claimed")
            await act(tx, row, Repaired(message) if is_repair else Edited(message), by=None, now=now)
        return found

    async def letter(self, tx: Tx, line: Line, *, now: datetime) -> list[CaseId]:
        """Something was said in a private conversation. Between a member and the team the case hears it: a
        trained person's words stop the words clock, the member's own start it again. Other pairings: nothing."""
        require_tx(tx)
        place = await letters.by_conversation(tx, line.conversation)
        if place is None:
            return []
        row = await store.lock_care(tx, place.member_id, place.team_id, closed_since=now - REOPENS_WITHIN)
        if row is None:
            return []
        if line.author == place.member_id:
            await act(tx, row, Answered(line.message), by=None, now=now)
        elif line.delivered and row.case.state != "closed":
            await act(tx, row, Spoke(line.author, line.message), by=line.author, now=now)
            await follow_ups.spoken(tx, row.id, now=now)
        return [row.id]

    async def card(self, tx: Tx, cause: Cause, raised: Raised, *, held: bool, now: datetime) -> SupportCard:
        """The author's card, true to the roster at this moment."""
        member = await people_store.by_id(tx, cause.member)
        cover = await self._cover(tx, cause.team, cause.tier, now=now)
        reader = Reader(member.country, member.language) if member else Reader(None)
        return self._support.card(
            cause.topic,
            cause.tier,
            reader,
            Cover(cover.on_duty, cover.next_at),
            held=held,
            brief=raised.brief,
        )

    async def _open(self, tx: Tx, cause: Cause, lane: Lane, *, now: datetime) -> CaseRow | None:
        tier = cause.tier if lane == "care" else Tier.green
        opening = Opened(lane, tier, cause.message, cause.rules, cause.why)
        row = CaseRow(
            id=CaseId(new_id()),
            team_id=cause.team,
            group_id=cause.group,
            member_id=cause.member if lane == "care" else None,
            message_id=cause.message if lane == "conduct" else None,
            case=step(None, opening, now, await in_force(tx)),
        )
        if not await store.insert(tx, row):
            return None
        await store.append(
            tx,
            row.id,
            act="opened",
            actor=None,
            parameters=encode(opening),
            note=None,
            now=now,
            times=row.case.times.n,
        )
        await store.add_message(tx, row.id, cause.message, now=now)
        return row

    async def page(self, tx: Tx, row: CaseRow, tier: Tier, reason: str, *, now: datetime) -> None:
        """Ask people on duty to look, red and crisis only; a page that waits goes out again at once."""
        if tier < Tier.red:
            return
        waiting = await pages.waiting(tx, row.id)
        if waiting is not None:
            await pages.raise_tier(tx, waiting.id, tier=row.case.tier.name, now=now)
            if row.case.state == "open":
                await act(tx, row, Paged(waiting.id, reason), by=None, now=now)
            return
        page = PageId(new_id())
        await pages.add(tx, id=page, case_id=row.id, tier=row.case.tier.name, reason=reason, now=now)
        await act(tx, row, Paged(page, reason), by=None, now=now)


async def act(
    tx: Tx, row: CaseRow, what: Act, *, by: MemberId | None, now: datetime, note: str | None = None
) -> CaseRow:
    """One act on a locked case: history and row together, and its page and follow-ups stop when it is closed.
    Raises IllegalAct."""
    require_tx(tx)
    after = step(row.case, what, now)
    await store.append(
        tx,
        row.id,
        act=verb(what),
        actor=by,
        parameters=encode(what),
        note=note,
        now=now,
        times=after.times.n,
    )
    await store.update(tx, row.id, after)
    if isinstance(what, Closed):
        await pages.stand_down(tx, row.id, now=now)
        await follow_ups.cancel(tx, row.id, now=now)
    return replace(row, case=after)


async def team_of(tx: Tx, team: TeamId | None) -> TeamId:
    """The team that looks after words outside any group is the organisation's first."""
    return team if team is not None else await groups_store.default_team(tx)


def _page_reason(before: Case, cause: Cause) -> str:
    if before.state == "closed":
        return "reopened"
    return "raised" if cause.tier > before.tier else "new_act"
