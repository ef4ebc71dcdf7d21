"""The storm: many cries at once while the processes that carry them are killed and started again.

Two processes run the gate, the escalator, the sender and the clocks of cases against one Postgres; a third
(this one) kills them at random with SIGKILL, starts them again, takes their pages as a webhook server, and counts
at the end what the rows say and what arrived. `python -m bench.storm --messages 1500 --members 500 --kills 20`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from community.bus import LocalBus
from community.clock import SystemClock
from community.database import Database
from community.errors import Refusal, Unavailable
from community.helplines import Helplines
from community.ids import ConversationId, GroupId, MemberId, TeamId, new_id
from community.migrate import migrate
from community.store import conversations, groups, organisation, people
from community.store.groups import GroupRow, MembershipRow
from community.store.people import NewMember
from moderation.casework.case_clocks import CaseClocks
from moderation.casework.casework import Casework
from moderation.casework.ledger import check_all
from moderation.gate.deciding import Decider
from moderation.gate.gate import Gate
from moderation.gate.limits import Limiter, SendLimits
from moderation.gate.submissions import Send
from moderation.gate.support import Support
from moderation.oncall.channels.webhook import Webhook
from moderation.oncall.cover import CareSettings
from moderation.oncall.escalator import Escalator
from moderation.oncall.sender import Sender
from moderation.pipeline.rules import shipped
from moderation.store import channels, roster, teams
from moderation.store.channels import Channel
from moderation.store.roster import Shift
from moderation.store.teams import Seat

WORDS: Final = (
    "I have taken all my tablets and I won't wake up again",
    "I want to end my life",
    "the bus was late again and my tea went cold",
)
LEASE: Final = timedelta(seconds=6)
"""Shorter than in service, so that what a dead process held is seen to within the run."""
NAMES: Final = UUID("5a4b6f0e-7d6c-4d8a-9b58-0e4c2f6b1a11")
CHANNELS: Final = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What a worker is told, on its command line."""

    dsn: str
    room: str
    members: list[str]
    messages: int
    worker: int
    workers: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rows say and what arrived."""

    messages: int
    care_messages: int
    cases: int
    crisis_cases: int
    pages: int
    due_times: int
    sent: int
    arrived: int
    unknown: int
    kills: int
    wrong: list[str]
    first_page_p50_s: float
    first_page_p99_s: float
    first_page_max_s: float
    took_s: float


# ---- a worker


async def work(plan: Plan) -> None:
    """Send one's share of the messages (again, after a death: nonces make that harmless), and run the jobs."""
    clock, bus = SystemClock(), LocalBus()
    database = await Database.connect(plan.dsn, pool_max=8)
    casework = Casework(Support(Helplines()))
    gate = Gate(
        database, clock, bus, Decider(shipped(), clock.monotonic), casework, Limiter(SendLimits(scale=1e9))
    )
    settings = CareSettings(small_team="no", crisis_cases_max=10**6)
    escalator = Escalator(database, clock, bus, casework, settings)
    sender = Sender(
        database,
        clock,
        bus,
        "http://127.0.0.1",
        {"webhook": Webhook(clock, inside=["127.0.0.1"])},
        lease=LEASE,
    )
    await gate.start()
    print("ready", flush=True)
    await asyncio.gather(
        _cry(gate, plan),
        repeat(clock, escalator.run, 1.0),
        repeat(clock, sender.run, 0.5),
        repeat(clock, CaseClocks(database, clock, bus, casework).run, 5.0),
    )


async def _cry(gate: Gate, plan: Plan) -> None:
    places = asyncio.Semaphore(12)

    async def one(n: int) -> None:
        member = MemberId(UUID(plan.members[n % len(plan.members)]))
        send = Send(
            member,
            ConversationId(UUID(plan.room)),
            f"storm-{n}",
            WORDS[(n + n // len(plan.members)) % len(WORDS)],
        )
        async with places:
            while True:
                try:
                    await gate.send(send)
                    return
                except Unavailable:
                    continue  # the same nonce: at most once, at least once
                except Refusal:
                    return

    await asyncio.gather(*(one(n) for n in range(plan.worker, plan.messages, plan.workers)))


async def repeat(clock: SystemClock, job: Any, every_s: float) -> None:
    """As server/jobs.py does it."""
    while True:
        with suppress(Unavailable):
            await job()
        await clock.sleep(every_s)


# ---- the driver


class Sink:
    """Where pages go: a webhook server that remembers what came when."""

    def __init__(self) -> None:
        self.got: list[tuple[datetime, dict[str, Any]]] = []
        self._clock = SystemClock()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            self.got.append((self._clock.now(), body))
            writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def sink() -> AsyncIterator[tuple[Sink, str]]:
    made = Sink()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    try:
        yield made, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/pages"
    finally:
        server.close()
        await server.wait_closed()


async def storm(dsn: str, *, messages: int, kills: int, members: int = 30, seed: int = 1) -> Outcome:
    """Run it on a migrated, empty database. What is wrong stands in `wrong`."""
    clock, chance = SystemClock(), random.Random(seed)
    began = clock.monotonic()
    database = await Database.connect(dsn, pool_max=3)
    try:
        async with sink() as (server, url):
            room, authors = await lay(database, url, members=members)
            plans = [Plan(dsn, room, authors, messages, n, 2) for n in range(2)]
            processes = [await _start(plan) for plan in plans]
            for _ in range(kills):
                await clock.sleep(chance.uniform(0.2, 1.2))
                n = chance.randrange(2)
                processes[n].kill()
                await processes[n].wait()
                processes[n] = await _start(plans[n])
            await settled(database, clock, messages)
            for process in processes:
                process.kill()
                await process.wait()
            return await count(database, server, messages, kills, clock.monotonic() - began)
    finally:
        await database.close()


async def _start(plan: Plan) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.storm", "--worker", json.dumps(asdict(plan)),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n", "a worker didn't start"
    return process


async def lay(database: Database, url: str, *, members: int) -> tuple[str, list[str]]:
    """A group with a room and many members, and a team of three who are reached by two webhooks each."""
    now, room, group = SystemClock().now(), ConversationId(new_id()), GroupId(new_id())
    ids = [MemberId(uuid5(NAMES, str(n))) for n in range(members)]
    staff = [MemberId(new_id()) for _ in range(3)]
    async with database.transaction(command_seconds=30) as tx:
        await organisation.found(tx, now=now)
        team: TeamId = await groups.default_team(tx)
        row = GroupRow(
            group,
            team,
            "storm",
            "Storm",
            "chronic-illness",
            "members",
            "open",
            {},
            {},
            1,
            "Be kind.",
            1,
            False,
        )
        await groups.add(tx, row, now=now)
        for n, id in enumerate([*ids, *staff]):
            handle = f"m{n:05}"
            await people.add(tx, NewMember(id, handle, handle, "x", None, "GB", "en", False), now=now)
            await groups.put_membership(tx, MembershipRow(group, id, "member", "member", 1, None, None, now))
        await conversations.create(tx, room, kind="room", group_id=group, now=now)
        for n, id in enumerate(staff):
            await teams.put_seat(tx, team, Seat(team, id, None, True, True, n == 2), now=now)
            shift = Shift(id, ("primary", "secondary", "lead")[n], now, now + timedelta(hours=12))  # type: ignore[arg-type]
            await roster.add_shift(tx, team, shift)
            for k in range(CHANNELS):
                channel = Channel(
                    new_id(), team, id, "person", "webhook", "kith", f"{k}", url, "", "s" * 32, k == 0, 0,
                    None, None, None,
                )  # fmt: skip
                await channels.add(tx, channel, now=now)
    return str(room), [str(id) for id in ids]


async def settled(database: Database, clock: SystemClock, messages: int) -> None:
    """Everything said, every page's first step taken, nothing under way."""
    while True:
        async with database.read() as conn:
            row = await conn.fetchrow(
                """
                select (select count(*) from submission) >= $1
                   and not exists (select 1 from page where due_at <= $2 and state = 'waiting')
                   and not exists (select 1 from page where round = 0 and state = 'waiting')
                   and not exists (select 1 from page_attempt where outcome is null) as settled
                """,
                messages,
                clock.now(),
            )
        assert row is not None, "one row"
        if row["settled"]:
            return
        await clock.sleep(0.3)


async def count(database: Database, server: Sink, messages: int, kills: int, took_s: float) -> Outcome:
    async with database.transaction(command_seconds=60) as tx:
        wrong: list[str] = []
        care = await tx.fetch(
            """
            select m.id, count(c.id) as cases
            from message m
            join verdict v on v.id = m.verdict_id
            left join case_message cm on cm.message_id = m.id
            left join moderation_case c on c.id = cm.case_id and c.lane = 'care'
            where v.tier in ('amber', 'red', 'crisis')
              and m.held_why is distinct from 'canary'
            group by m.id
            """
        )
        wrong += [f"message {row['id']} is in {row['cases']} care cases" for row in care if row["cases"] != 1]
        cases = await tx.fetch(
            "select id, member_id, tier from moderation_case where lane = 'care' and not canary"
        )
        twice = [id for id, n in Counter(row["member_id"] for row in cases).items() if n != 1]
        wrong += [f"{len(twice)} members have more than one case"] if twice else []
        pages = await tx.fetch(
            "select p.id, p.case_id, p.opened_at from page p join moderation_case c on c.id = p.case_id "
            "where not c.canary"
        )
        attempts = await tx.fetch("select id, page_id, due_at, outcome, channel_id from page_attempt")
        _, mismatches = await check_all(tx)
        wrong += [f"case {m.case}: {m.what}" for m in mismatches]
    arrived = Counter(body["id"] for _, body in server.got)
    wrong += [f"attempt {id} arrived {n} times" for id, n in arrived.items() if n > 1]
    hooks = [row for row in attempts if row["channel_id"] is not None]
    sent = [row for row in hooks if row["outcome"] == "sent"]
    lost = [row for row in sent if str(row["id"]) not in arrived]
    wrong += [f"{len(lost)} attempts are marked as sent and never arrived"] if lost else []
    first: dict[str, datetime] = {}
    for at, body in server.got:
        first.setdefault(body["page"], at)
    reached = {row["case_id"] for row in pages if str(row["id"]) in first}
    crisis = [row["id"] for row in cases if row["tier"] == "crisis"]
    wrong += [f"crisis case {id} was never paged" for id in crisis if id not in reached]
    waits = sorted(
        (first[str(p["id"])] - p["opened_at"]).total_seconds() for p in pages if str(p["id"]) in first
    )
    return Outcome(
        messages=messages,
        care_messages=len(care),
        cases=len(cases),
        crisis_cases=len(crisis),
        pages=len(pages),
        due_times=len({(row["page_id"], row["due_at"]) for row in attempts}),
        sent=len(sent),
        arrived=sum(arrived.values()),
        unknown=sum(row["outcome"] == "unknown" for row in hooks),
        kills=kills,
        wrong=wrong,
        first_page_p50_s=round(share(waits, 0.5), 3),
        first_page_p99_s=round(share(waits, 0.99), 3),
        first_page_max_s=round(waits[-1], 3) if waits else 0.0,
        took_s=round(took_s, 1),
    )


def share(values: list[float], part: float) -> float:
    """That part of the sorted values lies below."""
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def main() -> None:
    """Embedded Postgres with fsync on, in a directory of its own that is removed at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1500, help="two in three are cries for help")
    parser.add_argument("--members", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--worker")
    given = parser.parse_args()
    if given.worker:
        asyncio.run(work(Plan(**json.loads(given.worker))))
        return
    from server.postgres import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="ks", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        postgres = EmbeddedPostgres(Path(folder) / "data")
        try:
            dsn = postgres.start()
            asyncio.run(migrate(dsn))
            outcome = asyncio.run(
                storm(dsn, messages=given.messages, kills=given.kills, members=given.members)
            )
        finally:
            postgres.stop()
    print(json.dumps(asdict(outcome), indent=2))
    sys.exit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    main()
