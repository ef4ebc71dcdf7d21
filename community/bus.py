"""Rings and whispers between the parts and processes of one Kith: ids only, never a word a person wrote.

A ring says "look again", the truth is in Postgres: a lost, doubled or reordered ring is harmless. A whisper
(typing, presence, how far I have read) is worth nothing a moment later, so it may be lost without a trace.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol
from uuid import UUID

from community.ids import ConversationId, MemberId

log = logging.getLogger("kith.bus")

Topic = Literal["conversation", "member", "session", "desk", "group", "room"]
WhisperKind = Literal["typing", "presence", "read"]

TOPICS: Final[tuple[Topic, ...]] = ("conversation", "member", "session", "desk", "group", "room")
WHISPER_KINDS: Final[tuple[WhisperKind, ...]] = ("typing", "presence", "read")


@dataclass(frozen=True, slots=True)
class Whisper:
    """`number` means what the kind says: a seq for "read", 1 or 0 (here, gone) for "presence"."""

    conversation_id: ConversationId
    kind: WhisperKind
    member_id: MemberId
    number: int = 0


OnRing = Callable[[Topic, UUID], None]
OnWhisper = Callable[[Whisper], None]
OnGap = Callable[[], None]


class Bus(Protocol):
    """What every bus promises; tests/community/test_bus.py holds all of them to it.

    `ring` and `whisper` return at once and never raise, whatever the listeners or the network do. Rings of
    this process reach its own listeners too. A listener must not block: it notes what is due and returns.
    """

    @property
    def is_certain(self) -> bool:
        """Whether every ring rung anywhere reaches this process, so that nothing need be asked again."""

    async def start(self) -> None:
        """Begin to hear other processes. Returns at once even if they can't be reached yet."""

    async def stop(self) -> None:
        """Stop hearing and drop what is still waiting to be sent. May be called twice."""

    def ring(self, topic: Topic, id: UUID) -> None:
        """Say that something about `id` has changed. Call it after the commit, never before."""

    def whisper(
        self, conversation_id: ConversationId, kind: WhisperKind, member_id: MemberId, number: int = 0
    ) -> None:
        """Pass something on that may be lost."""

    def listen(self, on_ring: OnRing, on_whisper: OnWhisper | None, on_gap: OnGap) -> None:
        """Hear rings and whispers from now on. `on_gap` means: rings may have been lost, catch up from
        Postgres; it is called at every subscription after the first."""


class Listeners:
    """Who hears on this process. One that raises is logged and harms nobody else."""

    def __init__(self) -> None:
        self._rings: list[OnRing] = []
        self._whispers: list[OnWhisper] = []
        self._gaps: list[OnGap] = []

    def add(self, on_ring: OnRing, on_whisper: OnWhisper | None, on_gap: OnGap) -> None:
        self._rings.append(on_ring)
        self._gaps.append(on_gap)
        if on_whisper is not None:
            self._whispers.append(on_whisper)

    def ring(self, topic: Topic, id: UUID) -> None:
        for heard in self._rings:
            try:
                heard(topic, id)
            except Exception:  # border: one listener; the sender has committed and must not fail
                log.exception("a listener failed at a ring", extra={"topic": topic})

    def whisper(self, whisper: Whisper) -> None:
        for heard in self._whispers:
            try:
                heard(whisper)
            except Exception:  # border: one listener
                log.exception("a listener failed at a whisper", extra={"kind": whisper.kind})

    def gap(self) -> None:
        for heard in self._gaps:
            try:
                heard()
            except Exception:  # border: one listener
                log.exception("a listener failed at a gap")


class LocalBus:
    """The bus of a single process: a function call. Nothing can be lost, so there are no gaps."""

    def __init__(self) -> None:
        self._listeners = Listeners()

    @property
    def is_certain(self) -> bool:
        return True

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None

    def ring(self, topic: Topic, id: UUID) -> None:
        self._listeners.ring(topic, id)

    def whisper(
        self, conversation_id: ConversationId, kind: WhisperKind, member_id: MemberId, number: int = 0
    ) -> None:
        self._listeners.whisper(Whisper(conversation_id, kind, member_id, number))

    def listen(self, on_ring: OnRing, on_whisper: OnWhisper | None, on_gap: OnGap) -> None:
        self._listeners.add(on_ring, on_whisper, on_gap)
