"""One pass that finds every pattern of a trie in the words of a text.

The trie is walked forward from each word, without backtracking into the text: gaps and choices are bounded,
and where a gap may end is looked up in an index of the text, so the work is linear in the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from moderation.pipeline.patterns import NOWHERE, Node, Trie
from moderation.pipeline.tokens import SENTENCE

GAP_SHORT, GAP_LONG = 3, 9
VISITS_MAX = 400
"""Trie positions tried from one word; beyond it the walk from that word stops (hostile repetition)."""

Found = tuple[object, int, int]
"""A payload on words [first, end)."""


class Words:
    """What a walk reads of a text: the symbols of each word, the breaks before it (and one after the last),
    its sentence; the longer units that start at a word: (class, end); and where each symbol stands."""

    __slots__ = ("breaks", "lattice", "places", "sentence", "symbols")

    def __init__(
        self, symbols: list[tuple[str, ...]], breaks: Sequence[int], sentence: Sequence[int]
    ) -> None:
        self.symbols = symbols
        self.breaks = [*breaks, SENTENCE]
        self.sentence = sentence
        self.lattice: dict[int, list[tuple[str, int]]] = {}
        self.places = _places(symbols)

    def add_units(self, units: Iterable[tuple[str, int, int]]) -> None:
        """Classes that several words [first, end) belong to together."""
        found: dict[str, list[int]] = {}
        for name, first, end in units:
            self.lattice.setdefault(first, []).append((name, end))
            found.setdefault(name, []).append(first)
        for name, firsts in found.items():
            self.places[name] = sorted((*self.places.get(name, ()), *firsts))


def _places(symbols: list[tuple[str, ...]]) -> dict[str, list[int]]:
    """Where each symbol stands, ascending. Words that are alike are taken together."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for at, here in enumerate(symbols):
        if here in alike:
            alike[here].append(at)
        else:
            alike[here] = [at]
    places: dict[str, list[int]] = {}
    several: set[str] = set()
    for here, found in alike.items():
        for symbol in here:
            if symbol not in places:
                places[symbol] = found
            elif symbol in several:
                places[symbol] += found
            else:
                places[symbol] = places[symbol] + found
                several.add(symbol)
    for symbol in several:
        places[symbol].sort()
    return places


class _Follows(dict[Node, list[int]]):
    """Where in a text a word or unit stands that can follow a gap, ascending; asked once a place and text."""

    __slots__ = ("places",)

    def __init__(self, places: dict[str, list[int]]) -> None:
        self.places = places

    def __missing__(self, node: Node) -> list[int]:
        places = self.places
        some = node.edges.keys() & places.keys()
        if not some:
            found = []
        elif len(some) == 1:
            found = places[some.pop()]
        else:
            found = sorted({at for symbol in some for at in places[symbol]})
        self[node] = found
        return found


def find_all(trie: Trie, text: Words) -> tuple[list[Found], int]:
    """Every pattern that occurs, and the steps it took."""
    symbols, breaks, lattice, sentence = text.symbols, text.breaks, text.lattice, text.sentence
    starts, follows = trie.starts, _Follows(text.places)
    found: list[Found] = []
    stack: list[tuple[Node, int]] = []
    steps = 0
    for first, here in enumerate(symbols):
        node, at = starts.get(here) or trie.start(here), first + 1
        if first in lattice:
            stack.append((node, at))
            stack.extend(_over_units(trie.root, lattice[first]))
            node, at = stack.pop()
        elif node is NOWHERE:
            continue
        most = steps + VISITS_MAX
        while True:  # bounded: each turn counts a step, up to `most`
            steps += 1
            if node.entries:
                _accept(node, first, at, breaks, found)
            if breaks[at] < SENTENCE:
                edges = node.edges
                for symbol in symbols[at]:
                    if symbol in edges:
                        children = edges[symbol]
                        stack.append((children[0] if len(children) == 1 else node.after(symbol), at + 1))
                if at in lattice:
                    stack.extend(_over_units(node, lattice[at]))
                if node.gaps:
                    for stars, child in node.gaps.items():
                        places = follows[child]
                        if places and places[-1] >= at:
                            reach = at + (GAP_SHORT if stars == 1 else GAP_LONG)
                            next_place = bisect_left(places, at)
                            for place in places[next_place : next_place + GAP_LONG + 1]:
                                if place > reach or sentence[place] != sentence[at]:
                                    break
                                stack.append((child, place))
            if not stack:
                break
            if steps >= most:
                stack.clear()
                break
            node, at = stack.pop()
    return found, steps


def _over_units(node: Node, units: Iterable[tuple[str, int]]) -> Iterable[tuple[Node, int]]:
    """The places reached over longer units that start here."""
    return [(node.after(name), end) for name, end in units if name in node.edges]


def _accept(node: Node, first: int, end: int, breaks: Sequence[int], found: list[Found]) -> None:
    """Note what ends at a place, unless it is pinned to a clause that begins or ends elsewhere."""
    for payload, pinned_start, pinned_end in node.entries:
        if (pinned_start and not breaks[first]) or (pinned_end and not breaks[end]):
            continue
        found.append((payload, first, end))
