"""What a detector gets: one text, read once."""

from __future__ import annotations

from dataclasses import dataclass, field

from moderation.pipeline.combinations import Combination
from moderation.pipeline.fold import Folded
from moderation.pipeline.patterns import Entry, Hit
from moderation.pipeline.structure import Structure
from moderation.pipeline.surroundings import Surroundings
from moderation.pipeline.tokens import Tokens
from moderation.pipeline.types import Finding, Span, Stage, Submission


@dataclass(frozen=True, slots=True)
class Reading:
    """A submission with its folded text, words, structure, and every lexicon entry found in it.
    `earlier` are readings of the context, oldest first, beside who wrote them; they have none themselves."""

    submission: Submission
    folded: Folded
    tokens: Tokens
    structure: Structure
    spellings: frozenset[str] = frozenset()  # past forms of verbs
    hits: dict[str, list[Hit]] = field(default_factory=dict)  # by lexicon (file stem)
    frames: dict[str, list[Hit]] = field(default_factory=dict)  # hits of frames.toml, by entry name
    around: Surroundings = field(default_factory=Surroundings)
    earlier: tuple[tuple[str, Reading], ...] = ()
    steps: int = 0
    combinations: tuple[Combination, ...] = ()  # what signs mean together

    def of(self, lexicon: str) -> list[Hit]:
        """The hits of one lexicon file, in reading order."""
        return self.hits.get(lexicon, [])

    def span(self, hit: Hit) -> Span:
        """Where a hit stands in the original text."""
        return self.tokens.span(hit.first, hit.end)


def finding(reading: Reading, hit: Hit, *, stage: Stage, severity: str | None = None) -> Finding:
    """A hit as a finding, at its entry's severity unless another is given."""
    return finding_of(hit.entry, reading.span(hit), stage=stage, severity=severity)


def finding_of(entry: Entry, span: Span | None, *, stage: Stage, severity: str | None = None) -> Finding:
    """An entry as a finding on a span."""
    return Finding(
        stage=stage,
        rule=entry.id,
        version=entry.version,
        lane="conduct" if stage in ("conduct", "pack") else "care",
        severity=severity or entry.severity,  # type: ignore[arg-type]
        span=span,
        note=entry.note,
        topic=entry.topic,  # type: ignore[arg-type]
        mask=entry.mask,
    )
