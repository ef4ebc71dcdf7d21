"""Changing rules safely: what a new rule set would decide otherwise, on the corpus, beside the live one,
and on stored texts.

Pure: texts come in, differences come out; nothing is written and no verdict of a live message changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import Rules
from moderation.pipeline.types import Submission, Verdict


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


@dataclass(frozen=True, slots=True)
class Tally:
    """How many texts two rule sets were compared on, and where they differ."""

    compared: int
    raised: int
    lowered: int
    outcome_only: int
    masks_only: int


def differ(name: str, submission: Submission, old: Rules, new: Rules) -> Difference | None:
    """The difference on one text, or None when both decide alike (tier, outcome, masks)."""
    before, after = judge(submission, old), judge(submission, new)
    if (before.tier, before.outcome, before.masks) == (after.tier, after.outcome, after.masks):
        return None
    return Difference(name, before, after)


def replay(texts: Iterable[tuple[str, Submission]], old: Rules, new: Rules) -> Iterator[Difference]:
    """Judge stored texts by both rule sets, one at a time, and yield what would change."""
    for name, submission in texts:
        found = differ(name, submission, old, new)
        if found is not None:
            yield found


def tally(texts: Iterable[tuple[str, Submission]], old: Rules, new: Rules) -> Tally:
    """The counts of a replay: what shadow mode shows of a candidate beside the live rules."""
    compared = raised = lowered = outcome = masks = 0
    for name, submission in texts:
        compared += 1
        found = differ(name, submission, old, new)
        if found is None:
            continue
        if found.raised:
            raised += 1
        elif found.lowered:
            lowered += 1
        elif found.old.outcome != found.new.outcome:
            outcome += 1
        else:
            masks += 1
    return Tally(compared, raised, lowered, outcome, masks)


def shadow(submission: Submission, live: Verdict, candidate: Rules) -> Difference | None:
    """Judge a message by a candidate beside its live verdict; the live one stays what it is."""
    after = judge(submission, candidate)
    if (live.tier, live.outcome, live.masks) == (after.tier, after.outcome, after.masks):
        return None
    return Difference("live", live, after)


def corpus(folder: Path) -> Iterator[tuple[str, Submission]]:
    """The sentences of every corpus file of a folder, named file:group:number."""
    for path in sorted(folder.glob("*.toml")):
        for group in tomllib.loads(path.read_text("utf-8")).get("group", []):
            for number, text in enumerate(str(group["texts"]).strip().splitlines(), 1):
                yield f"{path.stem}:{group['name']}:{number}", Submission(text)
