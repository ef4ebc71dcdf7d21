"""A load generator for fan-out: many sockets in one process, raw frames, so that the server is what is measured.

Every published body carries its number and its time; a delivery is any text frame that holds the mark. It
counts lost deliveries and takes the time from publishing to arrival. Bounded in count and time.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

MARK = b"@@"
MARK_BYTES = 2 + 8 + 16  # mark, number and nanoseconds in hexadecimal


@dataclass(slots=True)
class Adapter:
    """How to speak to one kind of server. `{...}` are filled by the functions, once a connection."""

    port: int
    path: Callable[[int, int], str]  # (connection, room)
    headers: Callable[[int], dict[str, str]]
    hello: Callable[[int], list[bytes]]  # (room): what to send after the handshake
    expect: bytes  # what says that it has joined
    publish: Callable[[int, str, str], bytes]  # (room, nonce, body)


@dataclass(slots=True)
class Tally:
    """What a step saw."""

    sent: int = 0
    delivered: int = 0
    latencies_ns: list[int] = field(default_factory=list)
    closed: int = 0


class Client(asyncio.Protocol):
    """One socket. Reads frames with as little work as can be."""

    def __init__(self, adapter: Adapter, number: int, room: int, tally: Tally) -> None:
        self.adapter, self.number, self.room, self.tally = adapter, number, room, tally
        self.buffer = bytearray()
        self.open = False
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape alone
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self.adapter.path(self.number, self.room)} HTTP/1.1",
            f"Host: 127.0.0.1:{self.adapter.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in self.adapter.headers(self.number).items()),
        ]
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer
        buffer += data
        if not self.open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not buffer.startswith(b"HTTP/1.1 101"):
                self._fail(bytes(buffer[:60]))
                return
            self.open = True
            del buffer[: end + 4]
            for frame in self.adapter.hello(self.room):
                self.transport.write(masked(frame))
        self._frames()

    def _frames(self) -> None:
        buffer, at, size = self.buffer, 0, len(self.buffer)
        while size - at >= 2:
            length, head = buffer[at + 1] & 0x7F, 2
            if length == 126:
                if size - at < 4:
                    break
                length, head = buffer[at + 2] << 8 | buffer[at + 3], 4
            elif length == 127:
                if size - at < 10:
                    break
                length, head = int.from_bytes(buffer[at + 2 : at + 10], "big"), 10
            if size - at < head + length:
                break
            self._frame(buffer[at] & 0x0F, buffer[at + head : at + head + length])
            at += head + length
        del buffer[:at]

    def _frame(self, opcode: int, payload: bytearray) -> None:
        if opcode == 9:
            self.transport.write(masked(bytes(payload), 0x8A))
            return
        if opcode == 8:
            self._fail(bytes(payload[:80]))
            return
        if not self.joined.done():
            if self.adapter.expect in payload:
                self.joined.set_result(None)
            return
        mark = payload.find(MARK)
        if mark < 0 or b'"html"' in payload[:mark]:
            return
        self.tally.delivered += 1
        if self.tally.delivered % 7 == 0:  # a sample: timing every one would measure ourselves
            then = int(payload[mark + 10 : mark + 26], 16)
            self.tally.latencies_ns.append(time.perf_counter_ns() - then)

    def publish(self, number: int, body_bytes: int) -> None:
        body = f"@@{number:08x}{time.perf_counter_ns():016x} ".ljust(body_bytes, "x")
        self.transport.write(masked(self.adapter.publish(self.room, f"b{number}", body)))
        self.tally.sent += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(b"lost")

    def _fail(self, why: bytes) -> None:
        self.tally.closed += 1
        if not self.joined.done():
            self.joined.set_exception(ConnectionError(why.decode(errors="replace")))


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A client frame. The key is zero: legal, and cheap enough not to be measured."""
    size = len(payload)
    if size < 126:
        return bytes((first, 0x80 | size)) + b"\0\0\0\0" + payload
    return bytes((first, 0xFE)) + size.to_bytes(2, "big") + b"\0\0\0\0" + payload


async def connect_all(
    adapter: Adapter, rooms: int, members: int, tally: Tally, *, at_once: int = 100
) -> list[list[Client]]:
    """Clients by room, all joined. Raises ConnectionError or TimeoutError."""
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(at_once)

    async def one(number: int, room: int) -> Client:
        async with gate:
            _, client = await loop.create_connection(
                lambda: Client(adapter, number, room, tally), "127.0.0.1", adapter.port
            )
            await asyncio.wait_for(client.joined, 60)
            return client

    made = await asyncio.gather(*(one(r * members + m, r) for r in range(rooms) for m in range(members)))
    return [list(made[r * members : (r + 1) * members]) for r in range(rooms)]


async def publish_at(
    clients: Sequence[Sequence[Client]],
    rate: float,
    seconds: float,
    *,
    speakers: int,
    body_bytes: int,
    first: int,
) -> int:
    """Publish at a fixed rate, rooms and speakers taking turns; returns the next message number."""
    start, total = time.perf_counter(), int(rate * seconds)
    for n in range(total):
        due = start + n / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        room = clients[n % len(clients)]
        room[(n // len(clients)) % min(speakers, len(room))].publish(first + n, body_bytes)
    return first + total


async def settle(tally: Tally, expected: int, *, patience_s: float = 10.0) -> None:
    """Wait until everything has arrived, or nothing more does."""
    deadline = time.perf_counter() + patience_s
    while tally.delivered < expected and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)


def percentile(values: Sequence[int], share: float) -> float:
    """In milliseconds; nan without values."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6
