"""The groups part of the API: directory, card, found, change, join, leave, standing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from community.group_forms import GroupForm
from community.groups import Actor, Groups, Seen, StandingChange
from community.ids import MemberId, parse_id
from community.store.groups import GroupRow, MembershipRow
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Listed, PageQuery


class GuidelinesShape(msgspec.Struct, frozen=True):
    version: int
    text: str


class GroupShape(msgspec.Struct, frozen=True):
    slug: str
    name: str
    preset: str
    visibility: str
    joining: str
    card: dict[str, Any]
    guidelines: GuidelinesShape
    my_role: str | None
    version: int


class GuidelinesBody(msgspec.Struct, frozen=True):
    text: str
    version: int | None = None


class GroupBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str | None = None
    name: str | None = None
    preset: str | None = None
    visibility: Literal["public", "members", "private"] | None = None
    joining: Literal["open", "request", "invite"] | None = None
    card: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    guidelines: GuidelinesBody | str | None = None
    version: int | None = None


class JoinBody(msgspec.Struct, frozen=True):
    guidelines_version: int
    words: str = ""
    code: str | None = None


class JoinedShape(msgspec.Struct, frozen=True, omit_defaults=True):
    state: str
    support: Any = None


class InviteBody(msgspec.Struct, frozen=True):
    uses: int = 1


class InviteShape(msgspec.Struct, frozen=True):
    code: str


class StandingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: str | None = None
    muted_until: datetime | msgspec.UnsetType | None = msgspec.UNSET
    banned: bool | None = None
    accept: bool | None = None


class StandingShape(msgspec.Struct, frozen=True):
    member: UUID
    role: str
    state: str
    muted_until: datetime | None
    banned: bool


class MemberShape(msgspec.Struct, frozen=True):
    member: Author
    role: str
    state: str
    muted_until: datetime | None
    banned: bool
    joined_at: datetime


class MembersQuery(PageQuery, frozen=True):
    state: str = "member"


class GroupsApi:
    def __init__(self, groups: Groups) -> None:
        self._groups = groups

    def calls(self) -> list[Call]:
        one = "/groups/{slug}"
        return [
            Call(
                "GET",
                "/groups",
                self.directory,
                "Groups I may see",
                query=PageQuery,
                answers={200: Listed[GroupShape]},
                signed_in=False,
            ),
            Call("POST", "/groups", self.found, "Found a group", body=GroupBody, answers={201: GroupShape}),
            Call("GET", one, self.see, "A group's card", answers={200: GroupShape}, signed_in=False),
            Call("PATCH", one, self.change, "Change a group", body=GroupBody, answers={200: GroupShape}),
            Call("DELETE", one, self.delete, "Delete a group", answers={204: None}),
            Call("POST", one + "/membership", self.join, "Join", body=JoinBody, answers={201: JoinedShape}),
            Call("DELETE", one + "/membership", self.leave, "Leave", answers={204: None}),
            Call(
                "POST",
                one + "/invitations",
                self.invite,
                "Invite",
                body=InviteBody,
                answers={201: InviteShape},
            ),
            Call(
                "GET",
                one + "/members",
                self.members,
                "People of a group, for its moderators",
                query=MembersQuery,
                answers={200: Listed[MemberShape]},
            ),
            Call(
                "PUT",
                one + "/members/{member}",
                self.standing,
                "Role, mute, ban, answer to a request",
                body=StandingBody,
                answers={200: StandingShape},
            ),
        ]

    async def directory(self, ask: Ask) -> Answer:
        limit = ask.query.clamped
        found = await self._groups.directory(_actor(ask), after=ask.query.after, limit=limit)
        items = [_shape(group, role) for group, role in found]
        return Answer(Listed(items, found[-1][0].slug if len(found) == limit else None))

    async def found(self, ask: Ask) -> Answer:
        return Answer(_seen(await self._groups.found(_signed(ask), _form(ask.body))), 201)

    async def see(self, ask: Ask) -> Answer:
        return Answer(_seen(await self._groups.see(_actor(ask), ask.path["slug"])))

    async def change(self, ask: Ask) -> Answer:
        form, version = _form(ask.body), ask.body.version
        return Answer(_seen(await self._groups.change(_signed(ask), ask.path["slug"], form, version=version)))

    async def delete(self, ask: Ask) -> Answer:
        await self._groups.delete(_signed(ask), ask.path["slug"])
        return Answer(status=204)

    async def join(self, ask: Ask) -> Answer:
        body: JoinBody = ask.body
        joined = await self._groups.join(
            _signed(ask),
            ask.path["slug"],
            guidelines_version=body.guidelines_version,
            words=body.words,
            code=body.code,
        )
        return Answer(JoinedShape(joined.state, joined.support), 201)

    async def leave(self, ask: Ask) -> Answer:
        await self._groups.leave(_signed(ask), ask.path["slug"])
        return Answer(status=204)

    async def invite(self, ask: Ask) -> Answer:
        code = await self._groups.invite(_signed(ask), ask.path["slug"], uses=ask.body.uses)
        return Answer(InviteShape(code), 201)

    async def members(self, ask: Ask) -> Answer:
        limit, after = ask.query.clamped, parse_id(ask.query.after or "")
        rows = await self._groups.members(
            _signed(ask),
            ask.path["slug"],
            states=[ask.query.state],
            after=MemberId(after) if after else None,
            limit=limit,
        )
        items = [
            MemberShape(
                Author(r.member_id, r.handle),
                r.role,
                r.state,
                r.muted_until,
                r.banned_at is not None,
                r.joined_at,
            )
            for r in rows
        ]
        return Answer(Listed(items, str(rows[-1].member_id) if len(rows) == limit else None))

    async def standing(self, ask: Ask) -> Answer:
        body: StandingBody = ask.body
        muted = None if isinstance(body.muted_until, msgspec.UnsetType) else body.muted_until
        change = StandingChange(
            role=body.role,
            set_mute=not isinstance(body.muted_until, msgspec.UnsetType),
            muted_until=muted,
            banned=body.banned,
            accept=body.accept,
        )
        row = await self._groups.set_standing(
            _signed(ask), ask.path["slug"], MemberId(ask.id("member")), change
        )
        return Answer(_standing(row))


def _actor(ask: Ask) -> Actor | None:
    return None if ask.who is None else Actor(ask.who.member_id, ask.who.is_operator)


def _signed(ask: Ask) -> Actor:
    who = ask.signed()
    return Actor(who.member_id, who.is_operator)


def _form(body: GroupBody) -> GroupForm:
    guidelines = body.guidelines.text if isinstance(body.guidelines, GuidelinesBody) else body.guidelines
    return GroupForm(
        name=body.name,
        slug=body.slug,
        preset=body.preset,
        visibility=body.visibility,
        joining=body.joining,
        card=body.card,
        settings=body.settings,
        guidelines=guidelines,
    )


def _seen(seen: Seen) -> GroupShape:
    return _shape(seen.group, seen.my_role)


def _shape(group: GroupRow, role: str | None) -> GroupShape:
    return GroupShape(
        slug=group.slug,
        name=group.name,
        preset=group.preset,
        visibility=group.visibility,
        joining=group.joining,
        card=group.card,
        guidelines=GuidelinesShape(group.guidelines_version, group.guidelines_text),
        my_role=role,
        version=group.version,
    )


def _standing(row: MembershipRow) -> StandingShape:
    return StandingShape(row.member_id, row.role, row.state, row.muted_until, row.banned_at is not None)
