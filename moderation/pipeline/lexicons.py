"""Reads the lexicon files: reviewed data in TOML, compiled once into one matcher.

A file has a version, a kind, classes (named word lists) and entries; each entry has a tier, a note that
says why it is there, and patterns one a line. A mistake is reported as file:line with a hint.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from moderation.pipeline.combinations import Combination, CombinationError, read_combination
from moderation.pipeline.fold import fold
from moderation.pipeline.matching import Words, find_all
from moderation.pipeline.patterns import Entry, Hit, PatternError, Trie
from moderation.pipeline.structure import Structure
from moderation.pipeline.tokens import Tokens
from moderation.pipeline.vocabulary import Form, Vocabulary, near_index, number

HERE = Path(__file__).parent / "lexicon"


class LexiconError(ValueError):
    """A lexicon that can't be loaded: file:line: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Lexicons:
    """The compiled lexicons."""

    vocabulary: Vocabulary
    units: Trie
    patterns: Trie
    entries: dict[str, Entry]
    version: str
    combinations: tuple[Combination, ...] = ()

    def find(self, tokens: Tokens, structure: Structure) -> tuple[list[Hit], Words, int]:
        """Every entry that occurs in a text (the longest of those that start together), the words as they
        were walked, and the steps it took."""
        words = Words(tokens.symbols, tokens.breaks, structure.sentence)
        units, first_steps = find_all(self.units, words)
        words.add_units((str(name), first, end) for name, first, end in units)
        found, steps = find_all(self.patterns, words)
        best: dict[tuple[Entry, int], int] = {}
        for payload, first, end in found:
            assert isinstance(payload, Entry)  # only entries are added to this trie
            key = (payload, first)
            if best.get(key, 0) < end:
                best[key] = end
        hits = [Hit(entry, first, end) for (entry, first), end in best.items()]
        return (hits if len(hits) <= HITS_MAX else _bounded(hits)), words, first_steps + steps


HITS_MAX = 24
"""Hits of one entry that are read: a text that says one thing a thousand times has said it."""


def _bounded(hits: Iterable[Hit]) -> list[Hit]:
    counts: Counter[Entry] = Counter()
    kept: list[Hit] = []
    for hit in hits:
        counts[hit.entry] += 1
        if counts[hit.entry] <= HITS_MAX or hit.entry.mask:
            kept.append(hit)
    return kept


@dataclass(slots=True)
class _File:
    path: Path
    text: str
    data: dict[str, object]

    def fail(self, near: str, problem: str) -> LexiconError:
        """An error that names the line where `near` stands."""
        line = 1
        for at, content in enumerate(self.text.splitlines(), 1):
            if near and near in content:
                line = at
                break
        return LexiconError(f"{self.path.name}:{line}: {problem}")


def load(folder: Path = HERE) -> Lexicons:
    """Read and compile every *.toml of a folder."""
    files = [_read(path) for path in sorted(folder.glob("*.toml"))]
    known = frozenset((folder / "common_words.txt").read_text("utf-8").split())
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.text.encode())
    return _Builder(files, known).build(digest.hexdigest()[:12])


def _read(path: Path) -> _File:
    text = path.read_text("utf-8")
    try:
        return _File(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path.name}: {error}; see the neighbouring files for the shape") from error


_ENTRY_KEYS = frozenset({"id", "tier", "topic", "note", "patterns", "mask", "flags", "kind", "source"})


class _Builder:
    """Compiles files in the order: forms, classes, patterns."""

    def __init__(self, files: list[_File], known: frozenset[str]) -> None:
        self.files = files
        self.known = known
        self.lemma: dict[str, tuple[str, ...]] = {}
        self.past: set[str] = set()
        self.exact: set[str] = set()
        self.classes: dict[str, list[str]] = {}
        self.members: dict[str, list[str]] = {}  # lemma -> classes
        self.resolved: dict[str, list[tuple[tuple[str, ...], ...]]] = {}
        self.rule_words: Counter[str] = Counter()  # how often a rule names a word
        self.units = Trie()
        self.patterns = Trie()
        self.entries: dict[str, Entry] = {}

    def build(self, version: str) -> Lexicons:
        for file in self.files:
            self._forms(file)
        # What a contraction means is read like any other words ("i'm" is i, be).
        self.lemma = {
            word: tuple(lemma for part in lemmas for lemma in self.lemmas(part))
            for word, lemmas in self.lemma.items()
        }
        for file in self.files:
            self._classes(file)
        self._units()
        for file in self.files:
            for entry in _tables(file, "entry"):
                self._entry(file, entry)
        combinations = tuple(one for file in self.files for one in self._together(file))
        vocabulary = self._vocabulary()
        return Lexicons(vocabulary, self.units, self.patterns, self.entries, version, combinations)

    def _together(self, file: _File) -> Iterable[Combination]:
        """The combinations of a file; their signs are kinds of entries, frames and classes."""
        known = {entry.kind for entry in self.entries.values()} | self.classes.keys()
        known |= {e.id.rpartition(".")[2] for e in self.entries.values() if e.lexicon == "frames"}
        for data in _tables(file, "together"):
            try:
                yield read_combination(data, version=str(file.data.get("version", 1)), known=known)
            except CombinationError as error:
                raise file.fail(f'"{data.get("id", "")}"', f"{data.get('id')}: {error}") from error

    def _forms(self, file: _File) -> None:
        forms = file.data.get("forms", {})
        assert isinstance(forms, dict)
        for line in str(forms.get("verbs", "")).splitlines():
            words = line.split()
            for word in words:
                self.lemma.setdefault(word.lstrip("<"), (words[0].lstrip("<"),))
                if word.startswith("<"):
                    self.past.add(word[1:])
        for word in str(forms.get("regular", "")).split():
            for form, past in _inflect(word):
                self.lemma.setdefault(form, (word,))
                if past:
                    self.past.add(form)
        for line in str(forms.get("nouns", "")).splitlines():
            words = line.split()
            for word in words:
                self.lemma.setdefault(word, (words[0],))
                self.lemma.setdefault(word + "s", (words[0],))
        for line in str(forms.get("means", "")).splitlines():
            if "=" in line:
                written, _, meant = line.partition("=")
                lemmas = tuple(lemma for word in meant.split() for lemma in self.lemmas(word))
                for word in written.split():
                    self.lemma[word] = lemmas
        for word in str(forms.get("fillers", "")).split():
            self.lemma[word] = ()

    def lemmas(self, word: str) -> tuple[str, ...]:
        """A written word as lemmas."""
        return self.lemma.get(word, (word,))

    def _classes(self, file: _File) -> None:
        classes = file.data.get("classes", {})
        assert isinstance(classes, dict)
        for name, words in classes.items():
            if not name.isupper():
                raise file.fail(name, f"class {name} must be UPPER-CASE")
            self.classes.setdefault(name, []).extend(
                member.strip()
                for line in str(words).splitlines()
                for member in line.split("|")
                if member.strip()
            )

    def _units(self) -> None:
        """Single-word members become symbols of the word; longer ones units of the lattice."""
        longer: list[tuple[str, str]] = []
        for name, members in self.classes.items():
            for member in members:
                if member.isupper() and " " not in member and member in self.classes:
                    continue
                lemmas = [lemma for word in member.split() for lemma in self.lemmas(fold(word).text)]
                if len(lemmas) == 1 and not member.startswith("=") and not member.isupper():
                    self.members.setdefault(lemmas[0], []).append(name)
                    self.rule_words[lemmas[0]] += 1
                else:
                    longer.append((name, member))
        self._inherit()
        for name, member in longer:
            try:
                self.units.add(member, name, self._resolve)
            except PatternError as error:
                raise LexiconError(f"class {name}: {member!r} {error}") from error

    def _inherit(self) -> None:
        """A class named inside a class lends it its single words."""
        for _ in range(3):
            for name, members in self.classes.items():
                for member in members:
                    if member.isupper() and member in self.classes:
                        for names in self.members.values():
                            if member in names and name not in names:
                                names.append(name)

    def _resolve(self, element: str) -> list[tuple[tuple[str, ...], ...]]:
        found = self.resolved.get(element)
        if found is None:
            found = self.resolved[element] = self._resolve_new(element)
        return found

    def _resolve_new(self, element: str) -> list[tuple[tuple[str, ...], ...]]:
        """Single words share one step; a choice that is several words ("dont") is a way of its own."""
        if "|" not in element:
            return [self._steps(element)]
        single: list[str] = []
        ways: list[tuple[tuple[str, ...], ...]] = []
        for choice in element.split("|"):
            steps = self._steps(choice)
            if not steps:
                raise PatternError(f"{choice!r} is a filler, which no text keeps; leave it out")
            if len(steps) == 1:
                single.extend(steps[0])
            else:
                ways.append(steps)
        if single:
            ways.append((tuple(dict.fromkeys(single)),))
        return ways

    def _steps(self, word: str) -> tuple[tuple[str, ...], ...]:
        if word.startswith("="):
            self.exact.add(word[1:])
            self.rule_words[word[1:]] += 1
            return ((word,),)
        if word.isupper() and len(word) > 1:
            if word not in self.classes and word not in ("NUM", "YEAR"):
                raise PatternError(f"class {word} is not defined; define it under [classes]")
            return ((word,),)
        parts = word.replace("&", " ").replace("/", " ").split()  # texts are cut there too ("a&e")
        return tuple(step for part in parts for step in self._lemma_steps(part))

    def _lemma_steps(self, word: str) -> Iterable[tuple[str, ...]]:
        """One word as its lemmas; a word of another script also as it stands, since a text that is in
        that script as a whole isn't folded to Latin."""
        lemmas = self.lemmas(fold(word).text)
        self.rule_words.update(lemmas)
        if len(lemmas) == 1 and not word.isascii():
            return (tuple(dict.fromkeys((*lemmas, word.lower()))),)
        return ((lemma,) for lemma in lemmas)

    def _entry(self, file: _File, data: dict[str, object]) -> None:
        name = str(data.get("id", ""))
        if not name:
            raise file.fail("[[entry]]", 'an entry without id; add id = "…"')
        unknown = set(data) - _ENTRY_KEYS
        if unknown:
            raise file.fail(
                name, f"unknown key {sorted(unknown)[0]}; known: {', '.join(sorted(_ENTRY_KEYS))}"
            )
        if not data.get("note"):
            raise file.fail(name, "an entry needs a note that says why it is there")
        lane = file.path.stem.partition("_")[0]
        kind = str(data.get("kind", file.data.get("kind", file.path.stem.partition("_")[2])))
        entry = Entry(
            id=f"{lane}.{kind}.{name}",
            lexicon=file.path.stem,
            version=str(file.data.get("version", 1)),
            kind=kind,
            severity=str(data.get("tier", file.data.get("tier", "green"))),
            topic=str(topic) if (topic := data.get("topic", file.data.get("topic"))) else None,
            note=str(data["note"]),
            mask=bool(data.get("mask", False)),
            flags=frozenset(str(data.get("flags", "")).split()),
        )
        if entry.id in self.entries:
            raise file.fail(name, f"{entry.id} is there twice; give one another id")
        self.entries[entry.id] = entry
        for line in str(data.get("patterns", "")).splitlines():
            line = line.partition("#")[0].strip()
            if not line:
                continue
            try:
                self.patterns.add(line, entry, self._resolve)
            except PatternError as error:
                raise file.fail(line, f"{entry.id}: {line!r} {error}") from error

    def _vocabulary(self) -> Vocabulary:
        forms: dict[str, tuple[Form, ...]] = {}
        shared: dict[str, tuple[str, ...]] = {}

        def form(lemma: str, written: str) -> Form:
            classes = self.members.get(lemma, ())
            if lemma.isdigit():  # a number that some rule names ("2 stop") stays a number
                classes = (*number(lemma)[1][1:], *classes)
            if written in self.exact:
                return lemma, (lemma, "=" + written, *classes), written
            if lemma not in shared:
                shared[lemma] = (lemma, *classes)
            return lemma, shared[lemma], written

        written = set(self.lemma) | set(self.members) | self.exact | set(self.rule_words)
        for word in written:
            forms[word] = tuple(form(lemma, word) for lemma in self.lemmas(word))
        for word in list(self.rule_words):
            plural = word + "s"
            if len(word) >= 4 and word.isalpha() and word[-1] != "s" and plural not in forms:
                forms[plural] = (form(word, plural),)
        weight = {w: sum(self.rule_words[x] for x in self.lemmas(w)) for w in sorted(written)}
        important = sorted((w for w in weight if weight[w]), key=lambda w: -weight[w])
        near = near_index(important, self.known)
        for word in important:
            if word.isalpha() and len(word) >= 3:
                masked = "".join("*" if char in "aeiou" else char for char in word)
                near.setdefault(masked, []).append(word)
        return Vocabulary(forms, self.known, near, frozenset(self.past))


def _tables(file: _File, key: str) -> Iterable[dict[str, object]]:
    tables = file.data.get(key, [])
    assert isinstance(tables, list)
    return tables


def _inflect(verb: str) -> Iterable[tuple[str, bool]]:
    """The regular forms of an English verb, and whether each is a past."""
    yield verb, False
    if verb.endswith("e"):
        yield from ((verb + "s", False), (verb + "d", True), (verb[:-1] + "ing", False))
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        yield from ((verb[:-1] + "ies", False), (verb[:-1] + "ied", True), (verb + "ing", False))
    else:
        ending = "es" if verb.endswith(("s", "x", "z", "ch", "sh")) else "s"
        yield from ((verb + ending, False), (verb + "ed", True), (verb + "ing", False))
        if verb[-1] in "bdglmnprt" and verb[-2] in "aeiou" and verb[-3] not in "aeiou":
            yield from ((verb + verb[-1] + "ed", True), (verb + verb[-1] + "ing", False))
