"""The storm, small enough for every run: what a thousand messages do is in bench/oncall.md."""

from __future__ import annotations

from bench.storm import storm


async def test_killed_processes_lose_no_case_and_no_page_and_send_none_twice_for_one_due_time(
    dsn: str,
) -> None:
    outcome = await storm(dsn, messages=150, members=30, kills=3)
    assert outcome.wrong == []
    assert outcome.care_messages == 100
    assert outcome.crisis_cases > 0
    assert outcome.arrived >= outcome.sent > 0
    assert outcome.first_page_p99_s <= 10
