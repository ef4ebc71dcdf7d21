"""kith serve: one command from nothing to an answer, and an end in good order, whatever ends it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from server import leftovers
from server.postgres import find_running
from tests.server.served import Served, until

# The whole command with an app of our own: what is under test is what stands around the app.
SERVE = """
import asyncio, sys, types
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

def build(settings, data):
    gone = asyncio.Event()
    async def alive(request):
        return PlainTextResponse(settings.database.url)
    async def talk(websocket):
        await websocket.accept()
        app.state.sockets.append(websocket)
        try:
            await websocket.receive()
        finally:
            app.state.sockets.remove(websocket)
    async def drain(seconds):
        for websocket in app.state.sockets:
            await websocket.send_text("goaway %s" % seconds)
    app = Starlette(routes=[Route("/livez", alive), WebSocketRoute("/chat", talk)])
    app.state.sockets = []
    app.state.drain = drain
    return app

sys.modules["server.assembly"] = assembly = types.ModuleType("server.assembly")
assembly.build = build
from server.cli import main
sys.argv = ["kith", *sys.argv[1:]]
main()
"""


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ks", dir="/tmp") as folder:
        yield Path(folder) / "kith"


Serve = Callable[..., Served]


@pytest.fixture
def serve(data: Path) -> Iterator[Serve]:
    """Start one with these arguments; what a failed test leaves is ended."""
    started: list[Served] = []

    def start(*arguments: str, env: Mapping[str, str] | None = None) -> Served:
        command: list[str | Path] = [
            sys.executable,
            "-c",
            SERVE,
            "serve",
            "--data",
            data,
            "--port",
            "0",
            *arguments,
        ]
        started.append(Served(command, env))
        return started[-1]

    yield start
    for served in started:
        served.abandon()


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split("\n")[0])


def test_one_command_leads_from_nothing_to_an_answer_and_says_how_to_go_on(serve: Serve, data: Path) -> None:
    served = serve()
    served.wait_for_address()
    assert find_running(data) == served.get("/livez")
    code, out, err = served.end(signal.SIGTERM)
    assert code == 0
    assert "kith operator YOUR_NAME --data" in out
    assert "kith demo" in out
    for line in err.splitlines():
        assert json.loads(line)["level"] in ("info", "warning"), line


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_signal_ends_the_server_and_its_postgres(
    serve: Serve, data: Path, ending: signal.Signals
) -> None:
    served = serve()
    served.wait_for_address()
    pid = postmaster(data)
    assert served.end(ending)[0] == 0
    assert not leftovers._is_alive(pid)
    assert not (data / "postgres" / "postmaster.pid").exists()


def test_a_signal_during_the_start_stops_what_was_started(serve: Serve, data: Path) -> None:
    served = serve()
    begun = data / "postgres" / "postmaster.pid"
    until(lambda: begun.exists() or served.process.poll() is not None, served.said)
    assert served.end(signal.SIGTERM)[0] == 0
    assert find_running(data) is None
    assert leftovers.running_postmaster(data / "postgres") is None


def test_after_kill_9_the_next_start_answers(serve: Serve) -> None:
    first = serve()
    first.wait_for_address()
    first.end(signal.SIGKILL)
    second = serve()
    second.wait_for_address()
    assert second.get("/livez")
    assert second.end(signal.SIGTERM)[0] == 0


def test_a_postgres_that_was_killed_comes_back_under_the_running_server(serve: Serve, data: Path) -> None:
    served = serve()
    served.wait_for_address()
    dsn, pid = served.get("/livez"), postmaster(data)
    os.kill(pid, signal.SIGKILL)
    assert leftovers._wait_for_end(pid, 10)
    until(lambda: asyncio.run(answers(dsn)), served.said)
    assert postmaster(data) != pid
    assert served.end(signal.SIGTERM)[0] == 0


async def answers(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def test_sockets_are_asked_to_leave_before_they_are_closed_with_1012(serve: Serve) -> None:
    served = serve(env={"KITH_SERVER_DRAIN_SECONDS": "3.5"})
    url = await asyncio.to_thread(served.wait_for_address)
    async with (
        asyncio.timeout(60),
        connect(url.replace("http", "ws") + "/chat", compression=None) as websocket,
    ):
        ending = asyncio.create_task(asyncio.to_thread(served.end, signal.SIGTERM))
        assert await websocket.recv() == "goaway 3.5"
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    assert (await ending)[0] == 0


def test_a_port_in_use_is_said_at_once(serve: Serve) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, err = serve("--port", str(taken.getsockname()[1])).end()
    assert code == 1
    assert "can't listen" in err
    assert "--port" in err


def test_several_workers_without_redis_are_refused_with_the_remedy(serve: Serve) -> None:
    code, _, err = serve("--workers", "2").end()
    assert code == 1
    assert "need redis.url" in err
    assert "Traceback" not in err
