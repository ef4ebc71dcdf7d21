"""kith check: each thing that can be wrong is said once, with where and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from community.clock import ManualClock
from community.database import Database
from community.ids import MemberId, TeamId
from community.store import organisation, people
from moderation.store import channels, teams
from moderation.store import roster as roster_store
from moderation.store.channels import Channel, Use
from moderation.store.roster import Shift
from moderation.store.teams import Seat
from server import checking
from server.checking import Trouble, check
from server.settings import Care, Limits, Mail, Pipeline, Server, Settings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEAM = TeamId(uuid4())
WHOLE = Settings(mail=Mail(host="mx", sender="kith@example.org"))


def seat(*, care: bool = True, conduct: bool = True, lead: bool = False) -> Seat:
    return Seat(TEAM, MemberId(uuid4()), "someone", care, conduct, lead)


def shift(start_h: float, end_h: float, name: roster_store.SeatName = "primary") -> Shift:
    return Shift(MemberId(uuid4()), name, NOW + timedelta(hours=start_h), NOW + timedelta(hours=end_h))


def said(troubles: list[Trouble]) -> str:
    return "\n".join(map(str, troubles))


def test_a_full_team_with_full_shifts_keeps_every_promise() -> None:
    seats = [seat(lead=True), seat()]
    assert list(checking.roster(Settings(), seats, [shift(-1, 24 * 8)], NOW)) == []


def test_an_empty_roster_is_told_promise_by_promise() -> None:
    text = said(list(checking.roster(Settings(), [], [], NOW)))
    for promise in ("reads every cry", "next person", "appeal goes to somebody else", "about staff"):
        assert promise in text, text


def test_gaps_of_the_next_week_are_named_with_their_first_hour() -> None:
    seats = [seat(lead=True), seat()]
    shifts = [shift(0, 10), shift(12, 24 * 7, "secondary")]
    [trouble] = checking.roster(Settings(), seats, shifts, NOW)
    assert "2 of the next 168 hours" in trouble.what
    assert "Mon 02 Mar 19:00" in trouble.what
    assert "acknowledged in 5 minutes" in trouble.what


@pytest.mark.parametrize(
    ("shifts", "gaps"),
    [
        ([], [(0, 24)]),
        ([(0, 24)], []),
        ([(-5, 3), (2, 24)], []),
        ([(-5, 3), (4, 30)], [(3, 4)]),
        ([(4, 5), (1, 2)], [(0, 1), (2, 4), (5, 24)]),
        ([(0, 20), (3, 4), (20, 24)], []),
        ([(30, 40)], [(0, 24)]),
    ],
)
def test_uncovered_time_is_found_whatever_the_shifts_look_like(
    shifts: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    found = checking.uncovered([shift(*each) for each in shifts], NOW, NOW + timedelta(hours=24))
    merged: list[tuple[float, float]] = []
    for start, end in found:
        pair = ((start - NOW).total_seconds() / 3600, (end - NOW).total_seconds() / 3600)
        if merged and merged[-1][1] == pair[0]:
            merged[-1] = (merged[-1][0], pair[1])
        else:
            merged.append(pair)
    assert merged == gaps


def test_a_lead_alone_covers_nothing() -> None:
    assert checking.uncovered([shift(0, 24, "lead")], NOW, NOW + timedelta(hours=1)) != []


def test_a_small_team_that_says_it_is_large_is_told() -> None:
    settings = Settings(care=Care(small_team="no"))
    found = list(checking.roster(settings, [seat(lead=True), seat()], [shift(0, 200)], NOW))
    assert [trouble.where for trouble in found] == ["care.small_team"]


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (Settings(server=Server(host="::")), "server.host"),
        (Settings(server=Server(public_url="https://kith.example")), "server.trusted_proxies"),
        (Settings(server=Server(workers=3)), "redis.url"),
        (Settings(limits=Limits(scale=10.0)), "limits.scale"),
    ],
)
def test_settings_that_don_t_fit_together_are_named(settings: Settings, where: str, tmp_path: Path) -> None:
    assert [trouble.where for trouble in checking.config(settings, tmp_path)] == [where]


def test_a_secret_that_others_can_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "words.key").write_bytes(b"")
    (tmp_path / "words.key").chmod(0o644)
    [trouble] = checking.config(Settings(), tmp_path)
    assert trouble.todo == f"chmod 600 {tmp_path}/words.key"


def test_our_own_rules_pass_their_sentences() -> None:
    assert list(checking.rules()) == []


def test_rules_that_lost_a_sentence_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "SAMPLES", (("what a lovely day", checking.Tier.crisis),))
    [trouble] = checking.rules()
    assert trouble.where == "rules"


def test_candidate_rules_that_a_server_would_leave_out_are_named(tmp_path: Path) -> None:
    assert list(checking.shadow(Settings(), tmp_path)) == []
    settings = Settings(pipeline=Pipeline(shadow="none"))
    assert [trouble.where for trouble in checking.shadow(settings, tmp_path)] == ["pipeline.shadow"]


def test_no_channel_and_unchecked_helplines_are_named(clock: ManualClock) -> None:
    assert "two channels" in said(list(checking.channels(Settings())))
    assert list(checking.channels(WHOLE)) == []
    assert [trouble.where for trouble in checking.helplines(clock)] == ["helplines"]


async def test_a_database_that_nobody_migrated_is_named(
    empty_dsn: str, tmp_path: Path, clock: ManualClock
) -> None:
    found = await check(WHOLE, tmp_path, empty_dsn, clock)
    assert any("kith migrate" in trouble.todo for trouble in found)


async def test_a_database_that_is_away_does_not_hide_the_rest(tmp_path: Path, clock: ManualClock) -> None:
    found = await check(Settings(), tmp_path, f"postgresql://kith:x@/kith?host={tmp_path}", clock)
    assert found[0].what == "nobody answers"
    assert "mail.host" in [trouble.where for trouble in found]


async def test_durability_that_was_switched_off_is_named(
    dsn: str, tmp_path: Path, clock: ManualClock
) -> None:
    """The tests' own cluster runs without, so it must be told."""
    found = await check(WHOLE, tmp_path, dsn, clock)
    durability = [trouble for trouble in found if trouble.where == "database.durability"]
    assert len(durability) == 3


def a_mailbox(team: TeamId, use: Use) -> Channel:
    return Channel(
        uuid4(),
        team,
        None,
        use,
        "mail",
        "kith",
        "a mailbox",
        "birds@example.org",
        "",
        "s",
        False,
        0,
        None,
        None,
        None,
    )


async def test_a_whole_server_has_only_its_helplines_left_to_check(
    database: Database, dsn: str, tmp_path: Path, clock: ManualClock, admin: asyncpg.Connection
) -> None:
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
        [team] = await teams.all_teams(tx)
        for name in ("ann", "bob"):
            id = MemberId(uuid4())
            new = people.NewMember(id, name, name, "x", None, None, "en", False)
            await people.add(tx, new, now=clock.now())
            await teams.put_seat(tx, team, Seat(team, id, name, True, True, True), now=clock.now())
            whole_week = Shift(
                id, "primary", clock.now() - timedelta(hours=1), clock.now() + timedelta(days=8)
            )
            await roster_store.add_shift(tx, team, whole_week)
        await channels.add(tx, a_mailbox(team, "canary"), now=clock.now())
    found = await check(WHOLE, tmp_path, dsn, clock)
    assert {trouble.where for trouble in found} == {"helplines", "database.durability"}


async def test_a_place_whose_only_lead_is_its_only_operator_lacks_an_outside_back_up(
    database: Database, dsn: str, tmp_path: Path, clock: ManualClock
) -> None:
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
        [team] = await teams.all_teams(tx)
        id = MemberId(uuid4())
        await people.add(
            tx, people.NewMember(id, "ann", "ann", "x", None, None, "en", False), now=clock.now()
        )
        await people.make_operator(tx, id)
        await teams.put_seat(tx, team, Seat(team, id, "ann", True, True, True), now=clock.now())
    said = "\n".join(map(str, await check(WHOLE, tmp_path, dsn, clock)))
    assert "a case or a report about them reaches somebody else" in said
    assert "the daily test case crosses no channel" in said
    async with database.transaction() as tx:
        await channels.add(tx, a_mailbox(team, "backup"), now=clock.now())
    said = "\n".join(map(str, await check(WHOLE, tmp_path, dsn, clock)))
    assert "reaches somebody else" not in said


def test_a_clock_that_differs_from_the_databases_is_named() -> None:
    assert list(checking.clocks(timedelta(seconds=1.9))) == []
    [ahead] = checking.clocks(timedelta(seconds=-2.5))
    [behind] = checking.clocks(timedelta(minutes=1))
    assert "2.5 s ahead of" in str(ahead) and "60.0 s behind" in str(behind)


def test_a_trouble_reads_as_two_lines() -> None:
    assert str(Trouble("mail.host", "is empty", "set it")) == "mail.host: is empty\n    set it"
    assert msgspec.json.encode(Settings())  # what workers are told survives the wire
