"""`kith serve`: the database first, then migrations, then one process or several, and the same way back.

One process runs the server itself. Several are workers (server/worker.py) that share one listening socket;
this process then only watches them and Postgres. Whatever ends us, SIGTERM, Ctrl-C or a mistake, Postgres
is stopped last; after kill -9 the kernel tells it and the workers.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, Final

import msgspec
import uvicorn
from starlette.applications import Starlette

from chat.wire import uvicorn_options
from server.config import ConfigError
from server.patience import PatientHttp
from server.postgres import EmbeddedPostgres
from server.reaching import leases_end, prepare
from server.settings import Settings

log = logging.getLogger("kith.serve")

BACKLOG: Final = 2048
FINISH_SECONDS: Final = 5
"""For requests still being answered after sockets have been drained."""
KEEP_ALIVE_SECONDS: Final = 30
TICKS_A_SECOND: Final = 10  # how often uvicorn's main loop looks up


_told_to_leave: list[int] = []
"""Signals that came before uvicorn took over. An exception raised by a handler is lost when it strikes inside a
destructor or an import's clean-up, and the server once ran on for ever; so the loop looks here too."""


class KithServer(uvicorn.Server):
    """uvicorn's server that drains sockets before it closes them and looks after Postgres meanwhile."""

    def __init__(self, app: Starlette, drain_seconds: float, watch: Callable[[], object]) -> None:
        super().__init__(_config(app))
        self._app = app
        self._drain_seconds = drain_seconds
        self._watch = watch

    async def on_tick(self, counter: int) -> bool:
        self.should_exit = self.should_exit or told_to_leave()
        if counter % TICKS_A_SECOND == 0:
            self._watch()
        return bool(await super().on_tick(counter))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, so that newcomers go elsewhere; ask those here to; then uvicorn's own way."""
        for server in self.servers:
            server.close()
        if not self.force_exit:
            await self._app.state.drain(self._drain_seconds)
        await super().shutdown(sockets)


def serve(settings: Settings, data: Path, say: Callable[[str], None]) -> None:
    """Run until a signal. `say` shows a person what they need to know. Raises ConfigError, PostgresError,
    MigrationError, Unavailable."""
    if settings.server.workers > 1 and not settings.redis.url:
        raise ConfigError(
            f"server.workers: {settings.server.workers} processes need redis.url, so that rings reach all of "
            "them: set it (KITH_REDIS_URL=redis://…), or serve with one"
        )
    with ending_in_order(), _listening(settings) as listener, _database(settings, data) as (dsn, watch):
        applied = asyncio.run(_prepared(settings, data, dsn))
        log.info("migrated", extra={"migrations": len(applied)})
        settings = reached(settings, dsn, listener.getsockname()[1])
        say(asyncio.run(_welcome(settings, data)))
        if settings.server.workers > 1:
            from server.workers import Workers

            asyncio.run(Workers(settings, data, listener, watch).run())
        else:
            run(settings, data, listener, watch)


async def _prepared(settings: Settings, data: Path, dsn: str) -> list[str]:
    from server.restoring import finish_interrupted

    applied = await prepare(dsn)
    await finish_interrupted(settings, data, dsn)
    if not settings.database.url:  # the lock on the data directory is ours: whoever sent before has died
        await leases_end(dsn)
    return applied


def run(
    settings: Settings, data: Path, listener: socket.socket, watch: Callable[[], object] = lambda: None
) -> None:
    """One process's server, until a signal. The app's `state.drain(seconds)` asks its sockets to leave."""
    from server.assembly import build

    KithServer(build(settings, data), settings.server.drain_seconds, watch).run([listener])


def _config(app: Starlette) -> uvicorn.Config:
    """How uvicorn is set up: no access log (paths may hold capabilities), no guesses about proxies."""
    return uvicorn.Config(
        app,
        http=PatientHttp,
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
        backlog=BACKLOG,
        **uvicorn_options(),
    )


def reached(settings: Settings, dsn: str, port: int) -> Settings:
    """The settings with what was only known once database and socket were there."""
    return msgspec.structs.replace(
        settings,
        database=msgspec.structs.replace(settings.database, url=dsn),
        server=msgspec.structs.replace(settings.server, port=port),
    )


@contextmanager
def _database(settings: Settings, data: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """The DSN, and what to call every second to keep the database alive."""
    if settings.database.url:
        yield settings.database.url, lambda: None
        return
    postgres = EmbeddedPostgres(data)
    try:
        yield postgres.start(_fetch_ahead if settings.server.workers == 1 else lambda: None), postgres.revive
    finally:
        postgres.stop()


def _fetch_ahead() -> None:
    """What takes this process longest, while the database comes up: its modules, and the rules compiled. None of it
    is ever thrown away, so looking for garbage among it would only take time."""
    gc.disable()
    try:
        for name in ("server.assembly", "server.pages", "server.jobs"):
            import_module(name)
        import_module("moderation.pipeline.rules").shipped()
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The listening socket, before anything slow: a port in use is said at once."""
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"server.host, server.port: can't listen on {host} port {port}: {error.strerror}. "
                "Choose another with --host and --port"
            ) from error
        listener.listen(BACKLOG)
        listener.set_inheritable(True)
        yield listener


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Turn SIGTERM, Ctrl-C and SIGHUP into an exception, so that every `finally` runs whenever they come."""

    def leave(number: int, _: FrameType | None) -> None:
        _told_to_leave.append(number)
        raise SystemExit(0)

    ours = [signal.SIGTERM, signal.SIGINT]
    ours += [signal.SIGHUP] * (signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN)
    before: dict[int, Any] = {number: signal.signal(number, leave) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def told_to_leave() -> bool:
    """Whether a signal came before whoever asks could hear it."""
    return bool(_told_to_leave)


async def _welcome(settings: Settings, data: Path) -> str:
    """What is printed at the start: where it is, and on the first start how to become operator."""
    from server.first_day import make_code

    host = settings.server.host
    shown = f"[{host}]" if ":" in host else host
    address = settings.server.public_url or f"http://{shown}:{settings.server.port}"
    lines = [f"Kith is at {address}  (Ctrl-C stops it)"]
    code = await make_code(settings.database.url)
    if code is not None:
        where = "" if os.environ.get("KITH_DATA") or data == Path("kith-data") else f" --data {data}"
        lines += [
            f"Nobody runs it yet. Open {address}/set-up and enter this code, good once:",
            f"    {code}",
            "or become operator in another terminal:",
            f"    kith operator YOUR_NAME{where}",
            "or fill it with a made-up community to look around:",
            f"    kith demo{where}",
        ]
    return "\n".join(lines)
