"""Following a page's link as a person would: opened first, then pressed, where this server can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from moderation.oncall import following
from moderation.oncall.following import Follower
from tests.conftest import _free_port


class Door:
    """Answers each method with a status, and remembers what it was asked."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.answers = {"GET": 200, "POST": 200}
        self.hangs = False
        self.base = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            if self.hangs:
                await reader.read()
                return
            self.got.append(" ".join(head.split(" ")[:2]))
            writer.write(
                f"HTTP/1.1 {self.answers[head.split(' ')[0]]} X\r\ncontent-length: 0\r\n\r\n".encode()
            )
            await writer.drain()
        except OSError:
            return
        finally:
            writer.close()


@asynccontextmanager
async def door() -> AsyncIterator[Door]:
    made = Door()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()


async def test_a_link_is_opened_and_then_pressed() -> None:
    async with door() as own:
        assert await Follower([own.base + "/"]).follow("/page/secret") is None
        assert own.got == ["GET /page/secret", "POST /page/secret"]


async def test_a_door_that_says_no_is_no_answer() -> None:
    async with door() as own, door() as spare:
        own.answers["POST"] = 404
        assert await Follower([own.base, spare.base]).follow("/page/x") == "pressed_404"
        own.answers["GET"] = 502
        assert await Follower([own.base]).follow("/page/x") == "opened_502"
        assert spare.got == [], "the public address spoke: nothing is glossed over"


async def test_where_the_public_address_cant_be_reached_from_inside_its_own_is_used() -> None:
    async with door() as own:
        nobody = f"http://127.0.0.1:{_free_port()}"
        assert await Follower([nobody, own.base]).follow("/page/x") is None
        assert await Follower([nobody]).follow("/page/x") == "unreachable"


async def test_a_door_that_hangs_costs_its_time_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SECONDS", 0.2)
    async with door() as own:
        own.hangs = True
        assert await Follower([own.base]).follow("/page/x") == "timed_out"
