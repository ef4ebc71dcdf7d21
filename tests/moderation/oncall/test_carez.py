"""/carez and kith check on the crisis path, through the whole house."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from community.clock import ManualClock
from community.database import Database
from moderation.pipeline.types import Tier
from server.checking import check
from server.oncall_parts import oncall_jobs
from server.settings import Mail, Settings
from tests.moderation.oncall.house import Village, village
from tests.moderation.oncall.team import Oncallers, WebhookServer


@pytest.fixture
async def place(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Village]:
    async with village(database, clock, tmp_path) as made:
        yield made


async def faults(place: Village) -> str:
    return " ".join((await place.house.health.care()).faults)


async def test_carez_says_status_alone_to_strangers(place: Village) -> None:
    answer = await place.http.get("/carez")
    assert answer.status_code == 503
    assert answer.json() == {"status": "degraded"}


async def test_carez_knows_a_still_escalator_a_failing_channel_and_who_can_t_be_reached(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    team = Oncallers(place.house.database, clock)
    await team.lay()
    ann = await team.person()
    await team.shift(ann)
    assert "no sign of life" in await faults(place)
    await place.house.oncall.escalator.run()
    assert "no sign of life" not in await faults(place)
    assert "fewer than two channels" in await faults(place)
    await team.channel(ann, hooks.url)
    await team.channel(ann, hooks.url)
    assert await faults(place) == ""
    hooks.status = 500
    await team.cry(tier=Tier.red)
    await place.house.oncall.escalator.run()
    await place.house.oncall.sender.run()
    await place.house.oncall.sender.settled()
    assert "don't take pages" in await faults(place)
    clock.advance(timedelta(minutes=3))
    assert "no sign of life" in await faults(place)


async def test_a_whole_crisis_path_is_ok_and_its_canary_shows(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    team = Oncallers(place.house.database, clock)
    await team.lay()
    ann = await team.person()
    await team.shift(ann)
    for _ in range(2):
        await team.channel(ann, hooks.url)
    parts = place.house.oncall
    for _ in range(3):
        for job in oncall_jobs(parts):
            await job.run()
        await parts.sender.settled()
    health = await place.house.health.care()
    assert (health.faults, health.canary, health.status) == ((), "ok", "ok")
    assert (await place.http.get("/carez")).status_code == 200
    metrics = await place.http.get("/metrics")
    assert "kith_escalator_beat_seconds 0.0" in metrics.text


async def test_kith_check_names_people_without_two_channels_or_training(
    place: Village, clock: ManualClock, hooks: WebhookServer, dsn: str, tmp_path: Path
) -> None:
    lead, ann = await place.person("leadlily", "lead"), await place.person("ann", "care")
    team = Oncallers(place.house.database, clock)
    await team.lay()
    await team.shift(ann.id)
    await team.channel(ann.id, hooks.url)
    today = clock.now().date().isoformat()
    record = {"member": str(lead.id), "lane": "care", "trained_on": today, "expires_on": today}
    await ann.call("POST", "/moderation/training", {**record, "member": str(ann.id)}, ok=403)
    await lead.call("POST", "/moderation/training", {**record, "member": str(ann.id)}, ok=201)
    clock.advance(timedelta(hours=10))
    settings = Settings(mail=Mail(host="mx", sender="kith@example.org"))
    said = "\n".join(map(str, await check(settings, tmp_path, dsn, clock)))
    assert "1 people on the roster have fewer than two channels" in said


async def test_an_erased_person_leaves_no_address_and_no_shift_to_come(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    ann = await place.person("ann", "care")
    team = Oncallers(place.house.database, clock)
    await team.lay()
    await team.channel(ann.id, hooks.url)
    export = await ann.call("GET", "/me/export", ok=200)
    assert export["on_call"]["channels"][0]["address"] == hooks.url
    await ann.call("DELETE", "/me", {"password": "a quiet river at night"})
    [row] = await team.rows("select address, secret, revoked_at is not null as gone from oncall_channel")
    assert row == {"address": "", "secret": "", "gone": True}
