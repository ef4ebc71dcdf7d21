"""Runs of digits: cut into groups, dates and years apart."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.figures import RUNS_MAX, measured, runs
from moderation.pipeline.conduct.surface import surface


def groups(text: str) -> list[list[str]]:
    return [[group.digits for group in run.groups] for run in runs(surface(text))]


def test_a_run_is_its_groups_and_signs() -> None:
    (run,) = runs(surface("+44 (0)20 7946-0958"))
    assert [g.digits for g in run.groups] == ["44", "0", "20", "7946", "0958"]
    assert run.plus
    assert run.signs[-1] == "-"


def test_dates_and_ranges_of_years_are_cut_out() -> None:
    assert groups("12/06/2024") == []
    assert groups("2010-2014") == []
    assert groups("2024-06-12 07700 900123") == [["07700", "900123"]]


def test_money_and_amounts_are_measured() -> None:
    view = surface("£120000 and 12000 steps")
    assert all(measured(view, run) for run in runs(view))


def test_a_table_of_numbers_is_bounded() -> None:
    assert len(runs(surface("12345 67890\n" * 500))) <= RUNS_MAX


@pytest.mark.parametrize(
    "code",
    [
        "@@02b90a0000089c001846fa595ce15b rest",
        "commit 3f2504e04f8911d39a0c0305e82c3301 broke it",
        "order 8821A77B1203C44190",
        "12345678901234567890123 sheep",
    ],
)
def test_digits_of_a_machine_are_nobody_s_number(code: str) -> None:
    """Hexadecimal ids were hidden as telephone numbers."""
    assert runs(surface(code)) == []
