"""Hostile values at every call of the API: refused in our words, never an unexpected failure.

The calls come from the OpenAPI document, so one that is added tomorrow is asked the same questions.
"""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

from tests.home import Caller, Home

VALUES: list[Any] = ["\x00", "a\x00b", 10**30, 2**63, 2**31, -1, "x" * 9_000, "", [], {}, None, [["a"]]]
IN_PATHS = ("%00", "a%00b", "x" * 8_000, "%ED%A0%80")
IN_QUERIES = ("%00", "-1", "9" * 30, "9223372036854775807", "%ED%A0%80")
NOT_JSON = (b"[" * 100_000, b'{"a":' * 20_000, b'{"zz":' + b"[" * 50_000, b"\xff")
ENDS_THE_SWEEP = {("DELETE", "/me"), ("DELETE", "/sessions/current"), ("GET", "/moderation/stream")}


async def test_no_call_fails_unexpectedly_on_hostile_values(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    message = (await ann.say(room, "hello there")).json()["id"]
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "Board"}))["id"]
    ids = {"/conversations": room, "/rooms": room, "/messages": message, "/boards": board}
    document = (await home.call("GET", "/openapi.json")).json()
    failed: list[str] = []
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            key = (method.upper(), path.removeprefix("/api/v1"))
            if path.startswith("/api/v1") and key not in ENDS_THE_SWEEP:
                failed += await _asked(operator, key, _good(key[1], ids), _Call(call, document))
    assert failed == []


class _Call:
    """What the document says of one call: its query and the fields of its body."""

    def __init__(self, call: dict[str, Any], document: dict[str, Any]) -> None:
        self._document = document
        self.query = [p["name"] for p in call.get("parameters", []) if p["in"] == "query"]
        body = call.get("requestBody")
        schema = self._plain(next(iter(body["content"].values()))["schema"]) if body else {}
        self.has_body = body is not None
        self.fields = {name: self._value(field) for name, field in schema.get("properties", {}).items()}

    def _plain(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def _value(self, schema: dict[str, Any]) -> Any:
        """Something good enough to get past the field, so that the others are read."""
        schema = self._plain(schema)
        if "default" in schema or "enum" in schema:
            return schema.get("default", schema.get("enum", [None])[0])
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0])
        if schema.get("type") == "string":
            dates = {"date-time": "2030-01-01T00:00:00Z", "date": "2030-01-01", "uuid": str(uuid4())}
            return dates.get(schema.get("format", ""), "words")
        return {"integer": 1, "boolean": True, "array": [], "object": {}}.get(schema.get("type", ""))


def _good(path: str, ids: dict[str, str]) -> str:
    known = next((id for start, id in ids.items() if path.startswith(start)), str(uuid4()))
    return re.sub(r"{\w+}", known, path.replace("{slug}", "lighthouse"))


async def _asked(who: Caller, key: tuple[str, str], good: str, call: _Call) -> list[str]:
    method, path = key
    failed = []
    for asked in _paths(path, good, call):
        answer = await who.call(method, asked, {} if call.has_body else None)
        if answer.status_code >= 500:
            failed.append(f"{method} {asked[:80]}")
    for raw in _bodies(call):
        headers = {"authorization": f"Bearer {who.token}"}
        answer = await who.home.http.request(method, f"/api/v1{good}", content=raw, headers=headers)
        if answer.status_code >= 500:
            failed.append(f"{method} {good} {raw[:80]!r}")
    return failed


def _paths(path: str, good: str, call: _Call) -> list[str]:
    named = [path.replace(name, bad) for name in re.findall(r"{\w+}", path) for bad in IN_PATHS]
    closed = [re.sub(r"{\w+}", "lighthouse", one) for one in named]
    return [*closed, *(f"{good}?{name}={bad}" for name in call.query for bad in IN_QUERIES)]


def _bodies(call: _Call) -> list[bytes]:
    if not call.has_body:
        return []
    changed = [{**call.fields, name: value} for name in call.fields for value in VALUES]
    return [*NOT_JSON, *(json.dumps(body).encode() for body in changed)]
