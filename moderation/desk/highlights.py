"""Findings laid over the words they are about: a text cut into pieces, each with what was noticed in it.

Pure. Spans are code points of the text as written; what lies outside the text (an older wording) is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from community.store.verdicts import NewFinding
from moderation.pipeline.types import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the findings that cover all of it; none for plain text."""

    text: str
    findings: tuple[NewFinding, ...]

    @property
    def lane(self) -> str:
        """`care` where any finding is of that lane, else `conduct`; empty for plain text."""
        lanes = {finding.lane for finding in self.findings}
        return "care" if "care" in lanes else "conduct" if lanes else ""


def pieces(text: str, findings: Sequence[NewFinding]) -> list[Piece]:
    """The text in order, cut wherever a finding begins or ends. Joined, the pieces are the text."""
    placed = [(span, f) for f in findings if (span := span_of(f, text)) is not None]
    cuts = sorted({0, len(text), *(edge for span, _ in placed for edge in span)})
    return [
        Piece(text[start:end], tuple(f for span, f in placed if span.start <= start and end <= span.end))
        for start, end in pairwise(cuts)
    ]


def span_of(finding: NewFinding, text: str) -> Span | None:
    """Where in this text; None for a finding about another field, the whole, or an older wording."""
    if finding.field != "body" or finding.span_start is None or finding.span_end is None:
        return None
    inside = 0 <= finding.span_start < finding.span_end <= len(text)
    return Span(finding.span_start, finding.span_end) if inside else None


def every(words: str, text: str) -> list[Span]:
    """Every place where exactly these words stand: what a moderator types to be hidden."""
    found, at = [], text.find(words) if words else -1
    while at >= 0:
        found.append(Span(at, at + len(words)))
        at = text.find(words, at + len(words))
    return found
