"""How a verdict came about, for the terminal: folding, words, structure, findings, weighing.

Reads the text once more with the same functions that judged it, so that what is shown is what was decided.
"""

from __future__ import annotations

from collections.abc import Iterator

from moderation.pipeline.fold import fold
from moderation.pipeline.judge import judge, read
from moderation.pipeline.reading import Reading
from moderation.pipeline.rules import Rules
from moderation.pipeline.types import Finding, Submission, Verdict
from moderation.pipeline.words import author_sentence

MARK = "[\u2026]"


def explain(submission: Submission, rules: Rules) -> str:
    """A verdict with its reasons, as lines of text."""
    reading = read(submission, fold(submission.text), rules)
    return "\n".join(_lines(reading, judge(submission, rules)))


def _lines(reading: Reading, verdict: Verdict) -> Iterator[str]:
    text = reading.submission.text
    yield f"text       {text}"
    if reading.folded.text != text:
        yield f"folded     {reading.folded.text}"
    yield f"words      {' '.join(reading.tokens.words)}"
    yield f"structure  {_structure(reading)}"
    for name, hits in sorted(reading.frames.items()):
        yield f"frame      {name}: " + "; ".join(text[slice(*reading.span(hit))] for hit in hits)
    for found in verdict.findings:
        yield from _finding(found, text)
    yield f"weighed    {verdict.tier.name}, {verdict.outcome.name}" + (
        f", card about {verdict.topic}" if verdict.topic else ""
    )
    yield f"readers    {masked(text, verdict)}"
    yield f"rules      {verdict.rules_version}, {verdict.steps} steps"


def _structure(reading: Reading) -> str:
    structure = reading.structure
    parts = [f"{len(set(structure.sentence))} sentences", f"{len(set(structure.clause))} clauses"]
    if structure.quoted:
        parts.append(f"{len(structure.quoted)} words quoted")
    if structure.asked:
        parts.append("asks")
    if reading.earlier:
        parts.append(f"{len(reading.earlier)} messages before")
    return ", ".join(parts)


def _finding(found: Finding, text: str) -> Iterator[str]:
    where = f' on "{text[slice(*found.span)]}"' if found.span else ""
    yield f"finding    {found.stage}: {found.rule} v{found.version} argues for {found.severity}{where}"
    yield f"           for the moderator: {found.note}"
    if found.severity not in ("green", "look"):
        yield f"           for the author: {author_sentence(found.rule)}"


def masked(text: str, verdict: Verdict) -> str:
    """The text as readers see it."""
    pieces, at = [], 0
    for span in verdict.masks:
        pieces += [text[at : span.start], MARK]
        at = span.end
    return "".join([*pieces, text[at:]])
