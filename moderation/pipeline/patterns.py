"""The pattern language of the lexicons, and one pass that finds every pattern in a token sequence.

A pattern is a line of words: `i want to DIE`. UPPER-CASE is a class, `a|b|CLASS` a choice of single
words, `word?` may be left out, `(two words|three of them)` chooses between phrases, `*` lets up to three
words pass and `**` up to nine, `=killed` asks for that very spelling, `^` and `$` pin a clause's start and
end. All lines of all lexicons share one trie, walked forward without backtracking into the text: gaps
and choices are bounded, so the work is linear in the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from moderation.pipeline.tokens import SENTENCE, Tokens

GAP_SHORT, GAP_LONG = 3, 9
EXPANSIONS_MAX = 400
"""A line that stands for more sequences than this is a mistake."""
_GAPS = ("*", "**")
VISITS_MAX = 400
"""Trie positions tried from one word; beyond it the walk from that word stops (hostile repetition)."""


STARTS_MAX = 20_000
"""First words that are kept with their classes; hostile spellings shall not fill the memory."""


class PatternError(ValueError):
    """A pattern line that can't be read; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One reviewed rule of a lexicon: what it means, and what it argues for alone."""

    id: str  # dotted, e.g. "care.ideation.want_to_die"
    lexicon: str  # file stem, e.g. "care_ideation"
    version: str
    kind: str  # e.g. "ideation"
    severity: str
    topic: str | None
    note: str
    mask: bool = False
    flags: frozenset[str] = frozenset()


class Hit(NamedTuple):
    """An entry found on words [first, end)."""

    entry: Entry
    first: int
    end: int


@dataclass(slots=True, eq=False)
class Node:
    """A place in the trie. A choice of words leads to one shared child, so a word may lead to several
    children; `after` melts them into one place, once, when a text first goes there."""

    edges: dict[str, list[Node]] = field(default_factory=dict)
    choices: dict[tuple[str, ...], Node] = field(default_factory=dict)
    gaps: dict[int, Node] = field(default_factory=dict)
    entries: list[tuple[object, bool, bool]] = field(default_factory=list)  # payload, pinned start, end

    def after(self, symbol: str) -> Node:
        """The place reached over an edge that exists."""
        children = self.edges[symbol]
        if len(children) > 1:
            # Two threads may melt the same edge at once: both results are equal, either may stay.
            children = self.edges[symbol] = [_melt(children)]
        return children[0]


def _melt(nodes: list[Node]) -> Node:
    """Several places as one that accepts and continues like all of them."""
    if len(nodes) == 1:
        return nodes[0]
    melted = Node()
    gaps: dict[int, list[Node]] = {}
    for node in nodes:
        for symbol, children in node.edges.items():
            melted.edges.setdefault(symbol, []).extend(children)
        for stars, child in node.gaps.items():
            gaps.setdefault(stars, []).append(child)
        melted.entries.extend(node.entries)
    melted.gaps = {stars: _melt(children) for stars, children in gaps.items()}
    return melted


def expand(line: str) -> list[list[str]]:
    """A pattern line as plain sequences of elements (parentheses and `?` resolved)."""
    sequences: list[list[str]] = [[]]
    for element in _elements(line):
        optional = element.endswith("?")
        element = element.removesuffix("?")
        if element.startswith("("):
            choices = _choices(element[1:-1])
        else:
            choices = [[element]]
        if optional:
            choices.append([])
        sequences = [before + choice for before in sequences for choice in choices]
        if len(sequences) > EXPANSIONS_MAX:
            raise PatternError(f"stands for more than {EXPANSIONS_MAX} sequences; split the line")
    return [sequence for sequence in sequences if sequence]


def _choices(inside: str) -> list[list[str]]:
    """The choices of a parenthesis; its single words stay together as one element, a pin is its own."""
    single: list[str] = []
    longer: list[list[str]] = []
    for choice in _split(inside):
        words = choice.split()
        if len(words) == 1 and words[0] not in ("^", "$") and not words[0].endswith("?"):
            single.append(words[0])
        elif words:
            longer.extend(expand(choice))
    return ([["|".join(single)]] if single else []) + longer


def _split(inside: str) -> Iterable[str]:
    """Cut at the bars that stand in no inner parenthesis."""
    depth = start = 0
    for i, char in enumerate(inside):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            yield inside[start:i]
            start = i + 1
    yield inside[start:]


def _elements(line: str) -> Iterable[str]:
    depth, start = 0, None
    for i, char in enumerate(line + " "):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                raise PatternError("closes a parenthesis that was never opened")
        if char == " " and depth == 0:
            if start is not None:
                yield line[start:i]
            start = None
        elif start is None:
            start = i
    if depth:
        raise PatternError("opens a parenthesis and never closes it")


Resolve = Callable[[str], list[tuple[tuple[str, ...], ...]]]
"""One element (word, choice, class) to the ways to match it: each a sequence of symbol choices."""


_NOWHERE = Node()
"""After a word that starts no pattern."""


@dataclass(slots=True)
class Trie:
    """Every pattern, prefix-shared."""

    root: Node = field(default_factory=Node)
    size: int = 0
    starts: dict[tuple[str, ...], Node] = field(default_factory=dict)

    def start(self, symbols: tuple[str, ...]) -> Node:
        """The one place after a first word, with all of its classes; melted once a combination of them."""
        places = [self.root.after(symbol) for symbol in symbols if symbol in self.root.edges]
        if len(self.starts) > STARTS_MAX:
            self.starts.clear()
        node = self.starts[symbols] = _melt(places) if places else _NOWHERE
        return node

    def add(self, line: str, payload: object, resolve: Resolve) -> None:
        """Add one pattern line; raises PatternError on one that can't be read."""
        for sequence in expand(line):
            sequence = _settled(sequence)
            if not sequence:
                raise PatternError("matches nothing at all")
            start = sequence[0] == "^"
            stop = sequence[-1] == "$"
            nodes = [self.root]
            for element in sequence[start : len(sequence) - stop]:
                if element in _GAPS:
                    nodes = [node.gaps.setdefault(len(element), Node()) for node in nodes]
                    continue
                nodes = [last for way in resolve(element) for last in _walk(nodes, way)]
            if self.root in nodes:
                raise PatternError("matches nothing at all")
            for node in nodes:
                node.entries.append((payload, start, stop))
            self.size += len(nodes)


def _settled(sequence: list[str]) -> list[str]:
    """A sequence whose gaps can all be walked: two in a row are one long one, a last one asks for nothing."""
    settled: list[str] = []
    for element in sequence:
        if element in _GAPS and settled and settled[-1] in _GAPS:
            settled[-1] = "**"
        else:
            settled.append(element)
    return settled[:-1] if settled and settled[-1] in _GAPS else settled


def _walk(nodes: list[Node], way: tuple[tuple[str, ...], ...]) -> list[Node]:
    """The nodes reached from `nodes` over a sequence of symbol choices, made where missing."""
    for symbols in way:
        nodes = [_child(node, symbols) for node in nodes]
    return nodes


def _child(node: Node, symbols: tuple[str, ...]) -> Node:
    child = node.choices.get(symbols)
    if child is None:
        child = node.choices[symbols] = Node()
        for symbol in symbols:
            node.edges.setdefault(symbol, []).append(child)
    return child


class Found(NamedTuple):
    """A payload on words [first, end)."""

    payload: object
    first: int
    end: int


class _Follows(dict[Node, tuple[int, ...]]):
    """Where in a text a word or unit stands that can follow a gap, ascending; asked once a place and text.
    `ends[i]` is where the sentence of word i ends. Both are made when a gap is first met."""

    __slots__ = ("_index", "ends", "lattice", "tokens")

    def __init__(self, tokens: Tokens, lattice: dict[int, list[tuple[str, int]]]) -> None:
        self.tokens, self.lattice = tokens, lattice
        self._index: dict[str, list[int]] = {}
        self.ends: list[int] = []

    def __missing__(self, node: Node) -> tuple[int, ...]:
        if not self.ends:
            self._look()
        index = self._index
        places = [index[symbol] for symbol in node.edges.keys() & index.keys()]
        if len(places) == 1:
            found = tuple(places[0])
        else:
            found = tuple(sorted({at for some in places for at in some}))
        self[node] = found
        return found

    def within(self, node: Node, at: int) -> bool:
        """Whether a gap that opens at word `at` can be left again in this sentence."""
        for stars, child in node.gaps.items():
            places = self[child]
            if places and places[-1] >= at:
                next_place = places[bisect_left(places, at)]
                if next_place <= at + (GAP_SHORT if stars == 1 else GAP_LONG) and next_place < self.ends[at]:
                    return True
        return False

    def _look(self) -> None:
        index, breaks = self._index, self.tokens.breaks
        for at, here in enumerate(self.tokens.symbols):
            for symbol in here:
                if symbol in index:
                    index[symbol].append(at)
                else:
                    index[symbol] = [at]
        for at, units in self.lattice.items():
            for name, _ in units:
                index.setdefault(name, []).append(at)
        size = len(breaks)
        self.ends = ends = [size] * size
        for at in range(size - 2, -1, -1):
            ends[at] = at + 1 if breaks[at + 1] >= SENTENCE else ends[at + 1]


class _Text(NamedTuple):
    """What a walk reads: symbols and breaks of each word, longer units that start there, and what can
    follow a gap."""

    symbols: list[tuple[str, ...]]
    breaks: list[int]
    lattice: dict[int, list[tuple[str, int]]]
    follows: _Follows


def find_all(
    trie: Trie, tokens: Tokens, lattice: dict[int, list[tuple[str, int]]]
) -> tuple[list[Found], int]:
    """Every pattern that occurs, and the steps it took. `lattice` gives, per word, longer units that
    start there: (class, end)."""
    text = _Text(tokens.symbols, tokens.breaks, lattice, _Follows(tokens, lattice))
    symbols, follows = text.symbols, text.follows
    steps, last = 0, len(symbols) - 1
    found: list[Found] = []
    root = trie.root
    edges, starts = root.edges, trie.starts
    for i, here in enumerate(symbols):
        stack: list[tuple[Node, int]] = []
        node = starts.get(here) or trie.start(here)
        # Most starts die on the next word: look at it before walking.
        if node is not _NOWHERE and (
            node.entries
            or (i < last and not node.edges.keys().isdisjoint(symbols[i + 1]))
            or (i + 1 in lattice and any(name in node.edges for name, _ in lattice[i + 1]))
            or (i < last and node.gaps and follows.within(node, i + 1))
        ):
            stack.append((node, i + 1))
        if i in lattice:
            stack.extend((root.after(symbol), end) for symbol, end in lattice[i] if symbol in edges)
        if stack:
            steps += _walk_from(i, stack, text, found)
    return found, steps


def _walk_from(first: int, stack: list[tuple[Node, int]], text: _Text, found: list[Found]) -> int:
    """Follow every way on from one word; gives the number of places visited."""
    symbols, breaks, lattice, follows = text
    size, visits = len(symbols), 0
    while stack:
        node, at = stack.pop()
        visits += 1
        if visits > VISITS_MAX:
            break
        if node.entries:
            _accept(node, first, at, breaks, found)
        if at >= size or breaks[at] >= SENTENCE:
            continue
        edges = node.edges
        if edges:
            for symbol in symbols[at]:
                if symbol in edges:
                    children = edges[symbol]
                    stack.append((children[0] if len(children) == 1 else node.after(symbol), at + 1))
            if at in lattice:
                stack.extend((node.after(symbol), end) for symbol, end in lattice[at] if symbol in edges)
        for stars, child in node.gaps.items():
            places = follows[child]
            if places and places[-1] >= at:
                reach = min(at + (GAP_SHORT if stars == 1 else GAP_LONG) + 1, follows.ends[at])
                for k in range(bisect_left(places, at), len(places)):
                    if places[k] >= reach:
                        break
                    stack.append((child, places[k]))
    return visits


def _accept(node: Node, first: int, end: int, breaks: list[int], found: list[Found]) -> None:
    for payload, pinned_start, pinned_end in node.entries:
        if pinned_start and not breaks[first]:
            continue
        if pinned_end and end < len(breaks) and not breaks[end]:
            continue
        found.append(Found(payload, first, end))
