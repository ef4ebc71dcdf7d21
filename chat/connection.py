"""One connection's conversation with the house: frames in, answers out.

What needs the database is done one after the other by a task of its own, so that words keep their order and
a ping is answered meanwhile. What was said before the line broke is still done: it may be a last word.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, assert_never

from msgspec import UNSET

from chat.door import FLOOD
from chat.frames import encode
from chat.joining import Joining
from chat.listeners import Listener
from chat.marks import Marks
from chat.presence import Presence
from chat.protocol import (
    Ack,
    AmTyping,
    Bad,
    Change,
    Error,
    HaveRead,
    Join,
    Leave,
    Nack,
    Nowhere,
    Ping,
    Pong,
    React,
    Say,
    Support,
    Withdraw,
    echo,
    parse,
)
from chat.spoken import card_in_words, findings_in_words
from community.clock import Clock
from community.errors import NotFound, Refusal, TooFast, Unavailable
from community.web.words import _
from moderation.gate.gate import Gate
from moderation.gate.limits import Bucket
from moderation.gate.submissions import Edit, Send, Sent

log = logging.getLogger("kith.chat")

STRIKES_MAX: Final = 3
PROTOCOL_ERROR: Final = 4400
WAITING_MAX: Final = 64
WAITING_SCALED_MAX: Final = 2_048
"""Frames of one connection that wait for the database (multiplied by limits.scale, up to a bound); further
ones are refused with `too_fast`."""
FRAMES_A_SECOND: Final = 30.0
FRAMES_BURST: Final = 150.0

Ordered = Join | Leave | Say | Change | Withdraw | React


@dataclass(frozen=True, slots=True)
class Desk:
    """What every connection works with, wired once."""

    gate: Gate
    joining: Joining
    presence: Presence
    marks: Marks
    clock: Clock
    scale: float = 1.0


class Connection:
    """Handles the frames of one listener. `take` never waits and never raises."""

    def __init__(self, listener: Listener, desk: Desk, keep: Callable[[asyncio.Task[None]], None]) -> None:
        self._listener = listener
        self._desk = desk
        self._keep = keep
        self._strikes = 0
        self._waiting: deque[Ordered] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._waiting_max = max(1, min(int(WAITING_MAX * desk.scale), WAITING_SCALED_MAX))
        self._flood = Bucket(FRAMES_A_SECOND * desk.scale, FRAMES_BURST * desk.scale, desk.clock.monotonic())

    def take(self, text: str) -> None:
        """Handle one text frame, or put it in line."""
        if self._flood.wait_s(self._desk.clock.monotonic()) > 0:
            self._listener.outlet.close(FLOOD, "That was too much at once. Please come back in a moment.")
            return
        self._flood.take()
        frame = parse(text)
        match frame:
            case Bad():
                self._strike(frame)
            case Nowhere():
                self._put(Nack(NotFound.code, _(NotFound.say), frame.nonce, frame.c))
            case Ping():
                self._put(Pong(echo(frame.nonce)))
            case AmTyping():
                self._desk.presence.types(self._listener, frame.c)
            case HaveRead():
                self._desk.marks.have_read(self._listener, frame)
            case Join() | Leave() | Say() | Change() | Withdraw() | React():
                self._line_up(frame)
            case _:
                assert_never(frame)

    def forget_waiting(self) -> None:
        """Whoever this was is signed out: what hasn't begun isn't done any more."""
        self._waiting.clear()

    def _put(self, told: Any) -> None:
        self._listener.outlet.put(encode(told))

    def _strike(self, bad: Bad) -> None:
        self._strikes += 1
        self._put(Error(bad.code, bad.say))
        if self._strikes >= STRIKES_MAX:
            self._listener.outlet.close(PROTOCOL_ERROR, "We couldn't understand this program's frames.")

    # In order, one at a time

    def _line_up(self, frame: Ordered) -> None:
        if len(self._waiting) >= self._waiting_max:
            self._refuse(frame, TooFast(retry_after_s=1.0))
            return
        self._waiting.append(frame)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
            self._keep(self._worker)

    async def _work(self) -> None:
        while self._waiting:
            frame = self._waiting.popleft()
            try:
                await self._do(frame)
            except Refusal as refusal:
                self._refuse(frame, refusal)
            except Exception:  # border: one frame; the person is told, the log has the trace
                log.exception("a frame failed", extra={"frame": type(frame).__name__})
                self._refuse(frame, Unavailable(code="internal"))
        self._worker = None

    async def _do(self, frame: Ordered) -> None:
        gate, member = self._desk.gate, self._listener.person.id
        match frame:
            case Say():
                send = Send(member, frame.c, frame.nonce, frame.body, frame.reply_to, frame.warnings)
                self._acknowledge(frame.nonce, await gate.send(send))
            case Change():
                self._acknowledge(
                    frame.nonce, await gate.edit(Edit(member, frame.id, frame.nonce, frame.body))
                )
            case Join():
                if not self._listener.outlet.is_closed:
                    await self._desk.joining.join(self._listener, frame)
            case Leave():
                self._desk.joining.leave(self._listener, frame.c)
            case Withdraw():
                await gate.edits.withdraw(member, frame.id)
                self._confirm(frame)
            case React():
                await gate.edits.react(member, frame.id, frame.emoji, on=frame.on)
                self._confirm(frame)
            case _:
                assert_never(frame)

    def _acknowledge(self, nonce: str, sent: Sent) -> None:
        """The commit has happened. The card follows the ack with nothing in between."""
        again = True if sent.again else UNSET
        help = True if sent.help else UNSET
        self._put(Ack(sent.id, sent.seq, sent.outcome, sent.masked, nonce, again, help))
        if sent.support is not None:
            self._put(Support(nonce, card_in_words(sent.support)))

    def _confirm(self, frame: Withdraw | React) -> None:
        if frame.nonce is not None:
            self._put(Ack(frame.id, None, "publish", False, frame.nonce))

    def _refuse(self, frame: Ordered, refusal: Refusal) -> None:
        c = str(frame.c) if isinstance(frame, Join | Leave | Say) else UNSET
        findings = findings_in_words(refusal.extra.get("findings", UNSET))
        after = UNSET if refusal.retry_after_s is None else round(refusal.retry_after_s, 3)
        self._put(Nack(refusal.code, _(refusal.say), echo(frame.nonce), c, findings, after))
        support = refusal.extra.get("support")
        if support is not None and frame.nonce is not None:
            self._put(Support(frame.nonce, card_in_words(support)))
