"""The lead's pictures: which figures are drawn, and how each is told in words and as a table.

Pure, from episodes and counts. Buckets of waiting are fixed, so that any clock stands between two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from markupsafe import Markup

from community.web import dates
from community.web.words import _, several
from moderation.casework.clocks import Times
from moderation.evidence import plots
from moderation.evidence.figures import Episode
from moderation.evidence.plots import Mark, Row, Share
from moderation.pipeline.types import Tier
from moderation.store.figures import DayCounts, RulePrecision

TIERS: Final = (Tier.crisis, Tier.red, Tier.amber)
MINUTES: Final = (1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440)
"""Ends of the buckets of waiting; the last two buckets are "longer" and "not yet"."""
RULES_SHOWN: Final = 20
Clock = Literal["acknowledge", "words"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with the same numbers as a table: its heads, and rows of a word and numbers."""

    title: str
    told: str
    svg: Markup
    heads: Sequence[str]
    table: Sequence[tuple[str, Sequence[int]]]


def tier_name(tier: Tier) -> str:
    return {Tier.crisis: _("Crisis"), Tier.red: _("Red"), Tier.amber: _("Amber"), Tier.green: _("Green")}[
        tier
    ]


def arrivals(found: Sequence[Episode], zone: ZoneInfo) -> Picture:
    """When cries come, by hour of the organisation's day: what a roster should follow."""
    counts = {tier: [0] * 24 for tier in TIERS}
    for episode in found:
        if episode.tier in counts:
            counts[episode.tier][episode.started.astimezone(zone).hour] += 1
    title = _("When cries for help come, by hour")
    told = _total(sum(map(sum, counts.values())))
    rows = [
        Row(_("%(tier)s: %(n)s") % {"tier": tier_name(tier), "n": sum(counts[tier])}, counts[tier])
        for tier in TIERS
    ]
    ticks = [(hour, f"{hour:02}") for hour in range(0, 24, 3)]
    table = [(f"{hour:02}:00", [counts[tier][hour] for tier in TIERS]) for hour in range(24)]
    svg = plots.columns("arrivals", (title, told), ticks, rows)
    return Picture(title, told, svg, [_("Hour"), *map(tier_name, TIERS)], table)


def waits(found: Sequence[Episode], clock: Clock, times: Times) -> Picture:
    """How long people waited, by tier, with the clock drawn in; what came after it, or not yet, is hatched."""
    taken = clock == "acknowledge"
    title = _("How long until somebody took the case") if taken else _("How long until a person wrote")
    counts = {tier: [0] * (len(MINUTES) + 2) for tier in TIERS}
    for episode in found:
        if episode.tier in counts:
            reached = episode.acknowledged if taken else episode.spoken
            counts[episode.tier][_bucket(None if reached is None else reached - episode.started)] += 1
    rows = [_waiting_row(tier, counts[tier], _target(times, tier, clock)) for tier in TIERS]
    words = _bucket_words()
    told = _("Each clock, as it is set today, is drawn as a line. Hatched: after the clock, or not yet.")
    svg = plots.columns(f"waits-{clock}", (title, told), _ticks(), rows)
    table = [(words[n], [counts[tier][n] for tier in TIERS]) for n in range(len(words))]
    return Picture(title, told, svg, [_("Waited"), *map(tier_name, TIERS)], table)


def handled(days: Sequence[DayCounts], first: date, last: date) -> Picture:
    """Holds, masks, appeals and overturned decisions over time: by day, or by week where days are many."""
    step = 1 if (last - first).days < 32 else 7
    starts = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
    kinds: Mapping[str, Callable[[DayCounts], int]] = {
        _("Held"): lambda d: d.held,
        _("Masked"): lambda d: d.masked,
        _("Appeals"): lambda d: d.appeals,
        _("Overturned"): lambda d: d.overturned,
    }
    values = {name: [0] * len(starts) for name in kinds}
    for day in days:
        at = (day.day - first).days // step
        for name, of in kinds.items():
            if 0 <= at < len(starts):
                values[name][at] += of(day)
    title = _("Held, masked, appealed")
    told = _("By day.") if step == 1 else _("By week; each stands at its first day.")
    rows = [
        Row(_("%(what)s: %(n)s") % {"what": name, "n": sum(found)}, found) for name, found in values.items()
    ]
    said = [dates.short_day(start) for start in starts]
    every = max(1, len(starts) // 5)
    ticks = [(n, said[n]) for n in range(every // 2, len(starts), every)]
    table = [(said[n], [found[n] for found in values.values()]) for n in range(len(starts))]
    svg = plots.columns("handled", (title, told), ticks, rows)
    return Picture(title, told, svg, [_("From"), *kinds], table)


def precision(rules: Sequence[RulePrecision]) -> Picture:
    """How often moderators found a rule right, of what they judged; most judged first."""
    judged = sorted((r for r in rules if r.judged), key=lambda r: (-r.judged, r.rule))[:RULES_SHOWN]
    title = _("How often rules were right")
    told = _(
        "Of the findings that moderators judged. A bar's whole is what was judged, its dark part was right."
    )
    rows = [
        Share(
            r.rule, r.right, r.judged, _("%(right)s of %(judged)s") % {"right": r.right, "judged": r.judged}
        )
        for r in judged
    ]
    table = [(r.rule, [r.right, r.judged, r.found]) for r in judged]
    heads = [_("Rule"), _("Right"), _("Judged"), _("Found")]
    return Picture(title, told, plots.shares("precision", (title, told), rows), heads, table)


def _target(times: Times, tier: Tier, clock: Clock) -> timedelta:
    clocks = times.of(tier)
    return clocks.acknowledge if clock == "acknowledge" else clocks.words


def _waiting_row(tier: Tier, counts: list[int], target: timedelta) -> Row:
    at = _place(target)
    late = frozenset(n for n in range(len(counts)) if n >= at)
    told = {"tier": tier_name(tier), "late": sum(counts[n] for n in late), "n": sum(counts)}
    words = _("%(tier)s: %(late)s of %(n)s late") % told
    return Row(words, counts, Mark(at, dates.length(target)), late)


def _bucket(waited: timedelta | None) -> int:
    if waited is None:
        return len(MINUTES) + 1
    minutes = waited.total_seconds() / 60
    return next((n for n, end in enumerate(MINUTES) if minutes <= end), len(MINUTES))


def _place(target: timedelta) -> float:
    """Where a clock stands among the buckets; between two of them for one that ends no bucket."""
    minutes, before = target.total_seconds() / 60, 0
    for n, end in enumerate(MINUTES):
        if minutes <= end:
            return n + (minutes - before) / (end - before)
        before = end
    return float(len(MINUTES))


def _ticks() -> list[tuple[int, str]]:
    """Ends of buckets, as many as fit under the columns on a phone."""
    words = {0: _("1m"), 2: _("5m"), 4: _("15m"), 6: _("1h"), 8: _("4h"), 10: _("24h")}
    return [*words.items(), (len(MINUTES) + 1, _("not yet"))]


def _bucket_words() -> list[str]:
    ends = [_("up to %(time)s") % {"time": dates.length(timedelta(minutes=end))} for end in MINUTES]
    return [*ends, _("longer"), _("not yet, or never")]


def _total(count: int) -> str:
    return several("%d in all.", "%d in all.", count) % count
