"""Evidence over HTTP, for leads: figures with misses listed, precision of rules, the public report, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response

from community.clock import Clock
from community.database import Conn, Database
from community.errors import Invalid, NotFound
from community.ids import CaseId, MessageId, TeamId
from community.store import messages
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Listed
from moderation.casework.acts import decode
from moderation.casework.case import Past
from moderation.casework.rights import desk_rights
from moderation.desk.ground import Who
from moderation.desk.letters_api import who_of
from moderation.evidence import audit, figures
from moderation.evidence.figures import Episode, Miss
from moderation.pipeline.types import Tier
from moderation.store import cases, histories, queue
from moderation.store import figures as store

SPAN_DAYS_MAX = 400


class SpanQuery(msgspec.Struct, frozen=True):
    """Days as YYYY-MM-DD, the second not included; the last 28 without any."""

    start: str = ""
    end: str = ""


class TimesShape(msgspec.Struct, frozen=True):
    count: int
    median_s: float | None
    p90_s: float | None


class TierShape(msgspec.Struct, frozen=True):
    tier: str
    episodes: int
    to_page: TimesShape
    to_acknowledge: TimesShape
    to_words: TimesShape
    missed_acknowledge: int
    missed_words: int


class MissShape(msgspec.Struct, frozen=True):
    case: UUID
    tier: str
    clock: str
    target_s: float
    took_s: float | None


class RuleShape(msgspec.Struct, frozen=True):
    rule: str
    found: int
    judged: int
    right: int
    precision: float | None


class Statistics(msgspec.Struct, frozen=True):
    start: datetime
    end: datetime
    tiers: list[TierShape]
    misses: list[MissShape]
    counts: dict[str, int]
    rules: list[RuleShape]


class Transparency(msgspec.Struct, frozen=True):
    """For the public: null is "fewer than five" or hidden beside one that is."""

    start: datetime
    end: datetime
    counts: dict[str, int | None]
    care_by_tier: dict[str, int | None]
    small: int


class Verdict(msgspec.Struct, frozen=True):
    message: str
    n: int
    right: bool


class VerdictsBody(msgspec.Struct, frozen=True):
    """Which findings of a case's messages were right; `n` counts a message's findings from 0."""

    findings: list[Verdict]


class PatternShape(msgspec.Struct, frozen=True):
    member: Author
    flags: int
    unfounded: int


class AuditShape(msgspec.Struct, frozen=True):
    entries: int
    waiting: int
    cases: int
    end: str
    faults: list[str]


class EvidenceApi:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def calls(self) -> list[Call]:
        return [
            Call("GET", "/moderation/statistics", self.statistics, "How it went", query=SpanQuery,
                 answers={200: Statistics}),
            Call("GET", "/moderation/statistics/csv", self.csv, "The same as CSV", query=SpanQuery),
            Call("GET", "/moderation/transparency", self.transparency, "For the public", query=SpanQuery,
                 answers={200: Transparency}),
            Call("GET", "/moderation/patterns", self.patterns, "Worries that were none",
                 answers={200: Listed[PatternShape]}),
            Call("GET", "/moderation/audit", self.verify, "Whether the log holds", answers={200: AuditShape}),
            Call("POST", "/moderation/cases/{id}/verdicts", self.verdicts, "Was the rule right?",
                 body=VerdictsBody, answers={204: None}),
        ]  # fmt: skip

    async def statistics(self, ask: Ask) -> Answer:
        return Answer(await self.figures(who_of(ask), ask.query))

    async def csv(self, ask: Ask) -> Answer:
        made = await self.figures(who_of(ask), ask.query)
        headers = {
            "cache-control": "no-store",
            "content-disposition": 'attachment; filename="kith-figures.csv"',
        }
        return Answer(Response(as_csv(made), media_type="text/csv; charset=utf-8", headers=headers))

    async def transparency(self, ask: Ask) -> Answer:
        start, end = self._span(ask.query)
        async with self._database.read() as conn:
            teams = await self._led(conn, who_of(ask))
            found = await read_episodes(conn, teams, start=start, end=end)
            counts = await store.counts(conn, teams, start=start, end=end)
        tiers = {t.name: sum(e.tier is t for e in found) for t in (Tier.crisis, Tier.red, Tier.amber)}
        shown = {name: None if 0 < n < figures.SMALL else n for name, n in counts.items()}
        return Answer(Transparency(start, end, shown, figures.suppressed(tiers), figures.SMALL))

    async def patterns(self, ask: Ask) -> Answer:
        since = self._clock.now() - timedelta(days=90)
        async with self._database.read() as conn:
            teams = await self._led(conn, who_of(ask))
            rows = await store.worried_patterns(conn, teams, since=since)
        return Answer(
            Listed([PatternShape(Author(r.member_id, r.handle), r.flags, r.unfounded) for r in rows])
        )

    async def verify(self, ask: Ask) -> Answer:
        async with self._database.transaction(isolation="repeatable read", command_seconds=120) as tx:
            await self._led(tx, who_of(ask))
            report = await audit.verify(tx)
        return Answer(
            AuditShape(report.entries, report.waiting, report.cases, report.end, list(report.faults))
        )

    async def verdicts(self, ask: Ask) -> Answer:
        who, now = who_of(ask), self._clock.now()
        async with self._database.transaction() as tx:
            rights = await desk_rights(tx, who.member_id, is_operator=who.is_operator)
            row = await cases.get(tx, ask.id("id"))  # type: ignore[arg-type]
            if row is None or not rights.may_see(row, await queue.sight(tx, row.id)):
                raise NotFound
            for said in ask.body.findings:
                message = next((m for m in row.case.messages if str(m) == said.message), None)
                found = None if message is None else await messages.get(tx, MessageId(message))
                if found is None or not await store.review(
                    tx, (found.verdict_id, said.n), who.member_id, is_right=said.right, now=now
                ):
                    raise Invalid("That finding isn't part of this case.", code="not_in_case")
        return Answer(status=204)

    # ---- inner

    async def figures(self, who: Who, query: SpanQuery) -> Statistics:
        """For pages too. Raises NotFound for whoever leads no team, Invalid for a span that is none."""
        start, end = self._span(query)
        now = self._clock.now()
        async with self._database.read() as conn:
            teams = await self._led(conn, who)
            found = await read_episodes(conn, teams, start=start, end=end)
            counts = await store.counts(conn, teams, start=start, end=end)
            rules = await store.precision(conn, start=start, end=end)
            missed = figures.misses(found, now)
            named = await nameable(conn, who, [miss.case for miss in missed])
        return Statistics(
            start=start,
            end=end,
            tiers=[_tier(t, found, missed) for t in (Tier.crisis, Tier.red, Tier.amber)],
            misses=[_miss(m) for m in missed if m.case in named],
            counts=counts,
            rules=[
                RuleShape(r.rule, r.found, r.judged, r.right, r.right / r.judged if r.judged else None)
                for r in rules
            ],
        )

    async def _led(self, conn: Conn, who: Who) -> list[TeamId]:
        """Teams that this person leads. Raises NotFound for everyone else."""
        rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
        if not rights.lead_teams:
            raise NotFound
        return sorted(rights.lead_teams)

    def _span(self, query: SpanQuery) -> tuple[datetime, datetime]:
        now = self._clock.now()
        end = _day(query.end) if query.end else now + timedelta(microseconds=1)  # this moment too
        start = _day(query.start) if query.start else end - timedelta(days=28)
        if not timedelta() < end - start <= timedelta(days=SPAN_DAYS_MAX):
            raise Invalid(f"Please choose 1 to {SPAN_DAYS_MAX} days.", code="bad_span")
        return start, end


async def nameable(conn: Conn, who: Who, ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of these cases that exist for this person: one about themselves, or about somebody they are tied to, is
    counted with the others and never named."""
    known = list(dict.fromkeys(ids))
    rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
    sights = await queue.sights(conn, known)
    rows = await cases.get_many(conn, known)
    return {id for id, row in rows.items() if rights.may_see(row, sights[id])}


async def read_episodes(
    conn: Conn, teams: Sequence[TeamId], *, start: datetime, end: datetime
) -> list[Episode]:
    """Every run of a clock that began in the time between."""
    ids = await store.care_cases(conn, teams, start=start, end=end)
    sent = await store.pages_sent(conn, ids)
    found: list[Episode] = []
    for id, rows in (await histories.of_many(conn, ids)).items():
        told = [Past(decode(r.act, r.parameters), r.at, r.times) for r in rows]
        found += [e for e in figures.episodes(id, told, sent.get(id, [])) if start <= e.started < end]
    return found


def as_csv(made: Statistics) -> str:
    """One table: kind, name, and numbers. Spreadsheets open it as it is; nothing in it begins a formula."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["kind", "name", "measure", "value"])
    for tier in made.tiers:
        for measure, times in (
            ("to_page", tier.to_page), ("to_acknowledge", tier.to_acknowledge), ("to_words", tier.to_words),
        ):  # fmt: skip
            for name in ("count", "median_s", "p90_s"):
                sheet.writerow(["tier", tier.tier, f"{measure}_{name}", getattr(times, name)])
        sheet.writerow(["tier", tier.tier, "missed_acknowledge", tier.missed_acknowledge])
        sheet.writerow(["tier", tier.tier, "missed_words", tier.missed_words])
    for miss in made.misses:
        sheet.writerow(["miss", miss.case, f"{miss.tier} {miss.clock}", miss.took_s])
    for name, count in made.counts.items():
        sheet.writerow(["count", name, "number", count])
    for rule in made.rules:
        sheet.writerow(["rule", rule.rule, "precision", rule.precision])
    return out.getvalue()


def _tier(tier: Tier, found: Sequence[Episode], missed: Sequence[Miss]) -> TierShape:
    mine = [e for e in found if e.tier is tier]
    return TierShape(
        tier=tier.name,
        episodes=len(mine),
        to_page=_times([e.paged - e.started for e in mine if e.paged]),
        to_acknowledge=_times([e.acknowledged - e.started for e in mine if e.acknowledged]),
        to_words=_times([e.spoken - e.started for e in mine if e.spoken]),
        missed_acknowledge=sum(m.tier is tier and m.clock == "acknowledge" for m in missed),
        missed_words=sum(m.tier is tier and m.clock == "words" for m in missed),
    )


def _times(times: list[timedelta]) -> TimesShape:
    made = figures.spread(times)
    return TimesShape(made.count, _seconds(made.median), _seconds(made.p90))


def _miss(miss: Miss) -> MissShape:
    return MissShape(miss.case, miss.tier.name, miss.clock, miss.target.total_seconds(), _seconds(miss.took))


def _seconds(value: timedelta | None) -> float | None:
    return None if value is None else value.total_seconds()


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("A day looks like 2026-01-31.", code="bad_span") from None


__all__: list[Any] = ["EvidenceApi", "as_csv", "read_episodes"]
