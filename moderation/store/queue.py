"""The queue: which cases exist for whom, most urgent first.

A case never shows itself to the person it is about, to whoever declared a tie to them or is in a pairing with them,
nor to whom words in it accuse; one about somebody of the team is for its lead alone. `sight` reads the same facts
for one case, and a test holds both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.ids import CaseId, GroupId, MemberId, TeamId
from moderation.store.cases import CASE, CaseRow, case_row

# c: moderation_case, s: the message that a conduct case is about. Everyone whom a case is about.
ABOUT = """
    array_remove(array[c.member_id, s.author_id, (select k.about_id from complaint k where k.case_id = c.id)], null)
"""


# Whom words in the case accuse: a report about staff that carries a care finding stands in its writer's case too.
_ACCUSED = """
    select k.about_id
    from complaint k
    join moderation_case w on w.id = k.case_id
    join case_message cm on cm.message_id = w.message_id
    where cm.case_id = c.id
      and k.about_id is not null
"""


def _tied(ids: str) -> str:
    """Whoever stands too near: by a declared tie, because words in the case accuse them, or in an open pairing, where
    one must be able to speak to the team about the other. A pairing bars only while somebody else of the team is
    there: nobody's cry goes unanswered for it."""
    return f"""
    with near as (select t.staff_id as id from tie t where t.member_id = any({ids}) union {_ACCUSED}),
    paired as (
      select case when p.member_id = any({ids}) then p.beside_id else p.member_id end as id
      from pairing p
      where p.state = 'open'
        and (p.member_id = any({ids}) or p.beside_id = any({ids})))
    select id from near
    union
    select id
    from paired
    where id is not null
      and exists (
        select 1
        from team_member o
        join member m on m.id = o.member_id
        where o.team_id = c.team_id
          and case when c.lane = 'care' then o.care or o.lead else o.conduct or o.lead end
          and m.suspended_at is null
          and m.erased_at is null
          and o.member_id <> all({ids})
          and o.member_id not in (select id from near)
          and o.member_id not in (select id from paired where id is not null))
    """  # noqa: S608


TIED = _tied("a.ids")  # beside a lateral a (ids): ABOUT
TIED_TO_SUBJECT = _tied("array[c.member_id]")


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides whether a case exists for somebody."""

    about: frozenset[MemberId]
    staff: bool  # somebody of the same team is among them
    group_staff: bool  # a moderator or owner of its group is among them
    tied: frozenset[MemberId]  # who stands too near to one of them, and whom words in it accuse


async def sight(conn: Conn, id: CaseId) -> Sight:
    found = await sights(conn, [id])
    assert id in found, "the caller has read the case"
    return found[id]


async def sights(conn: Conn, ids: Sequence[CaseId]) -> dict[CaseId, Sight]:
    """What decides it for each of these cases, in one reading."""
    rows = await conn.fetch(
        f"""
        select c.id, a.ids as about,
               exists (select 1 from team_member t
                       where t.team_id = c.team_id and t.member_id = any(a.ids)) as staff,
               exists (select 1 from membership m
                       where m.group_id = c.group_id and m.member_id = any(a.ids)
                         and m.state = 'member' and m.role in ('moderator', 'owner')) as group_staff,
               array({TIED}) as tied
        from moderation_case c
        left join message s on s.id = c.message_id
        cross join lateral (select {ABOUT} as ids) a
        where c.id = any($1::uuid[])
        """,  # noqa: S608
        list(ids),
    )
    return {
        r["id"]: Sight(frozenset(r["about"]), r["staff"], r["group_staff"], frozenset(r["tied"]))
        for r in rows
    }


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a moderator may see and wants to: teams for the care lane, groups for conduct."""

    me: MemberId
    care_teams: Sequence[TeamId]
    conduct_groups: Sequence[GroupId]
    conduct_teams: Sequence[TeamId]
    lead_teams: Sequence[TeamId]
    now: datetime
    lane: str | None = None
    state: str | None = None


_AMBERS = """
    (select count(*) from message x join verdict v on v.id = x.verdict_id
     where x.author_id = c.member_id and v.tier <> 'green' and x.created_at > $8::timestamptz - {since}
       and x.created_at <= $8::timestamptz - {until})
"""
_IN_72_H = _AMBERS.format(since="interval '72 hours'", until="interval '0'")
_THIS_WEEK = _AMBERS.format(since="interval '7 days'", until="interval '0'")
_USUAL = _AMBERS.format(since="interval '63 days'", until="interval '7 days'")
_WATCHED = """
    exists (select 1 from memorial d join membership s on s.member_id = d.member_id and s.state = 'member'
            where s.group_id = c.group_id and d.watch_until > $8::timestamptz)
"""
_UNHEARD = """
    not exists (
      select 1 from case_message cm join message x on x.id = cm.message_id
      join message r on r.conversation_id = x.conversation_id and r.seq > x.seq and r.author_id <> x.author_id
      where cm.case_id = c.id)
"""


# As moderation/reporters.weight, summed: never less than 1 for anyone's flag.
_WEIGHT = """
    (select coalesce(sum(1 + greatest(0, 2 * (o.hits + 2.0) / (o.judged + 4) - 1)), 0)
     from flag f
     cross join lateral (
       select count(*) filter (where e.upheld) as hits, count(e.upheld) as judged
       from flag e where e.member_id = f.member_id and e.id <> f.id) o
     where f.message_id = c.message_id and f.kind = 'breaks_a_rule')
"""


async def queue(conn: Conn, wanted: QueueFilter, *, offset: int, limit: int) -> list[CaseRow]:
    """Most urgent first, then one's own, then longest waiting: never an amber above a red. Among ambers
    (care.md: triage starves them) three in 72 hours go first, then groups that mourn somebody, then the
    greatest change from that person's usual, then whom nobody answered. Conduct: more, and more often right,
    reporters first."""
    rows = await conn.fetch(
        f"""
        select {CASE}
        from moderation_case c
        left join message s on s.id = c.message_id
        cross join lateral (select {ABOUT} as ids) a
        where ((c.lane = 'care' and c.team_id = any($1::uuid[]))
            or (c.lane = 'conduct' and (c.group_id = any($2::uuid[]) or c.team_id = any($3::uuid[]))))
          and ($4::text is null or c.lane = $4)
          and case when $5::text is null then c.state <> 'closed' else c.state = $5 end
          and not c.canary
          and $6 <> all(a.ids)
          and $6 not in ({TIED})
          and (c.team_id = any($7::uuid[]) or not exists (
                select 1 from team_member t where t.team_id = c.team_id and t.member_id = any(a.ids)))
          and (c.lane = 'care' or c.team_id = any($3::uuid[]) or not exists (
                select 1 from membership m
                where m.group_id = c.group_id and m.member_id = any(a.ids)
                  and m.state = 'member' and m.role in ('moderator', 'owner')))
        order by c.lane,
                 c.state = 'decided',
                 array_position(array['crisis', 'red', 'amber', 'green'], c.tier),
                 c.owner_id is not distinct from $6 desc,
                 case when c.lane = 'conduct' then {_WEIGHT} end desc nulls last,
                 case when c.tier = 'amber' then {_IN_72_H} >= 3 end desc nulls last,
                 case when c.tier = 'amber' then {_WATCHED} end desc nulls last,
                 case when c.tier = 'amber' then {_THIS_WEEK} - {_USUAL} / 8.0 end desc nulls last,
                 case when c.tier = 'amber' then {_UNHEARD} end desc nulls last,
                 c.raised_at, c.id
        offset $9
        limit $10
        """,  # noqa: S608
        list(wanted.care_teams),
        list(wanted.conduct_groups),
        list(wanted.conduct_teams),
        wanted.lane,
        wanted.state,
        wanted.me,
        list(wanted.lead_teams),
        wanted.now,
        offset,
        limit,
    )
    return [found for row in rows if (found := case_row(row)) is not None]
