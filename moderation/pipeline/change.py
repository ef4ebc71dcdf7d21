"""Changing rules safely: what another rule set decides otherwise, and how often.

Pure: verdicts come in, differences and counts come out; nothing is written and no live verdict changes. The
corpus is judged here; live messages and stored ones are moderation/gate/shadowing.py's and replaying.py's.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import Rules
from moderation.pipeline.types import Finding, GroupRules, Outcome, Submission, Tier, Verdict


class CorpusError(ValueError):
    """A corpus that can't be read: which file, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """By what two decisions about the same words are compared."""

    tier: Tier
    outcome: Outcome
    rules: frozenset[str]

    @classmethod
    def of(cls, tier: Tier, outcome: Outcome, findings: Iterable[Finding]) -> Ruled:
        return cls(tier, outcome, frozenset(f.rule for f in findings))


@dataclass(frozen=True, slots=True)
class Difference:
    """A text on which two rule sets decide otherwise. `name` tells which text without quoting it."""

    name: str
    old: Verdict
    new: Verdict

    @property
    def raised(self) -> bool:
        """Whether the new tier is more urgent."""
        return self.new.tier > self.old.tier

    @property
    def lowered(self) -> bool:
        """Whether the new tier is less urgent: the ones to read before anything else."""
        return self.new.tier < self.old.tier

    @property
    def masks_changed(self) -> bool:
        return self.old.masks != self.new.masks


@dataclass(slots=True)
class Counts:
    """How often two rule sets were compared and where they differ: numbers and rule ids, never words.

    A text counts once among same, raised, lowered, outcome_only, masks_only and rules_only, in that order.
    """

    compared: int = 0
    same: int = 0
    raised: int = 0
    lowered: int = 0
    outcome_only: int = 0
    masks_only: int = 0
    rules_only: int = 0
    tiers: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def add(self, old: Ruled, new: Ruled, *, masks: bool = False) -> None:
        """Count one text; `masks` says whether readers would see other parts of it."""
        self.compared += 1
        if new.tier != old.tier:
            self.tiers[old.tier.name, new.tier.name] += 1
        if new.outcome != old.outcome:
            self.outcomes[old.outcome.name, new.outcome.name] += 1
        self.gained.update(new.rules - old.rules)
        self.lost.update(old.rules - new.rules)
        if new.tier > old.tier:
            self.raised += 1
        elif new.tier < old.tier:
            self.lowered += 1
        elif new.outcome != old.outcome:
            self.outcome_only += 1
        elif masks:
            self.masks_only += 1
        elif new.rules != old.rules:
            self.rules_only += 1
        else:
            self.same += 1

    def alike(self) -> None:
        """Count one text on which nothing differs."""
        self.compared += 1
        self.same += 1


def ruled(verdict: Verdict) -> Ruled:
    """What of a verdict is compared."""
    return Ruled.of(verdict.tier, verdict.outcome, verdict.findings)


def differ(name: str, submission: Submission, old: Rules, new: Rules) -> Difference | None:
    """The difference on one text, or None when both decide alike (tier, outcome, masks, rules)."""
    found = Difference(name, judge(submission, old), judge(submission, new))
    return found if found.masks_changed or ruled(found.old) != ruled(found.new) else None


def compare(
    texts: Iterable[tuple[str, Submission]], old: Rules, new: Rules
) -> tuple[Counts, list[Difference]]:
    """Judge texts by both rule sets: the counts, and every text that would change."""
    counts, differences = Counts(), []
    for name, submission in texts:
        found = differ(name, submission, old, new)
        if found is None:
            counts.alike()
        else:
            differences.append(found)
            counts.add(ruled(found.old), ruled(found.new), masks=found.masks_changed)
    return counts, differences


def corpus(folder: Path) -> Iterator[tuple[str, Submission]]:
    """The sentences of every corpus file of a folder, named file:group:number, under their group's settings
    and without the second opinion, which no lexicon changes. Raises CorpusError."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise CorpusError(f"{folder}: no corpus here (*.toml files of sentences)")
    for path in files:
        try:
            groups = tomllib.loads(path.read_text("utf-8"))["group"]
            for group in groups:
                name, texts, rules = str(group["name"]), str(group["texts"]), _settings(group)
                for number, text in enumerate(texts.strip().splitlines(), 1):
                    yield f"{path.stem}:{name}:{number}", Submission(text, group=rules)
        except (KeyError, TypeError, ValueError) as error:
            raise CorpusError(
                f"{path.name}: {error}; a corpus file has [[group]] with name and texts"
            ) from error


_SWITCHES = ("preset", "profanity", "contact_details")


def _settings(group: dict[str, Any]) -> GroupRules:
    switches = {key: group[key] for key in _SWITCHES if key in group}
    return msgspec.convert({**switches, "opinion": False}, GroupRules)
