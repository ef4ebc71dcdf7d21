"""A pairing as a pure state machine: both agree before a word is exchanged, either ends it at once.

A pairing is what its acts make of it: `replay(acts)` gives the row, whoever acts: one of the two, somebody who
looks after the group, or a clock. No I/O; the time of an act comes with it.

    asked ──agree──▶ accepted ──agree by the other──▶ open ──end──▶ ended
      │ ▲               │
      │ └──────pass─────┘        only an ask to the group: somebody else may take it
      └──decline─▶ declined   withdraw─▶ withdrawn   14 days─▶ lapsed      (from asked and accepted alike)

Whoever asks a certain person has agreed by asking; whoever asks the group agrees once they know with whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never

from community.ids import MemberId

State = Literal["asked", "accepted", "open", "declined", "withdrawn", "lapsed", "ended"]
Kind = Literal["asked", "agreed", "passed", "declined", "withdrawn", "lapsed", "ended"]

WAITS: Final[frozenset[State]] = frozenset({"asked", "accepted"})
LAPSES_AFTER: Final = timedelta(days=14)
"""An ask that nobody answered rests then (our own value); counted anew when somebody accepted."""


class IllegalAct(Exception):
    """The act isn't possible now, or not for this person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`beside` None: the group is asked, and whoever is free may accept. `by` may be a third person: somebody
    who hands over."""

    by: MemberId
    member: MemberId
    beside: MemberId | None


@dataclass(frozen=True, slots=True)
class Act:
    """Everything after the ask. `by` None: a clock, or the house."""

    kind: Literal["agreed", "passed", "declined", "withdrawn", "lapsed", "ended"]
    by: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """Somebody who was erased since is None."""

    state: State
    asked_by: MemberId | None
    member: MemberId | None
    beside: MemberId | None
    to_group: bool
    agreed: frozenset[MemberId]
    passed: frozenset[MemberId]
    since: datetime

    @property
    def due_at(self) -> datetime | None:
        """When it lapses; None where nothing is waited for."""
        return self.since + LAPSES_AFTER if self.state in WAITS else None

    def has(self, member: MemberId | None) -> bool:
        """Whether this is one of the two."""
        return member is not None and member in (self.member, self.beside)

    def other(self, member: MemberId) -> MemberId | None:
        """The other of the two."""
        return self.beside if member == self.member else self.member

    def awaits(self, member: MemberId) -> bool:
        """Whether an answer of this one of the two is missing."""
        return (
            self.state in WAITS and self.beside is not None and self.has(member) and member not in self.agreed
        )


def replay(acts: Iterable[tuple[Asked | Act, datetime]]) -> Pairing:
    """The pairing that these acts make. Raises IllegalAct where it can't have happened."""
    pairing: Pairing | None = None
    for act, at in acts:
        pairing = step(pairing, act, at)
    if pairing is None:
        raise IllegalAct("no_acts")
    return pairing


def step(pairing: Pairing | None, act: Asked | Act, at: datetime) -> Pairing:
    """The pairing after one act. Raises IllegalAct."""
    if isinstance(act, Asked):
        if pairing is not None:
            raise IllegalAct("asked_twice")
        return _asked(act, at)
    if pairing is None:
        raise IllegalAct("not_asked")
    match act.kind:
        case "agreed":
            return _agreed(pairing, act.by, at)
        case "passed":
            return _passed(pairing, act.by, at)
        case "declined":
            _require(pairing.state in WAITS and act.by is not None and act.by != pairing.asked_by)
            _require(pairing.to_group or pairing.has(act.by))  # for the group, somebody who looks after it
            _require(not (pairing.to_group and pairing.has(act.by)))  # one who isn't free passes it on
            return replace(pairing, state="declined", since=at)
        case "withdrawn":
            _require(pairing.state in WAITS and act.by == pairing.asked_by)
            return replace(pairing, state="withdrawn", since=at)
        case "lapsed":
            _require(pairing.due_at is not None and at >= pairing.due_at)
            return replace(pairing, state="lapsed", since=at)
        case "ended":
            _require(pairing.state == "open" and (act.by is None or pairing.has(act.by)))
            return replace(pairing, state="ended", since=at)
        case _:
            assert_never(act.kind)


def _asked(act: Asked, at: datetime) -> Pairing:
    _require(act.member != act.beside)
    _require(act.beside is not None or act.by == act.member)
    has_agreed = act.beside is not None and act.by in (act.member, act.beside)
    return Pairing(
        state="asked",
        asked_by=act.by,
        member=act.member,
        beside=act.beside,
        to_group=act.beside is None,
        agreed=frozenset({act.by}) if has_agreed else frozenset(),
        passed=frozenset(),
        since=at,
    )


def _agreed(pairing: Pairing, by: MemberId | None, at: datetime) -> Pairing:
    if by is None or pairing.state not in WAITS:
        raise IllegalAct("not_possible")
    if pairing.beside is None:
        _require(by != pairing.member and by not in pairing.passed)
        return replace(pairing, state="accepted", beside=by, agreed=frozenset({by}), since=at)
    _require(pairing.has(by) and by not in pairing.agreed)
    agreed = pairing.agreed | {by}
    both = agreed == {pairing.member, pairing.beside}
    return replace(pairing, state="open" if both else "accepted", agreed=agreed, since=at)


def _passed(pairing: Pairing, by: MemberId | None, at: datetime) -> Pairing:
    if by is None or pairing.state not in WAITS or not pairing.to_group:
        raise IllegalAct("not_possible")
    if pairing.beside is None:
        _require(by != pairing.member and by not in pairing.passed)
        return replace(pairing, passed=pairing.passed | {by})  # nobody is told, and the clock runs on
    _require(pairing.has(by))
    passed = pairing.passed | {pairing.beside}
    return replace(pairing, state="asked", beside=None, agreed=frozenset(), passed=passed, since=at)


def _require(possible: bool) -> None:
    if not possible:
        raise IllegalAct("not_possible")
