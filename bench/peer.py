"""The peer in the same run: a bare `websockets` broadcast server on uvloop, which frames once and writes raw.

It signs nobody in, judges nothing and stores nothing: what Kith costs beyond it is what Kith does.
Usage: python -m bench.peer PORT
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import uvloop
from websockets.asyncio.server import ServerConnection, serve

rooms: defaultdict[str, set[ServerConnection]] = defaultdict(set)
ids = itertools.count(1)


def frame(payload: bytes) -> bytes:
    if len(payload) < 126:
        return bytes((0x81, len(payload))) + payload
    return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload


async def talk(ws: ServerConnection) -> None:
    assert ws.request is not None
    room = parse_qs(urlsplit(ws.request.path).query)["room"][0]
    rooms[room].add(ws)
    await ws.send('{"t":"joined"}')
    try:
        async for raw in ws:
            said: dict[str, Any] = msgspec.json.decode(raw)
            event = {"t": "event", "id": next(ids), "room": room, "at": time.time(), "body": said["body"]}
            bytes_ = frame(msgspec.json.encode(event))
            for other in rooms[room]:
                other.transport.write(bytes_)
    finally:
        rooms[room].discard(ws)


async def main() -> None:
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), compression=None, backlog=4096, open_timeout=60):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    uvloop.run(main())
