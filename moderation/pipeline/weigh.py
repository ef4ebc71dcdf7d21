"""Findings to one verdict: tier, outcome, masks, topic.

Care findings argue for tiers in C-SSRS order (wish, thought, method, intent, plan, act) and lift each
other; conduct findings ask for outcomes. Where both speak, the person who writes comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Outcome, Scores, Span, Tier, Topic

_TIERS = {"green": Tier.green, "amber": Tier.amber, "red": Tier.red, "crisis": Tier.crisis}
_CONDUCT = {
    "look": Outcome.publish,
    "flag": Outcome.publish,
    "mask": Outcome.mask,
    "ask_to_edit": Outcome.ask_to_edit,
    "hold": Outcome.hold,
    "refuse": Outcome.refuse,
}
_CRISIS_SCORE = {Tier.green: 0.2, Tier.amber: 0.6, Tier.red: 0.8, Tier.crisis: 1.0}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What weighing adds to the findings."""

    tier: Tier
    outcome: Outcome
    masks: tuple[Span, ...]
    topic: Topic | None
    pii: tuple[str, ...]
    scores: Scores
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Sequence[Finding], *, added: Sequence[Finding] = ()) -> Weighed:
        """Weigh findings as they stand."""
        every = [*findings, *added]
        care = [f for f in every if f.lane == "care"]
        tier = max((_TIERS[f.severity] for f in care), default=Tier.green)
        masks = merge(f.span for f in every if f.span is not None and (f.mask or f.severity == "mask"))
        return cls(
            tier=tier,
            outcome=_outcome(every, tier, masks),
            masks=masks,
            topic=_topic(care, tier),
            pii=tuple(sorted({f.rule.split(".")[2] for f in every if f.rule.startswith("conduct.pii.")})),
            scores=Scores(
                crisis=_CRISIS_SCORE[tier] if care else 0.0,
                abuse=_conduct_score(every, "conduct.abuse."),
                spam=_conduct_score(every, "conduct.spam."),
            ),
            findings=tuple(added),
        )


def weigh(reading: Reading, findings: Sequence[Finding]) -> Weighed:
    """Add what findings mean together, then decide."""
    return Weighed.of(findings)


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans as disjoint, ascending ones; touching spans become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _outcome(findings: Iterable[Finding], tier: Tier, masks: Sequence[Span]) -> Outcome:
    """hold > publish_with_support > mask > publish once a person may be in danger."""
    asked = {_CONDUCT[f.severity] for f in findings if f.severity in _CONDUCT}
    in_care = tier >= Tier.amber
    if in_care:
        asked.discard(Outcome.refuse)
        if Outcome.ask_to_edit in asked:
            asked.discard(Outcome.ask_to_edit)
            asked.add(Outcome.mask)
    if masks:
        asked.add(Outcome.mask)
    if Outcome.hold in asked:
        return Outcome.hold
    if tier >= Tier.red:
        return Outcome.publish_with_support
    return max(asked, default=Outcome.publish)


def _topic(care: Sequence[Finding], tier: Tier) -> Topic | None:
    """The topic of the finding that argues loudest; the first of equals in the text."""
    loudest = [f for f in care if f.topic and _TIERS[f.severity] == tier]
    return min(loudest, key=lambda f: f.span or Span(0, 0)).topic if loudest else None


def _conduct_score(findings: Iterable[Finding], prefix: str) -> float:
    """1.0 for a finding that asks for more than a look, 0.4 for a look."""
    return max(
        (0.4 if f.severity == "look" else 1.0 for f in findings if f.rule.startswith(prefix)), default=0.0
    )
