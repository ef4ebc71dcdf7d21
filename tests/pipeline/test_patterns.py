"""The pattern language, and that matching stays linear."""

from __future__ import annotations

import time

import pytest

from moderation.pipeline.judge import judge
from moderation.pipeline.patterns import PatternError, Trie, expand
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Submission


def test_a_line_stands_for_its_choices_and_options() -> None:
    assert expand("a (b|c d)? e") == [["a", "b", "e"], ["a", "c", "d", "e"], ["a", "e"]]


@pytest.mark.parametrize("line", ["(a|b", "a)", "^"])
def test_a_line_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(PatternError):
        Trie().add(line, "x", lambda element: [((element,),)])


@pytest.mark.parametrize(
    "piece",
    [
        "i want to die ",
        "kill ",
        "a ",
        "*",
        "k*",
        "!!1 ",
        "> ",
        '"',
        "not ",
        "i i i i ",
        "w a n t ",
        "&amp",
        "1111",
        "аa",
    ],
)
def test_hostile_repetition_costs_linear_time(piece: str) -> None:
    def cost(size: int) -> float:
        text = (piece * size)[: size * 4]
        return min(_timed(text) for _ in range(3))

    short, long = cost(600), cost(2400)
    assert long < 4 * short * 3 + 0.02, f"{piece!r}: {short:.4f}s and {long:.4f}s for four times the text"


def _timed(text: str) -> float:
    started = time.thread_time()
    judge(Submission(text), shipped())
    return time.thread_time() - started
