"""One text to one verdict: all seven stages, always.

No stage ends the run, so a swear word can't hide a cry for help. A stage that throws becomes a finding:
a failed fold hands raw text on; if reading or care fails, a plain phrase list runs; if reader safety
fails, the text is held; anything else publishes with a look by a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from moderation.pipeline import care, conduct, opinion, packs, safety
from moderation.pipeline.fold import Folded, fold, unfolded
from moderation.pipeline.patterns import Hit
from moderation.pipeline.plain import plain_findings
from moderation.pipeline.reading import Reading
from moderation.pipeline.rules import Detector, Rules
from moderation.pipeline.structure import read_structure
from moderation.pipeline.surroundings import Surroundings, look_around
from moderation.pipeline.tokens import scan
from moderation.pipeline.types import Earlier, Finding, Stage, Submission, Verdict
from moderation.pipeline.weigh import Weighed, weigh

CARE: tuple[Detector, ...] = care.DETECTORS
SAFETY: tuple[Detector, ...] = (safety.detect,)
CONDUCT: tuple[Detector, ...] = conduct.DETECTORS
PACK: tuple[Detector, ...] = packs.DETECTORS
OPINION: tuple[Detector, ...] = opinion.DETECTORS
"""The visible list: which detectors run, in which stage."""

CONTEXT_MAX = 11
"""The author's last ten messages and the one being answered (care.md, stage two)."""
CONTEXT_CHARS_MAX = 600
"""Characters of an earlier message that are read: enough for its last words in a chat."""

STAGES: tuple[tuple[Stage, tuple[Detector, ...]], ...] = (
    ("care", CARE),
    ("safety", SAFETY),
    ("conduct", CONDUCT),
    ("pack", PACK),
    ("opinion", OPINION),
)


def judge(submission: Submission, rules: Rules) -> Verdict:
    """Judge one text. Pure: same input and rules, same verdict; never raises for any text."""
    failures: list[Finding] = []
    folded = _folded(submission.text, failures)
    reading = _read(submission, folded, rules, failures)
    findings = list(failures)
    if reading is None:
        findings.extend(plain_findings(folded))
        return _verdict(Weighed.of(findings), rules, 0)
    for stage, detectors in STAGES:
        findings.extend(run_stage(stage, detectors, reading))
    return _verdict(weigh(reading, findings), rules, reading.steps)


def read(submission: Submission, folded: Folded, rules: Rules, *, with_context: bool = True) -> Reading:
    """Fold to words to structure to lexicon hits, for one text and (once) for its context."""
    tokens = scan(folded, rules.lexicons.vocabulary)
    structure = read_structure(tokens)
    found, words, steps = rules.lexicons.find(tokens, structure)
    hits: dict[str, list[Hit]] = {}
    frames: dict[str, list[Hit]] = {}
    for hit in found:
        if hit.entry.lexicon == "frames":
            frames.setdefault(hit.entry.id.rpartition(".")[2], []).append(hit)
        else:
            hits.setdefault(hit.entry.lexicon, []).append(hit)
    earlier: tuple[tuple[str, Reading], ...] = ()
    if with_context and submission.context:
        earlier = tuple(_earlier(past, submission, rules) for past in submission.context[-CONTEXT_MAX:])
    return Reading(
        submission,
        folded,
        tokens,
        structure,
        spellings=rules.lexicons.vocabulary.past,
        hits=hits,
        frames=frames,
        around=look_around(tokens, structure, frames, places=words.places)
        if hits or frames
        else Surroundings(),
        earlier=earlier,
        steps=len(tokens) + steps,
        combinations=rules.lexicons.combinations,
    )


def _earlier(past: Earlier, submission: Submission, rules: Rules) -> tuple[str, Reading]:
    """A message of the context as a reading without context of its own."""
    text = past.text[:CONTEXT_CHARS_MAX]
    reading = read(
        Submission(text, submission.place, submission.group), fold(text), rules, with_context=False
    )
    return past.who, reading


def run_stage(stage: Stage, detectors: Iterable[Detector], reading: Reading) -> list[Finding]:
    """Every detector of a stage, each on its own: one that throws becomes a finding."""
    findings: list[Finding] = []
    for detector in detectors:
        try:
            findings.extend(detector(reading))
        except Exception as error:  # border: a stage; tests/pipeline/test_judge.py breaks each one
            findings.append(failed(stage, error))
            if stage == "care":
                findings.extend(plain_findings(reading.folded))
    return findings


def failed(stage: Stage, error: Exception) -> Finding:
    """A stage that threw, as care.md says: safety holds, care and before go to red's clock by the plain
    list, anything else asks for a look. The error's text is left out: it may quote the message."""
    return Finding(
        stage=stage,
        rule=f"{stage}.failed",
        version="1",
        lane="conduct",
        severity="hold" if stage == "safety" else "look",
        span=None,
        note=f"The {stage} stage failed ({type(error).__name__}); a person must look at this message.",
    )


def _folded(text: str, failures: list[Finding]) -> Folded:
    try:
        return fold(text)
    except Exception as error:  # border: a stage
        failures.append(failed("fold", error))
        return unfolded(text)


def _read(submission: Submission, folded: Folded, rules: Rules, failures: list[Finding]) -> Reading | None:
    try:
        return read(submission, folded, rules)
    except Exception as error:  # border: a stage
        failures.append(failed("structure", error))
        return None


def _verdict(weighed: Weighed, rules: Rules, steps: int) -> Verdict:
    return Verdict(
        outcome=weighed.outcome,
        tier=weighed.tier,
        findings=weighed.findings,
        masks=weighed.masks,
        topic=weighed.topic,
        pii=weighed.pii,
        scores=weighed.scores,
        rules_version=rules.version,
        steps=steps,
    )


Judge = Callable[[Submission, Rules], Verdict]
