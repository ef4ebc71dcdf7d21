"""Helpers for the conduct tests: a text judged, and what was found in it."""

from __future__ import annotations

from typing import Any

from moderation.pipeline.fold import fold
from moderation.pipeline.judge import judge, read
from moderation.pipeline.reading import Reading
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Finding, GroupRules, Submission, Verdict


def verdict(text: str, *, newcomer: bool = False, **group: Any) -> Verdict:
    """The shipped rules' verdict, without the second opinion unless asked for."""
    settings = GroupRules(**{"opinion": False, **group})
    return judge(Submission(text, group=settings, newcomer=newcomer), shipped())


def conduct(text: str, *, newcomer: bool = False, **group: Any) -> list[Finding]:
    """Conduct findings that ask for more than a look."""
    found = verdict(text, newcomer=newcomer, **group).findings
    return [f for f in found if f.lane == "conduct" and f.severity != "look"]


def rules_of(text: str, **group: Any) -> set[str]:
    """The rule ids of those findings."""
    return {finding.rule for finding in conduct(text, **group)}


def reading(text: str, **group: Any) -> Reading:
    """A text read once."""
    return read(Submission(text, group=GroupRules(**group)), fold(text), shipped())
