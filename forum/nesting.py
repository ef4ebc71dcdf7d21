"""Puts the posts of a thread in reading order: answers stand under the post they belong to, one level deep.

Pure. However deep the data, a page shows two levels: posts that answer the thread, and below each of them
everything that was said in answer, in the order it was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.ids import MessageId
from forum.store.threads import PostPlace


@dataclass(frozen=True, slots=True)
class Arranged:
    """One post in its place. `parent` is the post it answers, None for an answer to the thread itself;
    `is_beneath` says that the parent stands directly above, so that nothing need name it."""

    id: MessageId
    seq: int
    nested: bool
    parent: MessageId | None
    is_beneath: bool


def arrange(places: Sequence[PostPlace], first: MessageId) -> list[Arranged]:
    """All posts but the first one of the thread, in reading order. `places` come in order of seq."""
    known = {place.id for place in places}
    root_of: dict[MessageId, MessageId] = {}
    groups: dict[MessageId, list[PostPlace]] = {}
    for place in places:
        if place.id == first:
            continue
        parent = place.reply_to
        # An answer to something we don't show here (another page of history, a lost id) answers the thread.
        # So does one to a later post, which no client of ours sends: order by seq keeps this free of loops.
        root = root_of.get(parent) if parent in known and parent is not None else None
        root_of[place.id] = root or place.id
        groups.setdefault(root_of[place.id], []).append(place)
    return [arranged for group in groups.values() for arranged in _group(group, first)]


def _group(group: Sequence[PostPlace], first: MessageId) -> list[Arranged]:
    above: MessageId | None = None
    arranged = []
    for n, place in enumerate(group):
        parent = place.reply_to if n else None
        arranged.append(Arranged(place.id, place.seq, n > 0, parent, parent == above))
        above = place.id
    return arranged


def page_of(arranged: Sequence[Arranged], id: MessageId, size: int) -> int | None:
    """The page (from 1) on which this post stands, or None."""
    for n, post in enumerate(arranged):
        if post.id == id:
            return n // size + 1
    return None


def first_unread(arranged: Sequence[Arranged], read_seq: int) -> MessageId | None:
    """The oldest post after `read_seq`, wherever it stands."""
    news = [post for post in arranged if post.seq > read_seq]
    return min(news, key=lambda post: post.seq).id if news else None
