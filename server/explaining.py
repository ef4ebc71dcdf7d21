"""`kith judge --explain TEXT`: one verdict put into words, for a person who asks why."""

from __future__ import annotations

from collections.abc import Iterator

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Finding, GroupRules, Submission


def explain(text: str) -> Iterator[str]:
    """Lines: what would happen in a room, then each finding with the words it stands on."""
    rules = shipped()
    verdict = judge(Submission(text, "room", GroupRules(), ()), rules)
    yield f"{verdict.outcome.name}, tier {verdict.tier.name} (rules {rules.version})"
    if not verdict.findings:
        yield "Nothing was found: it is published as it is."
    for finding in verdict.findings:
        yield f"  {finding.lane}, {finding.severity}: {finding.note}"
        yield f"      {_where(text, finding)}{finding.rule}, version {finding.version}, stage {finding.stage}"


def _where(text: str, finding: Finding) -> str:
    if finding.span is None:
        return ""
    start, end = finding.span
    return f"“{text[start:end]}” at {start}-{end}; "
