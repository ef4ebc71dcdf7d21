"""What on-call does by itself: tests of shifts, gaps, the canary, and the alarm that needs none of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from community.clock import ManualClock
from community.helplines import Confirmed, Helplines
from community.tokens import token_hash
from moderation.gate.deciding import Decider
from moderation.oncall.alarm import DeadMan
from moderation.oncall.canary import Canary
from moderation.oncall.channels import Letter, Way
from moderation.oncall.channels.mail import Mail
from moderation.oncall.cover import cover_of, team_now
from moderation.oncall.helpline_watch import HelplineWatch
from moderation.oncall.hours import parse
from moderation.oncall.roster_acts import Oncall
from moderation.oncall.sender import Sender
from moderation.oncall.watching import Watching
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Tier
from moderation.store import attempts, pages, paging
from moderation.store.channels import Channel
from tests.moderation.oncall.team import ROUND_THE_CLOCK, CareSettings, Mailbox, Oncallers

DAY = timedelta(days=1)


class Heard:
    """A channel that keeps what it was given."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def send(self, channel: Channel, letter: Letter) -> None:
        self.got.append(letter.body)


def ways(heard: Heard) -> Mapping[str, Way]:
    return {"mail": heard, "webhook": heard}


def watching(team: Oncallers) -> Watching:
    return Watching(team.database, team.clock, Oncall(team.database, team.clock, team.settings))


async def asked(team: Oncallers) -> list[tuple[str, object]]:
    rows = await team.rows("select words, member_id from page_attempt order by due_at, words, id")
    return [(row["words"], row["member_id"]) for row in rows]


async def test_a_shift_begins_with_one_test_page_and_unanswered_the_secondary_goes_first(
    team: Oncallers, clock: ManualClock
) -> None:
    ann, bob, cat = await team.person(), await team.person(), await team.person(seat="lead")
    await team.shift(ann)
    await team.shift(bob, "secondary")
    watch, escalator, sender = watching(team), team.escalator(), team.sender()
    assert sum(await asyncio.gather(watch.test_shifts(), watch.test_shifts())) == 1
    await team.work(escalator, sender)
    assert await asked(team) == [("test", ann)]
    await team.walk(escalator, sender, 15)
    assert await asked(team) == [("test", ann), ("lead_now", bob), ("test_missed", cat)]
    await team.cry()
    await team.work(escalator, sender)
    assert [member for words, member in await asked(team) if words == "page"] == [bob]


async def test_an_answered_test_page_changes_nothing(team: Oncallers, clock: ManualClock) -> None:
    ann = await team.person()
    await team.shift(ann)
    escalator, sender = team.escalator(), team.sender()
    await watching(team).test_shifts()
    await team.work(escalator, sender)
    [row] = await team.rows("select id from page where kind = 'test'")
    async with team.database.transaction() as tx:
        assert await paging.acknowledge(tx, row["id"], ann, now=clock.now())
    await team.walk(escalator, sender, 20)
    assert await asked(team) == [("test", ann)]
    assert await team.rows("select id from shift where taken_over_at is not null") == []


async def test_hours_without_anybody_are_paged_to_the_lead_once_a_day(
    team: Oncallers, clock: ManualClock
) -> None:
    ann, cat = await team.person(), await team.person(seat="lead")
    watch, escalator, sender = watching(team), team.escalator(), team.sender()
    assert await watch.tell_gaps() == 0  # nobody keeps a roster yet
    await team.shift(ann, hours=30)
    assert sum([await watch.tell_gaps() for _ in range(3)]) == 1
    await team.work(escalator, sender)
    assert await asked(team) == [("gap", cat)]
    clock.advance(timedelta(hours=24))
    assert await watch.tell_gaps() == 1


async def test_a_card_says_when_somebody_reads_and_never_more(team: Oncallers, clock: ManualClock) -> None:
    """A small team, 09:00 on a Monday: stated hours in the evening, one on call all day."""
    evening = CareSettings(hours=parse(["mon-fri 18:00-22:00"], "UTC"))
    ann = await team.person()
    async with team.database.read() as conn:
        nobody = await team_now(conn, team.team, evening, now=clock.now())
    assert not cover_of(nobody, Tier.crisis).on_duty
    assert cover_of(nobody, Tier.crisis).next_at == clock.now() + timedelta(hours=9)
    await team.shift(ann)
    async with team.database.read() as conn:
        on_call = await team_now(conn, team.team, evening, now=clock.now())
    assert cover_of(on_call, Tier.crisis).on_duty
    assert not cover_of(on_call, Tier.red).on_duty
    assert cover_of(on_call, Tier.red).next_at == clock.now() + timedelta(hours=9)


async def test_a_small_team_s_red_at_night_rings_at_the_opening(team: Oncallers, clock: ManualClock) -> None:
    team.settings = CareSettings(hours=parse(["mon-fri 18:00-22:00"], "UTC"))
    ann = await team.person()
    await team.shift(ann, hours=24)
    await team.cry(tier=Tier.red)
    escalator, sender = team.escalator(), team.sender()
    await team.walk(escalator, sender, 8 * 60 + 59)
    assert await asked(team) == []
    await team.walk(escalator, sender, 1)
    assert await asked(team) == [("page", ann)]


def canary(team: Oncallers, given: list[str]) -> Canary:
    async def alarm(kind: str) -> None:
        given.append(kind)

    return Canary(team.database, team.clock, team.casework, Decider(shipped(), team.clock.monotonic), alarm)


async def test_the_canary_goes_the_whole_way_once_a_day_and_wakes_nobody(
    team: Oncallers, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    given: list[str] = []
    bird, escalator, sender = canary(team, given), team.escalator(), team.sender()
    assert (await bird.run()).started
    await team.work(escalator, sender)
    assert (await bird.run()).ok
    assert not (await bird.run()).started
    assert await asked(team) == [("page", None)]
    assert given == []
    [case] = await team.rows("select state, canary from moderation_case")
    assert case == {"state": "closed", "canary": True}
    clock.advance(timedelta(days=1))
    assert (await bird.run()).started


async def test_a_canary_with_a_channel_must_cross_it_and_its_link_must_answer(
    team: Oncallers, mailbox: Mailbox, clock: ManualClock
) -> None:
    followed: list[str] = []
    works = [False]

    async def follow(path: str) -> str | None:
        followed.append(path)
        if not works[0]:
            return "opened_502"
        async with team.database.read() as conn:
            linked = await attempts.by_link(
                conn, token_hash(path.removeprefix("/page/")), since=clock.now() - DAY
            )
        assert linked is not None and linked.case is not None
        async with team.database.transaction() as tx:
            await pages.acknowledge(tx, linked.case, None, now=clock.now())
        return None

    await team.shift(await team.person())
    await team.channel(None, "birds@example.org", use="canary")
    given: list[str] = []
    bird, escalator = canary(team, given), team.escalator()
    sender = Sender(
        team.database, clock, team.bus, "http://kith.test", {"mail": Mail(team.mail)}, follow=follow
    )
    await bird.run()
    await team.work(escalator, sender)
    assert [to for to, _ in mailbox.got] == ["birds@example.org"]
    assert (
        "daily test" in mailbox.got[0][1].decode()
        and "On call: please answer" not in mailbox.got[0][1].decode()
    )
    assert not (await bird.run()).ok, "it was taken, but its link doesn't answer"
    works[0] = True
    await team.walk(escalator, sender, 6)
    assert (await bird.run()).ok and given == []
    assert len(followed) >= 2


async def test_a_canary_whose_server_takes_nothing_is_an_alarm_in_its_time(
    team: Oncallers, mailbox: Mailbox, clock: ManualClock
) -> None:
    await team.shift(await team.person())
    await team.channel(None, "birds@example.org", use="canary")
    mailbox.answer = "554 no"
    given: list[str] = []
    bird, escalator, sender = canary(team, given), team.escalator(), team.sender()
    await bird.run()
    await team.walk(escalator, sender, 9)
    assert not (await bird.run()).failed
    await team.walk(escalator, sender, 1)
    assert (await bird.run()).failed and given == ["canary"]


async def test_a_page_about_the_only_person_there_goes_outside_or_is_an_alarm(
    team: Oncallers, clock: ManualClock
) -> None:
    heard = Heard()
    await team.channel(None, "mends@example.org", use="alarm")
    only = await team.person(seat="lead", operator=True)
    await team.shift(only)
    await team.cry(author=only)
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    assert await asked(team) == [], "never whom it is about"
    man = DeadMan(team.database, clock, "http://kith.test", ways(heard))
    assert await man.run() == "nobody" and len(heard.got) == 1
    assert await man.run() is None, "not again at once"
    await team.channel(None, "outside@example.org", use="backup")
    await team.walk(escalator, sender, 5)
    assert ("page", None) in await asked(team)
    clock.advance(timedelta(minutes=1))
    await escalator.run()
    assert await man.run() is None


async def test_helplines_that_grew_old_are_told_once_each_and_by_day(
    team: Oncallers, clock: ManualClock, tmp_path: Path
) -> None:
    heard = Heard()
    await team.channel(None, "mends@example.org", use="alarm")
    await team.person(operator=True)
    lines = Helplines.of(tmp_path)
    first, second = [line.name for line in lines.country("GB").lines[:2]]  # type: ignore[union-attr]
    man = DeadMan(team.database, clock, "http://kith.test", ways(heard))
    watch = HelplineWatch(team.database, clock, lines, parse(["mon-sun 09:00-21:00"], "UTC"), man)
    assert await watch.run() == 0, "never checked: cards say so already"
    lines.confirm("GB", first, Confirmed(clock.now().date() - timedelta(days=180)))
    assert await watch.run() == 0
    clock.advance(timedelta(hours=15))  # midnight
    assert await watch.run() == 0, "nobody is woken for it"
    clock.advance(timedelta(hours=9))
    assert [await watch.run() for _ in range(3)] == [1, 0, 0]
    clock.advance(DAY)
    assert await watch.run() == 0, "not daily"
    lines.confirm("GB", second, Confirmed(clock.now().date() - timedelta(days=200)))
    assert await watch.run() == 1
    assert len(heard.got) == 2 and "180 days" in heard.got[0]
    notices = await team.rows("select parameters from notice where kind = 'helplines'")
    assert len(notices) == 2


async def test_a_canary_that_does_not_arrive_is_an_alarm(team: Oncallers, clock: ManualClock) -> None:
    given: list[str] = []
    bird = canary(team, given)
    await bird.run()
    clock.advance(timedelta(minutes=9))
    assert given == []
    await bird.run()
    clock.advance(timedelta(minutes=1))
    assert (await bird.run()).failed
    assert given == ["canary"]


async def test_a_canary_that_failed_while_its_process_died_is_told_by_the_next(
    team: Oncallers, clock: ManualClock
) -> None:
    async def dies(kind: str) -> None:
        """Killed between the commit and the alarm."""

    heard = Heard()
    await team.channel(None, "operator@example.org", use="alarm")
    bird = Canary(team.database, clock, team.casework, Decider(shipped(), clock.monotonic), dies)
    await bird.run()
    clock.advance(timedelta(minutes=10))
    assert (await bird.run()).failed
    men = [DeadMan(team.database, clock, "http://kith.test", ways(heard)) for _ in range(3)]
    assert sorted(str(given) for given in await asyncio.gather(*(man.run() for man in men))) == [
        "None",
        "None",
        "canary",
    ]
    await team.escalator().run()
    clock.advance(timedelta(minutes=1))
    assert await men[0].run() is None and len(heard.got) == 1, "once"


async def test_a_stopped_escalator_alarms_by_the_other_path_once_over_all_processes(
    team: Oncallers, clock: ManualClock
) -> None:
    heard = Heard()
    await team.channel(None, "operator@example.org", use="alarm")
    await team.escalator().run()
    dead_men = [DeadMan(team.database, clock, "http://kith.test", ways(heard)) for _ in range(3)]
    clock.advance(timedelta(seconds=119))
    assert [await man.run() for man in dead_men] == [None] * 3
    clock.advance(timedelta(seconds=2))
    assert [await man.run() for man in dead_men] == ["escalator", None, None]
    assert len(heard.got) == 1
    clock.advance(timedelta(minutes=15))
    assert [await man.run() for man in dead_men] == ["escalator", None, None]
    await team.escalator().run()
    clock.advance(timedelta(minutes=1))
    assert [await man.run() for man in dead_men] == [None] * 3


async def test_a_database_that_is_away_is_told_by_channels_read_before(
    team: Oncallers, clock: ManualClock
) -> None:
    heard = Heard()
    await team.channel(None, "operator@example.org", use="alarm")
    await team.escalator().run()
    man = DeadMan(team.database, clock, "http://kith.test", ways(heard))
    await man.run()
    await team.database.close()
    assert await man.run() is None
    clock.advance(timedelta(minutes=2))
    assert await man.run() == "database"
    assert await man.run() is None
    assert len(heard.got) == 1


def test_the_settings_of_a_watch_around_the_clock_are_not_small() -> None:
    assert not ROUND_THE_CLOCK.is_small(1)
    assert CareSettings().is_small(5)
    assert not CareSettings().is_small(6)
