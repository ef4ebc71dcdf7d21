"""From words and facts to a decision: every field of a submission judged, and one verdict made of them.

Pure but for the time it takes, which is measured with the clock that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import msgspec

from community.ids import VerdictId
from community.store.verdicts import NewFinding, NewVerdict
from moderation.gate.masking import masked, merged
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import Rules
from moderation.pipeline.types import (
    Earlier,
    Finding,
    GroupRules,
    Outcome,
    Place,
    Span,
    Submission,
    Tier,
    Topic,
    Verdict,
)

JUDGED_CHARS_MAX = 8_000
"""Of a text over the limit so much of its beginning and its end is read, in case it is a cry for help."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the pipeline needs to know besides the words."""

    place: Place
    group: GroupRules
    context: tuple[Earlier, ...] = ()
    newcomer: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of one submission."""

    body: str
    title: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict over all fields, and what readers will see."""

    outcome: Outcome
    tier: Tier
    topic: Topic | None
    findings: tuple[Finding, ...]
    body: str
    shown: str
    title_shown: str
    warnings: tuple[str, ...]
    warnings_shown: tuple[str, ...]
    rules_version: str
    took_us: int

    @property
    def has_care(self) -> bool:
        return self.tier >= Tier.amber

    @property
    def is_masked(self) -> bool:
        return self.shown != self.body or self.warnings_shown != self.warnings

    @property
    def is_refused(self) -> bool:
        """For words that stand alone (a handle, a card): they can't stand as they are."""
        return self.outcome >= Outcome.ask_to_edit and not self.has_care

    @property
    def wants_a_look(self) -> bool:
        """Whether a person of the conduct lane should see it although it is published."""
        return any(f.lane == "conduct" and f.severity in ("look", "flag") for f in self.findings)

    @property
    def care_rules(self) -> frozenset[str]:
        return frozenset(f.rule for f in self.findings if f.lane == "care" and f.severity != "green")

    def verdict(self, id: VerdictId) -> NewVerdict:
        return NewVerdict(id, self.outcome.name, self.tier.name, self.topic, self.rules_version, self.took_us)

    def findings_of(self, id: VerdictId) -> list[NewFinding]:
        return [
            NewFinding(
                id,
                n,
                f.stage,
                f.rule,
                f.version,
                f.lane,
                f.severity,
                f.field,
                None if f.span is None else f.span.start,
                None if f.span is None else f.span.end,
                f.topic,
                f.note,
            )
            for n, f in enumerate(self.findings)
        ]


Beside = Callable[[Parts, Facts, Decision], None]
"""Told of every decision once it stands; never raises (moderation/gate/shadowing.py)."""


class Decider:
    """Runs the pipeline over the fields of a submission with one rule set."""

    def __init__(self, rules: Rules, monotonic: Callable[[], float], *, beside: Beside | None = None) -> None:
        self.rules = rules
        self._monotonic = monotonic
        self._beside = beside

    def decide(self, parts: Parts, facts: Facts) -> Decision:
        """Never raises for any text: a stage that fails is a finding."""
        decision = self._decide(parts, facts)
        if self._beside is not None:
            self._beside(parts, facts, decision)
        return decision

    def _decide(self, parts: Parts, facts: Facts) -> Decision:
        started = self._monotonic()
        body = self._judge(parts.body, facts)
        extra: list[tuple[str, Verdict]] = []
        if parts.title:
            extra.append(("title", self._judge(parts.title, replace(facts, place="title"))))
        if parts.warnings:
            extra.append(
                ("warnings", self._judge("\n".join(parts.warnings), replace(facts, place="warnings")))
            )
        verdicts = [body, *(v for _, v in extra)]
        worst = max(verdicts, key=lambda v: (v.tier, v.outcome))
        masks = {field: v.masks for field, v in extra}
        return Decision(
            outcome=_outcome(verdicts),
            tier=worst.tier,
            topic=worst.topic,
            findings=(
                *body.findings,
                *(replace(f, field=cast(Any, field)) for field, v in extra for f in v.findings),
            ),
            body=parts.body,
            shown=masked(parts.body, merged(body.masks, parts.body)),
            title_shown=masked(parts.title, merged(masks.get("title", ()), parts.title)),
            warnings=parts.warnings,
            warnings_shown=_warnings_shown(parts.warnings, masks.get("warnings", ())),
            rules_version=body.rules_version,
            took_us=round((self._monotonic() - started) * 1e6),
        )

    def _judge(self, text: str, facts: Facts) -> Verdict:
        if len(text) <= 2 * JUDGED_CHARS_MAX:
            read = text
        else:
            read = text[:JUDGED_CHARS_MAX] + "\n" + text[-JUDGED_CHARS_MAX:]
        submission = Submission(read, facts.place, facts.group, facts.context, facts.newcomer)
        return judge(submission, self.rules)


def _warnings_shown(warnings: tuple[str, ...], masks: Sequence[Span]) -> tuple[str, ...]:
    """Warnings as readers may see them. They are judged as lines of one text; a mark never joins two."""
    shown: list[str] = []
    start = 0
    for warning in warnings:
        here = [
            Span(max(0, s - start), e - start) for s, e in masks if s < start + len(warning) and e > start
        ]
        shown.append(masked(warning, merged(here, warning)))
        start += len(warning) + 1
    return tuple(shown)


def _outcome(verdicts: list[Verdict]) -> Outcome:
    """The weightiest outcome; a care finding in any field keeps the words from being sent back or refused."""
    worst = max(v.outcome for v in verdicts)
    if not any(v.has_care for v in verdicts):
        return worst
    if worst is Outcome.refuse:
        return Outcome.hold
    if worst is Outcome.ask_to_edit:
        return Outcome.publish_with_support if any(v.tier >= Tier.red for v in verdicts) else Outcome.mask
    return worst


def group_rules(preset: str | None, settings: str | None) -> GroupRules:
    """A group's rules from its row; no group means the defaults."""
    switches: dict[str, Any] = msgspec.json.decode(settings) if settings else {}
    known = {name: value for name, value in switches.items() if name in _SWITCHES}
    if preset:
        known["preset"] = preset
    return msgspec.convert(known, GroupRules) if known else _DEFAULT


_SWITCHES = frozenset(("profanity", "contact_details", "links", "languages", "own_terms", "opinion"))
_DEFAULT = GroupRules()
