"""The contract with uvicorn's private API: if an upgrade breaks our wire, it breaks here first."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chat.frames import text_frame
from chat.wire import QUEUED_FRAMES_MAX, STATE_KEY, USER_TIMEOUT_MS, RawWire, uvicorn_options

Endpoint = Callable[[RawWire, Callable[[], Awaitable[Any]]], Awaitable[None]]


@asynccontextmanager
async def serving(endpoint: Endpoint, **more: Any) -> AsyncIterator[str]:
    """uvicorn with our wire and an endpoint that gets it after accepting."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await endpoint(scope["state"][STATE_KEY], receive)

    config = uvicorn.Config(app, log_level="error", lifespan="off", **{**uvicorn_options(), **more})
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server._serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn signals nothing
            await asyncio.sleep(0.005)
        try:
            yield f"ws://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            await task


async def until_gone(receive: Callable[[], Awaitable[Any]]) -> int:
    while (message := await receive())["type"] != "websocket.disconnect":
        pass
    return int(message["code"])


async def test_frames_are_written_as_they_are() -> None:
    async def endpoint(wire: RawWire, receive: Any) -> None:
        assert isinstance(wire, RawWire) and wire.is_writable
        wire.write(text_frame(b"one") + text_frame(b"two" * 50_000))
        await until_gone(receive)

    async with serving(endpoint) as url, connect(url) as ws:
        assert await ws.recv() == "one"
        assert await ws.recv() == "two" * 50_000
        assert not ws.protocol.extensions, "deflate is off"


async def test_closing_tells_code_and_reason_and_ends_the_endpoint() -> None:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def endpoint(wire: RawWire, receive: Any) -> None:
        wire.close(4008, "too slow")
        wire.close(4000, "only the first counts")
        wire.write(text_frame(b"nothing after the close"))
        ended.set_result(await until_gone(receive))

    async with serving(endpoint) as url, connect(url) as ws:
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert (ws.close_code, ws.close_reason) == (4008, "too slow")
        assert await ended == 4008


async def test_a_client_that_stops_reading_is_seen_and_cut() -> None:
    """The trap: such a client never lets a close() through, because its buffer never empties."""
    stalled = asyncio.Event()
    lost = asyncio.Event()

    async def endpoint(wire: RawWire, receive: Any) -> None:
        while wire.is_writable:
            wire.write(text_frame(b"x" * 60_000))
            await asyncio.sleep(0)
        stalled.set()
        wire.close_timeout = 0.05
        wire.close(4008, "too slow")
        while not wire.disconnected:  # noqa: ASYNC110 - the endpoint's receive was ended by our close
            await asyncio.sleep(0.01)
        lost.set()

    async with serving(endpoint) as url:
        ws = await connect(url, max_queue=1)
        ws.transport.pause_reading()
        async with asyncio.timeout(10):
            await stalled.wait()
            await lost.wait()
        ws.transport.abort()
        await ws.wait_closed()


async def test_a_line_that_emptied_says_so() -> None:
    flowed = asyncio.Event()

    async def endpoint(wire: RawWire, receive: Any) -> None:
        wire.on_writable(flowed.set)
        for _ in range(200):
            wire.write(text_frame(b"x" * 60_000))
        assert not wire.is_writable
        await until_gone(receive)

    async with serving(endpoint) as url, connect(url, max_queue=1) as ws:
        async with asyncio.timeout(10):
            for _ in range(200):
                await ws.recv()
            await flowed.wait()


async def test_a_client_that_does_not_answer_pings_is_cut() -> None:
    gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def endpoint(wire: RawWire, receive: Any) -> None:
        gone.set_result(await until_gone(receive))

    async with serving(endpoint, ws_ping_interval=0.05, ws_ping_timeout=0.1) as url:
        ws = await connect(url)
        ws.transport.pause_reading()
        async with asyncio.timeout(5):
            await gone
        ws.transport.abort()
        await ws.wait_closed()


async def test_pongs_are_heard_while_the_endpoint_is_busy() -> None:
    """uvicorn stops reading after each message until the endpoint takes it; then no pong comes through."""
    go_on = asyncio.Event()
    received: list[str] = []

    async def endpoint(wire: RawWire, receive: Any) -> None:
        await go_on.wait()
        while (message := await receive())["type"] == "websocket.receive":
            received.append(message["text"])

    async with serving(endpoint, ws_ping_interval=0.05, ws_ping_timeout=0.2) as url, connect(url) as ws:
        for n in range(3):
            await ws.send(str(n))
        await asyncio.sleep(0.6)  # three ping rounds must pass for this to mean anything
        go_on.set()
        pong = await ws.ping()
        await pong
        assert received == ["0", "1", "2"] and ws.close_code is None


async def test_reading_stops_when_too_much_waits_and_goes_on_after() -> None:
    received: list[str] = []
    all_there = asyncio.Event()

    async def endpoint(wire: RawWire, receive: Any) -> None:
        async with asyncio.timeout(5):
            while not wire.read_paused:  # noqa: ASYNC110 - nothing signals it
                await asyncio.sleep(0.001)
        while (message := await receive())["type"] == "websocket.receive":
            received.append(message["text"])
            if len(received) == QUEUED_FRAMES_MAX * 4:
                all_there.set()

    async with serving(endpoint) as url, connect(url) as ws:
        for n in range(QUEUED_FRAMES_MAX * 4):
            await ws.send(str(n))
        async with asyncio.timeout(5):
            await all_there.wait()
        assert received == [str(n) for n in range(QUEUED_FRAMES_MAX * 4)]


async def test_bytes_that_are_never_acknowledged_end_the_connection() -> None:
    asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def endpoint(wire: RawWire, receive: Any) -> None:
        sock = wire.transport.get_extra_info("socket")
        asked.set_result(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
        await until_gone(receive)

    async with serving(endpoint) as url, connect(url):
        assert await asked == USER_TIMEOUT_MS
