"""The weights of the second opinion: three linear heads over the same buckets, one byte a weight.

The idea: a file that loads in a millisecond and a sum that anybody can follow; no library, no floats stored.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from operator import itemgetter

import msgspec

HEADS = ("abuse", "spam", "care")
CARD_FILE, WEIGHTS_FILE = "model.json", "weights.bin"


class Head(msgspec.Struct, frozen=True):
    """One head: score = logistic(bias + scale * sum(weights) / sqrt(n))."""

    bias: float
    scale: float
    threshold: float


class Card(msgspec.Struct, frozen=True):
    """What the weights file is: version, size, heads in the order of the bytes."""

    version: str
    bits: int
    heads: dict[str, Head]


@dataclass(frozen=True, slots=True)
class Model:
    """`weights` holds one byte array a head."""

    card: Card
    weights: tuple[array[int], ...]

    def scores(self, buckets: Iterable[int]) -> tuple[float, ...]:
        """Probabilities, in the order of HEADS; 0.5 is each head's own operating point."""
        found = list(buckets)
        if len(found) < 2:  # itemgetter gives a tuple from two on
            return (0.0,) * len(HEADS)
        root = math.sqrt(len(found))
        pick = itemgetter(*found)
        return tuple(
            _at_threshold(head.bias + head.scale * sum(pick(row)) / root, head.threshold)
            for head, row in zip(self.card.heads.values(), self.weights, strict=True)
        )


def _at_threshold(logit: float, threshold: float) -> float:
    """The logistic of a logit, shifted so that the operating point reads 0.5."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit - threshold))))


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model of this release, loaded once a process. Raises msgspec.ValidationError or ValueError on a
    file that is damaged: it is part of the program."""
    folder = resources.files("moderation.pipeline") / "opinion"
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=Card)
    data = (folder / WEIGHTS_FILE).read_bytes()
    size = 1 << card.bits
    if tuple(card.heads) != HEADS or len(data) != size * len(HEADS):
        raise ValueError(f"{WEIGHTS_FILE} doesn't fit {CARD_FILE}: train again with bench/train_opinion.py")
    return Model(card, tuple(array("b", data[i * size : (i + 1) * size]) for i in range(len(HEADS))))
