"""Two people for what can't be undone: one asks, another confirms. Pure.

asked ──confirm, by another──▶ confirmed
  ├────refuse, by another────▶ refused
  └────alone, after 3 minutes, life in danger now──▶ alone ──review, by another, within 24 h──▶ reviewed

Alone is for the emergency contact only, in a crisis; nothing else is so urgent that it can't wait for a second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from community.ids import CaseId, MemberId, MessageId
from moderation.casework.case import IllegalAct

Kind = Literal["open_contact", "remove_for_good", "erase_case", "memorial"]
ALONE_AFTER = timedelta(minutes=3)
REVIEW_WITHIN = timedelta(hours=24)
ASKED_LASTS = timedelta(hours=24)
"""An old question is asked again, not answered (our own value)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One request for a second person."""

    id: UUID
    case_id: CaseId
    kind: Kind
    message_id: MessageId | None
    asked_by: MemberId
    asked_at: datetime
    state: Literal["asked", "confirmed", "refused", "alone"] = "asked"
    answered_by: MemberId | None = None
    answered_at: datetime | None = None
    review_due_at: datetime | None = None
    reviewed_by: MemberId | None = None
    reviewed_at: datetime | None = None
    review: Literal["right", "wrong"] | None = None

    @property
    def may_be_done(self) -> bool:
        return self.state in ("confirmed", "alone")


def answer(asked: Signature, by: MemberId, at: datetime, *, yes: bool) -> Signature:
    """The second person's word. Raises IllegalAct: same_signer, answered, expired."""
    if asked.state != "asked":
        raise IllegalAct("answered")
    if by == asked.asked_by:
        raise IllegalAct("same_signer")
    if at - asked.asked_at > ASKED_LASTS:
        raise IllegalAct("expired")
    return replace(asked, state="confirmed" if yes else "refused", answered_by=by, answered_at=at)


def alone(asked: Signature, by: MemberId, at: datetime, *, crisis: bool) -> Signature:
    """Nobody answered and a life is in danger. Raises IllegalAct: answered, not_asked_by_you, needs_two,
    wait."""
    if asked.state != "asked":
        raise IllegalAct("answered")
    if by != asked.asked_by:
        raise IllegalAct("not_asked_by_you")
    if asked.kind != "open_contact" or not crisis:
        raise IllegalAct("needs_two")
    if at - asked.asked_at < ALONE_AFTER:
        raise IllegalAct("wait")
    return replace(asked, state="alone", answered_at=at, review_due_at=at + REVIEW_WITHIN)


def reviewed(done: Signature, by: MemberId, at: datetime, *, right: bool) -> Signature:
    """Another person looks at what was done alone. Raises IllegalAct: same_signer, nothing_to_review."""
    if done.state != "alone" or done.reviewed_by is not None:
        raise IllegalAct("nothing_to_review")
    if by == done.asked_by:
        raise IllegalAct("same_signer")
    return replace(done, reviewed_by=by, reviewed_at=at, review="right" if right else "wrong")
