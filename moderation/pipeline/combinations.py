"""Constructions: what several small signs mean together, as reviewed data.

People seldom name the danger; they name its parts ("the rope's up", "just finishing this", "tell my brother").
A combination lists the signs that it needs and how far apart they may stand; signs are the kinds of lexicon
entries, or UPPER-CASE word classes, which may stand anywhere in the text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

ANYWHERE = 1_000_000
"""A reach in sentences beyond every text."""

LONG_TEXT = "LONGTEXT"
"""The class of every text that is an account, not a chat line (care/measure.py)."""


class Need(NamedTuple):
    """So many distinct signs out of these."""

    least: int
    signs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Combination:
    """One reviewed construction: what must stand together, what takes it away, what it argues for."""

    id: str  # dotted: "care.together.<topic>.<name>"
    version: str
    severity: str
    topic: str
    note: str
    needs: tuple[Need, ...]
    unless: frozenset[str]  # signs, frames or classes that mean something else
    reach: int  # sentences between the first and the last sign

    def possible(self, present: AbstractSet[str]) -> bool:
        """Whether a text holds enough of the signs at all, wherever they stand."""
        for need in self.needs:
            if need.signs.isdisjoint(present):
                return False
        return all(need.least == 1 or len(need.signs & present) >= need.least for need in self.needs)


def standing(
    combination: Combination, places: Mapping[str, Collection[int]], anywhere: AbstractSet[str]
) -> int | None:
    """The first sentence from which a combination stands within its reach, or None. `places` are the
    sentences of each sign, `anywhere` the classes of the text."""
    starts = sorted({at for need in combination.needs for sign in need.signs for at in places.get(sign, ())})
    for start in starts:
        end = start + combination.reach
        inside = {
            sign
            for need in combination.needs
            for sign in need.signs
            if sign in anywhere or any(start <= at <= end for at in places.get(sign, ()))
        }
        if combination.possible(inside):
            return start
    return None


class CombinationError(ValueError):
    """A combination that can't be read; the message says why."""


def read_combination(data: Mapping[str, object], *, version: str, known: Collection[str]) -> Combination:
    """One [[together]] table. `known` are the signs, frames and classes that exist."""
    unknown = set(data) - {"id", "tier", "topic", "note", "signs", "unless", "reach"}
    if unknown:
        raise CombinationError(f"unknown key {sorted(unknown)[0]}")
    if not data.get("note") or not data.get("topic"):
        raise CombinationError("a combination needs a topic, and a note that says why it is there")
    needs = tuple(_needs(str(data.get("signs", ""))))
    unless = frozenset(str(data.get("unless", "")).split())
    missing = sorted((unless | {sign for need in needs for sign in need.signs}) - {*known, LONG_TEXT})
    if missing:
        raise CombinationError(f"no entry, frame or class is called {missing[0]!r}")
    if sum(need.least for need in needs) < 2:
        raise CombinationError("needs at least two signs; one alone is an entry")
    reach = data.get("reach", 1)
    assert isinstance(reach, int | str)
    return Combination(
        id=f"care.together.{data['topic']}.{data.get('id', '')}",
        version=version,
        severity=str(data.get("tier", "")),
        topic=str(data["topic"]),
        note=str(data["note"]),
        needs=needs,
        unless=unless,
        reach=ANYWHERE if reach == "text" else int(reach),
    )


def _needs(line: str) -> Iterable[Need]:
    """ "edge|means + farewell", "2 chest|breath|sweat + now": so many of each choice."""
    for part in line.split("+"):
        words = part.split()
        least = int(words.pop(0)) if words and words[0].isdigit() else 1
        if len(words) != 1:
            raise CombinationError(f"{part.strip()!r} isn't a choice of signs (a|b), or a number and one")
        yield Need(least, frozenset(words[0].split("|")))
