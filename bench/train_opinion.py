"""Trains the second opinion: `python -m bench.train_opinion EVALS [--write] [--cross] [--half]`.

The idea: a recipe that anybody can repeat. It reads only texts whose licence lets derived weights be shipped
(HateCheck, SMS Spam, YouTube Spam and UCI drug reviews CC BY 4.0; Davidson MIT) from a folder given as an
argument, and our own sentences from this repository; it cross-validates, then writes weights and their card.
The texts of others never enter the repository.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from bench.learner import Example, Linear, cross_validate
from moderation.pipeline.fold import fold
from moderation.pipeline.judge import read
from moderation.pipeline.opinion import OPINION_VERSION
from moderation.pipeline.opinion.features import BITS, CARE_BITS, buckets, care_buckets
from moderation.pipeline.opinion.model import CARD_FILE, HEADS, LONG_CHARS, WEIGHTS_FILE, Card, Head
from moderation.pipeline.rules import Rules, load
from moderation.pipeline.types import Submission

HERE = Path(__file__).parent
OUT = HERE.parent / "moderation" / "pipeline" / "opinion"
OWN_TEXTS = HERE / "opinion_texts.toml"
WRITTEN = HERE / "opinion"
CORPUS = HERE.parent / "tests" / "pipeline" / "corpus"
BITS_OF = {"abuse": BITS, "spam": BITS, "care": CARE_BITS}
DAMPING = {"abuse": 0, "spam": 0, "care": 25}
THRESHOLDS = {"abuse": (1.0, 1.0), "spam": (-0.1, -0.1), "care": (2.2, 2.5)}
"""Logits of the operating points for short and for long texts, chosen on the cross-validation below for few
false alarms."""
LONG_WEIGHT = 2.0
"""Long texts are the fewer among the care head's, and count double."""
NEIGHBOURS = 6
"""Lines of a file that were written together, twins among them: kept together when folds are made."""
DANGER = frozenset({"amber", "red", "crisis"})


@dataclass(frozen=True, slots=True)
class Text:
    """A text to learn from: its class, the set it came from, how much it counts, and its family of texts
    that share most of their words ("": none)."""

    text: str
    positive: bool
    source: str
    weight: float = 1.0
    family: str = ""


class Written(msgspec.Struct, frozen=True):
    """A sentence of bench/opinion: what it says and what care.md would make of it."""

    text: str
    tier: str
    lane: str
    topic: str
    family: str = ""
    source: str = ""

    @property
    def held(self) -> bool:
        """Whether it is of the half that no rule was tuned on."""
        return crc32(self.text.encode()) & 1 == 1


class Reader:
    """Reads texts through the pipeline, so that training and judging see the same words."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def example(self, row: Text, head: str) -> Example:
        """One text as an example for a head."""
        reading = read(Submission(row.text), fold(row.text), self.rules)
        found = care_buckets(reading) if head == "care" else buckets(reading)
        long = len(row.text) >= LONG_CHARS
        weight = row.weight * (LONG_WEIGHT if head == "care" and long else 1.0)
        return Example(tuple(sorted(found)), row.positive, weight, row.source, long, row.family)


def texts_of(head: str, data: Path, written: Sequence[Written]) -> list[Text]:
    """The training set of a head."""
    own = _own_texts()
    look, calm, ham = own["look"], own["pass"], own["ham"]
    rows = [Text(r["text"], False, "drugreview") for r in _set(data, "drugreview")]
    if head == "spam":
        rows += _labelled(data, "sms_spam", "spam")
        rows += _labelled(data, "youtube_spam", "spam", 2.0)
        rows += [Text(text, True, "own", 1.5) for text in own["spam"]]
    else:
        rows += [Text(text, False, "sms ham", 0.5) for text in _without(data, "sms_spam", "spam")]
    if head == "abuse":
        rows += _labelled(data, "hatecheck", "abuse") + _labelled(data, "davidson", "abuse")
        rows += disguised(_labelled(data, "davidson", "abuse"))
        rows += [Text(w.text, w.tier == "hit", w.source) for w in written if w.lane == "conduct"]
        rows += [Text(w.text, False, "calm", 0.5) for w in written if w.lane == "care" and not danger(w)]
    if head == "care":
        rows += [
            Text(w.text, danger(w), w.source, 1.0, w.family)
            for w in written
            if w.lane == "care" or w.tier == "none"
        ]
        rows += [Text(text, False, "youtube ham") for text in _without(data, "youtube_spam", "spam")]
        rows += [Text(text, False, "hatecheck not", 0.3) for text in _without(data, "hatecheck", "abuse")]
        rows += [Text(text, True, "own") for text in look]
        rows += [Text(text, False, "own") for text in (*calm, *ham)]
    else:
        rows += [Text(text, False, "own", 1.5) for text in (*look, *calm)]
        rows += [Text(text, False, "own", 0.7) for text in ham]
    return rows + [Text(text, positive, "corpus") for text, positive in _corpus(head)]


def danger(one: Written) -> bool:
    """Whether a person should see it."""
    return one.tier in DANGER


def written_texts(*, half: bool) -> list[Written]:
    """The sentences of bench/opinion; with `half` without those that no rule was tuned on, and without the
    families of those."""
    found = [
        msgspec.structs.replace(msgspec.json.decode(line, type=Written), source=file.stem)
        for file in sorted(WRITTEN.glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    if not half:
        return [_with_neighbours(one, at) for at, one in enumerate(found)]
    kept_apart = {one.family for one in found if one.held and one.family}
    return [one for one in found if not one.held and one.family not in kept_apart]


def _with_neighbours(one: Written, at: int) -> Written:
    return one if one.family else msgspec.structs.replace(one, family=f"{one.source}:{at // NEIGHBOURS}")


def disguised(rows: Sequence[Text]) -> list[Text]:
    """Every fifth text again with letters set apart or two letters swapped, so that evasion is learnt too."""
    chance = random.Random(7)
    return [
        Text(_changed(row.text, how, chance), row.positive, "disguised", 0.5)
        for row in rows[::5]
        for how in (_apart, _swapped)
    ]


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


def _labelled(data: Path, name: str, label: str, weight: float = 1.0) -> list[Text]:
    return [Text(row["text"], row["label"][label], name, weight) for row in _set(data, name)]


def _without(data: Path, name: str, label: str) -> list[str]:
    return [row["text"] for row in _set(data, name) if not row["label"][label]]


def _own_texts() -> dict[str, list[str]]:
    return {
        name: text.strip().splitlines() for name, text in tomllib.loads(OWN_TEXTS.read_text("utf-8")).items()
    }


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


def report(head: str, examples: Sequence[Example], logits: Sequence[float]) -> None:
    """Recall and false alarms a set at the operating points."""
    for source in dict.fromkeys(example.source for example in examples):
        rows = [(e, z) for e, z in zip(examples, logits, strict=True) if e.source == source]
        hits = [(e.positive, z >= THRESHOLDS[head][e.long]) for e, z in rows]
        good = [hit for positive, hit in hits if positive]
        bad = [hit for positive, hit in hits if not positive]
        recall = f"recall {100 * sum(good) / len(good):5.1f} % of {len(good)}" if good else ""
        alarms = f"false alarms {100 * sum(bad) / len(bad):5.2f} % of {len(bad)}" if bad else ""
        print(f"  {head:6} {source:16} {recall:26} {alarms}")


def trained(name: str, examples: Sequence[Example]) -> tuple[Head, bytes]:
    """One head trained on everything."""
    model = Linear(BITS_OF[name], DAMPING[name])
    model.train(examples)
    step, row = model.quantised()
    return Head(round(model.bias, 5), step, *THRESHOLDS[name], BITS_OF[name], DAMPING[name]), row


def main() -> int:
    """Train every head; with --cross, report on texts unseen; with --write, write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evals", type=Path, help="folder with dev/*.jsonl of the named data sets")
    parser.add_argument("--write", action="store_true", help="write the weights and their card")
    parser.add_argument("--cross", action="store_true", help="five-fold cross-validation, printed")
    parser.add_argument("--half", action="store_true", help="leave out the half that no rule was tuned on")
    arguments = parser.parse_args()
    reader = Reader(load())
    written = written_texts(half=arguments.half)
    heads: dict[str, Head] = {}
    data = b""
    for name in HEADS:
        examples = [reader.example(row, name) for row in texts_of(name, arguments.evals, written)]
        if arguments.cross:
            report(name, examples, cross_validate(examples, BITS_OF[name], DAMPING[name]))
        heads[name], row = trained(name, examples)
        data += row
    if arguments.write:
        (OUT / WEIGHTS_FILE).write_bytes(data)
        (OUT / CARD_FILE).write_bytes(msgspec.json.encode(Card(OPINION_VERSION, heads)) + b"\n")
        print(f"wrote {len(data):,} bytes to {OUT / WEIGHTS_FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
