"""The same storm over whole servers: `kith serve` as people run it, cries by HTTP from many members, SIGKILL.

Two servers on one Postgres, or (`--embedded`) one server with its own Postgres, which is killed too. Members' programs
do what a browser does: the same nonce again until somebody answers. `python -m bench.whole_storm`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx2

from bench.processes import family, free_port
from bench.storm import WORDS, Outcome, count, lay, settled, sink
from community.clock import SystemClock
from community.database import Database
from community.ids import MemberId, SessionId, new_id
from community.store import sessions
from community.tokens import new_token, token_hash
from server.keys import FILE as KEYS
from server.keys import load as make_keys
from server.postgres import EmbeddedPostgres
from server.reaching import dsn_for, prepare, prepared
from server.settings import DatabaseSettings, Settings

AT_ONCE: Final = 12
READY_SECONDS: Final = 60.0
CONFIG: Final = """[limits]
scale = 100000
[care]
small_team = "no"
crisis_cases_per_person = 100000
webhook_hosts_inside = ["127.0.0.1"]
"""


@dataclass(slots=True)
class Server:
    """One `kith serve` with its place on the disk. Started again on the same port after each death."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("kith")), "serve", "--port", str(self.port)]
        command += ["--data", str(self.data), "--config", str(self.data / "storm.toml")]
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def kill(self, *, with_postgres: bool) -> None:
        """SIGKILL, at once: no handler runs. Only what this server started itself."""
        assert self.process is not None, "it was started"
        pids = family(self.process.pid) if with_postgres else [self.process.pid]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.deaths += 1

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            self.process.kill()

    async def ready(self, http: httpx2.AsyncClient) -> None:
        async with asyncio.timeout(READY_SECONDS):
            while True:
                with suppress(httpx2.HTTPError):
                    if (await http.get(self.url + "/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.1)


@dataclass(slots=True)
class Crowd:
    """Members' programs: what was answered is kept, and held against the rows at the end."""

    servers: Sequence[Server]
    room: str
    tokens: Sequence[str]
    http: httpx2.AsyncClient
    acknowledged: list[str] = field(default_factory=list)
    tries: int = 0

    async def cry(self, messages: int) -> None:
        places = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._one(n, places) for n in range(messages)))

    async def _one(self, n: int, places: asyncio.Semaphore) -> None:
        body = WORDS[(n + n // len(self.tokens)) % len(WORDS)]
        headers = {"authorization": f"Bearer {self.tokens[n % len(self.tokens)]}"}
        path = f"/api/v1/conversations/{self.room}/messages"
        async with places:
            while True:
                self.tries += 1
                server = self.servers[(n + self.tries) % len(self.servers)]
                with suppress(httpx2.HTTPError):  # died under our hands: the same nonce again
                    answer = await self.http.post(
                        server.url + path, json={"nonce": f"storm-{n}", "body": body}, headers=headers
                    )
                    if answer.status_code < 300:
                        self.acknowledged.append(answer.json()["id"])
                        return
                    assert answer.status_code in (429, 503), answer.text
                await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Plan:
    messages: int
    kills: int
    members: int


async def whole(settings: Settings, servers: Sequence[Server], plan: Plan) -> Outcome:
    """Run it on an empty database: the one that the settings name, or the first server's own, which then dies too.
    What is wrong stands in `wrong`. From the main thread."""
    clock, chance = SystemClock(), random.Random(1)
    messages, own = plan.messages, not settings.database.url
    began = clock.monotonic()
    async with sink() as (pages, url), httpx2.AsyncClient(timeout=10) as http:
        async with _database(settings, servers[0]) as database:
            room, ids = await lay(database, url, members=plan.members)
            tokens = await _sign_in(database, ids)
        crowd = Crowd(servers, room, tokens, http)
        for server in servers:
            server.start()
        await asyncio.gather(*(server.ready(http) for server in servers))
        crying = asyncio.create_task(crowd.cry(messages))
        for n in range(plan.kills):
            await clock.sleep(chance.uniform(0.3, 1.5))
            server = chance.choice(servers)
            server.kill(with_postgres=own and n % 2 == 0)
            server.start()
            await server.ready(http)
        await crying
        async with _database(settings, servers[0]) as database:
            await settled(database, clock, messages)
            outcome = await count(database, pages, messages, plan.kills, clock.monotonic() - began)
            outcome.wrong.extend(await _unkept(database, crowd.acknowledged, messages))
        return outcome


@asynccontextmanager
async def _database(settings: Settings, server: Server) -> AsyncIterator[Database]:
    with dsn_for(settings, server.data) as dsn:
        database = await Database.connect(dsn, pool_max=2)
        try:
            yield database
        finally:
            await database.close()


async def _sign_in(database: Database, ids: Sequence[str]) -> list[str]:
    tokens, now = [new_token() for _ in ids], SystemClock().now()
    async with database.transaction(command_seconds=30) as tx:
        for id, token in zip(ids, tokens, strict=True):
            await sessions.create(
                tx,
                MemberId(UUID(id)),
                id=SessionId(new_id()),
                token_hash=token_hash(token),
                door="bearer",
                label="storm",
                now=now,
                expires_at=now + timedelta(days=1),
            )
    return tokens


async def _unkept(database: Database, acknowledged: Sequence[str], messages: int) -> list[str]:
    """What was answered and isn't there, or is there twice."""
    async with database.read() as conn:
        rows = await conn.fetch("select id from message where held_why is distinct from 'canary'")
    kept = {str(row["id"]) for row in rows}
    wrong = [f"message {id} was acknowledged and is gone" for id in acknowledged if id not in kept]
    if len(kept) != messages or len(set(acknowledged)) != messages:
        wrong.append(f"{messages} said, {len(set(acknowledged))} acknowledged, {len(kept)} kept")
    return wrong


@contextmanager
def places(folder: Path, dsn: str | None, servers: int) -> Iterator[list[Server]]:
    """Directories of servers that share a database (and the key file, as machines of one organisation do), or of
    one with its own."""
    made = []
    for n in range(servers):
        data = folder / f"s{n}"
        data.mkdir(mode=0o700)
        database = f'[database]\nurl = "{dsn}"\n' if dsn else ""
        (data / "storm.toml").write_text(CONFIG + database)
        (data / "storm.toml").chmod(0o600)
        make_keys(data) if n == 0 else shutil.copy2(folder / "s0" / KEYS, data / KEYS)
        made.append(Server(data, free_port()))
    try:
        yield made
    finally:
        for server in made:
            server.stop()


def main() -> None:
    """Postgres with fsync on, in directories of its own that are removed at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1500, help="two in three are cries for help")
    parser.add_argument("--members", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--embedded", action="store_true", help="one server with its own Postgres")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ks", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        outcome = _embedded(folder, given) if given.embedded else _shared(folder, given)
    print(json.dumps(asdict(outcome), indent=2))
    sys.exit(1 if outcome.wrong else 0)


def _shared(folder: Path, given: argparse.Namespace) -> Outcome:
    postgres = EmbeddedPostgres(folder / "data")
    try:
        dsn = postgres.start()
        asyncio.run(prepare(dsn))
        with places(folder, dsn, 2) as servers:
            settings = Settings(database=DatabaseSettings(url=dsn))
            return asyncio.run(whole(settings, servers, Plan(given.messages, given.kills, given.members)))
    finally:
        postgres.stop()


def _embedded(folder: Path, given: argparse.Namespace) -> Outcome:
    with places(folder, None, 1) as servers:
        with prepared(Settings(), servers[0].data):
            pass
        return asyncio.run(whole(Settings(), servers, Plan(given.messages, given.kills, given.members)))


if __name__ == "__main__":
    main()
