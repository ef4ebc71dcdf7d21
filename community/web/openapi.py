"""/api/v1/openapi.json, generated from the same types that parse the requests; and a page for people."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from community.web.calls import PREFIX, Call

_REF = "#/components/schemas/{name}"


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457: what went wrong, in a sentence fit for the person."""

    type: str
    title: str
    status: int
    code: str


def document(calls: Sequence[Call], *, version: str, extra: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.1. `extra` are further members, such as the socket's frames (x-socket)."""
    types = [t for c in calls for t in (c.body, *c.answers.values()) if t is not None]
    schemas, components = msgspec.json.schema_components(
        [*types, Problem], ref_template=_REF, schema_hook=_anything
    )
    by_type = list(zip([*types, Problem], schemas, strict=True))

    def schema(kind: Any) -> dict[str, Any]:
        return next(s for t, s in by_type if t is kind or t == kind)

    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(PREFIX + call.path, {})[call.method.lower()] = _operation(call, schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kith", "version": version},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        **extra,
    }


def _operation(call: Call, schema: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": call.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", call.path)
        ]
        + _query(call.query),
        "responses": {
            str(status): {
                "description": "done" if kind is None else "as described",
                **({} if kind is None else {"content": {"application/json": {"schema": schema(kind)}}}),
            }
            for status, kind in (call.answers or {200: None}).items()
        }
        | {
            "default": {
                "description": "a problem, in words fit for the person",
                "content": {"application/problem+json": {"schema": schema(Problem)}},
            }
        },
    }
    if call.body is not None:
        content = {"application/json": {"schema": schema(call.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    if call.signed_in:
        operation["security"] = [{"bearer": []}]
    return operation


def _anything(kind: type) -> dict[str, Any]:
    """A field that may hold any JSON."""
    return {"description": "any JSON"}


def _query(kind: Any) -> list[dict[str, Any]]:
    if kind is None:
        return []
    fields = msgspec.json.schema(kind, schema_hook=_anything)
    described = next(iter(fields.get("$defs", {}).values()), fields)
    return [
        {"name": name, "in": "query", "required": False, "schema": value}
        for name, value in described.get("properties", {}).items()
    ]


def routes(calls: Sequence[Call], *, version: str, extra: dict[str, Any]) -> list[BaseRoute]:
    """The document and its page; each made once, by whoever asks first: most starts are never asked."""

    @cache
    def raw() -> bytes:
        return msgspec.json.encode(document(calls, version=version, extra=extra))

    @cache
    def page() -> bytes:
        return _page(calls).encode()

    async def as_json(request: Request) -> Response:
        made = await asyncio.to_thread(raw)  # a tenth of a second that no room should wait for
        return Response(made, media_type="application/json", headers={"cache-control": "public, max-age=300"})

    async def as_page(request: Request) -> Response:
        return HTMLResponse(page(), headers={"cache-control": "public, max-age=300"})

    return [Route(f"{PREFIX}/openapi.json", as_json), Route(f"{PREFIX}/docs", as_page)]


def _page(calls: Iterable[Call]) -> str:
    rows = "".join(
        f"<tr><td><code>{call.method}</code></td><td><code>{html.escape(PREFIX + call.path)}</code></td>"
        f"<td>{html.escape(call.summary)}</td></tr>"
        for call in calls
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Kith: the API</title>'
        '<meta name="viewport" content="width=device-width"></head><body><h1>The API</h1>'
        '<p>The full description, for programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"<table><thead><tr><th>Method</th><th>Path</th><th>Does</th></tr></thead><tbody>{rows}</tbody></table>"
        "</body></html>"
    )
