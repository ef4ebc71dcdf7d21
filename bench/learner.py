"""Logistic regression in plain Python, for the second opinion's weights.

The idea: a learner short enough to read, without a library, that gives the same weights for the same data.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EPOCHS, RATE, DECAY = 20, 0.2, 1e-5
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A text as buckets, its class, how much it counts, the set it came from, whether it is long, and the
    family of texts that share most of their words with it (none: "")."""

    buckets: tuple[int, ...]
    positive: bool
    weight: float
    source: str
    long: bool = False
    family: str = ""


class Linear:
    """Logistic regression over buckets, trained by AdaGrad; features are scaled by 1/sqrt(n + damping), so
    that with damping a text of three words needs clearer words than one of thirty."""

    def __init__(self, bits: int, damping: int = 0) -> None:
        self.weights = [0.0] * (1 << bits)
        self.bias = 0.0
        self.damping = damping

    def train(self, examples: Sequence[Example], *, seed: int = 1) -> None:
        """Several passes in a seeded order: the same data give the same weights."""
        sums, bias_sum = [1e-8] * len(self.weights), 1e-8
        order = list(range(len(examples)))
        shuffle = random.Random(seed)
        for _ in range(EPOCHS):
            shuffle.shuffle(order)
            for i in order:
                example = examples[i]
                logit = max(-30.0, min(30.0, self.logit(example.buckets)))
                error = (1 / (1 + math.exp(-logit)) - example.positive) * example.weight
                if abs(error) < 0.01:
                    continue
                bias_sum += error * error
                self.bias -= RATE * error / math.sqrt(bias_sum)
                self._step(example.buckets, error / math.sqrt(len(example.buckets) + self.damping), sums)

    def _step(self, found: Iterable[int], slope: float, sums: list[float]) -> None:
        weights = self.weights
        for j in found:
            gradient = slope + DECAY * weights[j]
            sums[j] += gradient * gradient
            weights[j] -= RATE * gradient / math.sqrt(sums[j])

    def logit(self, found: Sequence[int]) -> float:
        """The linear score of a text."""
        weights = self.weights
        return self.bias + sum([weights[j] for j in found]) / math.sqrt(len(found) + self.damping)

    def quantised(self) -> tuple[float, bytes]:
        """The step of one unit, and a byte a weight; the largest weights in a thousand are clipped."""
        known = sorted(abs(w) for w in self.weights if w)
        step = max(known[int(len(known) * 0.999)], 1e-6) / 127
        return step, bytes(max(-127, min(127, round(w / step))) & 0xFF for w in self.weights)


def cross_validate(examples: Sequence[Example], bits: int, damping: int) -> list[float]:
    """Each example's logit from a model that has seen neither it nor its family."""
    fold_of = _folds([example.family or str(i) for i, example in enumerate(examples)])
    logits = [0.0] * len(examples)
    for fold_number in range(FOLDS):
        model = Linear(bits, damping)
        model.train([example for i, example in enumerate(examples) if fold_of[i] != fold_number])
        for i, example in enumerate(examples):
            if fold_of[i] == fold_number:
                logits[i] = model.logit(example.buckets)
    return logits


def _folds(families: Sequence[str]) -> list[int]:
    """The fold of each example; a family stays together."""
    names = sorted(set(families))
    random.Random(3).shuffle(names)
    number = {name: i % FOLDS for i, name in enumerate(names)}
    return [number[name] for name in families]
