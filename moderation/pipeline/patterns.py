"""The pattern language of the lexicons, and the trie that holds every pattern (matching.py walks it).

A pattern is a line of words: `i want to DIE`. UPPER-CASE is a class, `a|b|CLASS` a choice of single
words, `word?` may be left out, `(two words|three of them)` chooses between phrases, `*` lets up to three
words pass and `**` up to nine, `=killed` asks for that very spelling, `^` and `$` pin a clause's start and
end. All lines of all lexicons share one trie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

EXPANSIONS_MAX = 400
"""A line that stands for more sequences than this is a mistake."""
_GAPS = ("*", "**")
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


NOWHERE = Node()
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
        node = self.starts[symbols] = _melt(places) if places else NOWHERE
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
