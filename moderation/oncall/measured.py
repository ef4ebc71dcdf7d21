"""How this team's own people answer, for rehearsals: measured once there is enough to measure, guessed before.

Pure. Chances lean on the guess with the weight of four asks, so that one night doesn't make anybody perfect.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from moderation.oncall.rehearsal import Humans
from moderation.store.measured import Asked, Words

ANSWERS_MIN: Final = 20
"""Fewer answered pages say more about chance than about people (our own value)."""
IN_TIME: Final = timedelta(minutes=30)
"""Later than this it was no answer to being asked: somebody came to the desk by themselves."""
LEAN: Final = 4.0
SPREAD_MIN: Final = 0.2


def humans_of(
    asked: Sequence[Asked], words: Sequence[Words], zone: ZoneInfo, guess: Humans | None = None
) -> tuple[Humans, int]:
    """How people answer, and from how many answered pages that is known; 0: it is the guess."""
    guess = guess or Humans()
    known = [a for a in asked if not a.by_another]
    waits = [wait for a in known if (wait := _wait(a)) is not None]
    if len(waits) < ANSWERS_MIN:
        return guess, 0
    minutes = [max(wait.total_seconds() / 60, 0.05) for wait in waits]

    def share(guessed: float, *, on_duty: bool, night: bool) -> float:
        some = [a for a in known if a.on_duty is on_duty and _is_night(a, zone, guess) is night]
        return _leaning((_wait(a) is not None for a in some), guessed)

    made = replace(
        guess,
        on_duty=share(guess.on_duty, on_duty=True, night=False),
        on_duty_at_night=share(guess.on_duty_at_night, on_duty=True, night=True),
        off_duty=share(guess.off_duty, on_duty=False, night=False),
        off_duty_at_night=share(guess.off_duty_at_night, on_duty=False, night=True),
        answer_minutes=statistics.median(minutes),
        spread=max(statistics.pstdev([math.log(m) for m in minutes]), SPREAD_MIN),
    )
    spoke = [(w.spoke_at - w.claimed_at).total_seconds() / 60 for w in words if w.spoke_at is not None]
    if len(spoke) >= ANSWERS_MIN:
        follows = _leaning((w.spoke_at is not None for w in words), guess.follows)
        made = replace(made, words_minutes=max(statistics.median(spoke), 0.05), follows=follows)
    return made, len(waits)


def _wait(asked: Asked) -> timedelta | None:
    if asked.answered_at is None or not timedelta() <= asked.answered_at - asked.at <= IN_TIME:
        return None
    return asked.answered_at - asked.at


def _is_night(asked: Asked, zone: ZoneInfo, guess: Humans) -> bool:
    hour = asked.at.astimezone(zone).hour
    return hour >= guess.night[0] or hour < guess.night[1]


def _leaning(hits: Iterable[bool], guess: float) -> float:
    found = list(hits)
    return (sum(found) + LEAN * guess) / (len(found) + LEAN)
