"""Pictures: every one has a title, words and a table, and says by shape what it says by colour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from community.ids import CaseId, new_id
from moderation.casework.clocks import Times
from moderation.evidence import drawing, plots
from moderation.evidence.figures import Episode
from moderation.evidence.plots import Share
from moderation.pipeline.types import Tier
from moderation.store.figures import DayCounts

AT = datetime(2026, 3, 20, 1, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def episode(tier: Tier, waited: timedelta | None, at: datetime = AT) -> Episode:
    taken = None if waited is None else at + waited
    return Episode(CaseId(new_id()), tier, at, acknowledged=taken)


def test_a_picture_can_be_read_aloud_and_breaks_no_policy() -> None:
    made = drawing.arrivals([episode(Tier.crisis, None)], BERLIN)
    root = ElementTree.fromstring(str(made.svg))
    assert root.attrib["role"] == "img"
    named = root.attrib["aria-labelledby"].split()
    assert [e.attrib["id"] for e in root if e.tag in ("title", "desc")] == named
    assert "style" not in str(made.svg) and "<script" not in str(made.svg)


def test_hours_are_those_of_the_organisation() -> None:
    made = drawing.arrivals([episode(Tier.crisis, None)], BERLIN)
    assert made.table[2] == ("02:00", [1, 0, 0]), "half past one in UTC is half past two in Berlin"


def test_what_came_after_its_clock_is_hatched_and_counted_in_words() -> None:
    found = [
        episode(Tier.crisis, timedelta(minutes=3)),
        episode(Tier.crisis, timedelta(minutes=9)),
        episode(Tier.crisis, None),
    ]
    made = drawing.waits(found, "acknowledge", Times())
    assert "Crisis: 2 of 3 late" in made.svg and "5 minutes" in made.svg
    assert made.svg.count('fill="url(#waits-acknowledge-hatch)"') == 2
    assert dict(made.table)["not yet, or never"] == [1, 0, 0]


def test_a_clock_that_ends_no_bucket_stands_between_two() -> None:
    assert drawing._place(timedelta(minutes=5)) == 3
    assert drawing._place(timedelta(minutes=20)) == 5 + 5 / 15
    assert drawing._place(timedelta(days=9)) == 11


def test_ninety_days_are_weeks_and_seven_are_days() -> None:
    first = date(2026, 1, 1)
    days = [DayCounts(first + timedelta(days=n), 1, 0, 0, 0) for n in range(90)]
    weeks = drawing.handled(days, first, first + timedelta(days=89))
    assert [n[0] for _, n in weeks.table][:2] == [7, 7] and sum(n[0] for _, n in weeks.table) == 90
    assert len(drawing.handled(days[:7], first, first + timedelta(days=6)).table) == 7


def test_words_in_a_picture_are_escaped() -> None:
    svg = plots.shares("x", ("<b>", "&"), [Share('"><script>', 1, 2, "1 of 2")])
    assert "<script>" not in svg and "<b>" not in svg
