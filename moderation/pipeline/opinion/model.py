"""The weights of the second opinion: a linear head for each question, one byte a weight.

The idea: a file that loads in a millisecond and a sum that anybody can follow; no library, no floats stored.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from operator import itemgetter

import msgspec

HEADS = ("abuse", "spam", "care")
CARD_FILE, WEIGHTS_FILE = "model.json", "weights.bin"
LONG_CHARS = 200
"""Characters from which a text is long: there one word more or less says less about the whole, and the
operating point is another."""


class Head(msgspec.Struct, frozen=True):
    """One head: logit = bias + scale * sum(weights) / sqrt(n + damping). `threshold` is its operating point
    for short texts, `threshold_long` for long ones; 2 ** `bits` weights stand in the file."""

    bias: float
    scale: float
    threshold: float
    threshold_long: float
    bits: int
    damping: int


class Card(msgspec.Struct, frozen=True):
    """What the weights file is: version, heads in the order of the bytes."""

    version: str
    heads: dict[str, Head]


@dataclass(frozen=True, slots=True)
class Model:
    """`weights` holds one byte array a head."""

    card: Card
    weights: dict[str, array[int]]

    def score(self, name: str, buckets: Collection[int], *, long: bool = False) -> float:
        """A head's probability for a text; 0.5 is its operating point."""
        head = self.card.heads[name]
        if len(buckets) < 2:  # itemgetter gives a tuple from two on
            return 0.0
        total = sum(itemgetter(*buckets)(self.weights[name]))
        logit = head.bias + head.scale * total / math.sqrt(len(buckets) + head.damping)
        return _logistic(logit - (head.threshold_long if long else head.threshold))


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model of this release, loaded once a process. Raises msgspec.ValidationError or ValueError on a
    file that is damaged: it is part of the program."""
    folder = resources.files("moderation.pipeline") / "opinion"
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=Card)
    data = (folder / WEIGHTS_FILE).read_bytes()
    if tuple(card.heads) != HEADS or len(data) != sum(1 << head.bits for head in card.heads.values()):
        raise ValueError(f"{WEIGHTS_FILE} doesn't fit {CARD_FILE}: train again with bench/train_opinion.py")
    weights, at = {}, 0
    for name, head in card.heads.items():
        weights[name] = array("b", data[at : at + (1 << head.bits)])
        at += 1 << head.bits
    return Model(card, weights)
