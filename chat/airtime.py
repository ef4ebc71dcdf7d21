"""How much each person has said in a meeting: for the facilitator's eyes, so that the quiet one isn't lost.

Pure. Measured in written length, not in time: who types slowly has not said more. It judges nobody; it only
says where a private word could help.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from chat.turns import Turns
from community.ids import MemberId

Standing = Literal["much", "some", "little"]

MUCH_TIMES: Final = 2.0
"""Twice an even share is much; our own values, all three."""
LINES_MIN: Final = 4
LITTLE_LINES: Final = 1


@dataclass(frozen=True, slots=True)
class Said:
    """What one person has published since the meeting began."""

    member: MemberId
    lines: int
    chars: int


@dataclass(frozen=True, slots=True)
class Air:
    """One person's part. `percent` of all that was written; `nudged`: the private word was given already."""

    member: MemberId
    lines: int
    percent: int
    standing: Standing
    nudged: bool
    had_turn: bool


def airtime(turns: Turns, said: Iterable[Said], *, apart: Iterable[MemberId] = ()) -> list[Air]:
    """Everyone who took part (wrote, checked in, raised a hand), who said most first. `apart`: those who
    facilitate; they are counted and never pointed at."""
    by_member: Mapping[MemberId, Said] = {one.member: one for one in said}
    here = list(dict.fromkeys([*by_member, *turns.checked_in, *turns.queue, *turns.had]))
    everything = sum(one.chars for one in by_member.values())
    even = everything / len(here) if here else 0.0
    spared = set(apart)
    found = []
    for member in here:
        one = by_member.get(member, Said(member, 0, 0))
        standing = "some" if member in spared else _standing(one, even)
        found.append(
            Air(
                member=member,
                lines=one.lines,
                percent=round(100 * one.chars / everything) if everything else 0,
                standing=standing,
                nudged=(nudge_of(standing), member) in turns.nudged,
                had_turn=member in turns.had,
            )
        )
    return sorted(found, key=lambda air: (-air.percent, -air.lines))


def nudge_of(standing: Standing) -> str:
    """The act that goes with a standing; empty for those who need no word."""
    return {"much": "nudge_others", "little": "nudge_turn", "some": ""}[standing]


def _standing(one: Said, even: float) -> Standing:
    if one.lines >= LINES_MIN and one.chars > MUCH_TIMES * even:
        return "much"
    return "little" if one.lines <= LITTLE_LINES else "some"
