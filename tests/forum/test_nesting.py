"""Reading order of a thread: two levels on the page, however deep the data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from community.ids import MessageId, new_id
from forum.nesting import arrange, first_unread, page_of
from forum.store.threads import PostPlace

IDS = [MessageId(new_id()) for _ in range(30)]


def place(n: int, reply_to: int | None = None) -> PostPlace:
    return PostPlace(IDS[n], n + 1, None if reply_to is None else IDS[reply_to], None)


def shape(*places: PostPlace) -> list[tuple[int, bool]]:
    return [(IDS.index(a.id), a.nested) for a in arrange(places, IDS[0])]


def test_answers_stand_under_the_post_they_belong_to() -> None:
    assert shape(place(0), place(1), place(2), place(3, 1)) == [(1, False), (3, True), (2, False)]


def test_answers_to_answers_stay_one_level_deep() -> None:
    assert shape(place(0), place(1), place(2, 1), place(3, 2), place(4, 3)) == [
        (1, False), (2, True), (3, True), (4, True),
    ]  # fmt: skip


def test_answers_to_the_first_post_are_answers_to_the_thread() -> None:
    assert shape(place(0), place(1, 0), place(2, 0)) == [(1, False), (2, False)]


def test_an_answer_to_a_lost_or_later_post_answers_the_thread() -> None:
    assert shape(place(0), place(1, 29), place(2, 3), place(3)) == [(1, False), (2, False), (3, False)]


def test_a_parent_is_named_only_where_it_does_not_stand_directly_above() -> None:
    arranged = arrange([place(0), place(1), place(2, 1), place(3, 1)], IDS[0])
    assert [a.is_beneath for a in arranged if a.nested] == [True, False]


def test_the_first_unread_post_is_the_oldest_wherever_it_stands() -> None:
    arranged = arrange([place(0), place(1), place(2), place(3, 1)], IDS[0])
    assert first_unread(arranged, 2) == IDS[2]
    assert first_unread(arranged, 4) is None


def test_a_post_is_found_on_its_page() -> None:
    arranged = arrange([place(n) for n in range(6)], IDS[0])
    assert page_of(arranged, IDS[5], 2) == 3
    assert page_of(arranged, IDS[0], 2) is None


@given(st.lists(st.integers(min_value=-1, max_value=29), max_size=29))
def test_every_post_stands_on_the_page_exactly_once_whatever_it_answers(parents: list[int]) -> None:
    places = [place(0)] + [place(n + 1, None if p < 0 else p) for n, p in enumerate(parents)]
    arranged = arrange(places, IDS[0])
    assert sorted(a.seq for a in arranged) == list(range(2, len(places) + 1))
    assert not arranged or not arranged[0].nested
