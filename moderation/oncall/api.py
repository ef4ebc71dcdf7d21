"""On-call over HTTP: roster, shifts, swaps, training, hand-over, channels, answers to pages, calendars.

Beside the calls there are two plain addresses for programs that can't sign in: the calendar's private link, and
signed answers of webhooks.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from community.clock import Clock
from community.errors import Invalid, NotFound, Refusal
from community.ids import CaseId, MemberId, PageId, parse_id
from community.web.calls import Answer, Ask, Call, read_body
from community.web.problem import problem
from community.web.shapes import Author, Listed
from moderation.desk.desk import Who
from moderation.oncall.channels.signing import HEADER
from moderation.oncall.reaching import NewChannel, Reaching, icalendar
from moderation.oncall.roster_acts import AHEAD, Oncall
from moderation.oncall.shapes import (
    Acknowledged,
    CalendarShape,
    ChannelBody,
    ChannelShape,
    ChannelsQuery,
    HandoverShape,
    HookAnswer,
    Made,
    NoteBody,
    RosterQuery,
    RosterShape,
    ShiftBody,
    ShiftMade,
    SwapAnswer,
    SwapBody,
    TopicsBody,
    TrainingBody,
    TrainingShape,
    aware,
    channel_shape,
    roster_shape,
    rule_of,
)
from moderation.store.roster import Shift
from moderation.store.training import TrainingRow

BODY_BYTES_MAX = 16 * 1024
RANGE_MAX = timedelta(days=60)


class OncallApi:
    def __init__(self, oncall: Oncall, reaching: Reaching, clock: Clock) -> None:
        self._oncall = oncall
        self._reaching = reaching
        self._clock = clock

    def calls(self) -> list[Call]:
        at, shifts = "/moderation/roster", "/moderation/roster/shifts"
        roster = {200: RosterShape}
        return [
            Call("GET", at, self.roster, "Who is there when, and where nobody is", query=RosterQuery, answers=roster),
            Call("GET", shifts, self.roster, "The same", query=RosterQuery, answers=roster),
            Call("POST", shifts, self.add, "Promise a shift", body=ShiftBody, answers={201: ShiftMade}),
            Call("DELETE", shifts + "/{id}", self.drop, "Take it back, or end a rule", answers={204: None}),
            Call("POST", shifts + "/{id}/swap", self.ask_swap, "Ask for a swap", body=SwapBody, answers={201: Made}),
            Call("POST", at + "/swaps/{id}", self.swap, "Yes or no", body=SwapAnswer, answers={204: None}),
            Call("GET", at + "/handover", self.handover, "Open cases", answers={200: Listed[HandoverShape]}),
            Call("POST", at + "/handover/{id}", self.hand_over, "Note", body=NoteBody, answers={204: None}),
            Call("POST", at + "/pages/{id}/acknowledge", self.acknowledge, "Any page", answers={200: Acknowledged}),
            Call("GET", "/moderation/training", self.training, "Records", answers={200: Listed[TrainingShape]}),
            Call("POST", "/moderation/training", self.train, "Enter", body=TrainingBody, answers={201: Made}),
            Call("DELETE", "/moderation/training/{id}", self.untrain, "Revoke a record", answers={204: None}),
            Call("PUT", "/moderation/training/topics", self.spare, "Spare me", body=TopicsBody, answers={204: None}),
            Call(
                "GET",
                "/moderation/channels",
                self.channels,
                "Ways to reach me",
                query=ChannelsQuery,
                answers={200: Listed[ChannelShape]},
            ),
            Call(
                "POST",
                "/moderation/channels",
                self.channel,
                "Add one; its secret is shown once",
                body=ChannelBody,
                answers={201: ChannelShape},
                idempotent=False,
            ),
            Call("DELETE", "/moderation/oncall/channels/{id}", self.unchannel, "A lost device", answers={204: None}),
            Call("GET", at + "/calendar", self.calendars, "Links", answers={200: Listed[CalendarShape]}),
            Call(
                "POST",
                at + "/calendar",
                self.make_calendar,
                "A private link to my shifts",
                answers={201: CalendarShape},
                idempotent=False,
            ),
            Call("DELETE", at + "/calendar/{id}", self.end_calendar, "End a link", answers={204: None}),
        ]  # fmt: skip

    def routes(self) -> list[BaseRoute]:
        """Addresses for programs that can't sign in: what they carry is their right."""
        return [
            Route("/calendar/{token}.ics", self.calendar),
            Route("/hooks/pages/{channel}", self.hook, methods=["POST"]),
        ]

    # ---- roster

    async def roster(self, ask: Ask) -> Answer:
        query: RosterQuery = ask.query
        start = aware(query.start) or self._clock.now()
        end = min(aware(query.end) or start + AHEAD, start + RANGE_MAX)
        return Answer(roster_shape(await self._oncall.look(_who(ask), start, end)))

    async def add(self, ask: Ask) -> Answer:
        body: ShiftBody = ask.body
        member = MemberId(body.member) if body.member else _who(ask).member_id
        if body.repeats is not None:
            id, count = await self._oncall.add_rule(_who(ask), rule_of(member, body.seat, body.repeats))
            return Answer(ShiftMade(id, count), 201)
        start, end = aware(body.starts_at), aware(body.ends_at)
        if start is None or end is None:
            raise Invalid("Say when it starts and ends, or how it repeats.", code="bad_times")
        id = await self._oncall.add_shift(_who(ask), Shift(member, body.seat, start, end))
        return Answer(ShiftMade(id, 1), 201)

    async def drop(self, ask: Ask) -> Answer:
        await self._oncall.drop_shift(_who(ask), ask.id("id"))
        return Answer(status=204)

    async def ask_swap(self, ask: Ask) -> Answer:
        id = await self._oncall.ask_swap(_who(ask), ask.id("id"), MemberId(ask.body.to))
        return Answer(Made(id), 201)

    async def swap(self, ask: Ask) -> Answer:
        await self._oncall.answer_swap(_who(ask), ask.id("id"), accept=ask.body.accept)
        return Answer(status=204)

    async def handover(self, ask: Ask) -> Answer:
        rows = await self._oncall.handover(_who(ask))
        return Answer(
            Listed(
                [
                    HandoverShape(
                        r.case_id, r.tier, r.state, r.raised_at, r.due_at, r.owner_id, r.words,
                        Author(r.by_id, r.by_handle) if r.by_id else None, r.at,
                    )
                    for r in rows
                ]
            )
        )  # fmt: skip

    async def hand_over(self, ask: Ask) -> Answer:
        await self._oncall.hand_over(_who(ask), CaseId(ask.id("id")), ask.body.words)
        return Answer(status=204)

    async def acknowledge(self, ask: Ask) -> Answer:
        return Answer(Acknowledged(await self._reaching.answer_page(_who(ask), PageId(ask.id("id")))))

    # ---- training

    async def training(self, ask: Ask) -> Answer:
        rows = await self._oncall.training(_who(ask))
        return Answer(
            Listed(
                [
                    TrainingShape(
                        r.id,
                        r.member_id,
                        r.lane,
                        r.trained_on,
                        r.expires_on,
                        r.supervisor_id,
                        r.topics_excluded,
                    )
                    for r in rows
                ]
            )
        )

    async def train(self, ask: Ask) -> Answer:
        body: TrainingBody = ask.body
        supervisor = MemberId(body.supervisor) if body.supervisor else None
        topics = [t.strip()[:40] for t in body.topics_excluded][:20]
        row = TrainingRow(
            body.member,
            MemberId(body.member),
            body.lane,
            body.trained_on,
            body.expires_on,
            supervisor,
            topics,
        )  # the id is made where it is kept
        return Answer(Made(await self._oncall.add_training(_who(ask), row)), 201)

    async def untrain(self, ask: Ask) -> Answer:
        await self._oncall.revoke_training(_who(ask), ask.id("id"))
        return Answer(status=204)

    async def spare(self, ask: Ask) -> Answer:
        await self._oncall.spare_me(_who(ask), [t.strip()[:40] for t in ask.body.topics])
        return Answer(status=204)

    # ---- channels, calendars

    async def channels(self, ask: Ask) -> Answer:
        rows = await self._reaching.listed(_who(ask), ask.query.use)
        return Answer(Listed([channel_shape(row) for row in rows]))

    async def channel(self, ask: Ask) -> Answer:
        body: ChannelBody = ask.body
        new = NewChannel(
            body.kind, body.address, body.label, body.style, body.their_key, body.aloud, body.use
        )
        made = await self._reaching.add(_who(ask), new)
        return Answer(msgspec.structs.replace(channel_shape(made), secret=made.secret), 201)

    async def unchannel(self, ask: Ask) -> Answer:
        await self._reaching.revoke(_who(ask), ask.id("id"))
        return Answer(status=204)

    async def calendars(self, ask: Ask) -> Answer:
        rows = await self._reaching.calendars(_who(ask))
        return Answer(Listed([CalendarShape(r.id, r.created_at) for r in rows]))

    async def make_calendar(self, ask: Ask) -> Answer:
        id, token = await self._reaching.make_calendar(_who(ask))
        return Answer(CalendarShape(id, path=f"/calendar/{token}.ics"), 201)

    async def end_calendar(self, ask: Ask) -> Answer:
        await self._reaching.end_calendar(_who(ask), ask.id("id"))
        return Answer(status=204)

    async def calendar(self, request: Request) -> Response:
        """RFC 5545, for calendar programs."""
        try:
            shifts = await self._reaching.calendar(request.path_params["token"])
        except Refusal as refusal:
            return problem(refusal)
        text = icalendar(shifts, self._clock.now())
        return Response(text, headers={"cache-control": "private, no-store"}, media_type="text/calendar")

    async def hook(self, request: Request) -> Response:
        """A signed answer of a webhook: {"page": id, "action": "acknowledge"}."""
        try:
            channel, body = parse_id(request.path_params["channel"]), await read_body(request, BODY_BYTES_MAX)
            try:
                answer = msgspec.json.decode(body, type=HookAnswer)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise Invalid("Expected a page and an action.", code="not_json") from None
            if channel is None:
                raise NotFound
            signature = request.headers.get(HEADER, "")
            await self._reaching.answer_hook(channel, body, signature, PageId(answer.page))
        except Refusal as refusal:
            return problem(refusal)
        return Response(status_code=204)


def _who(ask: Ask) -> Who:
    who = ask.signed()
    return Who(who.member_id, who.is_operator)
