"""Two flags, two lanes: "I'm worried about them" opens a care case about the author, "this breaks a rule" a
conduct case about the message. Never refused by a limit, and no number of flags hides or silences anyone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.errors import Invalid, NotFound
from community.ids import CaseId, MemberId, MessageId, new_id
from community.judging import Words
from community.store import conversations, messages
from moderation.casework.casework import Casework, Cause, team_of
from moderation.gate.edits import readable_message
from moderation.gate.words import Keeper, StandAlone, heard
from moderation.pipeline.types import Tier
from moderation.store import order, pages

NOTE_CHARS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Flagged:
    """`new`: False when this member has said so before. The flag never says whether a case exists."""

    new: bool
    support: Any | None


class Flags:
    def __init__(
        self, database: Database, clock: Clock, bus: Bus, casework: Casework, keeper: Keeper
    ) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._casework = casework
        self._keeper = keeper

    async def flag(
        self, member: MemberId, message: MessageId, kind: Literal["worried", "breaks_a_rule"], note: str
    ) -> Flagged:
        """Keep the flag, its note (judged like all words) and its case in one transaction. A worried flag is
        red, crisis if the note says so. Raises NotFound, Invalid for a note that is too long; what its writer
        says of themselves is heard all the same."""
        try:
            return await self._flag(member, message, kind, note)
        except (NotFound, Invalid) as why:
            raise await heard(self._database, self._keeper, Words(note, "flag_note"), member, why) from None

    async def _flag(
        self, member: MemberId, message: MessageId, kind: Literal["worried", "breaks_a_rule"], note: str
    ) -> Flagged:
        if len(note) > NOTE_CHARS_MAX or "\0" in note:
            raise Invalid(f"A note has at most {NOTE_CHARS_MAX} characters.", code="too_long")
        judged = self._keeper.judge(Words(note, "flag_note")) if note.strip() else None
        now = self._clock.now()
        async with self._database.transaction() as tx:
            row = await readable_message(tx, member, await messages.get(tx, message))
            if row.author_id == member:
                raise Invalid(
                    "This is your own message. You can write to a person instead.", code="own_message"
                )
            if judged is not None and kind == "worried" and row.author_id is not None:
                await order.subjects(tx, (member, row.author_id))  # a cry in the note, and a worry about them
            note_id, support = None, None
            if judged is not None:
                about = about_another(judged) if judged.decision.topic == "someone_else" else judged
                kept = await self._keeper.keep(tx, about, author=member, group=row.group_id)
                note_id, support = kept.message_id, kept.support
            new = await pages.add_flag(
                tx, message=message, member=member, kind=kind, note=note_id, id=new_id(), now=now
            )
            case = None
            if row.author_id is not None and (new or judged is not None):
                assert row.conversation_id is not None, "readable messages stand in a conversation"
                standing = (await conversations.standings(tx, {(row.conversation_id, row.author_id)})).get(
                    (row.conversation_id, row.author_id)
                )
                cause = Cause(
                    message=message,
                    member=row.author_id,
                    team=await team_of(tx, standing.team_id if standing else None),
                    group=row.group_id,
                    tier=Tier.green,
                    topic=None,
                    rules=frozenset({f"flag.{kind}"}),
                    why="worried" if kind == "worried" else "reported",
                )
                case = await self._raise(tx, cause, judged, now)
        if case is not None:
            self._bus.ring("desk", case)
        return Flagged(new, support)

    async def _raise(self, tx: Any, cause: Cause, judged: StandAlone | None, now: Any) -> CaseId:
        if cause.why != "worried":
            return (await self._casework.conduct(tx, cause, now=now)).case
        says_crisis = judged is not None and judged.decision.tier is Tier.crisis
        tier = Tier.crisis if says_crisis else Tier.red
        return (await self._casework.care(tx, replace(cause, tier=tier), now=now)).case


def about_another(judged: StandAlone) -> StandAlone:
    """A note about somebody else's danger raises their case, not one about whoever wrote the note. A note
    in which the writer speaks of themselves is kept with a case of their own."""
    return replace(judged, decision=replace(judged.decision, tier=Tier.green))
