"""Trains the second opinion: `python -m bench.train_opinion EVALS [--write]`.

The idea: a recipe that anybody can repeat. It reads only texts whose licence lets derived weights be shipped
(HateCheck, SMS Spam, YouTube Spam and UCI drug reviews CC BY 4.0; Davidson MIT) from a folder given as an
argument, and our own sentences from this repository; it cross-validates, then writes weights and their card.
The texts themselves never enter the repository.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from moderation.pipeline.fold import fold
from moderation.pipeline.judge import read
from moderation.pipeline.opinion import OPINION_VERSION
from moderation.pipeline.opinion.features import BITS, buckets
from moderation.pipeline.opinion.model import CARD_FILE, HEADS, WEIGHTS_FILE, Card, Head
from moderation.pipeline.rules import Rules, load
from moderation.pipeline.types import Submission

HERE = Path(__file__).parent
OUT = HERE.parent / "moderation" / "pipeline" / "opinion"
OWN_TEXTS = HERE / "opinion_texts.toml"
CORPUS = HERE.parent / "tests" / "pipeline" / "corpus"
SIZE = 1 << BITS
EPOCHS, RATE, DECAY = 20, 0.2, 1e-5
FOLDS = 5
THRESHOLDS = {"abuse": 1.0, "spam": -0.1, "care": 3.0}
"""Logits of the operating points, chosen on the cross-validation below for few false alarms."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text as buckets, its class, how much it counts, and the set it came from."""

    buckets: tuple[int, ...]
    positive: bool
    weight: float
    source: str


class Linear:
    """Logistic regression over buckets, trained by AdaGrad; features are scaled by 1/sqrt(n)."""

    def __init__(self) -> None:
        self.weights = [0.0] * SIZE
        self.bias = 0.0

    def train(self, examples: Sequence[Example], *, seed: int = 1) -> None:
        """Several passes in a seeded order: the same data give the same weights."""
        sums, bias_sum = [1e-8] * SIZE, 1e-8
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
                self._step(example.buckets, error / math.sqrt(len(example.buckets)), sums)

    def _step(self, found: Iterable[int], slope: float, sums: list[float]) -> None:
        weights = self.weights
        for j in found:
            gradient = slope + DECAY * weights[j]
            sums[j] += gradient * gradient
            weights[j] -= RATE * gradient / math.sqrt(sums[j])

    def logit(self, found: Sequence[int]) -> float:
        """The linear score of a text."""
        weights = self.weights
        return self.bias + sum([weights[j] for j in found]) / math.sqrt(len(found) or 1)

    def quantised(self) -> tuple[float, bytes]:
        """The step of one unit, and a byte a weight; the largest weights in a thousand are clipped."""
        known = sorted(abs(w) for w in self.weights if w)
        step = max(known[int(len(known) * 0.999)], 1e-6) / 127
        return step, bytes(max(-127, min(127, round(w / step))) & 0xFF for w in self.weights)


class Reader:
    """Reads texts through the pipeline, so that training and judging see the same words."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def example(self, text: str, positive: bool, source: str, weight: float = 1.0) -> Example:
        """One text as an example."""
        reading = read(Submission(text), fold(text), self.rules)
        return Example(tuple(sorted(buckets(reading))), positive, weight, source)


def examples_of(head: str, data: Path, reader: Reader) -> list[Example]:
    """The training set of a head."""
    found: list[Example] = []
    if head == "spam":
        found += [reader.example(r["text"], r["label"]["spam"], "sms") for r in _set(data, "sms_spam")]
        found += [
            reader.example(r["text"], r["label"]["spam"], "youtube", 2.0) for r in _set(data, "youtube_spam")
        ]
    if head == "abuse":
        found += [
            reader.example(r["text"], r["label"]["abuse"], "hatecheck") for r in _set(data, "hatecheck")
        ]
        found += [reader.example(r["text"], r["label"]["abuse"], "davidson") for r in _set(data, "davidson")]
        found += disguised([(r["text"], r["label"]["abuse"]) for r in _set(data, "davidson")], reader)
    if head != "spam":
        ham = [r for r in _set(data, "sms_spam") if not r["label"]["spam"]]
        found += [reader.example(r["text"], False, "sms ham", 0.5) for r in ham]
    found += [reader.example(r["text"], False, "drugreview") for r in _set(data, "drugreview")]
    if head == "care":
        ham = [r for r in _set(data, "youtube_spam") if not r["label"]["spam"]]
        found += [reader.example(r["text"], False, "youtube ham") for r in ham]
        calm_talk = [r for r in _set(data, "hatecheck") if not r["label"]["abuse"]]
        found += [reader.example(r["text"], False, "hatecheck not", 0.3) for r in calm_talk]
    own = tomllib.loads(OWN_TEXTS.read_text("utf-8"))
    look = own["look"].strip().splitlines()
    calm = own["pass"].strip().splitlines()
    found += [reader.example(text, head == "care", "own", 1.5) for text in look]
    found += [reader.example(text, False, "own", 1.5) for text in calm]
    found += [reader.example(text, False, "own", 0.7) for text in own["ham"].strip().splitlines()]
    if head == "spam":
        found += [reader.example(text, True, "own", 1.5) for text in own["spam"].strip().splitlines()]
    found += [reader.example(text, positive, "corpus", 1.0) for text, positive in _corpus(head)]
    return found


def disguised(texts: Sequence[tuple[str, bool]], reader: Reader) -> list[Example]:
    """Every fifth text again with letters set apart or two letters swapped, so that evasion is learnt too."""
    chance = random.Random(7)
    found = []
    for text, positive in texts[::5]:
        found.append(reader.example(_changed(text, _apart, chance), positive, "disguised", 0.5))
        found.append(reader.example(_changed(text, _swapped, chance), positive, "disguised", 0.5))
    return found


def _changed(text: str, how: Callable[[str, random.Random], str], chance: random.Random) -> str:
    return " ".join(
        how(word, chance) if len(word) > 3 and chance.random() < 0.5 else word for word in text.split()
    )


def _apart(word: str, chance: random.Random) -> str:
    return chance.choice((" ", " ", ".", "-", "*")).join(word)


def _swapped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _set(data: Path, name: str) -> list[dict[str, Any]]:
    with (data / "dev" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _corpus(head: str) -> Iterable[tuple[str, bool]]:
    """Our own corpus sentences: those that expect a finding of the head's kind, and those that expect none."""
    for group in tomllib.loads((CORPUS / "conduct.toml").read_text("utf-8"))["group"]:
        expected = group.get("expect", [])
        positive = any(rule.startswith(f"conduct.{head}.") for rule in expected)
        if positive or not expected:
            for text in group["texts"].strip().splitlines():
                yield text, positive
    for group in tomllib.loads((CORPUS / "care.toml").read_text("utf-8"))["group"]:
        if head == "care" or group["tier"] == "green":
            for text in group["texts"].strip().splitlines():
                yield text, group["tier"] != "green"


def cross_validate(examples: Sequence[Example]) -> list[float]:
    """Each example's logit from a model that hasn't seen it."""
    order = list(range(len(examples)))
    random.Random(3).shuffle(order)
    logits = [0.0] * len(examples)
    for fold_number in range(FOLDS):
        held = set(order[fold_number::FOLDS])
        model = Linear()
        model.train([examples[i] for i in order if i not in held])
        for i in held:
            logits[i] = model.logit(examples[i].buckets)
    return logits


def report(head: str, examples: Sequence[Example], logits: Sequence[float]) -> None:
    """Recall and false alarms a set at the operating point."""
    cut = THRESHOLDS[head]
    for source in dict.fromkeys(example.source for example in examples):
        rows = [(e.positive, z) for e, z in zip(examples, logits, strict=True) if e.source == source]
        good = [z for positive, z in rows if positive]
        bad = [z for positive, z in rows if not positive]
        hit, false = sum(z >= cut for z in good), sum(z >= cut for z in bad)
        recall = f"recall {100 * hit / len(good):5.1f} % of {len(good)}" if good else ""
        alarms = f"false alarms {100 * false / len(bad):5.2f} % of {len(bad)}" if bad else ""
        print(f"  {head:6} {source:12} {recall:26} {alarms}")


def main() -> int:
    """Cross-validate every head; with --write, train on everything and write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evals", type=Path, help="folder with dev/*.jsonl of the named data sets")
    parser.add_argument("--write", action="store_true", help="write the weights and their card")
    arguments = parser.parse_args()
    reader = Reader(load())
    heads: dict[str, Head] = {}
    data = b""
    for name in HEADS:
        examples = examples_of(name, arguments.evals, reader)
        report(name, examples, cross_validate(examples))
        model = Linear()
        model.train(examples)
        step, row = model.quantised()
        heads[name] = Head(round(model.bias, 5), step, THRESHOLDS[name])
        data += row
    if arguments.write:
        (OUT / WEIGHTS_FILE).write_bytes(data)
        (OUT / CARD_FILE).write_bytes(msgspec.json.encode(Card(OPINION_VERSION, BITS, heads)) + b"\n")
        print(f"wrote {len(data):,} bytes to {OUT / WEIGHTS_FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
