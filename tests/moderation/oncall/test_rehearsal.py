"""Rehearsals: the real machines, made-up people, the same answer for the same seed, and what one more changes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from click.testing import CliRunner

from community.clock import ManualClock
from community.database import Database
from community.ids import MemberId
from moderation.casework.casework import act
from moderation.casework.machine import Claimed
from moderation.oncall.cover import CareSettings
from moderation.oncall.hours import parse
from moderation.oncall.measured import humans_of
from moderation.oncall.rehearsal import Humans, Load, Result, Stage, _Carried, rehearse
from moderation.oncall.rehearsal_report import picture, table
from moderation.oncall.roster import Rule, Turn, expand
from moderation.pipeline.types import Tier
from moderation.store import cases, measured, pages
from moderation.store.measured import Asked, Words
from server.cli import kith
from server.rehearsing import Wanted, play
from server.settings import DatabaseSettings, Settings
from tests.moderation.oncall.team import Oncallers

START = datetime(2026, 3, 2, tzinfo=UTC)
PEOPLE = tuple(MemberId(uuid4()) for _ in range(7))
ALWAYS = CareSettings(small_team="no")
LOAD = Load({Tier.crisis: 20.0, Tier.red: 20.0})


def turns(member: MemberId, starts: time, ends: time, seat: str = "primary") -> list[Turn]:
    rule = Rule(member, seat, "UTC", starts, ends, START.date() - timedelta(days=1))  # type: ignore[arg-type]
    return list(expand(rule, rule.first_on, date(2026, 3, 10)))


def stage(*shifts: list[Turn], settings: CareSettings = ALWAYS) -> Stage:
    given = [turn for some in shifts for turn in some]
    return Stage(given, PEOPLE, PEOPLE[:1], False, settings, START, 7, ZoneInfo("UTC"))


DAY = turns(PEOPLE[1], time(7), time(23))
NIGHT = turns(PEOPLE[2], time(23), time(7))
SECOND = turns(PEOPLE[3], time(0), time(0), "secondary")


def test_the_same_seed_gives_the_same_answer() -> None:
    one, two = (table([("x", rehearse(stage(DAY), LOAD, Humans(), runs=5, seed=7))]) for _ in range(2))
    assert one == two


def test_people_who_always_answer_at_once_miss_nothing() -> None:
    perfect = Humans(1, 1, 1, 1, 1, answer_minutes=0.01, words_minutes=0.01, follows=1, spread=0.01)
    result = rehearse(stage(DAY, NIGHT), LOAD, perfect, runs=5)
    assert result.total(Tier.crisis).cases > 50
    assert result.total(Tier.crisis).late_answers == 0
    assert result.total(Tier.red).late_words == 0


def test_people_who_never_answer_miss_everything_and_are_asked_without_end() -> None:
    deaf = Humans(0, 0, 0, 0, 0)
    total = rehearse(stage(DAY, NIGHT), LOAD, deaf, runs=1).total(Tier.crisis)
    assert total.late_answers == total.late_words == total.cases
    assert total.asked / total.cases > 200


def test_three_in_the_morning_is_worse_without_a_night_shift_and_one_more_person_changes_it() -> None:
    without = rehearse(stage(DAY), LOAD, Humans(), runs=40)
    with_one = rehearse(stage(DAY, NIGHT), LOAD, Humans(), runs=40)

    def night(result: Result) -> float:
        some = [result.cells[Tier.crisis, hour] for hour in (1, 2, 3, 4)]
        return sum(c.late_answers for c in some) / sum(c.cases for c in some)

    assert night(without) > night(with_one) + 0.2
    afternoon = without.cells[Tier.crisis, 15]
    assert (afternoon.answer or 0) < night(without)


def test_a_secondary_makes_fewer_words_late() -> None:
    alone = rehearse(stage(DAY, NIGHT), LOAD, Humans(), runs=40).total(Tier.crisis)
    backed = rehearse(stage(DAY, NIGHT, SECOND), LOAD, Humans(), runs=40).total(Tier.crisis)
    assert (backed.words or 0) < (alone.words or 0)


def test_whoever_carried_six_has_a_break_and_is_asked_last() -> None:
    carried, at = _Carried(3), START
    for n in range(5):
        carried.take(PEOPLE[0], at + timedelta(minutes=10 * n), at + timedelta(minutes=10 * n + 2))
    assert carried.passed_over(at + timedelta(minutes=43)) == frozenset()
    carried.take(PEOPLE[0], at + timedelta(minutes=50), at + timedelta(minutes=52))
    assert carried.passed_over(at + timedelta(minutes=52)) == {PEOPLE[0]}
    assert carried.passed_over(at + timedelta(minutes=67)) == frozenset(), "a quarter of an hour"
    carried.take(PEOPLE[0], at + timedelta(minutes=70), at + timedelta(minutes=71))
    assert carried.passed_over(at + timedelta(minutes=72)) == frozenset(), "counting begins again"
    for _ in range(3):
        carried.take(PEOPLE[1], at, at + timedelta(minutes=5))
    assert carried.passed_over(at) == {PEOPLE[1]}, "three at once"
    carried.take(PEOPLE[2], at, at + timedelta(minutes=61))
    assert PEOPLE[2] in carried.passed_over(at + timedelta(minutes=62)), "an hour"


def test_the_range_narrows_with_more_weeks_and_holds_the_share() -> None:
    few, many = (rehearse(stage(DAY), LOAD, Humans(), runs=runs) for runs in (5, 60))
    widths = []
    for result in (few, many):
        found = result.between(Tier.crisis)
        assert found is not None
        (low, high), (_, words_high) = found
        share = result.total(Tier.crisis).answer or 0.0
        assert 0 <= low < share < high <= 1 and words_high <= 1
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
    assert rehearse(stage(DAY), LOAD, Humans(), runs=1).between(Tier.crisis) is None
    assert any("19 in 20" in line for line in table([("x", many)]))


def test_people_are_measured_once_there_is_enough_to_measure() -> None:
    def asked(n: int, *, minutes: float | None, on_duty: bool = True, hour: int = 12) -> list[Asked]:
        at = START + timedelta(hours=hour)
        answered = None if minutes is None else at + timedelta(minutes=minutes)
        return [Asked(PEOPLE[0], at, on_duty, answered, False)] * n

    zone = ZoneInfo("UTC")
    assert humans_of(asked(19, minutes=1), [], zone) == (Humans(), 0)
    spoken = [Words(START, START + timedelta(minutes=9))] * 20 + [Words(START, None)] * 20
    found, answers = humans_of(
        [*asked(30, minutes=6), *asked(30, minutes=None), *asked(40, minutes=None, hour=3),
         *asked(5, minutes=90), *([Asked(PEOPLE[1], START, True, None, True)] * 50)],
        spoken, zone,
    )  # fmt: skip
    assert answers == 30
    assert (found.answer_minutes, found.words_minutes) == (6, 9)
    assert abs(found.on_duty - (30 + 4 * 0.9) / 69) < 1e-9, (
        "too late is no answer; another's answer says nothing"
    )
    assert abs(found.on_duty_at_night - 4 * 0.75 / 44) < 1e-9
    assert found.off_duty == Humans().off_duty, "nothing is known of it"
    assert abs(found.follows - (20 + 4 * 0.95) / 44) < 1e-9


async def test_answers_of_the_teams_own_pages_are_read(team: Oncallers, clock: ManualClock) -> None:
    ann = await team.person()
    await team.shift(ann)
    case = await team.cry()
    await team.escalator().run()
    clock.advance(timedelta(minutes=4))
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        await act(tx, row, Claimed(ann), by=ann, now=clock.now())
        await pages.acknowledge(tx, case, ann, now=clock.now())
    async with team.database.read() as conn:
        [found] = await measured.asked(conn, team.team, since=clock.now() - timedelta(days=1))
        [words] = await measured.words(conn, team.team, since=clock.now() - timedelta(days=1))
    assert (found.member, found.on_duty, found.by_another) == (ann, True, False)
    assert found.answered_at == found.at + timedelta(minutes=4)
    assert (words.claimed_at, words.spoke_at) == (clock.now(), None)


def test_a_small_team_s_reds_wait_for_the_opening() -> None:
    small = CareSettings(small_team="yes", hours=parse(["mon-sun 18:00-22:00"], "UTC"))
    result = rehearse(stage(DAY, NIGHT, settings=small), LOAD, Humans(), runs=20)
    assert result.cells[Tier.red, 3].answer == 1.0
    assert (result.cells[Tier.red, 19].answer or 0) < 0.7


def test_the_picture_is_an_svg_with_a_number_in_every_cell() -> None:
    result = rehearse(stage(DAY), LOAD, Humans(), runs=10)
    drawn = ElementTree.fromstring(picture("Nights & days", result))
    texts = [t.text or "" for t in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert sum(text.isdigit() or text == "–" for text in texts) >= 4 * 24 + 24
    assert "style" not in {name for node in drawn.iter() for name in node.attrib}


async def test_the_command_plays_the_roster_that_is_in_the_database(
    database: Database, dsn: str, clock: ManualClock, tmp_path: Path
) -> None:
    team = Oncallers(database, clock)
    await team.lay()
    ann = await team.person()
    await team.shift(ann)
    svg = tmp_path / "week.svg"
    settings = Settings(database=DatabaseSettings(url=dsn))
    lines = await play(settings, dsn, Wanted(3, 7, 5.0, 5.0, "21:00-07:00", svg))
    assert "3 times 7 days; 5 crisis, 5 red a week (given or guessed); 1 people" in lines[0]
    assert any("with one more" in line for line in lines)
    assert any(line.startswith("  03:00") for line in lines)
    assert svg.read_text().startswith("<svg")


def test_the_command_is_there() -> None:
    told = CliRunner().invoke(kith, ["rehearse", "--help"])
    assert told.exit_code == 0, told.output
    assert "--one-more" in told.output
