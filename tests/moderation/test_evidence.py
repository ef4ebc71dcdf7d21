"""Evidence: the chain shows every change, figures come from histories, small numbers stay hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from click.testing import CliRunner

from community.database import Database
from community.ids import CaseId, MemberId, MessageId, new_id
from moderation.casework import acts
from moderation.casework.case import Past
from moderation.evidence import audit, figures
from moderation.pipeline.types import Tier
from server.audit_command import lines, read
from server.cli import kith
from tests.home import CRY, Home
from tests.moderation.team import act, holds, moderator, only_case
from tests.moderation.test_letters import write


async def report(home: Home) -> audit.Report:
    await home.house.audit_job.run()
    async with home.house.database.transaction(isolation="repeatable read") as tx:
        return await audit.verify(tx)


async def worked_case(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    home.clock.advance(timedelta(minutes=2))
    case = await act(operator, await only_case(operator), "claim")
    home.clock.advance(timedelta(minutes=20))
    await act(operator, case, "claim")
    await write(operator, case)


async def test_acts_and_views_are_chained_and_the_chain_holds(home: Home, dsn: str) -> None:
    await worked_case(home)
    made = await report(home)
    assert (made.faults, made.waiting, made.cases) == ((), 0, 1)
    async with home.house.database.read() as conn:
        verbs = {r["verb"] for r in await conn.fetch("select distinct verb from audit")}
    assert {"case.history", "case.seen"} <= verbs
    assert (await read(dsn, made.end)).faults == (), "an end that was kept is found again"
    assert lines(await read(dsn, "ff" * 32))[1].startswith("WRONG: the end that you kept")


async def test_every_change_of_what_was_written_is_found(home: Home, database: Database) -> None:
    await worked_case(home)
    assert (await report(home)).faults == ()
    for change, wrong in (
        ("update audit set parameters = '{}' where n = 2", "entry 2 was changed"),
        ("delete from audit where n = 3", "entry 3 is missing"),
        ("update case_history set act = 'noted' where n = 3", "was changed"),
        ("update moderation_case set tier = 'green'", "differ from its history"),
        ("update audit_head set n = n - 1", "entries were cut off"),
    ):
        async with database.transaction() as tx:
            await tx.execute("alter table audit disable trigger user")
            await tx.execute("alter table case_history disable trigger user")
            async with Undone(tx):
                await tx.execute(change)
                found = await audit.verify(tx)
        assert any(wrong in fault for fault in found.faults), (change, found.faults)


class Undone:
    """What is done inside is taken back."""

    def __init__(self, tx: object) -> None:
        self.tx = tx

    async def __aenter__(self) -> None:
        await self.tx.execute("savepoint s")  # type: ignore[attr-defined]

    async def __aexit__(self, *_: object) -> None:
        await self.tx.execute("rollback to savepoint s")  # type: ignore[attr-defined]


async def test_figures_list_what_was_missed_and_only_leads_see_them(home: Home) -> None:
    await worked_case(home)
    operator = await home.operator("second")
    made = await operator.ok("GET", "/moderation/statistics")
    crisis = made["tiers"][0]
    assert (crisis["tier"], crisis["episodes"]) == ("crisis", 1)
    assert (crisis["to_acknowledge"]["median_s"], crisis["missed_acknowledge"]) == (120.0, 0)
    assert (crisis["to_words"]["median_s"], crisis["missed_words"]) == (22 * 60.0, 1)
    assert [(m["clock"], m["took_s"]) for m in made["misses"]] == [("words", 22 * 60.0)]
    sheet = await operator.call("GET", "/moderation/statistics/csv")
    assert "miss," in sheet.text and sheet.headers["content-type"].startswith("text/csv")
    public = await operator.ok("GET", "/moderation/transparency")
    assert public["care_by_tier"]["crisis"] is None, "one person could be known by it"
    mod = await moderator(home, operator)
    for path in (
        "/moderation/statistics",
        "/moderation/transparency",
        "/moderation/load",
        "/moderation/audit",
    ):
        assert (await mod.call("GET", path)).status_code == 404
    await holds(home)


async def test_precision_comes_from_moderators_verdicts(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    case = await only_case(operator)
    message, first = case["messages"][0]["id"], case["findings"][0]["rule"]
    body = {"findings": [{"message": message, "n": 0, "right": False}]}
    answer = await operator.call("POST", f"/moderation/cases/{case['id']}/verdicts", body)
    assert answer.status_code == 204
    rules = {r["rule"]: r for r in (await operator.ok("GET", "/moderation/statistics"))["rules"]}
    assert (rules[first]["judged"], rules[first]["right"], rules[first]["precision"]) == (1, 0, 0.0)


def test_a_case_that_is_raised_starts_a_second_run_of_its_clocks() -> None:
    at, by, id = datetime(2026, 1, 5, tzinfo=UTC), MemberId(new_id()), CaseId(new_id())
    message, minute = MessageId(new_id()), timedelta(minutes=1)
    history = [
        Past(acts.Opened("care", Tier.red, message, frozenset({"a"})), at),
        Past(acts.Claimed(by), at + 3 * minute),
        Past(acts.Joined(Tier.crisis, message, frozenset({"a", "b"})), at + 5 * minute),
        Past(acts.Spoke(by), at + 9 * minute),
    ]
    first, second = figures.episodes(id, history, [at + minute, at + 6 * minute])
    assert (first.tier, first.paged, first.acknowledged, first.spoken) == (
        Tier.red, at + minute, at + 3 * minute, None,
    )  # fmt: skip
    assert (second.tier, second.started, second.acknowledged, second.spoken) == (
        Tier.crisis, at + 5 * minute, at + 5 * minute, at + 9 * minute,
    )  # fmt: skip
    assert figures.misses([first, second], at + 60 * minute) == []


def test_small_numbers_are_hidden_and_can_not_be_counted_back() -> None:
    assert figures.suppressed({"a": 3, "b": 12, "c": 40}) == {"a": None, "b": None, "c": 40}
    assert figures.suppressed({"a": 0, "b": 12}) == {"a": 0, "b": 12}


def test_the_command_line_knows_audit_and_helplines() -> None:
    for command in (["audit", "verify", "--help"], ["helplines", "check", "--help"]):
        assert CliRunner().invoke(kith, command).exit_code == 0
