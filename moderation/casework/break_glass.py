"""Opening what is sealed, with a written reason and people who are told: wider context of a private conversation,
and who looks over it afterwards. Also the emergency checklist and the alert for clusters, which leads own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Invalid, NotFound
from community.ids import CaseId, MemberId, NoticeId, TeamId, new_id
from community.store import conversations, messages, people
from moderation.casework.notes import Notes
from moderation.desk.ground import DeskGround, Who, staff_words, subject_of
from moderation.desk.looking import Around, around
from moderation.evidence import chain
from moderation.store import audit, paging, queue
from moderation.store import signatures as store
from moderation.store.signatures import Broken

MEMBER_TOLD_AFTER = timedelta(hours=72)
"""The member is told later, when the danger has passed (care.md); the delay is our own value."""
CLUSTER_PEOPLE = 3
CLUSTER_HOURS = 24
ITEMS_MAX = 40
ITEM_CHARS_MAX = 300
BATCH_MAX = 100

DEFAULT_CHECKLIST = (
    "Is somebody's life in danger at this moment, and how do I know?",
    "Ask a second person to sign, now. After three minutes without an answer I may act alone.",
    "Ask the person where they are and who is with them. Write down what they say, with the time.",
    "Tell the person what I am about to do and why, unless that makes it more dangerous.",
    "Ring the emergency number of the place where the person is, not of the place where I am.",
    "Say: who I am, that this is an online community, what was said, where the person may be.",
    "Ring the emergency contact, if the person left one. Say only what they need to help.",
    "Stay with the person in the letters until help is there or the line goes quiet.",
    "Write what was done and when. Take a break; talk it over with somebody today.",
)


class BreakGlass:
    def __init__(self, ground: DeskGround, notes: Notes) -> None:
        self._ground = ground
        self._notes = notes

    async def context(self, who: Who, id: CaseId, reason: str) -> Around:
        """What was said around the case's message in a private conversation. Lead and data officer are told at
        once, the member and whom they talked with later. Raises NotFound, Invalid without a reason."""
        why, now = staff_words(reason), self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            row, _ = await self._ground.visible(tx, who, id)
            words = await messages.views(tx, row.case.messages)
            member = await subject_of(tx, row)
            told = now + MEMBER_TOLD_AFTER
            broken = Broken(new_id(), id, member, who.member_id, "context", now, told, None)
            seen = await around(tx, words, private_too=True)
            others = [one for one in await self._both_of(tx, seen) if one not in (who.member_id, member)]
            kept = await self._notes.seal(tx, id, why)
            await store.add_broken(tx, broken, reason=kept, others=others)
            await tell_staff(tx, row.team_id, "break_glass", besides=who.member_id, now=now)
            await audit.append(tx, [chain.entry("context.seen", who.member_id, id)], now=now)
            return seen

    async def _both_of(self, tx: Tx, seen: Around) -> set[MemberId]:
        """The two of a pairing that was opened; nobody for letters, which the team wrote itself."""
        people: set[MemberId] = set()
        for id in {m.c for m in (*seen.before, *seen.after) if m.c is not None}:
            place = await conversations.get(tx, id)
            if place is not None and place.kind == "pairing" and place.group_id is not None:
                people |= set(await conversations.participants(tx, id))
        return people

    async def opened(self, who: Who) -> list[Broken]:
        """Everything that was opened, for leads, data officers and the outsider; nothing of a case about
        themselves or somebody they are tied to. Raises NotFound."""
        async with self._ground.database.read() as conn:
            rows = await store.broken_in(conn, await self._watched(conn, who))
            barred = await self._barred(conn, who, {row.case_id for row in rows})
        return [row for row in rows if row.case_id not in barred]

    async def review(self, who: Who, id: UUID) -> None:
        """Somebody other than who opened it has looked. Raises NotFound."""
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            teams = await self._watched(tx, who)
            case = await store.broken_case(tx, id)
            if case is None or await self._barred(tx, who, {case}):
                raise NotFound
            if not await store.review_broken(tx, id, who.member_id, teams, now=now):
                raise NotFound

    async def checklist(self, who: Who, team: TeamId) -> list[str]:
        """What to do when a life is in danger: the organisation's own list, or the one we ship."""
        async with self._ground.database.read() as conn:
            rights = await self._ground.rights(conn, who)
            if team not in rights.care_teams:
                raise NotFound
            found = await store.checklist(conn, team)
        return list(DEFAULT_CHECKLIST) if found is None else found[1]

    async def set_checklist(self, who: Who, team: TeamId, items: list[str]) -> None:
        """The organisation's own list, set by a lead. Raises NotFound, Invalid."""
        clean = [item.strip() for item in items if item.strip()]
        if not 1 <= len(clean) <= ITEMS_MAX or any(len(i) > ITEM_CHARS_MAX or "\0" in i for i in clean):
            raise Invalid(f"Please write 1 to {ITEMS_MAX} short lines.", code="bad_checklist")
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            if team not in (await self._ground.rights(tx, who)).lead_teams:
                raise NotFound
            await store.put_checklist(tx, team, clean, who.member_id, now=now)
            await audit.append(tx, [chain.entry("checklist.set", who.member_id, team)], now=now)

    async def _barred(self, conn: Conn, who: Who, cases: set[CaseId]) -> set[CaseId]:
        """Those of these cases that don't exist for this person, whatever their duty."""
        sights = await queue.sights(conn, sorted(cases))
        return {id for id, sight in sights.items() if who.member_id in sight.about | sight.tied}

    async def _watched(self, conn: Conn, who: Who) -> list[TeamId]:
        """Teams whose broken glass this person looks over."""
        held = {
            team
            for team, office in await store.offices_of(conn, who.member_id)
            if office != "child_safeguarding"
        }
        if not held:
            rights = await self._ground.rights(conn, who)
            held = set(rights.lead_teams)
        if not held:
            raise NotFound
        return sorted(held)


async def tell_staff(tx: Tx, team: TeamId, kind: str, *, besides: MemberId, now: datetime) -> int:
    """Leads hear of it, and of broken glass the data officer too; never whoever did it, or is accused. Without any
    other lead the operators do. Answers how many heard."""
    told = set(await store.leads(tx, team))
    if not told - {besides}:
        told = set(await paging.operators(tx))
    if kind == "break_glass":
        told |= set(await store.officers(tx, team, "data_officer"))
    for member in sorted(told - {besides}):
        await people.add_notice(
            tx, member, id=NoticeId(new_id()), kind=kind, message_id=None, parameters={}, now=now
        )
    return len(told - {besides})


class WatchJob:
    """Tells members later that something of theirs was opened, and leads of several people in danger in one
    group. Any number of processes; each once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> int:
        """How many were told."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            members = await store.take_untold(tx, now=now, limit=BATCH_MAX)
            for member in members:
                await people.add_notice(
                    tx, member, id=NoticeId(new_id()), kind="opened", message_id=None, parameters={}, now=now
                )
            found = await store.new_clusters(tx, now=now, people_min=CLUSTER_PEOPLE, hours=CLUSTER_HOURS)
            for group, team, count in found:
                for lead in await store.leads(tx, team):
                    await people.add_notice(
                        tx,
                        lead,
                        id=NoticeId(new_id()),
                        kind="cluster",
                        message_id=None,
                        parameters={"group": str(group), "people": count},
                        now=now,
                    )
        return len(members) + len(found)
