"""Whose turn it is in a meeting: a pure machine over the list of acts, so that any process derives the same.

An act that makes no sense any more (raising a raised hand, passing without having the turn) changes nothing:
a second tap, a late click and a lost race are all harmless. The queue keeps the order in which hands went up.

    planned --begin--> running --end--> over          while running:
    raise: to the end of the queue     lower: out of it     call: the turn goes to this person, or to nobody
    pass: the turn is given on, by whoever has it           check_in, check_out: once each
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from community.ids import MemberId

Kind = Literal[
    "begin", "end", "raise", "lower", "call", "pass", "check_in", "check_out", "nudge_others", "nudge_turn"
]
Phase = Literal["planned", "running", "over"]

RUNS_MAX: Final = timedelta(hours=4)
"""A meeting that nobody ended is over by then; our own value."""
WAITS_MAX: Final = timedelta(hours=2)
"""A planned one that nobody began is over so long after its time."""


@dataclass(frozen=True, slots=True)
class Act:
    """`member`: whom it is about; None for nobody, or for somebody who was erased since."""

    kind: Kind
    member: MemberId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    member: MemberId
    since: datetime


@dataclass(frozen=True, slots=True)
class Turns:
    """Where a meeting stands. `had`: who has had a turn, in order, each once."""

    began_at: datetime | None = None
    ended_at: datetime | None = None
    turn: Turn | None = None
    queue: tuple[MemberId, ...] = ()
    had: tuple[MemberId, ...] = ()
    checked_in: tuple[MemberId, ...] = ()
    checked_out: tuple[MemberId, ...] = ()
    nudged: frozenset[tuple[str, MemberId]] = frozenset()

    @property
    def is_running(self) -> bool:
        return self.began_at is not None and self.ended_at is None

    @property
    def next(self) -> MemberId | None:
        return self.queue[0] if self.queue else None

    def phase(self, starts_at: datetime, now: datetime) -> Phase:
        """What a clock adds: a meeting that was forgotten is over."""
        if self.ended_at is not None:
            return "over"
        if self.began_at is not None:
            return "running" if now - self.began_at < RUNS_MAX else "over"
        return "planned" if now - starts_at < WAITS_MAX else "over"


def derived(acts: Iterable[Act]) -> Turns:
    """Where these acts, in their order, lead."""
    turns = Turns()
    for act in acts:
        turns = step(turns, act)
    return turns


def step(turns: Turns, act: Act) -> Turns:
    """One act further; the same value when the act changes nothing."""
    if act.kind == "begin":
        return replace(turns, began_at=act.at) if turns.began_at is None else turns
    if not turns.is_running:
        return turns
    if act.kind == "end":
        return replace(turns, ended_at=act.at, turn=None, queue=())
    if act.kind == "call":
        return _called(turns, act)
    if act.member is None:
        return turns
    return _by_person(turns, act, act.member)


def _called(turns: Turns, act: Act) -> Turns:
    if act.member is None:
        return replace(turns, turn=None)
    if turns.turn is not None and turns.turn.member == act.member:
        return turns
    queue = tuple(one for one in turns.queue if one != act.member)
    return replace(turns, turn=Turn(act.member, act.at), queue=queue, had=_with(turns.had, act.member))


def _by_person(turns: Turns, act: Act, member: MemberId) -> Turns:
    has_turn = turns.turn is not None and turns.turn.member == member
    match act.kind:
        case "raise":
            return turns if has_turn else replace(turns, queue=_with(turns.queue, member))
        case "lower":
            return replace(turns, queue=tuple(one for one in turns.queue if one != member))
        case "pass":
            return replace(turns, turn=None) if has_turn else turns
        case "check_in":
            return replace(turns, checked_in=_with(turns.checked_in, member))
        case "check_out":
            return replace(turns, checked_out=_with(turns.checked_out, member))
        case "nudge_others" | "nudge_turn":
            return replace(turns, nudged=turns.nudged | {(act.kind, member)})
    return turns


def _with(people: tuple[MemberId, ...], member: MemberId) -> tuple[MemberId, ...]:
    return people if member in people else (*people, member)
