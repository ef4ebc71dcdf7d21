"""Clients that never finish what they are saying are let go, and everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from server import patience
from server.patience import PatientHttp


class Hurried(PatientHttp):
    """The same with less patience, so that the test need not have it."""

    head_seconds = 0.3
    body_seconds = 0.3


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body to its end, then answers how long it was; echoes on a socket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    headers = [(b"content-length", str(len(str(size))).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,
        http=Hurried,
        port=0,
        lifespan="off",
        log_config=None,
        ws="websockets-sansio",
        loop="none",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def say(port: int, *parts: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    return reader, writer


async def last_words(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Everything that comes until the server closes the line."""
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ",
        b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc",
    ],
)
async def test_whoever_does_not_finish_is_let_go(port: int, said: bytes) -> None:
    assert await last_words(*await say(port, said)) == b""


async def test_a_second_request_on_the_line_has_no_more_patience_than_the_first(port: int) -> None:
    reader, writer = await say(port, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n0")).startswith(b"HTTP/1.1 200")
    writer.write(b"GET / HTTP/1.1\r\nx-slow: ")
    assert await last_words(reader, writer) == b""


async def test_a_head_without_end_is_too_large(port: int) -> None:
    reader, writer = await say(port, b"GET / HTTP/1.1\r\nx: ", b"y" * (patience.HEAD_BYTES_MAX + 1))
    assert (await last_words(reader, writer)).startswith(b"HTTP/1.1 431 ")


async def test_a_large_body_is_no_head(port: int) -> None:
    body = b"z" * (patience.HEAD_BYTES_MAX * 3)
    head = f"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    assert (await last_words(*await say(port, head + body))).endswith(str(len(body)).encode())


async def test_an_open_socket_is_left_alone(port: int) -> None:
    reader, writer = await say(
        port,
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), Hurried.head_seconds * 3)
    writer.close()
