"""The gate as the ground sees it: words outside conversations (handles, join requests, profiles) are judged
and kept like all others, without the ground knowing how.

moderation/gate/gate.py implements this; server/assembly.py hands it in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from community.database import Database, Tx
from community.errors import Refusal
from community.ids import GroupId, MemberId, MessageId


@dataclass(frozen=True, slots=True)
class Words:
    """A text outside any conversation, and where it stands (a Place of the pipeline)."""

    text: str
    place: str
    preset: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Words that were kept. `support` is a support card, ready for JSON, or None."""

    message_id: MessageId
    support: Any | None


class Judged(Protocol):
    """What the pipeline said about some words."""

    @property
    def has_care(self) -> bool:
        """A trained person must see this."""

    @property
    def is_refused(self) -> bool:
        """The words can't stand as they are (a slur as a handle)."""


class Gatekeeper(Protocol):
    def judge(self, words: Words) -> Judged:
        """Pure and quick; call it outside the transaction."""

    async def keep(self, tx: Tx, judged: Any, *, author: MemberId, group: GroupId | None) -> Kept:
        """Keep the words with their verdict and, where a care finding fired, case, page and card, all in
        the caller's transaction."""


async def heard(
    database: Database, gate: Gatekeeper, words: Words, author: MemberId, refusal: Refusal
) -> Refusal:
    """Words of a form that was turned away, whatever for: a cry among them is kept for a person all the same, and
    the refusal brings the card. Call it outside the transaction that was given up."""
    text = words.text.replace("\0", "").encode("utf-8", "ignore").decode()
    judged = gate.judge(replace(words, text=text))
    if judged.has_care:
        async with database.transaction() as tx:
            kept = await gate.keep(tx, judged, author=author, group=None)
        if kept.support is not None:
            refusal.extra["support"] = kept.support
    return refusal
