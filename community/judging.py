"""The gate as the ground sees it: words outside conversations (handles, join requests, profiles) are judged
and kept like all others, without the ground knowing how.

moderation/gate/gate.py implements this; server/assembly.py hands it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from community.database import Tx
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
