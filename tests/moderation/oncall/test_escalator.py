"""Pages at their due times on a real database: once each, over any number of processes, exact to the clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from community.clock import ManualClock
from community.database import Conn, Database
from community.ids import CaseId, new_id
from moderation.casework.case_clocks import CaseClocks
from moderation.casework.casework import act
from moderation.casework.machine import Claimed, Closed, Released, Spoke
from moderation.oncall import escalator as escalator_module
from moderation.oncall.alarm import DeadMan
from moderation.oncall.channels.mail import Mail
from moderation.oncall.paging import Facts
from moderation.pipeline.types import Tier
from moderation.store import cases, channels, pages, training, wellbeing
from moderation.store.training import TrainingRow
from tests.moderation.oncall.team import Oncallers, WebhookServer

ATTEMPTS = "select round, member_id, channel_id, due_at, words from page_attempt order by due_at, id"


async def test_a_crisis_reaches_the_primary_at_once_and_again_every_five_minutes(
    team: Oncallers, hooks: WebhookServer, clock: ManualClock
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    for who in (ann, bob):
        await team.channel(who, hooks.url)
    start = clock.now()
    await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    await team.walk(escalator, sender, 10)
    rows = [r for r in await team.rows(ATTEMPTS) if r["channel_id"] is not None]
    assert {((r["due_at"] - start).total_seconds() / 60, r["member_id"]) for r in rows} == {
        (0, ann),
        (5, ann),
        (10, ann),
        (10, bob),
    }
    assert len(hooks.got) == 4


async def test_no_text_no_handle_and_no_group_is_in_a_page(team: Oncallers, hooks: WebhookServer) -> None:
    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, hooks.url)
    await team.cry()
    await team.work(team.escalator(), team.sender())
    [got] = hooks.got
    assert set(got.body) == {"id", "event", "page", "channel", "severity", "subject", "body", "link", "at"}
    handles = [r["handle"] for r in await team.rows("select handle from member")]
    assert not [
        word for word in [*handles, "help", "suicide"] if word in str(got.body).replace("need help", "")
    ]


async def test_two_processes_take_each_due_time_once(team: Oncallers, dsn: str, clock: ManualClock) -> None:
    ann = await team.person()
    await team.shift(ann)
    for _ in range(30):
        await team.cry()
    other = await Database.connect(dsn, pool_max=4)
    try:
        second = Oncallers(other, clock)
        for _ in range(4):
            taken = await asyncio.gather(
                team.escalator().run(), second.escalator().run(), team.escalator().run()
            )
            assert sum(taken) == 30
            clock.advance(timedelta(minutes=5))
    finally:
        await other.close()
    assert len(await team.rows(ATTEMPTS)) == 30 * 4


async def test_after_a_claim_it_is_silent_until_words_are_due(team: Oncallers, clock: ManualClock) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    case = await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    clock.advance(60)
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        await act(tx, row, Claimed(ann), by=ann, now=clock.now())
        await pages.acknowledge(tx, case, ann, now=clock.now())
    await team.walk(escalator, sender, 13)
    assert len(await team.rows(ATTEMPTS)) == 1
    await team.walk(escalator, sender, 1)
    rows = (await team.rows(ATTEMPTS))[1:]
    assert {r["words"] for r in rows} == {"no_words"}
    assert {r["member_id"] for r in rows} == {ann, bob}


async def test_a_case_given_back_is_paged_again_at_once(team: Oncallers, clock: ManualClock) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    case = await team.cry()
    await team.escalator().run()
    clock.advance(1)
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        row = await act(tx, row, Claimed(ann), by=ann, now=clock.now())
        await pages.acknowledge(tx, case, ann, now=clock.now())
        clock.advance(1)
        await act(tx, row, Released(ann), by=ann, now=clock.now())
    clock.advance(1)
    await team.escalator().run()
    rows = await team.rows(ATTEMPTS)
    assert bob in {r["member_id"] for r in rows if r["due_at"] > rows[0]["due_at"]}


async def test_whoever_passed_a_case_on_is_not_the_one_whom_its_page_asks(
    team: Oncallers, clock: ManualClock
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    case = await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        row = await act(tx, row, Claimed(ann), by=ann, now=clock.now())
        await pages.acknowledge(tx, case, ann, now=clock.now())
        clock.advance(1)
        row = await act(tx, row, Released(ann, passed=True), by=ann, now=clock.now())
        await team.casework.page(tx, row, Tier.crisis, "passed", now=clock.now())
    await team.walk(escalator, sender, 8)
    about = (
        "select distinct a.member_id from page_attempt a join page p on p.id = a.page_id where p.reason = "
    )
    assert [r["member_id"] for r in await team.rows(f"{about} 'passed'")] == [bob]
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        row = await act(tx, row, Claimed(bob), by=bob, now=clock.now())
        row = await act(tx, row, Released(bob, passed=True), by=bob, now=clock.now())
        await team.casework.page(tx, row, Tier.crisis, "passed", now=clock.now())
    await team.work(escalator, sender)
    assert {r["member_id"] for r in await team.rows(f"{about} 'passed'")} == {ann, bob}, (
        "better they than nobody"
    )


async def test_a_closed_case_pages_nobody_any_more(team: Oncallers, clock: ManualClock) -> None:
    ann = await team.person()
    await team.shift(ann)
    case = await team.cry()
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        await act(tx, row, Closed(ann, "person"), by=ann, now=clock.now())
    clock.advance(3600)
    assert await team.escalator().run() == 0
    assert await team.rows(ATTEMPTS) == []


async def test_an_outage_of_an_hour_asks_everyone_at_the_first_step_after_it(
    team: Oncallers, clock: ManualClock
) -> None:
    everyone = {await team.person() for _ in range(4)}
    await team.shift(next(iter(everyone)))
    await team.cry()
    clock.advance(3600)
    await team.escalator().run()
    assert {r["member_id"] for r in await team.rows(ATTEMPTS)} == everyone


@pytest.mark.parametrize("answered", [False, True])
async def test_a_clock_that_is_set_back_silences_no_page_no_channel_and_no_alarm(
    team: Oncallers, clock: ManualClock, answered: bool
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann, hours=40)
    await team.shift(bob, "secondary", hours=40)
    clock.advance(timedelta(hours=3))  # it was wrong
    case = await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    if answered:
        async with team.database.transaction() as tx:
            row = await cases.lock(tx, case)
            assert row is not None
            await act(tx, row, Claimed(ann), by=ann, now=clock.now())
            await pages.acknowledge(tx, case, ann, now=clock.now())
        await team.work(escalator, sender)
    channel = await team.channel(bob, "bob@example.org")
    async with team.database.transaction() as tx:
        await channels.failed(tx, channel.id, now=clock.now(), retry_at=clock.now() + timedelta(minutes=1))
    before = len(await team.rows(ATTEMPTS))
    right = team.clock = ManualClock(clock.now() - timedelta(hours=3))
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    await team.walk(escalator, sender, 16)
    rows = await team.rows(ATTEMPTS)
    assert len(rows) > before and {r["member_id"] for r in rows} == {ann, bob}
    [tried] = await team.rows("select retry_at from oncall_channel")
    assert tried["retry_at"] < right.now() + timedelta(minutes=2), "tried again, and failed in its own time"
    man = DeadMan(team.database, right, "http://kith.test", {})
    right.advance(timedelta(minutes=3))
    assert await man.run() == "escalator", "an escalator that stops now is seen"


async def test_an_urgent_case_that_lost_its_page_gets_one(team: Oncallers) -> None:
    """No path should leave one; this is the net under the paths."""
    ann = await team.person()
    await team.shift(ann)
    case = await team.cry(tier=Tier.red)
    async with team.database.transaction() as tx:
        await pages.stand_down(tx, case, now=team.clock.now())
    await team.escalator().run()
    assert len(await team.rows(ATTEMPTS)) == 1


async def test_a_case_that_someone_else_locks_waits_for_the_next_turn(team: Oncallers) -> None:
    ann = await team.person()
    await team.shift(ann)
    case = await team.cry()
    async with team.database.transaction() as tx:
        await cases.lock(tx, case)
        assert await team.escalator().run() == 0
    assert await team.escalator().run() == 1


async def test_who_rests_is_passed_over_while_somebody_else_is_there(
    team: Oncallers, clock: ManualClock
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    async with team.database.transaction() as tx:
        until = clock.now() + timedelta(minutes=15)
        await wellbeing.add_break(tx, ann, starts=clock.now(), ends=until, why="budget")
    await team.cry()
    await team.escalator().run()
    assert {r["member_id"] for r in await team.rows(ATTEMPTS)} == {bob}


async def test_no_answer_after_words_in_a_crisis_brings_the_checklist_to_the_lead(
    team: Oncallers, clock: ManualClock
) -> None:
    """The case's own clock and the page's, together."""
    ann, cat = await team.person(), await team.person(seat="lead")
    await team.shift(ann)
    case = await team.cry()
    escalator, sender = team.escalator(), team.sender()
    clocks = CaseClocks(team.database, clock, team.bus, team.casework)
    await team.work(escalator, sender)
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        row = await act(tx, row, Claimed(ann), by=ann, now=clock.now())
        await pages.acknowledge(tx, case, ann, now=clock.now())
        clock.advance(120)
        await act(tx, row, Spoke(ann), by=ann, now=clock.now())
    for _ in range(16):
        clock.advance(60)
        await clocks.run()
        await team.work(escalator, sender)
    rows = await team.rows(ATTEMPTS)
    assert [(r["words"], r["member_id"]) for r in rows] == [("page", ann), ("checklist", cat)]


async def test_a_page_is_silent_for_who_asked_to_be_spared_its_topic(
    team: Oncallers, clock: ManualClock
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    day = clock.now().date()
    async with team.database.transaction() as tx:
        record = TrainingRow(new_id(), ann, "care", day, day + timedelta(days=300), None, ["suicide"])
        await training.add_training(tx, team.team, record, by=bob, now=clock.now())
    await team.cry()
    await team.escalator().run()
    assert {r["member_id"] for r in await team.rows(ATTEMPTS)} == {bob}


async def test_lapsed_training_takes_a_person_off_whatever_the_roster_says(
    team: Oncallers, clock: ManualClock
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    day = clock.now().date()
    async with team.database.transaction() as tx:
        lapsed = TrainingRow(
            new_id(), ann, "care", day - timedelta(days=400), day - timedelta(days=1), None, []
        )
        await training.add_training(tx, team.team, lapsed, by=bob, now=clock.now())
    await team.cry()
    await team.escalator().run()
    assert {r["member_id"] for r in await team.rows(ATTEMPTS)} == {bob}


async def test_a_page_that_can_t_be_stepped_holds_up_no_other_and_becomes_an_alarm(
    team: Oncallers, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await team.person()
    await team.shift(ann)
    await team.channel(None, "operator@example.org", use="alarm")
    dead_man = DeadMan(team.database, clock, "http://kith.test", {"mail": Mail(team.mail)})
    poisoned, *_ = [await team.cry() for _ in range(7)]
    real = escalator_module.for_case

    async def breaks(conn: Conn, case: CaseId, *more: Any) -> Facts:
        if case == poisoned:
            raise RuntimeError("nobody thought of this")
        return await real(conn, case, *more)

    monkeypatch.setattr(escalator_module, "for_case", breaks)
    assert await team.escalator().run() == 6
    assert len(await team.rows(ATTEMPTS)) == 6
    clock.advance(timedelta(minutes=2))
    await team.escalator().run()
    assert await dead_man.run() == "late"


async def test_a_case_that_cant_be_given_its_page_stops_no_other_page(
    team: Oncallers, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await team.person()
    await team.shift(ann)
    poisoned, _ = await team.cry(), await team.cry()
    async with team.database.transaction() as tx:
        await pages.stand_down(tx, poisoned, now=clock.now())

    async def page(*_: object, **named: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(team.casework, "page", page)
    escalator = team.escalator()
    with caplog.at_level("ERROR", "kith.escalator"):
        await team.work(escalator, team.sender())
    assert len(caplog.records) == 1
    assert await team.rows("select 1 from page_attempt where member_id = $1", ann)
    assert await team.rows("select 1 from heartbeat where name = 'escalator'"), "it gave a sign of life"
