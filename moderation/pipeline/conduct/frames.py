"""Frames that take the attack out of hostile words: quotation, report, protest, refusal, reclaiming.

The idea: a frame is read from the few words around a hit, in its own sentence, so each predicate is a look at
a bounded window and knows nothing of the others.
"""

from __future__ import annotations

from moderation.pipeline.conduct.wordlists import plain
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading

_SAYING = plain("saying", "conduct_frames.toml")
_SPOKEN_OF = plain("spoken_of", "conduct_frames.toml")
_AGAINST = plain("against", "conduct_frames.toml")
_THEIRS = plain("theirs", "conduct_frames.toml")
_THINKING = plain("thinking", "conduct_frames.toml")
_I_OR_WE = plain("i_or_we", "conduct_frames.toml")
_PROUD = plain("proud", "conduct_frames.toml")
_PLAIN_SENSE = plain("plain_sense", "conduct_frames.toml")
_NOT = plain("negations", "conduct_frames.toml")
_BEFORE = 8


def quoted(reading: Reading, hit: Hit) -> bool:
    """Inside quotation marks or a quoted line, wholly or in part."""
    marks = reading.structure.quoted
    return bool(marks) and any(i in marks for i in range(hit.first, hit.end))


def reported(reading: Reading, hit: Hit) -> bool:
    """Somebody is reported to have said it, or it is spoken of as words ("calling people …", "the word …")."""
    for i in _before(reading, hit):
        word = reading.tokens.words[i]
        if word in _SPOKEN_OF or (word in _SAYING and not _dares(reading, i)):
            return True
    return False


def refused(reading: Reading, hit: Hit) -> bool:
    """Negated or protested against: "do not deserve to be …", "must never condone …", "your contempt for …".
    Entries whose own words hold a negation carry the flag `negated`: there only a "never" before counts."""
    words = reading.tokens.words
    lead = [words[i] for i in _before(reading, hit)][-4:]
    if "negated" in hit.entry.flags:
        return any(word in ("never", "nobody", *_THEIRS) for word in lead[-3:])
    if any(word in _AGAINST for word in lead):
        return True
    return any(word in _NOT for word in (*lead, *words[hit.first : hit.end]))


def negated_before(reading: Reading, hit: Hit) -> bool:
    """A negation within four words before: "please do not …", "never …", "nobody should …"."""
    words = reading.tokens.words
    return any(words[i] in _NOT for i in _before(reading, hit)[-4:])


def believed(reading: Reading, hit: Hit) -> bool:
    """ "You think you are worthless", "he made me feel …": a belief that is not the writer's about another."""
    words = reading.tokens.words
    return any(words[i] in _THINKING for i in _before(reading, hit)[-3:])


def comforted(reading: Reading, hit: Hit) -> bool:
    """A kind question or a condition: "why do you feel you are stupid?"."""
    return reading.structure.sentence[hit.first] in reading.structure.asked and not _swears(reading, hit)


def own(reading: Reading, hit: Hit) -> bool:
    """Said of oneself or one's own: "as a gay man I am worthless"."""
    words = reading.tokens.words
    sentence = reading.structure.sentence
    return (
        hit.first > 0
        and words[hit.first - 1] in ("as", "myself")
        and sentence[hit.first - 1] == sentence[hit.first]
    )


def reclaimed(reading: Reading, hit: Hit) -> bool:
    """A community's own word: "fags like me", "we are …", "my …", or with pride in the sentence."""
    words, sentence = reading.tokens.words, reading.structure.sentence
    lead = [words[i] for i in _before(reading, hit)][-4:]
    after = [
        words[i] for i in range(hit.end, min(hit.end + 3, len(words))) if sentence[i] == sentence[hit.first]
    ]
    if any(word in _I_OR_WE for word in lead[-3:]) and not any(word in ("hate", "kill") for word in lead):
        return True
    if after[:1] in (["me"], ["us"]):  # "like" is a filler and not among the words
        return True
    near = {words[i] for i in range(len(words)) if sentence[i] == sentence[hit.first]}
    return bool(near & _PROUD) and "you" not in lead


def misread(reading: Reading, hit: Hit) -> bool:
    """A short word that was taken for a slur by repairing a slip: four letters have too many neighbours."""
    tokens = reading.tokens
    for i in range(hit.first, hit.end):
        written, word = tokens.folded.text[tokens.starts[i] : tokens.ends[i]], tokens.words[i]
        if written.isalpha() and len(written) <= 4 and written not in (word, word + "s", word + "es"):
            return True
    return False


def homonym(reading: Reading, hit: Hit) -> bool:
    """The plain sense of the word: cigarettes, garden tools, dogs, dams, a dish."""
    near = set(reading.tokens.words[max(0, hit.first - 6) : hit.end + 6])
    return bool(near & _PLAIN_SENSE)


def _before(reading: Reading, hit: Hit) -> range | list[int]:
    """Indices of up to eight words before a hit within its sentence."""
    sentence = reading.structure.sentence
    return [i for i in range(max(0, hit.first - _BEFORE), hit.first) if sentence[i] == sentence[hit.first]]


def _dares(reading: Reading, at: int) -> bool:
    """ "I say", "I tell you": the writer's own voice, no report."""
    words = reading.tokens.words
    return (
        at > 0
        and words[at - 1] in ("i", "must", "will")
        and reading.tokens.raw[at] in ("say", "tell", "call")
    )


def _swears(reading: Reading, hit: Hit) -> bool:
    return any(
        word in ("fuck", "shit", "cunt", "bitch") for word in reading.tokens.words[hit.first : hit.end + 2]
    )
