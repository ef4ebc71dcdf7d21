"""Groups: found, change, join, leave, and who stands where. Pages and API call these same functions.

Each use-case reads facts, asks community/rulings.py, writes in one transaction and rings whoever's
standing changed, so that live sockets follow at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from community import group_words, rulings
from community.bus import Bus
from community.cards import DEFAULT_GUIDELINES, check_card
from community.cards import check_settings as check_group_settings
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal
from community.group_forms import (
    GroupForm,
    changed,
    check_guidelines,
    check_name,
    check_preset,
    check_slug,
    private_slug,
)
from community.ids import GroupId, MemberId, new_id
from community.judging import Gatekeeper, Judged, Words, heard
from community.store import directory as directory_store
from community.store import groups as store
from community.store.directory import Listed
from community.store.groups import GroupRow, MembershipRow
from community.tokens import new_token, token_hash

INVITATION_LASTS = timedelta(days=14)
JOIN_WORDS_CHARS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as far as a ruling needs to know."""

    member_id: MemberId
    is_operator: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A group as one person sees it."""

    group: GroupRow
    place: rulings.Place
    membership: MembershipRow | None

    @property
    def my_role(self) -> str | None:
        return self.place.role if self.place.state == "member" else None


@dataclass(frozen=True, slots=True)
class Joined:
    state: Literal["member", "requested"]
    support: Any | None = None


@dataclass(frozen=True, slots=True)
class StandingChange:
    """What a moderator sets; fields that are absent stay. `muted_until` None lifts a mute."""

    role: str | None = None
    set_mute: bool = False
    muted_until: datetime | None = None
    banned: bool | None = None
    accept: bool | None = None  # answer a request to join


class Groups:
    def __init__(
        self, database: Database, clock: Clock, gate: Gatekeeper, bus: Bus, founding: str = "members"
    ) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._bus = bus
        self._founding = founding

    # ---- seeing

    async def directory(
        self, actor: Actor | None, *, after: str | None, limit: int
    ) -> list[tuple[GroupRow, str | None]]:
        """Groups this person may see, by slug, each with their role or None."""
        async with self._database.read() as conn:
            return await store.visible_to(
                conn,
                actor.member_id if actor else None,
                is_operator=bool(actor and actor.is_operator),
                after=after,
                limit=limit,
            )

    async def listed(self, actor: Actor | None) -> list[Listed]:
        """Cards of every group this person may see, by name, for the directory's filters."""
        member, is_operator = (actor.member_id, actor.is_operator) if actor else (None, False)
        async with self._database.read() as conn:
            return await directory_store.listed(conn, member, is_operator=is_operator)

    async def see(self, actor: Actor | None, slug: str) -> Seen:
        """The group, or NotFound when it isn't there for this person. Signed out: public groups only."""
        async with self._database.read() as conn:
            seen = await self.look(conn, actor, slug)
        if actor is None and seen.group.visibility != "public":
            raise NotFound
        rulings.see(seen.place).require()
        return seen

    async def see_to_join(self, actor: Actor, slug: str, code: str | None) -> Seen:
        """As `see`; a valid invitation's code opens a group that isn't there for this person otherwise."""
        return await self._seen_for_joining(actor, slug, code)

    async def of_member(self, member: MemberId) -> list[store.GroupOfMember]:
        """Groups the member is in or waits for, by name."""
        async with self._database.read() as conn:
            return await store.of_member(conn, member)

    async def look(self, conn: Conn, actor: Actor | None, slug: str, *, lock: bool = False) -> Seen:
        """Facts without a ruling, inside the caller's read or transaction. Raises NotFound."""
        group = await store.by_slug(conn, slug)
        if group is None:
            raise NotFound
        membership = None
        if actor is not None:
            if lock and isinstance(conn, Tx):
                membership = await store.lock_membership(conn, group.id, actor.member_id)
            else:
                membership = await store.membership(conn, group.id, actor.member_id)
        return Seen(
            group, place_of(group, membership, is_operator=bool(actor and actor.is_operator)), membership
        )

    # ---- founding and changing

    async def found(self, actor: Actor, form: GroupForm) -> Seen:
        """A new group with its founder as owner. Raises Forbidden, Invalid, Conflict (slug taken); cries are heard."""
        try:
            return await self._found(actor, form)
        except (Forbidden, Invalid, Conflict) as why:
            raise await self._heard(form, actor, why) from None

    async def _found(self, actor: Actor, form: GroupForm) -> Seen:
        if self._founding == "operators" and not actor.is_operator:
            raise Forbidden("Here only the people who run the place can start a group. Please ask them.")
        preset = form.preset or "chronic-illness"
        visibility = form.visibility or "members"
        group = GroupRow(
            id=GroupId(new_id()),
            team_id=await self._team(),
            slug=private_slug() if visibility == "private" else check_slug(form.slug),
            name=check_name(form.name),
            preset=check_preset(preset),
            visibility=visibility,
            joining=form.joining or "open",
            card=check_card(form.card or {}),
            settings=check_group_settings(form.settings or {}),
            guidelines_version=1,
            guidelines_text=check_guidelines(form.guidelines or DEFAULT_GUIDELINES),
            version=1,
            deleted=False,
        )
        judged = group_words.judge(self._gate, group)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            if not await store.add(tx, group, now=now):
                raise Conflict("Another group has this address already.", code="slug_taken")
            owner = MembershipRow(group.id, actor.member_id, "owner", "member", 1, None, None, now)
            await store.put_membership(tx, owner)
            await self._keep_care(tx, judged, actor, group.id)
        return Seen(group, place_of(group, owner, is_operator=actor.is_operator), owner)

    async def change(self, actor: Actor, slug: str, form: GroupForm, *, version: int | None = None) -> Seen:
        """Change the group. New words in the guidelines make a new version that everyone is asked to
        read again. Raises NotFound, Forbidden, Invalid, Conflict on a stale version; a cry is heard all the same."""
        try:
            group = await self._change(actor, slug, form, version)
        except (NotFound, Forbidden, Invalid, Conflict) as why:
            raise await self._heard(form, actor, why) from None
        self._bus.ring("group", group)
        return await self.see(actor, slug)

    async def _change(self, actor: Actor, slug: str, form: GroupForm, version: int | None) -> GroupId:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            seen = await self.look(tx, actor, slug)
            rulings.own(seen.place).require()
            group = changed(seen.group, form)
            if group.guidelines_version != seen.group.guidelines_version:
                await store.add_guidelines(
                    tx, group.id, group.guidelines_version, group.guidelines_text, now=now
                )
            if not await store.update(tx, group, expected_version=version or seen.group.version):
                raise Conflict
            await self._keep_care(tx, group_words.judge(self._gate, group, seen.group), actor, group.id)
        return group.id

    async def delete(self, actor: Actor, slug: str) -> None:
        """Gone at once for everyone; purged after 30 days; open care cases run on."""
        async with self._database.transaction() as tx:
            seen = await self.look(tx, actor, slug)
            rulings.own(seen.place).require()
            await store.delete(tx, seen.group.id, now=self._clock.now())
        self._bus.ring("group", seen.group.id)

    # ---- joining and leaving

    async def join(
        self, actor: Actor, slug: str, *, guidelines_version: int, words: str = "", code: str | None = None
    ) -> Joined:
        """Join, or ask to. `words` are for those who decide on requests; they are judged like all words.
        Agreeing again after a change of the guidelines is the same call. Raises GuidelinesChanged,
        Forbidden, NotFound."""
        seen = await self._seen_for_joining(actor, slug, code)
        judged = self._gate.judge(Words(words, "join_request", seen.group.preset)) if words.strip() else None
        support = None
        async with self._database.transaction() as tx:
            fresh = await self.look(tx, actor, slug, lock=True)
            place = replace(fresh.place, state="invited") if seen.place.state == "invited" else fresh.place
            if judged is not None:
                kept = await self._gate.keep(tx, judged, author=actor.member_id, group=fresh.group.id)
                support = kept.support
            refusal = (
                _long_words(words)
                or rulings.join(place).refusal
                or _stale_guidelines(fresh.group, guidelines_version)
            )
            if refusal is None:
                joined = _membership_after_joining(fresh, place, actor, guidelines_version, self._clock.now())
                await store.put_membership(tx, joined)
                if code and seen.place.state == "invited" and place.state == "invited":
                    await store.use_invitation(tx, token_hash(code), now=self._clock.now())
        if refusal is not None:
            # The words were kept and, where they needed it, answered, before the door said no.
            if support is not None:
                refusal.extra["support"] = support
            raise refusal
        self._bus.ring("member", actor.member_id)
        return Joined("member" if joined.state == "member" else "requested", support)

    async def leave(self, actor: Actor, slug: str) -> None:
        """Leave, or take back a request. The last owner hands over first (Conflict)."""
        async with self._database.transaction() as tx:
            seen = await self.look(tx, actor, slug, lock=True)
            if seen.membership is None or seen.membership.state == "left":
                raise NotFound
            if seen.membership.role == "owner" and await store.count_owners(tx, seen.group.id) <= 1:
                say = "You are the last owner. Please make someone else an owner first."
                raise Conflict(say, code="last_owner")
            await store.put_membership(tx, replace(seen.membership, state="left", role="member"))
        self._bus.ring("member", actor.member_id)

    async def invite(self, actor: Actor, slug: str, *, uses: int = 1) -> str:
        """A code to hand over. It carries nothing about anyone's health, and ends by itself."""
        code, now = new_token(), self._clock.now()
        async with self._database.transaction() as tx:
            seen = await self.look(tx, actor, slug)
            rulings.moderate(seen.place).require()
            await store.add_invitation(
                tx,
                id=new_id(),
                group=seen.group.id,
                code_hash=token_hash(code),
                by=actor.member_id,
                uses=max(1, min(uses, 1000)),
                times=(now, now + INVITATION_LASTS),
            )
        return code

    # ---- standing

    async def members(
        self, actor: Actor, slug: str, *, states: list[str], after: MemberId | None, limit: int
    ) -> list[store.MemberOfGroup]:
        """People of the group, for those who moderate it."""
        async with self._database.read() as conn:
            seen = await self.look(conn, actor, slug)
            rulings.moderate(seen.place).require()
            return await store.members(conn, seen.group.id, states=states, after=after, limit=limit)

    async def set_standing(
        self, actor: Actor, slug: str, other: MemberId, change: StandingChange
    ) -> MembershipRow:
        """Role, mute, ban, answer to a request. Takes effect on live sockets at once. Raises Forbidden,
        NotFound, Conflict for the last owner."""
        async with self._database.transaction() as tx:
            seen = await self.look(tx, actor, slug)
            row = await store.lock_membership(tx, seen.group.id, other)
            rulings.moderate(seen.place).require()
            if row is None:
                raise NotFound
            _check_change(seen.place, row, change, oneself=other == actor.member_id)
            after = _standing_after(row, change, self._clock.now())
            steps_down = row.role == "owner" and (after.role != "owner" or after.banned_at is not None)
            if steps_down and await store.count_owners(tx, seen.group.id) <= 1:
                raise Conflict("A group needs an owner. Make someone else one first.", code="last_owner")
            await store.put_membership(tx, after)
        self._bus.ring("member", other)
        return after

    # ---- inner

    async def _team(self) -> Any:
        async with self._database.read() as conn:
            return await store.default_team(conn)

    async def _seen_for_joining(self, actor: Actor, slug: str, code: str | None) -> Seen:
        """The group to join; a valid code opens one that the person couldn't otherwise see."""
        async with self._database.read() as conn:
            seen = await self.look(conn, actor, slug)
            if code and await store.invitation_opens(
                conn, token_hash(code), seen.group.id, now=self._clock.now()
            ):
                seen = replace(seen, place=replace(seen.place, state=seen.place.state or "invited"))
        rulings.see(seen.place).require()
        return seen

    async def _keep_care(self, tx: Tx, judged: Judged | None, actor: Actor, group: GroupId) -> None:
        if judged is not None and judged.has_care:
            await self._gate.keep(tx, judged, author=actor.member_id, group=group)

    async def _heard(self, form: GroupForm, actor: Actor, why: Refusal) -> Refusal:
        return await heard(self._database, self._gate, group_words.of_form(form), actor.member_id, why)


def place_of(group: GroupRow, membership: MembershipRow | None, *, is_operator: bool) -> rulings.Place:
    """The facts of every ruling, from the two rows."""
    return rulings.Place(
        visibility=group.visibility,
        joining=group.joining,
        deleted=group.deleted,
        role=membership.role if membership else None,
        state=membership.state if membership and membership.state != "left" else None,
        banned=bool(membership and membership.banned_at),
        muted_until=membership.muted_until if membership else None,
        agreed_guidelines=membership.guidelines_version if membership else None,
        guidelines=group.guidelines_version,
        is_operator=is_operator,
    )


def _membership_after_joining(
    seen: Seen, place: rulings.Place, actor: Actor, guidelines_version: int, now: datetime
) -> MembershipRow:
    old = seen.membership
    waits = place.joining == "request" and place.state not in ("member", "invited") and not actor.is_operator
    if old is not None and old.state != "left":
        state = "member" if old.state == "member" or not waits else old.state
        return replace(old, state=state, guidelines_version=guidelines_version)
    state = "requested" if waits else "member"
    muted, banned = (old.muted_until, old.banned_at) if old else (None, None)
    return MembershipRow(
        seen.group.id, actor.member_id, "member", state, guidelines_version, muted, banned, now
    )


def _long_words(words: str) -> Refusal | None:
    """Told after the words were judged and kept, like every other no."""
    if len(words) <= JOIN_WORDS_CHARS_MAX:
        return None
    return Invalid(fields=(FieldError("words", f"At most {JOIN_WORDS_CHARS_MAX} characters, please."),))


def _stale_guidelines(group: GroupRow, given: int) -> Conflict | None:
    if given == group.guidelines_version:
        return None
    return Conflict(
        "The guidelines have changed. Please read them again.",
        code="guidelines",
        extra={"guidelines_version": group.guidelines_version},
    )


def _check_change(place: rulings.Place, row: MembershipRow, change: StandingChange, *, oneself: bool) -> None:
    if change.role is not None:
        rulings.set_role(place, present=row.role, wanted=change.role).require()
    if change.set_mute or change.banned is not None:
        rulings.sanction(place, other_role=row.role, oneself=oneself).require()


def _standing_after(row: MembershipRow, change: StandingChange, now: datetime) -> MembershipRow:
    changed = row
    if change.role is not None:
        changed = replace(changed, role=change.role)
    if change.set_mute:
        changed = replace(changed, muted_until=change.muted_until)
    if change.banned is not None:
        changed = replace(changed, banned_at=now if change.banned else None)
    if change.accept is not None and row.state == "requested":
        changed = replace(changed, state="member" if change.accept else "left", joined_at=now)
    return changed
