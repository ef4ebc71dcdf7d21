"""`python -m bench.pipeline [--write FILE]`: what the pipeline hears and what it costs, beside the usual ways.

Engines are judged on our own corpus in the same run: Kith with rules only, with its second opinion, the
small model alone, better-profanity, and a keyword list as typical projects ship them. Reference texts that
we may not copy are scored by their own scorer (bench/pipeline.md says how) and quoted there.
"""

from __future__ import annotations

import argparse
import gc
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from better_profanity import profanity

from moderation.pipeline.fold import fold
from moderation.pipeline.judge import judge, read
from moderation.pipeline.opinion import scores
from moderation.pipeline.opinion.model import HEADS
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Submission, Tier

CORPUS = Path(__file__).parent.parent / "tests" / "pipeline" / "corpus" / "care.toml"
LINE = "does anyone else find the new meds make them really tired in the morns?"
POST = (
    "I was diagnosed three years ago and it took a long time to find the right medication for me. My nurse "
    "says the new dose needs a few weeks, and the side effects are mostly gone by the evening. "
)
POST = (POST * 9)[:1640]
KEYWORDS = (
    "suicide", "suicidal", "kill myself", "end my life", "want to die", "self harm", "self-harm", "overdose",
    "cut myself", "hang myself", "better off dead", "no reason to live", "can't go on", "kms", "rape", "abuse",
)  # fmt: skip
RUNS = 400
MODEL_POINT = 0.5
"""The model's own operating point."""
SLOW_RUNS = 5
"""better-profanity takes tens of milliseconds a line and seconds a post."""

Flags = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to decide whether a person must see a text; `runs` bounds the timing."""

    name: str
    flags: Flags
    runs: int = RUNS


def kith(*, opinion: bool) -> Flags:
    """Whether Kith's care lane shows a text to a person (amber or above)."""
    group, rules = GroupRules(opinion=opinion), shipped()
    return lambda text: judge(Submission(text, group=group), rules).tier >= Tier.amber


def model_alone(text: str) -> bool:
    """Whether the second opinion alone, without any rule beside it, would show a text to a person."""
    reading = read(Submission(text), fold(text), shipped())
    return scores(reading)[HEADS.index("care")] >= MODEL_POINT


def keywords(text: str) -> bool:
    """Whether a text holds a word of the list."""
    lower = text.lower()
    return any(word in lower for word in KEYWORDS)


ENGINES = (
    Engine("Kith, rules only", kith(opinion=False)),
    Engine("Kith, with the second opinion", kith(opinion=True)),
    Engine("the model alone", model_alone),
    Engine("keyword list", keywords),
    Engine("better-profanity", lambda text: bool(profanity.contains_profanity(text)), SLOW_RUNS),
)


def sentences() -> Iterator[tuple[str, str]]:
    """The care corpus: tier, text."""
    for group in tomllib.loads(CORPUS.read_text("utf-8"))["group"]:
        for text in str(group["texts"]).strip().splitlines():
            yield group["tier"], text


@dataclass(frozen=True, slots=True)
class Row:
    """One engine's figures: shares in percent, false alarms per 1,000, times in microseconds."""

    engine: str
    urgent: float
    amber: float
    false_alarms: float
    line_p50: float
    line_p99: float
    post_p50: float


def measure(engine: Engine, corpus: list[tuple[str, str]]) -> Row:
    """Hear the corpus and time one line and one post."""
    hit: dict[str, list[bool]] = {}
    for tier, text in corpus:
        hit.setdefault("urgent" if tier in ("red", "crisis") else tier, []).append(engine.flags(text))
    line = timed(engine.flags, LINE, engine.runs)
    post = timed(engine.flags, POST, max(1, engine.runs // 4))
    return Row(
        engine.name,
        100 * share(hit["urgent"]),
        100 * share(hit["amber"]),
        1000 * share(hit["green"]),
        percentile(line, 0.5),
        percentile(line, 0.99),
        percentile(post, 0.5),
    )


def share(flags: list[bool]) -> float:
    """The share of texts flagged."""
    return sum(flags) / len(flags)


def timed(flags: Flags, text: str, runs: int) -> list[float]:
    """Processor microseconds of each of `runs` calls after one to warm up: other work on the machine
    would show in wall time."""
    flags(text)
    times = []
    for _ in range(runs):
        started = time.process_time_ns()
        flags(text)
        times.append((time.process_time_ns() - started) / 1000)
    return sorted(times)


def percentile(ordered: list[float], part: float) -> float:
    """The value at a part of an ordered list."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def table(rows: list[Row], size: int) -> str:
    """The figures as Markdown."""
    head = (
        f"Own care corpus, {size} sentences; recall is the share shown to a person, times are processor time.\n\n"
        "| engine | red and crisis heard | amber heard | false alarms per 1,000 green "
        f"| {len(LINE)}-character line p50 / p99 | {len(POST)}-character post p50 |\n|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(
        f"| {row.engine} | {row.urgent:.1f} % | {row.amber:.1f} % | {row.false_alarms:.1f} "
        f"| {row.line_p50:.0f} / {row.line_p99:.0f} µs | {row.post_p50:.0f} µs |"
        for row in rows
    )


def main() -> int:
    """Print the table; with --write put it between the marks of a Markdown file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the Markdown file to put the table into")
    options = parser.parse_args()
    profanity.load_censor_words()
    corpus = list(sentences())
    gc.freeze()  # as the server does after loading: the rules are never garbage
    shown = table([measure(engine, corpus) for engine in ENGINES], len(corpus))
    print(shown)
    if options.write:
        before, _, rest = options.write.read_text("utf-8").partition("<!-- table -->")
        after = rest.partition("<!-- /table -->")[2]
        options.write.write_text(f"{before}<!-- table -->\n{shown}\n<!-- /table -->{after}", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
