"""Reads words that were written so that a word list misses them: leetspeak, masks, stretched letters,
letters set apart, slips of the finger.

Each repair is tried only on a word that nobody knows as it stands, and is taken only when it gives a
known word, so that doses, times and clinical values ("20mg", "a1c", "9pm") stay as they are.
"""

from __future__ import annotations

from itertools import islice, product

from moderation.pipeline.vocabulary import Form, Vocabulary, deletions, number, one_slip

_LEET = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "+": "t", "!": "il", "|": "il", "\u20ac": "e", "(": "c",
}  # fmt: skip
LEET_WORD_MAX = 24
LEET_CHOICES_MAX = 32
SWAP_LENGTH_MIN = 4
"""Shorter words are often abbreviations: CBT is no misspelt ctb."""
GLUED_MIN, GLUED_MAX = 8, 24
JOINED_MAX = 80
"""Longer runs of single letters are cut: nobody spells out more than a sentence."""
JOINED_PART_MAX = 16
"""Letters of the longest word that is looked for in a run of them."""
RULE_WORD_COST, KNOWN_WORD_COST = 10, 13
"""Runs of letters are read with few words, and rather with words that matter than with rare ones."""
_UNITS = frozenset(
    "mg mgs mcg ug g kg kgs ml l iu u lb lbs st oz cal kcal mmol mm cm m km ft k x am pm h hr hrs min mins "
    "s sec secs d day days w wk wks week weeks mo mos month months y yr yrs yo th nd rd pt p c f bpm hz "
    "tablet tablets tabs pills pill units unit".split()
)
_SHORT_PARTS = frozenset("i a to my me of it do be in on".split())
_ORDINALS = {"st": "1", "nd": "2", "rd": "3"}
_HEX = frozenset("0123456789abcdef")
_QUIET_MARKS = "*_-.~^'\"!|%#="
_MARKS = "*_-.~^'\"!+|@$%#="


def read_unknown(word: str, vocabulary: Vocabulary) -> tuple[Form, ...]:
    """The forms of a word that is not in the vocabulary as written."""
    if word.isdigit():
        return (number(word),)
    core = word.strip(_MARKS)
    if core != word and core and vocabulary.knows(core):
        return vocabulary.read(core)
    owner = core.removesuffix("'s").removesuffix("'")
    if owner != core and vocabulary.knows(owner):
        return vocabulary.read(owner)  # a possessive is read as its owner
    if _machine(word):
        return ((word, (word,), word),)
    for guess in (_amount, _possessive, _unleet, _unmark, _unstretch, _unmask_vowels, _unslip, _unglue):
        found = guess(word, vocabulary)
        if found is not None:
            return found
    bare = word.strip(_MARKS)
    if bare and vocabulary.knows(bare):
        return vocabulary.read(bare)
    return ((bare or word, (bare or word,), bare or word),)


def _machine(word: str) -> bool:
    """Whether a word is a part of an id ("ac5e9826"): no one writes a word like that."""
    return len(word) >= 5 and set(word) <= _HEX and sum(map(str.isdigit, word)) >= 3


def _amount(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    """ "20mg" is 20 and mg."""
    digits = 0
    while digits < len(word) and word[digits].isdigit():
        digits += 1
    unit = word[digits:]
    if not digits or unit not in _UNITS or _ORDINALS.get(unit, word[digits - 1]) != word[digits - 1]:
        return None
    return (number(word[:digits]), *vocabulary.read(unit))


def _possessive(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    """ "world's" is world."""
    base = word.removesuffix("'s").removesuffix("s'")
    return vocabulary.read(base) if base != word and vocabulary.knows(base) else None


def _unglue(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    """ "killmyself": words run together, all of them words of the rules."""
    if not GLUED_MIN <= len(word) <= GLUED_MAX or not word.isalpha():
        return None
    if not _of_rule_words(word, vocabulary):
        return None
    parts = split_joined(word, vocabulary)
    if parts is None or not 2 <= len(parts) <= 5 or not all(map(vocabulary.forms.get, parts)):
        return None
    if any(len(part) < 3 and part not in _SHORT_PARTS for part in parts):
        return None
    return tuple(form for part in parts for form in vocabulary.read(part))


def _of_rule_words(word: str, vocabulary: Vocabulary) -> bool:
    """Whether words of the rules can be set end to end to make it: quickly seen of most words that can't."""
    forms, size = vocabulary.forms, len(word)
    reached, todo = {0}, [0]
    while todo:
        start = todo.pop()
        for end in range(start + 1, min(start + JOINED_PART_MAX, size) + 1):
            part = word[start:end]
            if end not in reached and part in forms and (end - start > 2 or part in _SHORT_PARTS):
                reached.add(end)
                todo.append(end)
    return size in reached


def _unleet(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    if len(word) < 3 or len(word) > LEET_WORD_MAX or word.isalpha():
        return None
    if not any(char in _LEET for char in word) or not any(char.isalpha() or char in "@$+!" for char in word):
        return None
    for core in (word, word.rstrip("!+'\""), word.strip(_MARKS)):
        letters = [_LEET.get(char, char) for char in core]
        for choice in islice(product(*letters), LEET_CHOICES_MAX):
            guess = "".join(choice)
            if len(guess) >= 3 and vocabulary.knows(guess):
                return vocabulary.read(guess)
            repaired = _unslip(guess, vocabulary) if len(letters) == 1 else None
            if repaired is not None:
                return repaired
    return None


def _unmark(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    """k*i*l*l, s_u_i_c_i_d_e and k**il**l with the marks gone."""
    if word.isalpha():
        return None
    bare = "".join(char for char in word if char.isalpha() or char == "'")
    if len(bare) >= 3 and vocabulary.knows(bare):
        return vocabulary.read(bare)
    return None


def _unstretch(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    """kiiiill: runs of three and more shrink to two letters, then to one."""
    if not any(char * 3 in word for char in set(word)):
        return None
    twice, once = [], []
    i = 0
    while i < len(word):
        j = i
        while j < len(word) and word[j] == word[i]:
            j += 1
        twice.append(word[i] * min(j - i, 2))
        once.append(word[i] * (j - i if j - i < 3 else 1))
        i = j
    guesses = [core.removesuffix("'s") for made in (twice, once) if (core := "".join(made).strip(_MARKS))]
    for known in (vocabulary.forms, vocabulary.known):  # "beeee" is be, a rule's word, before bee
        for guess in guesses:
            if guess in known:
                return vocabulary.read(guess)
    return _unslip("".join(once), vocabulary)


def _unmask_vowels(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    if "*" not in word or len(word) < 3:
        return None
    for found in vocabulary.near.get("".join("*" if char in "aeiou*" else char for char in word), ()):
        if all(a == b or a == "*" for a, b in zip(word, found, strict=True)):
            return vocabulary.read(found)
    return None


def _unslip(word: str, vocabulary: Vocabulary) -> tuple[Form, ...] | None:
    """A rule's word one slip away, swapped letters first; never for words that exist."""
    if len(word) < 3 or not word.isalpha():
        return None
    forms, known, near = vocabulary.forms, vocabulary.known, vocabulary.near
    if len(word) >= SWAP_LENGTH_MIN:
        for swapped in _swaps(word):
            if swapped in forms or swapped in known:
                return vocabulary.read(swapped)
    for key in (word, *deletions(word)):
        for target in near.get(key, ()):
            if one_slip(word, target):
                return vocabulary.read(target)
    return None


def _swaps(word: str) -> list[str]:
    """The word with two neighbouring letters swapped back, its first letter left alone: the commonest slip,
    and cheap to undo for every word that exists, not only for those of rules."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)]


def split_joined(letters: str, vocabulary: Vocabulary) -> list[str] | None:
    """Words in a run of letters set apart ("w a n t t o d i e"), fewest words first; None if the run
    isn't made of words."""
    letters = letters[:JOINED_MAX]
    size = len(letters)
    best: list[tuple[int, int] | None] = [(0, 0)] + [None] * size
    for end in range(1, size + 1):
        for start in range(max(0, end - JOINED_PART_MAX), end):
            before = best[start]
            if before is None:
                continue
            word = letters[start:end]
            if (len(word) == 1 and word not in "ia") or not vocabulary.knows(word):
                continue
            cost = before[0] + (RULE_WORD_COST if word in vocabulary.forms else KNOWN_WORD_COST)
            here = best[end]
            if here is None or cost < here[0]:
                best[end] = (cost, start)
    if best[size] is None:
        return None
    words: list[str] = []
    at = size
    while at:
        step = best[at]
        assert step is not None  # every reached position has a way back
        words.append(letters[step[1] : at])
        at = step[1]
    return words[::-1]
