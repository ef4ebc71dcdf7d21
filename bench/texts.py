"""Post every text of a folder of JSON lines through the real socket and the forum's API, and count answers.

`python -m bench.texts FOLDER`: each line has `text`. Anything but an ack, a nack with a known code, or a
problem below 500 is a fault; the texts themselves are never printed or kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import httpx2
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from bench import processes
from bench.processes import Running
from bench.world import populate, room_id, token
from server.postgres import find_running

IN_FLIGHT = 16


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(argv)
    texts = [
        json.loads(line)["text"]
        for file in sorted(options.folder.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    with processes.kith() as running:
        assert running.data is not None
        dsn = find_running(running.data)
        assert dsn is not None, "the server that answers has a database"
        asyncio.run(populate(dsn, rooms=1, members=IN_FLIGHT))
        said, posted = asyncio.run(_both(running, texts))
    print(f"{len(texts)} texts; socket: {dict(said)}; forum: {dict(posted)}")
    faults = sum(n for code, n in (said + posted).items() if code.startswith("fault"))
    return 1 if faults else 0


async def _both(running: Running, texts: list[str]) -> tuple[Counter[str], Counter[str]]:
    return await _by_socket(running, texts), await _by_forum(running, texts)


async def _by_socket(running: Running, texts: list[str]) -> Counter[str]:
    """One socket a member, texts shared out."""
    counts: Counter[str] = Counter()

    async def one(member: int) -> None:
        headers = {"Authorization": f"Bearer {token(member)}"}
        url = f"ws://127.0.0.1:{running.port}/chat/socket"
        async with connect(url, additional_headers=headers, subprotocols=["kith.v1"], compression=None) as ws:  # type: ignore[list-item]
            await ws.recv()
            for n in range(member, len(texts), IN_FLIGHT):
                counts[await _say(ws, f"s{n}", texts[n])] += 1

    await asyncio.gather(*(one(m) for m in range(IN_FLIGHT)))
    return counts


async def _say(ws: ClientConnection, nonce: str, text: str) -> str:
    frame = {"t": "send", "c": str(room_id(0)), "nonce": nonce, "body": text}
    await ws.send(msgspec.json.encode(frame).decode())
    async with asyncio.timeout(30):
        while True:
            told = msgspec.json.decode(await ws.recv())
            if told["t"] == "ack" and told["nonce"] == nonce:
                return str(told["outcome"])
            if told["t"] == "nack" and told.get("nonce") == nonce:
                known = told["code"] in ("ask_to_edit", "refused", "too_long", "empty", "bad_text")
                return told["code"] if known else f"fault {told['code']}"
            if told["t"] == "error":
                return f"fault {told['code']}"


async def _by_forum(running: Running, texts: list[str]) -> Counter[str]:
    """Every text as a thread's first message."""
    counts: Counter[str] = Counter()
    base = f"http://127.0.0.1:{running.port}/api/v1"
    async with httpx2.AsyncClient(base_url=base, timeout=30) as http:
        board = await _board(http, running)

        async def one(member: int) -> None:
            headers = {"authorization": f"Bearer {token(member)}"}
            for n in range(member, len(texts), IN_FLIGHT):
                body = {"nonce": f"f{n}", "title": f"Story {n}", "body": texts[n]}
                answer = await http.post(f"/boards/{board}/threads", json=body, headers=headers)
                counts[_named(answer)] += 1

        await asyncio.gather(*(one(m) for m in range(IN_FLIGHT)))
    return counts


async def _board(http: httpx2.AsyncClient, running: Running) -> str:
    """A board in the bench's group, opened by an operator."""
    command = [str(Path(sys.executable).with_name("kith")), "operator", "olive", "--password-stdin"]
    process = await asyncio.create_subprocess_exec(
        *command,
        "--data",
        str(running.data),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    await process.communicate(b"correct horse battery staple 9\n")
    sign_in = {"handle": "olive", "password": "correct horse battery staple 9"}
    session = (await http.post("/sessions", json=sign_in)).json()
    answer = await http.post(
        "/groups/bench/boards",
        json={"name": "stories"},
        headers={"authorization": f"Bearer {session['token']}"},
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


def _named(answer: httpx2.Response) -> str:
    if answer.status_code >= 500:
        return f"fault {answer.status_code}"
    body = answer.json()
    return str(body["message"]["outcome"]) if answer.status_code < 300 else str(body["code"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
