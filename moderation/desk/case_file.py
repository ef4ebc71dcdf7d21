"""Everything that a case's page shows beyond the case itself: letters, what is planned, the person's recent words.

Read-only. Letters stay what they are in letters.py; this puts them beside the rest for one look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.ids import CaseId, MemberId, VerdictId
from community.log import MessageView
from community.store import people
from moderation.casework.break_glass import BreakGlass
from moderation.casework.follow_ups import wanted
from moderation.casework.letters import Letters
from moderation.casework.phrases import Phrase, offered
from moderation.casework.two_people import ASKED_LASTS, Signature
from moderation.desk.desk import Desk
from moderation.desk.ground import DeskGround, Who
from moderation.desk.looking import Seen
from moderation.desk.next_step import Facts, Step, next_step
from moderation.store import console, signatures
from moderation.store import follow_ups as follow_ups_store
from moderation.store.console import HandedOver, RecentWords
from moderation.store.follow_ups import FollowUp

RECENT_MAX = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What a case's page calls to be read."""

    ground: DeskGround
    desk: Desk
    letters: Letters
    glass: BreakGlass


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A care case's `said` is what was written between the person and the team; `recent` newest first."""

    seen: Seen
    person: str
    gone: bool
    said: list[MessageView]
    phrases: list[Phrase]
    recent: list[RecentWords]
    planned: list[FollowUp]
    wants_follow_ups: bool
    signatures: list[Signature]
    handed_over: HandedOver | None
    reviews: dict[tuple[VerdictId, int], bool]


async def read(reading: Reading, who: Who, seen: Seen) -> CaseFile:
    """The file of a case that was just seen by this person."""
    id, row = seen.row.id, seen.row
    care = row.case.lane == "care"
    _place, said = await reading.letters.read(who, id) if care else (None, [])
    async with reading.ground.database.read() as conn:
        subject = None if seen.subject is None else await people.by_id(conn, seen.subject)
        return CaseFile(
            seen=seen,
            person=seen.subject_handle or "",
            gone=care and subject is None,
            said=said,
            phrases=_begun(offered(subject.language if subject else "en"), bool(said)),
            recent=await _recent(conn, seen.subject, id),
            planned=await follow_ups_store.of_case(conn, id),
            wants_follow_ups=care and subject is not None and await wanted(conn, subject.id),
            signatures=await signatures.of_case(conn, id),
            handed_over=await console.handed_over(conn, id),
            reviews=await console.reviewed(conn, list(seen.verdicts.values())),
        )


async def checklist_of(reading: Reading, who: Who, seen: Seen) -> list[str]:
    """What to do when a life is in danger; of use in the care lane from red up."""
    urgent = seen.row.case.lane == "care" and seen.row.case.tier.name in ("crisis", "red")
    return await reading.glass.checklist(who, seen.row.team_id) if urgent else []


def step_of(file: CaseFile, me: MemberId, now: datetime) -> Step:
    """The line at the top of the page."""
    case = file.seen.row.case
    open_ = [s for s in file.signatures if s.state == "asked" and now - s.asked_at <= ASKED_LASTS]
    return next_step(
        Facts(
            case=case,
            me=me,
            now=now,
            person=file.person,
            gone=file.gone,
            holder=file.seen.owner_handle or "",
            acts=[(h.act, h.actor_id is None) for h in file.seen.history],
            follow_ups=[f.state for f in file.planned],
            wants_follow_ups=file.wants_follow_ups,
            held_words=any(m.state == "held" for m in file.seen.messages),
            asks_me=any(s.asked_by != me for s in open_),
        )
    )


def _begun(phrases: Sequence[Phrase], written: bool) -> list[Phrase]:
    """Beginnings that fit: once somebody has written, a first greeting doesn't."""
    return [p for p in phrases if not (written and p.when == "first")]


async def _recent(conn: Conn, subject: MemberId | None, id: CaseId) -> list[RecentWords]:
    return [] if subject is None else await console.recent_words(conn, subject, id, limit=RECENT_MAX)
