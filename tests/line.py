"""A TCP line that tests can cut, freeze and mend: faults of a network, made on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Line:
    """Forwards bytes between whoever connects to `port` and the far end.

    `freeze` makes a black hole of every connection there is: it stays open and nothing passes; new ones
    work. `cut` resets every connection. While `is_down`, new connections are closed at once.
    """

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._frozen: list[asyncio.Event] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_down = False
        self.port = 0

    def freeze(self) -> None:
        self._flowing.clear()
        self._frozen.append(self._flowing)
        self._flowing = asyncio.Event()
        self._flowing.set()

    def thaw(self) -> None:
        for flowing in self._frozen:
            flowing.set()
        self._frozen.clear()

    def cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self._far)
            self._writers |= {writer, far_writer}
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
            self._writers -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        flowing = self._flowing
        with suppress(OSError):
            while data := await reader.read(65536):
                await flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    def _spawn(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._accept(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@asynccontextmanager
async def line(host: str, port: int) -> AsyncIterator[Line]:
    """A line to (host, port), listening on a free loopback port."""
    made = Line(host, port)
    server = await asyncio.start_server(made._spawn, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        made.thaw()
        made.cut()
        for task in list(made._tasks):
            task.cancel()
        await asyncio.gather(*made._tasks, return_exceptions=True)
        await server.wait_closed()
