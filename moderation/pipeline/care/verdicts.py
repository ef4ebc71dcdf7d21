"""The shared ways in which a hit becomes a finding, by whom it is said of and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.sense import Sense, generic, sense
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.structure import subject_before
from moderation.pipeline.types import Finding

LONG_TEXT = 30
"""Words beyond which one soft sign is a detail of a story, not the message."""
ACCOUNT_WORDS, STORY_WORDS = 42, 20
"""Words beyond which a past told without a date is an account, and from which it is a story."""

_LOWER = {"crisis": "red", "red": "amber", "amber": "green", "green": "green"}


def self_directed(reading: Reading, lexicon: str) -> Iterable[Finding]:
    """Findings of a lexicon about harm to oneself: the first person now at the entry's tier; denied,
    past, joking and third persons as care.md says."""
    for hit in reading.of(lexicon):
        found = settle(reading, hit)
        if found is not None:
            yield found


def settle(reading: Reading, hit: Hit) -> Finding | None:
    """One hit of harm to oneself as a finding, or None where the words mean something else."""
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.story:
        return None
    if "anyone" not in hit.entry.flags:
        if meant.person == "you":
            return None
        if _THEIRS & set(reading.tokens.words[hit.first : hit.end]) and hit.entry.kind in (
            "ideation",
            "intent",
        ):
            meant = replace(meant, person="they")
        if meant.person == "they":
            return _of_someone_else(reading, hit, meant)
    if "denial" in hit.entry.flags:
        return finding(
            reading, hit, stage="care", severity="amber" if "distress" in reading.frames else "green"
        )
    if meant.denied:
        return _denied(reading, hit)
    if hit.entry.kind in _PARTING and _plain(reading, hit):
        return finding(reading, hit, stage="care", severity="green")
    severity = _severity(hit, meant, len(reading.tokens))
    return finding(reading, hit, stage="care", severity=severity)


def _severity(hit: Hit, meant: Sense, words: int) -> str:
    severity = hit.entry.severity
    if meant.when == "long_past" or (meant.when == "past" and (meant.recovered or words > ACCOUNT_WORDS)):
        return "green"
    if meant.when == "past" and severity == "amber" and hit.entry.kind in _FELT:
        return "green"
    if meant.returned and meant.when == "recent" and severity == "crisis":
        severity = "red"  # an act of long ago, and the danger of now
    if meant.media:
        severity = "green" if severity != "crisis" else "amber"
    if meant.joking and "soft" in hit.entry.flags | SOFT_KINDS.get(hit.entry.kind, frozenset()):
        return "green" if severity != "crisis" else "amber"
    if meant.laughing and severity in ("red", "crisis") and "soft" in hit.entry.flags:
        severity = _LOWER[severity]
    short = words <= STORY_WORDS and hit.entry.kind == "self_harm"
    if meant.when == "past" and severity == "red" and hit.entry.kind in _TOLD and not short:
        severity = "amber"
    return severity


def _plain(reading: Reading, hit: Hit) -> bool:
    """Whether a farewell or a preparation has a plain reason beside it, and names no death."""
    if hit.entry.kind == "goodbye" and "parting" in reading.frames:
        return True
    if _DEATH & set(reading.tokens.words[hit.first : hit.end]):
        return False
    here = reading.structure.sentence[hit.first]
    frames = ("everyday", "recovery") if hit.entry.kind in ("goodbye", "preparation") else ("everyday",)
    return any(reading.around.framed(name, here, reach=2) for name in frames)


_PARTING = frozenset({"goodbye", "preparation", "plan", "reunion", "intent", "means", "indirect"})
"""Kinds that an everyday reason explains: a party, a move, a job, a journey."""
_DEATH = frozenset("die dead death kill suicide suicidal end hang jump overdose unalive".split())
_ALARM = frozenset("help ambulance breathing breathe 999 911 112 bleeding unconscious".split())
"""Words of someone who is there while it happens."""
_THEIRS = frozenset("his her their".split())
_TOLD = frozenset({"ideation", "self_harm", "method"})
_FELT = frozenset(
    "ideation indirect hopeless overwhelmed depressed self_worth detached alone said_of_me minority".split()
)
"""Feelings: told in the past without "again" or a recent date, they are not what is felt now."""
SOFT_KINDS: dict[str, frozenset[str]] = {
    "ideation": frozenset({"soft"}),
    "indirect": frozenset({"soft"}),
    "goodbye": frozenset({"soft"}),
}


def _of_someone_else(reading: Reading, hit: Hit, meant: Sense) -> Finding | None:
    """Someone else's danger is red with a card for the worried; their death or their past is green."""
    if meant.denied or meant.media or meant.joking or meant.laughing or meant.when == "long_past":
        return None
    if generic(reading, hit) or _done_by_me(reading, hit):
        return None
    if "wish" in reading.tokens.words[hit.first : hit.end]:
        return None  # "I wish she would die" is the carers' lexicon's matter
    if hit.entry.lexicon == "care_mind" or hit.entry.severity == "green" or "own" in hit.entry.flags:
        return None
    if hit.entry.kind in ("indirect", "distress", "goodbye", "preparation"):
        return None
    green = "bereavement" in reading.frames or meant.recovered
    if meant.when == "past":
        green = green or not _ALARM & reading.around.bag
    if not green and _ALARM & reading.around.bag and hit.entry.kind in ("ideation", "attempt", "intent"):
        return replace(finding(reading, hit, stage="care", severity="crisis"), topic="someone_else")
    return replace(
        finding(reading, hit, stage="care", severity="green" if green else _third(hit.entry.severity)),
        rule=f"{hit.entry.id}.someone_else",
        topic="someone_else",
    )


def _done_by_me(reading: Reading, hit: Hit) -> bool:
    """ "I will cut his throat": a threat, which the violence lexicon reads."""
    if not _THEIRS & set(reading.tokens.words[hit.first : hit.end]):
        return False
    before = subject_before(reading.tokens, reading.structure, hit.first)
    return before == "i" or "i" in reading.tokens.words[hit.first : hit.end]


def _third(severity: str) -> str:
    return "red" if severity in ("red", "crisis") else "amber"


def _denied(reading: Reading, hit: Hit) -> Finding | None:
    """A denial is green; beside distress it is amber: it was on their mind."""
    if hit.entry.severity not in ("red", "crisis") or hit.entry.kind not in (
        "ideation",
        "intent",
        "self_harm",
    ):
        return None
    distressed = "distress" in reading.frames
    return replace(
        finding(reading, hit, stage="care", severity="amber" if distressed else "green"),
        rule=f"{hit.entry.id}.denied",
        note="Says that this is not so" + (", beside distress." if distressed else "."),
    )


def plain_now(reading: Reading, lexicon: str) -> Iterable[Finding]:
    """Findings of a lexicon about events, as settle_event gives them."""
    for hit in reading.of(lexicon):
        found = settle_event(reading, hit)
        if found is not None:
            yield found


def settle_event(reading: Reading, hit: Hit) -> Finding | None:
    """One hit about an event (abuse, a whole sentence of another language): not denied, not long past,
    not a story."""
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.media or meant.denied:
        return None
    severity = hit.entry.severity
    over = meant.when == "long_past" or (meant.recovered and meant.when == "past")
    if over or (meant.joking and "soft" in hit.entry.flags) or _ordinary(reading, hit):
        severity = "green"
    elif meant.when == "past" and len(reading.tokens) > STORY_WORDS:
        severity = "green" if len(reading.tokens) > ACCOUNT_WORDS else _LOWER[severity]
    return finding(reading, hit, stage="care", severity=severity)


def _ordinary(reading: Reading, hit: Hit) -> bool:
    """Whether the same sentence says what was really meant."""
    return reading.around.framed("meant", reading.structure.sentence[hit.first])
