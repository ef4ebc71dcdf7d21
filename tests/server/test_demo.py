"""kith demo: an empty server becomes a place with people in it, by the same doors that people use."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from community.bus import LocalBus
from community.clock import SystemClock
from community.database import Database
from community.errors import Conflict
from community.people import Doorway
from server.assembly import Tools, furnish
from server.checking import check
from server.demo import SCRIPT, Script, fill
from server.reaching import prepare
from server.settings import Settings


@pytest.fixture
async def told(dsn: str, tmp_path: Path) -> list[str]:
    await prepare(dsn)
    return await fill(Settings(), tmp_path, dsn)


async def test_an_empty_server_becomes_a_living_place(told: list[str], dsn: str, tmp_path: Path) -> None:
    database = await Database.connect(dsn, pool_max=2)
    house = furnish(Settings(), tmp_path, database, Tools(SystemClock(), LocalBus()))
    try:
        passwords = dict(line.split()[:2] for line in told[2:])
        signed = await house.people.sign_in(
            "kettle", passwords["kettle"], Doorway("bearer", "127.0.0.1", "test")
        )
        mine = await house.groups.of_member(signed.member_id)
        assert {group.name for group in mine} == {"Slow mornings", "Steady hands"}
        async with database.read() as conn:
            tiers = await conn.fetch(
                "select distinct tier from moderation_case where lane = 'care' order by 1"
            )
            assert {"amber", "red"} <= {row["tier"] for row in tiers}
            assert await conn.fetchval("select count(*) from moderation_case where lane = 'conduct'") >= 1
            lines = await conn.fetchval(
                "select last_seq from conversation c join pairing p on p.conversation_id = c.id where p.state = 'open'"
            )
            assert lines == 5, "two people talk in private"
            spread = await conn.fetchval(
                "select max(at) - min(at) > interval '2 days' from conversation_event"
            )
            assert spread, "talk stands where the script puts it, not all in this second"
            assert await conn.fetchval("select max(at) < now() from conversation_event")
        roster = [trouble for trouble in await check(Settings(), tmp_path, dsn, SystemClock())
                  if trouble.where == "roster"]  # fmt: skip
        assert roster == [], "the demo's own roster keeps its promises"
    finally:
        house.passwords.close()
        await database.close()


async def test_a_place_with_groups_is_left_alone(told: list[str], dsn: str, tmp_path: Path) -> None:
    assert told
    with pytest.raises(Conflict, match="conflict") as refused:
        await fill(Settings(), tmp_path, dsn)
    assert "empty server" in refused.value.say


def test_the_script_names_only_people_groups_rooms_and_boards_that_it_has() -> None:
    script = msgspec.convert(tomllib.loads(SCRIPT.read_text()), Script)
    people = {person.handle for person in script.member}
    groups = {group.slug: group for group in script.group}
    for group in script.group:
        assert {group.founder, *group.members} <= people
    for talk in script.talk:
        group = groups[talk.group]
        assert talk.room in dict(group.rooms)
        assert {handle for handle, _ in talk.lines} <= {group.founder, *group.members}
    for thread in script.thread:
        group = groups[thread.group]
        assert thread.board in dict(group.boards)
        assert {thread.author, *(handle for handle, _ in thread.replies)} <= {group.founder, *group.members}
