"""What the last messages make of this one: an answer to a question about danger, or one more word of it.

"Yes, all of them" is nothing alone; after "have you taken anything?" it is an overdose.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Severity, Span, Topic

ANSWER_WORDS_MAX = 14
"""Longer texts speak for themselves."""


class Question(NamedTuple):
    """A question about danger and what a yes to it means."""

    words: tuple[str, ...]
    severity: Severity
    topic: Topic


_QUESTIONS = (
    Question(
        ("have you taken", "did you take", "taken anything", "take anything", "how many did you"),
        "crisis",
        "overdose",
    ),
    Question(("are you safe",), "red", "suicide"),
    Question(("have you got a plan", "do you have a plan", "have a plan"), "crisis", "suicide"),
    Question(
        (
            "do you have them",
            "have you got pills",
            "got the pills",
            "have the pills",
            "have a gun",
            "got a knife",
        ),
        "crisis",
        "suicide",
    ),
    Question(
        ("kill yourself", "end your life", "suicidal", "suicide", "hurt yourself", "end it", "want to die"),
        "red",
        "suicide",
    ),
    Question(("did you cut", "have you cut", "hurting yourself", "self harm"), "red", "self_harm"),
    Question(
        ("hit you", "hurt you", "hurting you", "hitting you", "touch you", "touched you"), "red", "abuse"
    ),
    Question(("chest pain", "can you breathe", "breathing", "conscious"), "red", "medical"),
)
_YES = frozenset("yes yeah yea yep yup ye yh mhm aye sure definitely correct true si ja oui sim".split())
_TAKEN = frozenset("all them everything both most lots loads too many half few some whole lot".split())
_NO = frozenset("no nope nah not never none nothing".split())


def detect(reading: Reading) -> Iterable[Finding]:
    """A finding for a yes to a question about danger."""
    question = _asked(reading)
    if question is None or not 0 < len(reading.tokens) <= ANSWER_WORDS_MAX:
        return
    words = reading.tokens.words
    inverted = question.words == ("are you safe",)
    says_yes = words[0] in _YES or (
        question.topic == "overdose" and any(w in _TAKEN or w.isdigit() for w in words)
    )
    says_no = words[0] in _NO or "not" in words[:3]
    if says_no if inverted else (says_yes and not says_no):
        yield Finding(
            stage="care",
            rule="care.context.answer",
            version="1",
            lane="care",
            severity=question.severity,
            span=Span(0, len(reading.submission.text)),
            note="Says yes to a question about danger in the message before.",
            topic=question.topic,
        )


def _asked(reading: Reading) -> Question | None:
    """The question about danger in the latest message of someone else."""
    for who, before in reversed(reading.earlier):
        if who != "other":
            continue
        text = before.folded.text
        if "?" not in text:
            return None
        for question in _QUESTIONS:
            if any(phrase in text for phrase in question.words):
                return question
        return None
    return None
