"""Rulings: may this person do that here? Pure, and each says why, also when it says yes.

Facts come in as a value; nothing here reads a database. Operators run the machine: they found, mend and
delete groups, but in a conversation they are what their membership says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from community.errors import Forbidden, GuidelinesChanged, NotAMember, NotFound, Paused, Refusal

Role = Literal["member", "companion", "facilitator", "moderator", "owner"]
RANK: dict[str, int] = {"companion": 0, "member": 1, "facilitator": 2, "moderator": 3, "owner": 4}


@dataclass(frozen=True, slots=True)
class Ruling:
    """Yes or no, with the reason as a stable id; `refusal` is what the person is told on a no."""

    allowed: bool
    why: str
    refusal: Refusal | None = None

    def require(self) -> None:
        """Raises the refusal on a no."""
        if self.refusal is not None:
            raise self.refusal


def yes(why: str) -> Ruling:
    return Ruling(True, why)


def no(why: str, refusal: Refusal) -> Ruling:
    return Ruling(False, why, refusal)


@dataclass(frozen=True, slots=True)
class Place:
    """One person's standing towards one group: what every ruling here is about."""

    visibility: str
    joining: str
    deleted: bool
    role: str | None
    state: str | None  # of the membership: requested, invited, member, left
    banned: bool
    muted_until: datetime | None
    agreed_guidelines: int | None
    guidelines: int
    is_operator: bool
    suspended: bool = False


def see(place: Place) -> Ruling:
    """See that the group is there: its card and guidelines."""
    if place.deleted or place.banned:
        return no("deleted" if place.deleted else "banned", NotFound())
    if place.is_operator:
        return yes("operator")
    if place.state in ("member", "invited", "requested"):
        return yes(place.state)
    if place.visibility == "private":
        return no("private", NotFound())
    return yes("listed")


def read(place: Place) -> Ruling:
    """Read its conversations. The same rule as community/store/access.READABLE, which a test compares."""
    if place.deleted or place.banned or place.suspended:
        return no("gone", NotFound())
    if place.state == "member":
        return yes("member")
    if place.visibility == "public":
        return yes("public")
    return no("not_a_member", NotFound())


def join(place: Place) -> Ruling:
    """Become a member, or ask to."""
    seen = see(place)
    if not seen.allowed:
        return seen
    if place.state == "member":
        return yes("member already")
    if place.joining == "invite" and place.state != "invited" and not place.is_operator:
        return no(
            "invite_only",
            Forbidden("This group is by invitation. Ask someone who is in it.", code="invite_only"),
        )
    return yes("invited" if place.state == "invited" else place.joining)


def write(place: Place, *, now: datetime, conversation: str = "open") -> Ruling:
    """Write in its conversations. `conversation` is that conversation's own state."""
    reading = read(place)
    if not reading.allowed:
        return reading
    if place.state != "member":
        return no("not_a_member", NotAMember())
    if place.role == "companion":
        return no("companion", Paused("You are here as a companion: you can read along.", code="companion"))
    if place.muted_until is not None and place.muted_until > now:
        return no("muted", Paused(extra={"until": place.muted_until}))
    if (place.agreed_guidelines or 0) < place.guidelines:
        return no("guidelines", GuidelinesChanged(extra={"guidelines_version": place.guidelines}))
    if conversation != "open":
        return no(conversation, Paused("This conversation is read-only at the moment.", code="read_only"))
    return yes("member")


def answer(place: Place) -> Ruling:
    """Read and answer questions to the facilitators. Operators too only where they are members: these words
    were written to named people."""
    if place.state == "member" and not place.banned and RANK.get(place.role or "", 0) >= RANK["facilitator"]:
        return yes(place.role or "facilitator") if not place.deleted else no("deleted", NotFound())
    seen = see(place)
    return no("not_facilitator", Forbidden()) if seen.allowed else seen


def moderate(place: Place) -> Ruling:
    """Change other people's standing, open rooms and boards, work on conduct here."""
    return _at_least("moderator", place)


def own(place: Place) -> Ruling:
    """Change the group itself: card, guidelines, settings, owners, deletion."""
    return _at_least("owner", place)


def set_role(place: Place, *, present: str | None, wanted: str) -> Ruling:
    """Give `wanted` to someone who has `present`: only owners make or unmake moderators and owners."""
    if wanted not in RANK:
        return no("unknown_role", Forbidden("We don't know this role.", code="unknown_role"))
    if max(RANK.get(present or "member", 1), RANK[wanted]) >= RANK["moderator"]:
        return own(place)
    return moderate(place)


def sanction(place: Place, *, other_role: str | None, oneself: bool) -> Ruling:
    """Mute or ban someone: never oneself, and only an owner does so to a moderator or an owner."""
    if oneself:
        return no("oneself", Forbidden("You can't do that to yourself.", code="oneself"))
    if RANK.get(other_role or "member", 1) >= RANK["moderator"]:
        return own(place)
    return moderate(place)


def _at_least(role: str, place: Place) -> Ruling:
    if place.deleted:
        return no("deleted", NotFound())
    if place.is_operator:
        return yes("operator")
    if place.state == "member" and not place.banned and RANK.get(place.role or "", 0) >= RANK[role]:
        return yes(place.role or role)
    seen = see(place)
    return no(f"not_{role}", Forbidden()) if seen.allowed else seen
