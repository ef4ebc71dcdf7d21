"""kith serve: one command from nothing to an answer, and an end in good order, whatever ends it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import leftovers
from server.postgres import find_running

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


class Serving:
    """A `kith serve` of this test."""

    def __init__(self, data: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--data", str(data), "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )

    def wait_for_address(self) -> str:
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, (said, self.process.communicate())
        self.url = found[0]
        return self.url

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def end(self, with_signal: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(with_signal)
        self.process.wait(timeout=180)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        with self.process.stdout as out, self.process.stderr as err:
            return self.process.returncode, out.read(), err.read()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ks", dir="/tmp") as folder:
        yield Path(folder) / "kith"


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split("\n")[0])


def test_one_command_leads_from_nothing_to_an_answer_and_says_how_to_go_on(data: Path) -> None:
    serving = Serving(data)
    serving.wait_for_address()
    assert find_running(data) == serving.get("/livez")
    code, out, err = serving.end(signal.SIGTERM)
    assert code == 0
    assert "kith operator YOUR_NAME --data" in out
    assert "kith demo" in out
    for line in err.splitlines():
        assert json.loads(line)["level"] in ("info", "warning"), line


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_signal_ends_the_server_and_its_postgres(data: Path, ending: signal.Signals) -> None:
    serving = Serving(data)
    serving.wait_for_address()
    pid = postmaster(data)
    code, _, _ = serving.end(ending)
    assert code == 0
    assert not leftovers._is_alive(pid)
    assert not (data / "postgres" / "postmaster.pid").exists()


def test_a_signal_during_the_start_stops_what_was_started(data: Path) -> None:
    serving = Serving(data)
    while not (data / "postgres" / "postmaster.pid").exists():
        assert serving.process.poll() is None
    code, _, _ = serving.end(signal.SIGTERM)
    assert code == 0
    assert find_running(data) is None
    assert leftovers.running_postmaster(data / "postgres") is None


def test_after_kill_9_the_next_start_answers(data: Path) -> None:
    first = Serving(data)
    first.wait_for_address()
    first.end(signal.SIGKILL)
    second = Serving(data)
    second.wait_for_address()
    assert second.get("/livez")
    assert second.end(signal.SIGTERM)[0] == 0


def test_a_postgres_that_was_killed_comes_back_under_the_running_server(data: Path) -> None:
    serving = Serving(data)
    serving.wait_for_address()
    dsn, pid = serving.get("/livez"), postmaster(data)
    os.kill(pid, signal.SIGKILL)
    assert leftovers._wait_for_end(pid, 10)

    async def answers() -> None:
        import asyncpg

        while True:
            try:
                connection = await asyncpg.connect(dsn)
                break
            except (OSError, asyncpg.PostgresError):
                continue  # nobody tells us, so asking again is the waiting
        await connection.close()

    asyncio.run(asyncio.wait_for(answers(), 30))
    assert postmaster(data) != pid
    assert serving.end(signal.SIGTERM)[0] == 0


async def test_sockets_are_asked_to_leave_before_they_are_closed_with_1012(data: Path) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    serving = Serving(data, env={"KITH_SERVER_DRAIN_SECONDS": "3.5"})
    url = await asyncio.to_thread(serving.wait_for_address)
    async with connect(url.replace("http", "ws") + "/chat", compression=None) as websocket:
        ending = asyncio.create_task(asyncio.to_thread(serving.end, signal.SIGTERM))
        assert await websocket.recv() == "goaway 3.5"
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    assert (await ending)[0] == 0


def test_a_port_in_use_is_said_at_once(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        serving = Serving(data, "--port", str(taken.getsockname()[1]))
        _, err = serving.process.communicate(timeout=180)
    assert serving.process.returncode == 1
    assert "can't listen" in err
    assert "--port" in err


def test_several_workers_without_redis_are_refused_with_the_remedy(data: Path) -> None:
    serving = Serving(data, "--workers", "2")
    _, err = serving.process.communicate(timeout=180)
    assert serving.process.returncode == 1
    assert "need redis.url" in err
    assert "Traceback" not in err
