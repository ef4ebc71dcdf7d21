"""Calls of the JSON API: a visible list of method, path, types and handler; routes and OpenAPI come from it.

Parsing happens here, at the edge: a handler gets a valid value of its type or is not called.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from community.again import until_done
from community.errors import BadRequest, FieldError, Invalid, NotFound, NotSignedIn, Refusal, TooLarge
from community.ids import new_id, parse_id
from community.web.idempotency import Idempotency
from community.web.problem import problem, unexpected
from community.web.sessions import Sessions, Signed
from community.web.words import asked_for, shipped

log = logging.getLogger("kith.api")

PREFIX = "/api/v1"
BODY_BYTES_MAX = 256 * 1024
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Ask:
    """One parsed request. `body` and `query` are values of the call's types, or None."""

    who: Signed | None
    path: Mapping[str, str]
    body: Any
    query: Any
    address: str
    request: Request

    def signed(self) -> Signed:
        """Who asks. Raises NotSignedIn; a call with signed_in=True never gets that far."""
        if self.who is None:
            raise NotSignedIn
        return self.who

    def id(self, name: str) -> UUID:
        """The id in the path; a malformed one names nothing, so it is NotFound."""
        value = parse_id(self.path[name])
        if value is None:
            raise NotFound
        return value


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say. `value` is anything msgspec encodes; None with status 204 has no body."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Ask], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API. `query` is a struct of optional fields; `answers` maps status to type."""

    method: str
    path: str
    handler: Handler
    summary: str
    body: Any = None
    query: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    signed_in: bool = True
    idempotent: bool = True  # whether Idempotency-Key is honoured on this unsafe call


class Api:
    """Turns calls into routes: sign-in, CSRF, parsing, idempotency, errors."""

    def __init__(self, sessions: Sessions, idempotency: Idempotency) -> None:
        self._sessions = sessions
        self._idempotency = idempotency

    def routes(self, calls: Iterable[Call]) -> list[BaseRoute]:
        """One route a path, so that a wrong method is answered 405 with the right ones."""
        by_path: dict[str, dict[str, Call]] = {}
        for call in calls:
            methods = by_path.setdefault(call.path, {})
            assert call.method not in methods, f"{call.method} {call.path} is listed twice"
            methods[call.method] = call
        return [
            Route(PREFIX + path, self._endpoint(methods), methods=list(methods))
            for path, methods in by_path.items()
        ]

    def _endpoint(self, methods: Mapping[str, Call]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            call = methods["GET" if request.method == "HEAD" else request.method]
            try:
                return await self._answer(call, request)
            except Refusal as refusal:
                return problem(refusal)
            except ClientDisconnect:
                return Response(status_code=499)
            except Exception:  # border: one request; the person gets a reference, the log gets the trace
                reference = str(new_id())
                log.exception("unexpected failure", extra={"reference": reference, "call": call.path})
                return unexpected(reference)

        return endpoint

    async def _answer(self, call: Call, request: Request) -> Response:
        who = await self._sessions.by_request(request)
        _speak(who, request)
        if who is None and call.signed_in:
            raise NotSignedIn
        unsafe = call.method in _UNSAFE
        if unsafe:
            self._sessions.check_csrf(request, who)
        raw = await read_body(request) if unsafe else b""
        ask = Ask(
            who=who,
            path=request.path_params,
            body=_decode(call.body, raw) if call.body is not None else None,
            query=_query(call.query, request) if call.query is not None else None,
            address=self._sessions.address(request),
            request=request,
        )
        key = request.headers.get("idempotency-key")
        if unsafe and call.idempotent and key is not None and who is not None:
            return await self._idempotency.once(
                who.member_id, key, (call.method, request.url.path, raw), lambda: _run(call, ask)
            )
        return await _run(call, ask)


def _speak(who: Signed | None, request: Request) -> None:
    """Sentences of the answer: in the account's language for our pages' scripts, as asked for by programs."""
    asked = asked_for(request.headers.get("accept-language", ""))
    own = [who.language] if who is not None else []
    by_page = who is not None and who.door == "cookie"
    shipped().speak(shipped().choose(own if by_page else asked or own))


async def _run(call: Call, ask: Ask) -> Response:
    answer = await until_done(lambda: call.handler(ask))
    headers = {"cache-control": "no-store", **answer.headers}
    if answer.value is None and answer.status == 204:
        return Response(status_code=204, headers=headers)
    if isinstance(answer.value, Response):
        return answer.value
    return Response(_json.encode(answer.value), answer.status, headers, "application/json")


async def read_body(request: Request, limit: int = BODY_BYTES_MAX) -> bytes:
    """The whole body, never more than `limit` bytes in memory. Raises TooLarge."""
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _decode(kind: Any, raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as why:
        raise _invalid(why) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # the last: brackets without end
        raise BadRequest("That isn't JSON that we can read.", code="not_json") from None


def _query(kind: Any, request: Request) -> Any:
    try:
        return msgspec.convert(dict(request.query_params), kind, strict=False)
    except msgspec.ValidationError as why:
        raise _invalid(why) from None


def _invalid(why: msgspec.ValidationError) -> Invalid:
    """msgspec's own words name the path ("… - at `$.body`"); they hold types, never the value."""
    text = str(why)
    say, _, path = text.partition(" - at `$")
    return Invalid(fields=(FieldError(path.strip("`.") or "", say),))
