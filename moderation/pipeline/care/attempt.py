"""An attempt or an overdose: under way, just behind, or long past.

What was taken is judged by what it was: a finished course of antibiotics or a box of chocolates is no
overdose, two paracetamol are none either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.verdicts import settle
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

OVERDOSE_COUNT_MIN = 8
OVERDOSE_UNITS_MIN = 60
"""Units of a medicine taken at once from which an overdose is thought of (paracetamol: 8 a day at most)."""

_VERBS = frozenset("take swallow drink pop neck chug inject".split())
_HARMLESS = frozenset(
    "antibiotic antibiotics infection course amoxicillin penicillin doxycycline chocolate chocolates cake biscuits "
    "vitamins vitamin prescribed doctor finished finish sweets photo photos pictures notes classes exam exams "
    "advice breath shower bus minutes steps photos notes day off years tip oysters sprouts mince pies ham crisps "
    "sausages cheese biscuit pudding".split()
)


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_attempt.toml."""
    for hit in reading.of("care_attempt"):
        found = _taken(reading, hit) if hit.entry.kind in ("attempt", "amount") else settle(reading, hit)
        if found is not None:
            yield found


def _taken(reading: Reading, hit: Hit) -> Finding | None:
    if "bigamount" in hit.entry.flags and not _big(reading, hit):
        return None
    if not hit.entry.id.endswith("under_way") and (_untaken(reading, hit) or _harmless(reading, hit)):
        return None
    found = settle(reading, hit)
    if found is None or found.severity == "green" or hit.entry.id.endswith("under_way"):
        return found
    if found.topic == "someone_else" and found.severity == "red":
        return replace(found, severity="crisis")  # someone else's life in danger now
    return found


def _untaken(reading: Reading, hit: Hit) -> bool:
    """ "take", "taking", "swallowing": not yet, or as a habit. Taken is a past form, or "have" before it."""
    raw, words = reading.tokens.raw, reading.tokens.words
    for i in range(hit.first, hit.end):
        if words[i] in _VERBS:
            had = any(
                words[j] == "have" and words[j + 1] != "to" for j in range(max(0, i - 3), i)
            )  # "had to take" isn't "had taken"
            return raw[i] not in reading.spellings and not had and raw[i] != "taken"
    return False


def _big(reading: Reading, hit: Hit) -> bool:
    """Whether the number in the hit is large enough to be an overdose."""
    for word in reading.tokens.words[hit.first : hit.end]:
        if word.isdigit():
            least = OVERDOSE_UNITS_MIN if "units" in hit.entry.flags else OVERDOSE_COUNT_MIN
            return int(word[:6]) >= least
    return True


def _of_something_else(reading: Reading, hit: Hit) -> bool:
    """ "the whole box of toys": followed by of and something that is no medicine."""
    tokens = reading.tokens
    if hit.end + 1 >= len(tokens) or tokens.words[hit.end] != "of":
        return False
    after = [symbol for symbols in tokens.symbols[hit.end + 1 : hit.end + 4] for symbol in symbols]
    return not any(symbol in ("DRUGMEANS", "my", "them", "these", "those", "it") for symbol in after)


def _harmless(reading: Reading, hit: Hit) -> bool:
    """Whether the same sentences say that what was taken was meant to be taken."""
    if _of_something_else(reading, hit):
        return True
    here = reading.structure.sentence[hit.first]
    sentence = reading.structure.sentence
    return any(
        word in _HARMLESS for i, word in enumerate(reading.tokens.words) if abs(sentence[i] - here) <= 1
    )
