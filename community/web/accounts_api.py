"""The accounts part of the API: about, sign-up, sessions, me, blocks, mutes, notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from community.cards import PRESETS
from community.consents import CONSENTS
from community.database import Database
from community.erasure import Erasure
from community.errors import Invalid
from community.export import Export
from community.groups import Groups
from community.ids import MemberId, SessionId
from community.people import Doorway, People, SignUp
from community.store import groups as groups_store
from community.store import people as store
from community.store.people import MemberRow
from community.web.agents import label
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Done, Listed, PageQuery


class SignUpBody(msgspec.Struct, frozen=True):
    handle: str
    password: str
    consents: dict[str, int] = {}
    country: str | None = None
    language: str = "en"
    email: str | None = None


class SignInBody(msgspec.Struct, frozen=True):
    handle: str
    password: str


class SignedInShape(msgspec.Struct, frozen=True, omit_defaults=True):
    member: Author
    token: str
    warnings: list[str] = []
    support: Any = None


class SessionShape(msgspec.Struct, frozen=True):
    id: UUID
    door: str
    label: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


class MyGroup(msgspec.Struct, frozen=True):
    slug: str
    name: str
    role: str
    state: str


class Me(msgspec.Struct, frozen=True):
    id: UUID
    handle: str
    email: str | None
    country: str | None
    language: str
    time_zone: str
    settings: dict[str, Any]
    is_operator: bool
    created_at: datetime
    groups: list[MyGroup]
    blocks: list[Author]
    mutes: list[Author]


class MeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: str | None = None
    country: str | None = None
    language: str | None = None
    time_zone: str | None = None
    settings: dict[str, Any] | None = None
    password: str = ""
    """Asked of a browser that changes the e-mail address; programs hold a token of their own."""


class PasswordBody(msgspec.Struct, frozen=True):
    password: str


class NewPasswordBody(msgspec.Struct, frozen=True):
    old: str
    new: str


class NoticeShape(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    say: str
    message: UUID | None
    parameters: dict[str, Any]
    at: datetime
    read_at: datetime | None


class ConsentShape(msgspec.Struct, frozen=True):
    id: str
    version: int
    required: bool
    text: str


class About(msgspec.Struct, frozen=True):
    name: str
    version: str
    consents: list[ConsentShape]
    presets: list[dict[str, str]]
    limits: dict[str, Any]
    reactions: list[str]


NOTICE_WORDS: dict[str, str] = {
    "held": "Thank you, we have your words. A person reads them before others can; you don't have to do anything.",
    "masked": "Thank you, we have your words. We hid a part from others for their safety; what you feel stays.",
    "released": "A person has read your words, and others can see them now.",
    "removed": "A person took your message down. You can ask why, change it and send it again, or disagree.",
    "decision": "A person has looked at what you told us about.",
    "appeal": "Another person has answered your disagreement.",
    "question": "Somebody asks the people who lead your group something before they join.",
    "answer": "The people who lead a group have answered your question.",
    "pairing_asked": "Somebody asks whether you would like to talk, the two of you. You find it under Pairings.",
    "pairing_news": "There is news about a pairing of yours. You find it under Pairings.",
    "pairing_said": "There is something new to read in a pairing of yours.",
    "letter": "Somebody from the team here wrote to you. You find it under Letters.",
    "follow_up": "After a hard day, someone here would like to know how you are. Write under Letters, or leave it.",
    "meeting_others": "A quiet word to you alone: thank you for sharing. There are others who would like a turn.",
    "meeting_turn": "A quiet word to you alone: would you like a turn? Only if you want to; listening is enough.",
    "meeting_soon": "A meeting that you would like to come to begins soon.",
    "meeting_moved": "A meeting that you would like to come to has another time.",
    "meeting_off": "A meeting that you would like to come to was taken off.",
    "title_changed": "A moderator gave your thread another title. What you wrote below it stays as it is.",
    "second_person": "Somebody at the desk asks for a second signature.",
    "break_glass": "Somebody opened something sealed, with a written reason. Please look at it.",
    "opened": "When someone may have been in danger, a trained person here opened something that you left "
    "sealed or wrote in private. You can ask why.",
    "cluster": "Several people of one group came into danger within a day.",
    "memorial": "Somebody of a group of yours has died. The team wrote to all of you. You find it under Memorials.",
    "memorial_undone": "We told you that somebody of a group of yours had died. We were wrong, and we are sorry: "
    "they live.",
    "helplines": "Some helplines were last checked more than 180 days ago. Please check them again.",
    "debrief": "After a hard case: would you like to talk it over with somebody?",
    "repair": "Thank you for writing. Please change a part of your message; everything else can stay as you said it.",
    "complaint": "Somebody reported a person of the staff. Only you and other leads see it.",
    "taken_over": "Somebody else at the desk has taken over a case that you held.",
    "browser_lost": "A browser of yours no longer takes pages. Please look at “How I am reached”.",
}


class AccountsApi:
    def __init__(
        self,
        people: People,
        groups: Groups,
        database: Database,
        erasure: Erasure,
        export: Export,
        about: About,
    ) -> None:
        self._people = people
        self._groups = groups
        self._database = database
        self._erasure = erasure
        self._export = export
        self._about = about

    def calls(self) -> list[Call]:
        return [
            Call("GET", "/about", self.about, "What this server is", answers={200: About}, signed_in=False),
            Call(
                "POST",
                "/members",
                self.sign_up,
                "Sign up",
                body=SignUpBody,
                answers={201: SignedInShape},
                signed_in=False,
                idempotent=False,
            ),
            Call(
                "POST",
                "/sessions",
                self.sign_in,
                "Sign in",
                body=SignInBody,
                answers={201: SignedInShape},
                signed_in=False,
                idempotent=False,
            ),
            Call("GET", "/sessions", self.sessions, "My sessions", answers={200: Listed[SessionShape]}),
            Call("DELETE", "/sessions/current", self.sign_out, "Sign out", answers={204: None}),
            Call("DELETE", "/sessions/{id}", self.revoke, "End one of my sessions", answers={204: None}),
            Call("GET", "/me", self.me, "My account", answers={200: Me}),
            Call("PATCH", "/me", self.change, "Change my account", body=MeChange, answers={200: Me}),
            Call(
                "PUT",
                "/me/password",
                self.password,
                "A new password",
                body=NewPasswordBody,
                answers={204: None},
            ),
            Call("GET", "/me/export", self.export, "Everything about me", answers={200: dict[str, Any]}),
            Call("DELETE", "/me", self.erase, "Erase my account", body=PasswordBody, answers={204: None}),
            Call(
                "GET",
                "/me/notices",
                self.notices,
                "Letters to me",
                query=PageQuery,
                answers={200: Listed[NoticeShape]},
            ),
            Call("POST", "/me/notices/read", self.notices_read, "I have read them", answers={200: Done}),
            Call("PUT", "/me/blocks/{member}", self.block, "Stop seeing someone", answers={204: None}),
            Call("DELETE", "/me/blocks/{member}", self.unblock, "See them again", answers={204: None}),
            Call("PUT", "/me/mutes/{member}", self.mute, "Fold someone's words", answers={204: None}),
            Call("DELETE", "/me/mutes/{member}", self.unmute, "Unfold them", answers={204: None}),
        ]

    async def about(self, ask: Ask) -> Answer:
        return Answer(self._about, headers={"cache-control": "public, max-age=60"})

    async def sign_up(self, ask: Ask) -> Answer:
        body: SignUpBody = ask.body
        form = SignUp(body.handle, body.password, body.consents, body.country, body.language, body.email)
        signed = await self._people.sign_up(form, _doorway(ask))
        member = Author(signed.member_id, signed.handle)
        return Answer(SignedInShape(member, signed.token, list(signed.warnings), signed.support), 201)

    async def sign_in(self, ask: Ask) -> Answer:
        body: SignInBody = ask.body
        signed = await self._people.sign_in(body.handle, body.password, _doorway(ask))
        return Answer(SignedInShape(Author(signed.member_id, signed.handle), signed.token), 201)

    async def sessions(self, ask: Ask) -> Answer:
        who = ask.signed()
        items = [
            SessionShape(s.id, s.door, s.label, s.created_at, s.last_seen_at, s.id == who.session_id)
            for s in await self._people.sessions(who.member_id)
        ]
        return Answer(Listed(items))

    async def sign_out(self, ask: Ask) -> Answer:
        who = ask.signed()
        await self._people.sign_out(who.member_id, who.session_id)
        return Answer(status=204)

    async def revoke(self, ask: Ask) -> Answer:
        await self._people.sign_out(ask.signed().member_id, SessionId(ask.id("id")))
        return Answer(status=204)

    async def me(self, ask: Ask) -> Answer:
        return Answer(await self._shape(await self._people.me(ask.signed().member_id)))

    async def change(self, ask: Ask) -> Answer:
        body, who = ask.body, ask.signed()
        if who.door == "cookie" and body.email is not None:
            await self._people.check_new_email(who.member_id, body.email, body.password)
        given = msgspec.structs.asdict(body).items()
        changes = {k: v for k, v in given if v is not None and k != "password"}
        return Answer(await self._shape(await self._people.change(ask.signed().member_id, changes)))

    async def password(self, ask: Ask) -> Answer:
        who = ask.signed()
        await self._people.change_password(who.member_id, ask.body.old, ask.body.new, keep=who.session_id)
        return Answer(status=204)

    async def export(self, ask: Ask) -> Answer:
        return Answer(await self._export.of(ask.signed().member_id))

    async def erase(self, ask: Ask) -> Answer:
        who = ask.signed()
        await self._people.check_own_password(who.member_id, ask.body.password)
        await self._erasure.erase(who.member_id)
        return Answer(status=204)

    async def notices(self, ask: Ask) -> Answer:
        limit = ask.query.clamped
        before = _moment(ask.query.after)
        async with self._database.read() as conn:
            rows = await store.notices(conn, ask.signed().member_id, before=before, limit=limit)
        items = [
            NoticeShape(
                r.id, r.kind, NOTICE_WORDS.get(r.kind, ""), r.message_id, r.parameters, r.at, r.read_at
            )
            for r in rows
        ]
        return Answer(Listed(items, rows[-1].at.isoformat() if len(rows) == limit else None))

    async def notices_read(self, ask: Ask) -> Answer:
        await self._people.notices_read(ask.signed().member_id)
        return Answer(Done())

    async def block(self, ask: Ask) -> Answer:
        await self._people.block(ask.signed().member_id, MemberId(ask.id("member")), on=True)
        return Answer(status=204)

    async def unblock(self, ask: Ask) -> Answer:
        await self._people.block(ask.signed().member_id, MemberId(ask.id("member")), on=False)
        return Answer(status=204)

    async def mute(self, ask: Ask) -> Answer:
        await self._people.mute(ask.signed().member_id, MemberId(ask.id("member")), on=True)
        return Answer(status=204)

    async def unmute(self, ask: Ask) -> Answer:
        await self._people.mute(ask.signed().member_id, MemberId(ask.id("member")), on=False)
        return Answer(status=204)

    async def _shape(self, row: MemberRow) -> Me:
        async with self._database.read() as conn:
            groups = await groups_store.of_member(conn, row.id)
            blocks = await store.blocks(conn, row.id)
            mutes = await store.mutes(conn, row.id)
        return Me(
            id=row.id,
            handle=row.handle,
            email=row.email,
            country=row.country,
            language=row.language,
            time_zone=row.time_zone,
            settings=row.settings,
            is_operator=row.is_operator,
            created_at=row.created_at,
            groups=[MyGroup(g.slug, g.name, g.role, g.state) for g in groups],
            blocks=[Author(id, handle) for id, handle in blocks],
            mutes=[Author(id, handle) for id, handle in mutes],
        )


def about_of(name: str, version: str, limits: dict[str, Any], reactions: tuple[str, ...]) -> About:
    """What GET /about says, made once at the start."""
    return About(
        name=name,
        version=version,
        consents=[ConsentShape(c.id, c.version, c.required, c.text) for c in CONSENTS],
        presets=[{"id": id, "name": words} for id, words in PRESETS.items()],
        limits=limits,
        reactions=list(reactions),
    )


def _doorway(ask: Ask) -> Doorway:
    return Doorway("bearer", ask.address, label(ask.request.headers.get("user-agent", "")))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("This cursor isn't one of ours.", code="bad_cursor") from None
    if moment.tzinfo is None:
        raise Invalid("This cursor isn't one of ours.", code="bad_cursor")
    return moment
