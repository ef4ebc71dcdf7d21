"""The plain phrase list: what still runs when reading or care detection has failed.

Substring search over the folded text, nothing else that could fail with it. Everything it finds is red,
so that a person reads it on red's clock.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.fold import Folded
from moderation.pipeline.types import Finding

PHRASES = (
    "kill myself", "killing myself", "end my life", "want to die", "wanna die", "suicide", "suicidal",
    "kms", "overdose", "hang myself", "cut myself", "hurt myself", "took all", "taken all", "goodbye everyone",
    "better off without me", "no reason to live", "hit me", "rapes me", "raped me", "chest pain",
    "can't breathe", "cant breathe",
)  # fmt: skip


def plain_findings(folded: Folded) -> Iterable[Finding]:
    """A red finding for each phrase that stands in the text."""
    for phrase in PHRASES:
        at = folded.text.find(phrase)
        if at >= 0:
            yield Finding(
                stage="care",
                rule="care.plain",
                version="1",
                lane="care",
                severity="red",
                span=folded.span(at, at + len(phrase)),
                note="A plain phrase list found this while the full reading was failing.",
                topic="general",
            )
