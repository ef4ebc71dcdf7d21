"""Findings to one verdict: tier, outcome, masks, topic.

Care findings argue for tiers in C-SSRS order (wish, thought, method, intent, plan, act) and lift each
other; conduct findings ask for outcomes. Where both speak, the person who writes comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from moderation.pipeline.care.measure import LONG_WORDS, in_measure
from moderation.pipeline.care.sense import words_in
from moderation.pipeline.opinion import scores as opinion_scores
from moderation.pipeline.opinion.model import HEADS
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Outcome, Scores, Severity, Span, Tier, Topic

TIERS = {"green": Tier.green, "amber": Tier.amber, "red": Tier.red, "crisis": Tier.crisis}
_CONDUCT = {
    "look": Outcome.publish,
    "flag": Outcome.publish,
    "mask": Outcome.mask,
    "ask_to_edit": Outcome.ask_to_edit,
    "hold": Outcome.hold,
    "refuse": Outcome.refuse,
}
_CRISIS_SCORE = {Tier.green: 0.2, Tier.amber: 0.6, Tier.red: 0.8, Tier.crisis: 1.0}
SCORE_STEP = 0.02
"""Each further finding at the deciding tier adds this much to the score, for ranking only."""
_THOUGHT = frozenset({"ideation", "intent", "language", "reunion", "indirect"})
_METHOD = frozenset({"means", "method", "plan", "preparation"})
_SELF = frozenset({"suicide", "self_harm", "overdose", "someone_else"})
"""Topics beside which method detail is masked; a medical emergency's doses stay readable."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The verdict's parts; `findings` are all of them, as weighed."""

    tier: Tier
    outcome: Outcome
    masks: tuple[Span, ...]
    topic: Topic | None
    pii: tuple[str, ...]
    scores: Scores
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Sequence[Finding], *, added: Sequence[Finding] = ()) -> Weighed:
        """Weigh findings as they stand, beside added ones."""
        every = (*findings, *added)
        care = [f for f in every if f.lane == "care"]
        tier = max((TIERS[f.severity] for f in care), default=Tier.green)
        masks = merge(_masked(every, care))
        return cls(
            tier=tier,
            outcome=_outcome(every, tier, masks),
            masks=masks,
            topic=_topic(care, tier),
            pii=tuple(sorted({f.rule.split(".")[2] for f in every if f.rule.startswith("conduct.pii.")})),
            scores=Scores(
                crisis=_crisis_score(care, tier),
                abuse=_conduct_score(every, "conduct.abuse."),
                spam=_conduct_score(every, "conduct.spam."),
            ),
            findings=every,
        )


def weigh(reading: Reading, findings: Sequence[Finding]) -> Weighed:
    """Put findings into the measure of their text, add what they mean together, then decide."""
    measured = in_measure(reading, findings)
    weighed = Weighed.of(measured, added=tuple(_together(reading, measured)))
    return _with_opinion(reading, weighed)


def _together(reading: Reading, findings: Sequence[Finding]) -> Iterable[Finding]:
    """Findings that lift each other: thought with means and time is a plan; a question about lethality
    beside means or distress is no idle one; slang after earlier danger is no joke."""
    care = [f for f in findings if f.lane == "care"]
    if not care:
        return
    strong = {kind_of(f) for f in care if TIERS[f.severity] >= Tier.red}
    felt = {kind_of(f) for f in care if TIERS[f.severity] >= Tier.amber}
    soon = words_in(reading, ("SOON",)) and not _put_off(reading)
    if strong & _THOUGHT and strong & {"means", "method"} and soon:
        yield _lift(care, "thought_means_time", "crisis", "A thought of dying, the means, and a time.")
    if "means" in strong and soon and any(kind_of(f) == "act_part" for f in care):
        yield _lift(care, "means_act_time", "crisis", "The means laid out, and that they will be used now.")
    dated = words_in(reading, ("DATED",)) and not _put_off(reading)
    acts = "attempted" not in felt and any(
        f.rule == "care.ideation.act" and f.severity == "red" for f in care
    )
    told = len(reading.tokens) > LONG_WORDS and len(strong) < 2  # a lone sign and a day, somewhere in a story
    if dated and (acts or (strong & {"plan", "reunion", "goodbye"} and not told)):
        yield _lift(
            care, "plan_dated", "crisis", "A thought of the act, a plan or a goodbye, with a day named."
        )
    if "lethality" in felt and felt & (
        _THOUGHT | _METHOD | {"hopeless", "overwhelmed", "self_worth", "depressed"}
    ):
        yield _lift(
            care, "lethality_beside_danger", "red", "A question about lethality beside means or distress."
        )
    before = max((_earlier_tier(past) for who, past in reading.earlier if who == "same"), default=Tier.green)
    if before >= Tier.red and any(kind_of(f) in _THOUGHT | _METHOD for f in care) and not felt:
        yield _lift(
            care, "after_earlier_danger", "amber", "Slang or a joke, after danger in the last half hour."
        )


def _earlier_tier(past: Reading) -> Tier:
    """A rough tier of an earlier message: the loudest entry of the care lexicons that it hit."""
    tiers = (
        TIERS[hit.entry.severity]
        for lexicon in ("care_ideation", "care_intent", "care_method", "care_attempt", "care_self_harm")
        for hit in past.of(lexicon)
    )
    return max(tiers, default=Tier.green)


def _put_off(reading: Reading) -> bool:
    """ "Not tonight": the time is named to be put off."""
    words = reading.tokens.words
    return any(a == "not" and b in ("tonight", "today", "now") for a, b in pairwise(words))


def _lift(care: Sequence[Finding], name: str, severity: Severity, note: str) -> Finding:
    return Finding(
        stage="weigh",
        rule=f"weigh.{name}",
        version="1",
        lane="care",
        severity=severity,
        span=None,
        note=note,
        topic=_topic(care, max(TIERS[f.severity] for f in care)) or "suicide",
    )


def kind_of(found: Finding) -> str:
    """The kind in a rule id: care.<kind>.<name>."""
    parts = found.rule.split(".")
    return parts[1] if len(parts) > 1 else ""


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


def _masked(findings: Sequence[Finding], care: Sequence[Finding]) -> Iterable[Span]:
    """Spans that readers don't see. Method detail needs danger to oneself beside it."""
    danger = any(TIERS[f.severity] >= Tier.red and f.topic in _SELF for f in care) or any(
        kind_of(f) == "lethality" and f.severity != "green" for f in care
    )
    for found in findings:
        if found.span is None or not (found.mask or found.severity == "mask"):
            continue
        if found.stage == "safety" and not danger:
            continue
        yield found.span


def _outcome(findings: Iterable[Finding], tier: Tier, masks: Sequence[Span]) -> Outcome:
    """hold > publish_with_support > mask > publish once a person may be in danger."""
    asked = {_CONDUCT[f.severity] for f in findings if f.severity in _CONDUCT}
    if tier >= Tier.amber:
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
    loudest = [f for f in care if f.topic and TIERS[f.severity] == tier]
    return min(loudest, key=lambda f: f.span or Span(0, 0)).topic if loudest else None


def _crisis_score(care: Sequence[Finding], tier: Tier) -> float:
    if not care:
        return 0.0
    beside = sum(TIERS[f.severity] == tier for f in care) - 1
    return min(1.0, _CRISIS_SCORE[tier] + SCORE_STEP * min(beside, 5))


def _conduct_score(findings: Iterable[Finding], prefix: str) -> float:
    """1.0 for a finding that asks for more than a look, 0.4 for a look."""
    return max(
        (0.4 if f.severity == "look" else 1.0 for f in findings if f.rule.startswith(prefix)), default=0.0
    )


def _with_opinion(reading: Reading, weighed: Weighed) -> Weighed:
    """The numbers for evaluation and ranking may rise through the second opinion where it spoke; what
    happens to the message doesn't."""
    spoke = {f.rule for f in weighed.findings if f.stage == "opinion"}
    if not spoke & {"opinion.abuse", "opinion.spam"}:
        return weighed
    numbers = dict(zip(HEADS, opinion_scores(reading), strict=True))
    own = weighed.scores
    abuse = max(own.abuse, numbers["abuse"]) if "opinion.abuse" in spoke else own.abuse
    spam = max(own.spam, numbers["spam"]) if "opinion.spam" in spoke else own.spam
    return replace(weighed, scores=replace(own, abuse=abuse, spam=spam))
