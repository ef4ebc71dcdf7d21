"""The roster's picture: a day is as long as it is, and where nobody is stands in words too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from community.ids import MemberId, TeamId, new_id
from moderation.oncall import cover_picture as drawn
from moderation.oncall.cover_picture import Cover, Span
from moderation.oncall.roster import SeatName
from moderation.store.roster import ShiftRow

BERLIN = ZoneInfo("Europe/Berlin")
NAME = "{http://www.w3.org/2000/svg}"


def shift(starts: datetime, ends: datetime, seat: SeatName = "primary", handle: str = "kim") -> ShiftRow:
    id = new_id()
    return ShiftRow(id, TeamId(id), MemberId(new_id()), handle, seat, starts, ends, None, None, None)


def berlin(day: int, hour: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BERLIN).astimezone(UTC)


def test_where_nobody_is_is_hatched_and_said() -> None:
    gap = (berlin(20, 22), berlin(21, 6))
    cover = Cover([shift(berlin(20, 0), berlin(20, 22))], [gap], frozenset())
    span = Span(date(2026, 3, 20), 2, BERLIN, berlin(20, 12))
    svg = drawn.picture(cover, span)
    root = ElementTree.fromstring(str(svg))
    assert root.attrib["role"] == "img" and "Nobody is on duty for 8 hours." in svg
    assert svg.count('class="gap hatched"') == 2, "the night is in two days"
    assert drawn.gap_words(gap, BERLIN) == "Friday 20 March, 22:00, to Saturday 21 March, 06:00"
    first, second = drawn.table(cover, span)
    assert (first.seats[0], first.nobody) == ("kim 00:00–22:00", "22:00–00:00")
    assert (second.seats[0], second.nobody) == ("", "00:00–06:00")


def test_a_day_on_which_clocks_change_has_23_or_25_hours_and_noon_moves() -> None:
    for day, month, hours, noon in ((29, 3, 23, 11 / 23), (25, 10, 25, 13 / 25)):
        first = date(2026, month, day)
        span = Span(first, 1, BERLIN, berlin(day, 12, month))
        assert span.end - span.start == timedelta(hours=hours)
        svg = str(drawn.picture(Cover([], [], frozenset()), span))
        assert f"clocks change, {hours} hours" in svg
        x = drawn.GUTTER + noon * (100 - drawn.GUTTER)
        assert f'class="now" x1="{x:.2f}%"' in svg


def test_a_name_is_escaped_and_untrained_people_are_hatched() -> None:
    row = shift(berlin(20, 1), berlin(20, 9), handle="<b>")
    cover = Cover([row], [], frozenset({row.member_id}))
    svg = drawn.picture(cover, Span(date(2026, 3, 20), 1, BERLIN, berlin(20, 12)))
    assert "<b>" not in svg and "not trained" in svg and 'class="shift hatched"' in svg
