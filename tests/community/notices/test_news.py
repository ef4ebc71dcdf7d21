"""Grouping of what is new: each message once, by conversation, without what its reader doesn't wish to meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from community.ids import ConversationId, MessageId
from community.notices.kinds import NoticeSettings
from community.notices.news import ITEMS_MAX, NewsRow, by_conversation, harmless, wanted
from community.wishes import Wishes

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = ConversationId(UUID(int=1))


def row(kind: str = "reply", **more: Any) -> NewsRow:
    given: dict[str, Any] = {
        "message_id": MessageId(uuid4()), "conversation_id": HERE, "place": "thread", "seq": 5, "author": "quiet-river",
        "shown": "some words", "warnings": (), "title": "Evenings", "thread_warnings": (), "group": "Lighthouse",
        "has_care": False, "at": NOW, "read_seq": 0,
    }  # fmt: skip
    return NewsRow(kind=kind, **{**given, **more})  # type: ignore[arg-type]


def test_a_message_is_told_of_once_for_its_dearest_reason() -> None:
    id = MessageId(uuid4())
    rows = [row("follow", message_id=id), row("mention", message_id=id), row("reply", message_id=id)]
    [only] = wanted(rows, Wishes(), NoticeSettings())
    assert only.kind == "reply"
    [only] = wanted(rows, Wishes(), NoticeSettings(hidden=frozenset({"reply"})))
    assert only.kind == "mention"


def test_muted_words_and_hidden_warnings_bring_no_notice_also_by_the_threads_title() -> None:
    wishes = Wishes(words=("storm",), hidden=("food and weight",))
    rows = [
        row(shown="a storm came"),
        row(title="The storm"),
        row(warnings=("food and weight",)),
        row(thread_warnings=("food and weight",)),
    ]
    assert wanted(rows, wishes, NoticeSettings()) == []


def test_a_digest_counts_nothing_that_may_weigh_on_its_reader() -> None:
    case, good = row(), row()
    rows = [case, good, row(warnings=("suicide",)), row(thread_warnings=("suicide",)), row(has_care=True)]
    assert harmless(rows, {case.message_id}) == [good]


def test_followed_threads_are_one_line_from_where_reading_goes_on() -> None:
    first, second, read = row("follow", seq=7), row("follow", seq=8), row("follow", seq=6, read_seq=6)
    [told] = by_conversation([second, read, first], None)
    [item] = told.items
    assert (item.count, item.message_id, item.is_new) == (2, first.message_id, True)
    assert by_conversation([read], None) == [], "a thread without news is no notice"


def test_a_flood_in_one_conversation_is_told_in_a_few_lines() -> None:
    rows = [row(seq=n, at=NOW + timedelta(minutes=n)) for n in range(1, 30)]
    [told] = by_conversation(rows, None)
    assert len(told.items) == ITEMS_MAX and told.more == 29 - ITEMS_MAX
    assert told.items[0].at == rows[-1].at, "the latest are kept"


def test_what_is_new_comes_first_and_what_was_read_stays_below() -> None:
    other = ConversationId(UUID(int=2))
    old = row(conversation_id=other, read_seq=5, at=NOW + timedelta(hours=1))
    told = by_conversation([old, row()], None)
    assert [t.conversation_id for t in told] == [HERE, other] and [t.is_new for t in told] == [True, False]
    assert not by_conversation([row()], NOW)[0].is_new, "declared read"
