"""`kith rules`: what it prints, what it refuses, and that no word of a person is ever among it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from community.clock import SystemClock
from moderation.pipeline.rules import shipped
from server import rules_report
from server.cli import kith as commands
from tests.candidates import HEARD, OMEN, candidate
from tests.home import Home
from tests.server.test_cli import kith


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands, ["rules", *map(str, arguments)])


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A corpus of two sentences."""
    folder = tmp_path / "sentences"
    folder.mkdir()
    (folder / "mine.toml").write_text(f"[[group]]\nname = 'omens'\ntexts = '''\ngood morning\n{OMEN}\n'''\n")
    yield folder


def test_show_prints_version_rules_and_lexicons(tmp_path: Path) -> None:
    said = run("show", "--data", tmp_path).output
    assert said.startswith(f"Rules {shipped().version}: {len(shipped().lexicons.entries)} rules in ")
    assert "  care_ideation, version " in said


def test_show_names_the_candidate_in_the_shadow(tmp_path: Path) -> None:
    candidate(tmp_path)
    (tmp_path / "config.toml").write_text("[pipeline]\nshadow = 'candidate'\n")
    assert "In the shadow: candidate, version " in run("show", "--data", tmp_path).output


def test_check_takes_good_rules_and_names_file_and_line_of_bad_ones(tmp_path: Path) -> None:
    folder = candidate(tmp_path)
    assert " loads: version " in run("check", folder, "--data", tmp_path).output
    with (folder / "care_child.toml").open("a") as file:
        file.write(HEARD.replace('"red"', '"purple"'))
    done = run("check", folder, "--data", tmp_path)
    assert done.exit_code == 1
    assert done.stderr.startswith("kith: care_child.toml:")
    assert "purple" in done.stderr


def test_diff_lists_what_is_lowered_first_and_counts_by_direction(tmp_path: Path, own: Path) -> None:
    folder = candidate(tmp_path)
    up = run("diff", "shipped", folder, "--corpus", own, "--data", tmp_path)
    assert up.exit_code == 0, up.output
    assert up.output.startswith("raised  mine:omens:2: tier green -> red, outcome publish -> ")
    assert "+care.ideation.gloaming" in up.output
    assert "2 sentences: 1 the same, tier 0 lowered and 1 raised" in up.output
    down = run("diff", folder, "shipped", "--corpus", own, "--data", tmp_path).output
    assert down.startswith("LOWERED  mine:omens:2: tier red -> green")
    assert "lantern" not in up.output + down


def test_diff_as_json_has_both_sides(tmp_path: Path, own: Path) -> None:
    done = run("diff", "shipped", candidate(tmp_path), "--corpus", own, "--json", "--data", tmp_path)
    shown = json.loads(done.output)
    assert (shown["counts"]["compared"], shown["counts"]["raised"]) == (2, 1)
    [found] = shown["changes"]
    assert (found["old"]["tier"], found["new"]["tier"]) == ("green", "red")
    assert found["new"]["rules"] == ["care.ideation.gloaming"]


def test_diff_takes_the_repositorys_corpus_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rules_report.CORPUS.is_dir()
    monkeypatch.setattr(rules_report, "CORPUS", tmp_path / "not in a wheel")
    done = run("diff", "shipped", "shipped", "--data", tmp_path)
    assert done.exit_code == 1
    assert "name the folder with --corpus" in done.stderr


def test_a_corpus_that_isn_t_there_or_is_broken_is_one_sentence(tmp_path: Path, own: Path) -> None:
    done = run("diff", "shipped", "shipped", "--corpus", tmp_path / "none", "--data", tmp_path)
    assert (done.exit_code, "there is no such folder" in done.stderr) == (1, True)
    (own / "mine.toml").write_text("[[group]]\n")
    done = run("diff", "shipped", "shipped", "--corpus", own, "--data", tmp_path)
    assert (done.exit_code, "mine.toml: " in done.stderr) == (1, True)


def test_since_is_days_or_a_day_or_a_time() -> None:
    now = SystemClock().now()
    assert abs(rules_report.parse_since("7") - (now - timedelta(days=7))) < timedelta(minutes=1)
    assert abs(rules_report.parse_since("1.5d") - (now - timedelta(days=1.5))) < timedelta(minutes=1)
    assert rules_report.parse_since("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert rules_report.parse_since("2026-03-01T18:00+01:00") == datetime(2026, 3, 1, 17, tzinfo=UTC)
    for text in ("yesterday", "1e99", "nan", ""):
        with pytest.raises(click.ClickException, match="expected"):
            rules_report.parse_since(text)


async def test_replay_beside_a_running_server_prints_counts_and_ids(
    home: Home, dsn: str, tmp_path: Path
) -> None:
    _, room, (ann, _) = await home.community()
    id = (await ann.say(room, OMEN)).json()["id"]
    folder = candidate(tmp_path)
    arguments = ("rules", "replay", "--since", "2020-01-01", "--rules", folder, "--data", tmp_path)
    done = await asyncio.to_thread(kith, *arguments, env={"KITH_DATABASE_URL": dsn})
    assert done.returncode == 0, done.stderr
    assert f"changed  {id}: tier green -> red" in done.stdout
    assert "gained care.ideation.gloaming: 1" in done.stdout
    assert f"by {shipped().version}" in done.stdout
    assert "lantern" not in done.stdout + done.stderr
    again = await asyncio.to_thread(
        kith, *arguments, "--json", "--limit", "1", env={"KITH_DATABASE_URL": dsn}
    )
    shown = json.loads(again.stdout)
    assert shown["counts"]["compared"] == 1
    assert [each["id"] for each in shown["others"]] == [id]


def test_replay_refuses_a_time_it_can_t_read_before_it_asks_the_database(tmp_path: Path) -> None:
    done = run("replay", "--since", "yesterday", "--data", tmp_path / "none")
    assert done.exit_code == 1
    assert "--since yesterday: expected" in done.stderr
    assert not (tmp_path / "none").exists()
