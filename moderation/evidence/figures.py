"""Figures of the care lane from what happened: each time a clock started, how long until a page left, somebody
took the case, and a person wrote. Pure; counted from replayed histories, so that they can't disagree with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from community.ids import CaseId
from moderation.casework.acts import Claimed, Spoke
from moderation.casework.case import Case, Past
from moderation.casework.clocks import SHIPPED, Times
from moderation.casework.machine import step
from moderation.pipeline.types import Tier

SMALL = 5
"""Below this a number could point at a person; it is shown as fewer than five."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One run of a care case's clocks. None: it hasn't happened (yet)."""

    case: CaseId
    tier: Tier
    started: datetime
    paged: datetime | None = None
    acknowledged: datetime | None = None
    spoken: datetime | None = None
    ended: datetime | None = None
    times: Times = SHIPPED  # in force when it started


@dataclass(frozen=True, slots=True)
class Miss:
    """A clock that wasn't kept. `took` None: still waiting, or ended without."""

    case: CaseId
    tier: Tier
    clock: str
    target: timedelta
    took: timedelta | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Half took at most `median`, nine of ten at most `p90`."""

    count: int
    median: timedelta | None
    p90: timedelta | None


def episodes(id: CaseId, history: Sequence[Past], sent: Sequence[datetime]) -> list[Episode]:
    """The runs of one care case; `sent` are the times at which pages about it left. A case that is raised while
    somebody holds it counts as acknowledged at once."""
    found: list[Episode] = []
    case: Case | None = None
    now: Episode | None = None
    for past in history:
        act, at = past.act, past.at
        before, case = case, step(case, act, at, past.times)
        if before is None or case.raised_at != before.raised_at:
            if now is not None:
                found.append(_ended(now, at))
            held = case.held_by(at) is not None
            now = Episode(id, case.tier, at, acknowledged=at if held else None, times=past.times)
        assert now is not None, "the first act opens an episode"
        if isinstance(act, Claimed) and now.acknowledged is None:
            now = replace(now, acknowledged=at)
        if isinstance(act, Spoke) and now.spoken is None:
            now = replace(now, acknowledged=now.acknowledged or at, spoken=at)
        if case.state == "closed" and before is not None and before.state != "closed":
            now = _ended(now, at)
    if now is not None:
        found.append(now)
    return [_with_page(e, sent) for e in found]


def misses(found: Sequence[Episode], now: datetime) -> list[Miss]:
    """Every clock of these episodes that was not kept, oldest first."""
    return [miss for e in sorted(found, key=lambda e: e.started) for miss in _missed(e, now)]


def spread(times: Sequence[timedelta]) -> Spread:
    """Nearest-rank percentiles."""
    ordered = sorted(times)
    if not ordered:
        return Spread(0, None, None)
    return Spread(len(ordered), _rank(ordered, 50), _rank(ordered, 90))


def suppressed(row: dict[str, int]) -> dict[str, int | None]:
    """A row for the public: small numbers are None, and where one alone is hidden the next smallest is too, or
    the total would give it away. Zero is not a person."""
    hidden = {name for name, value in row.items() if 0 < value < SMALL}
    if len(hidden) == 1:
        others = sorted((value, name) for name, value in row.items() if name not in hidden and value > 0)
        hidden |= {name for _, name in others[:1]}
    return {name: None if name in hidden else value for name, value in row.items()}


def _rank(ordered: Sequence[timedelta], percent: int) -> timedelta:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _missed(e: Episode, now: datetime) -> list[Miss]:
    clocks = e.times.of(e.tier)
    found = []
    for clock, target, happened in (
        ("acknowledge", clocks.acknowledge, e.acknowledged),
        ("words", clocks.words, e.spoken),
    ):
        until = happened or e.ended or now
        if until - e.started > target:
            found.append(Miss(e.case, e.tier, clock, target, None if happened is None else until - e.started))
    return found


def _ended(e: Episode, at: datetime) -> Episode:
    return e if e.ended else replace(e, ended=at)


def _with_page(e: Episode, sent: Sequence[datetime]) -> Episode:
    after = [at for at in sent if at >= e.started and (e.ended is None or at <= e.ended)]
    first = min(after) if after else None
    return replace(e, paged=first)
