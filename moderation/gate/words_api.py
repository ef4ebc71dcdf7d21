"""Words over HTTP, the same for rooms, threads and pairings: send, replay, history, edit, withdraw, flag."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec

from community.database import Conn, Database
from community.errors import NotFound
from community.ids import ConversationId, MemberId, MessageId, parse_id
from community.log import LoggedEvent
from community.store import access, events, messages
from community.web.calls import Answer, Ask, Call
from community.web.frames import EventFrame, SkipFrame, event_frame, is_hidden, skip_frame
from community.web.shapes import MessageShape, clamp, message_shape
from moderation.casework.flags import Flags
from moderation.desk.shapes import SentShape, sent_shape
from moderation.gate.gate import Gate
from moderation.gate.submissions import Edit, Send


class SendBody(msgspec.Struct, frozen=True):
    nonce: str
    body: str
    reply_to: str | None = None
    warnings: list[str] = []


class EditBody(msgspec.Struct, frozen=True):
    nonce: str
    body: str


class FlagBody(msgspec.Struct, frozen=True):
    kind: Literal["worried", "breaks_a_rule"]
    note: str = ""


class FlagShape(msgspec.Struct, frozen=True, omit_defaults=True):
    say: str
    support: Any = None


class ReactBody(msgspec.Struct, frozen=True):
    emoji: str
    on: bool = True


class EventsQuery(msgspec.Struct, frozen=True):
    after: int = 0
    limit: int = 100


class HistoryQuery(msgspec.Struct, frozen=True):
    before: int | None = None
    limit: int = 50


class Replay(msgspec.Struct, frozen=True):
    items: list[EventFrame | SkipFrame]
    next: int | None
    head: int
    epoch: UUID


class History(msgspec.Struct, frozen=True):
    items: list[MessageShape]
    next: int | None
    held: list[MessageShape]


class WordsApi:
    def __init__(self, gate: Gate, flags: Flags, database: Database) -> None:
        self._gate = gate
        self._flags = flags
        self._database = database

    def calls(self) -> list[Call]:
        sent = {201: SentShape, 202: SentShape}
        return [
            Call(
                "POST",
                "/conversations/{id}/messages",
                self.send,
                "Say something",
                body=SendBody,
                answers=sent,
            ),
            Call(
                "GET",
                "/conversations/{id}/messages",
                self.history,
                "History, newest part first",
                query=HistoryQuery,
                answers={200: History},
            ),
            Call(
                "GET",
                "/conversations/{id}/events",
                self.replay,
                "Events after a seq",
                query=EventsQuery,
                answers={200: Replay},
            ),
            Call(
                "PATCH",
                "/messages/{id}",
                self.edit,
                "Edit my message",
                body=EditBody,
                answers={200: SentShape},
            ),
            Call("DELETE", "/messages/{id}", self.withdraw, "Withdraw my message", answers={204: None}),
            Call(
                "POST",
                "/messages/{id}/flags",
                self.flag,
                "I'm worried, or this breaks a rule",
                body=FlagBody,
                answers={201: FlagShape},
            ),
            Call("PUT", "/messages/{id}/reactions", self.react, "React", body=ReactBody, answers={204: None}),
        ]

    async def send(self, ask: Ask) -> Answer:
        body: SendBody = ask.body
        sent = await self._gate.send(
            Send(
                author=ask.signed().member_id,
                conversation=ConversationId(ask.id("id")),
                nonce=body.nonce,
                body=body.body,
                reply_to=_optional(body.reply_to),
                warnings=tuple(body.warnings),
            )
        )
        return Answer(sent_shape(sent), 202 if sent.outcome == "hold" else 201)

    async def edit(self, ask: Ask) -> Answer:
        edit = Edit(ask.signed().member_id, MessageId(ask.id("id")), ask.body.nonce, ask.body.body)
        sent = await self._gate.edit(edit)
        return Answer(sent_shape(sent), 202 if sent.outcome == "hold" else 200)

    async def withdraw(self, ask: Ask) -> Answer:
        await self._gate.edits.withdraw(ask.signed().member_id, MessageId(ask.id("id")))
        return Answer(status=204)

    async def react(self, ask: Ask) -> Answer:
        member, message = ask.signed().member_id, MessageId(ask.id("id"))
        await self._gate.edits.react(member, message, ask.body.emoji, on=ask.body.on)
        return Answer(status=204)

    async def flag(self, ask: Ask) -> Answer:
        body: FlagBody = ask.body
        flagged = await self._flags.flag(
            ask.signed().member_id, MessageId(ask.id("id")), body.kind, body.note
        )
        say = (
            "Thank you for looking out for them. Trained people hear about it; they are not told it was you."
            if body.kind == "worried"
            else "Thank you. A person looks at it. Whoever wrote it isn't told that it was you."
        )
        return Answer(FlagShape(say, flagged.support), 201)

    async def replay(self, ask: Ask) -> Answer:
        member, conversation = ask.signed().member_id, ConversationId(ask.id("id"))
        after, limit = max(0, ask.query.after), clamp(ask.query.limit)
        async with self._database.read() as conn:
            await _require_readable(conn, member, conversation)
            head = (await events.heads(conn, {conversation})).get(conversation, 0)
            found = await events.read_after(conn, {conversation: after}, limit)
            blocked = await access.blocked_by(conn, member)
            epoch = await events.epoch(conn)
        items = [_event(e, member, blocked) for e in found]
        return Answer(Replay(items, found[-1].seq if len(found) == limit else None, head, epoch))

    async def history(self, ask: Ask) -> Answer:
        member, conversation = ask.signed().member_id, ConversationId(ask.id("id"))
        limit = clamp(ask.query.limit)
        async with self._database.read() as conn:
            await _require_readable(conn, member, conversation)
            views = await messages.history(conn, conversation, before=ask.query.before, limit=limit)
            blocked = await access.blocked_by(conn, member)
            held = await messages.held_of(conn, conversation, member)
            reactions = await messages.reactions_of(conn, [v.id for v in views])
        items = [
            message_shape(v, member, reactions=_by_emoji(reactions.get(v.id, []), blocked))
            for v in views
            if v.author_id not in blocked
        ]
        more = views[0].seq if len(views) == limit else None
        return Answer(History(items, more, [message_shape(v, member) for v in held]))


async def _require_readable(conn: Conn, member: MemberId, conversation: ConversationId) -> None:
    if conversation not in await access.readable(conn, member, {conversation}):
        raise NotFound


def _event(event: LoggedEvent, member: MemberId, blocked: frozenset[MemberId]) -> EventFrame | SkipFrame:
    """As the socket gives it: the same words, the same skips."""
    if is_hidden(event, blocked):
        return skip_frame(event)
    return event_frame(event, own=event.author_id == member)


def _by_emoji(pairs: list[tuple[str, MemberId]], blocked: frozenset[MemberId]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for emoji, member in pairs:
        if member in blocked:
            continue
        found.setdefault(emoji, []).append(member)
    return found


def _optional(text: str | None) -> MessageId | None:
    if text is None:
        return None
    value = parse_id(text)
    if value is None:
        raise NotFound
    return MessageId(value)
