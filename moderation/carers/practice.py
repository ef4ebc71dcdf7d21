"""Made-up cases to learn on: the same look as a real one, an answer, and feedback. Nobody is scored or ranked."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

FILE = Path(__file__).with_name("practice.toml")
TierName = Literal["green", "amber", "red", "crisis"]


class Exercise(msgspec.Struct, frozen=True):
    """`tier` is the answer, `why` the feedback: neither is shown before somebody has answered."""

    id: str
    text: str
    preset: str
    tier: TierName
    why: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    exercise: list[Exercise]


@cache
def exercises() -> tuple[Exercise, ...]:
    """All of them, in the file's order. Raises at the first call when the file can't be read."""
    with FILE.open("rb") as opened:
        return tuple(msgspec.convert(tomllib.load(opened), _File).exercise)


def next_for(answered: list[str]) -> Exercise | None:
    """The first one that hasn't been answered; then, again and again, the one answered longest ago."""
    known = exercises()
    fresh = next((e for e in known if e.id not in answered), None)
    if fresh is not None:
        return fresh
    last = {id: n for n, id in enumerate(answered)}
    return min(known, key=lambda e: last.get(e.id, -1), default=None)


def feedback(exercise: Exercise, tier: str) -> str:
    """What to say to this answer: first how it compares, then why."""
    names = list(TierName.__args__)  # type: ignore[attr-defined]
    given, right = names.index(tier), names.index(exercise.tier)
    if given == right:
        say = "Yes, that is what we would say too."
    elif given > right:
        say = f"You were more careful than needed: we would say {exercise.tier}. Careful is the safer side."
    else:
        say = f"We would say {exercise.tier}. Look again at what would be missed."
    return f"{say} {exercise.why}"
