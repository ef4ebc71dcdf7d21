"""Pages for people: a visible list of (method, path, handler), from which routes come.

The border between a handler and the browser stands here: who came, the form token, and what a refusal
looks like. A refused form is shown again with everything still in it; where that can't be, the words a
person wrote are handed back on the error page. Nothing is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from community.again import until_done
from community.errors import Forbidden, NotFound, NotSignedIn, Refusal, Unavailable
from community.ids import new_id
from community.tokens import new_token, same
from community.web.calls import PREFIX
from community.web.problem import problem
from community.web.rendering import Templates
from community.web.sections import RailSections
from community.web.sessions import CSRF_FIELD, Sessions, Signed
from community.web.visit import FORM_COOKIE, FORM_SECONDS, Visit

log = logging.getLogger("kith.pages")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

OPEN_ON_A_BREAK = (
    "/me",
    "/letters",
    "/appeals",
    "/complain",
    "/decisions",
    "/moderation",
    "/operator",
    "/recover",
    "/page/",  # the link by which whoever is on duty answers a page
    "/confirm/",
    "/unsubscribe/",
    "/memorials",
)


class WrongMethod(Refusal):
    """The address is there, but not for this method."""

    code, status, say = "method_not_allowed", 405, "That can't be done at this address."


Handler = Callable[[Visit], Awaitable[Response]]
Handler404 = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `again` shows the form once more when the handler of a POST refuses.

    `unaided` pages work while the database is away: everyone is a stranger then. `guarded=False` is for
    the one form that must work with a token out of date, leaving.
    """

    method: str
    path: str
    handler: Handler
    signed_in: bool = True
    again: Handler | None = None
    unaided: bool = False
    guarded: bool = True


class Pages:
    """Turns pages into routes. `rail` are the functions that fill the left rail of a signed-in person."""

    def __init__(self, sessions: Sessions, templates: Templates, rail: Sequence[RailSections] = ()) -> None:
        self.templates = templates
        self._sessions = sessions
        self._rail = tuple(rail)

    def routes(self, pages: Iterable[Page]) -> list[BaseRoute]:
        """One route a path, so that a wrong method is answered 405 with the right ones."""
        by_path: dict[str, dict[str, Page]] = {}
        for page in pages:
            methods = by_path.setdefault(page.path, {})
            assert page.method not in methods, f"{page.method} {page.path} is listed twice"
            methods[page.method] = page
        routes: list[BaseRoute] = []
        for path, methods in by_path.items():
            routes.append(Route(path, self._endpoint(methods), methods=list(methods)))
            routes.append(
                Route(path, self._wrong_method(methods), methods=sorted(_METHODS - {*methods, "HEAD"}))
            )
        return routes

    def lost(self) -> BaseRoute:
        """The last of all routes: a page for people, a problem document for programs, where nothing is."""
        return _Lost(self._lost)

    async def _lost(self, request: Request) -> Response:
        if request.url.path.startswith(PREFIX):
            return problem(NotFound())
        return self._failed(self._stranger(request), NotFound())

    def _wrong_method(self, methods: Mapping[str, Page]) -> Callable[[Request], Awaitable[Response]]:
        allowed = ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))

        async def endpoint(request: Request) -> Response:
            response = self._failed(self._stranger(request), WrongMethod())
            response.headers["allow"] = allowed
            return response

        return endpoint

    def _endpoint(self, methods: Mapping[str, Page]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            page = methods["GET" if request.method == "HEAD" else request.method]
            visit = self._stranger(request)
            try:
                visit.who = await self._who(page, request)
                self.templates.speak(visit)
                self._give_token(visit)
                return await self._answer(page, visit)
            except Refusal as refusal:
                return self._refused(page, visit, refusal)
            except ClientDisconnect:
                return Response(status_code=499)
            except Exception:  # border: one visit; the person gets a reference, the log gets the trace
                reference = str(new_id())
                log.exception("unexpected failure", extra={"reference": reference, "page": page.path})
                return visit.render("error.html", 500, failure=None, reference=reference)

        return endpoint

    def _stranger(self, request: Request) -> Visit:
        visit = Visit(request, self.templates, who=None, tls=self._sessions.is_tls(request))
        visit.address = self._sessions.address(request)
        visit.csrf = request.cookies.get(FORM_COOKIE, "")
        self.templates.speak(visit)
        return visit

    async def _who(self, page: Page, request: Request) -> Signed | None:
        try:
            return await self._sessions.by_request(request)
        except Unavailable:
            if page.unaided:
                return None
            raise

    def _give_token(self, visit: Visit) -> None:
        """Signed in: the session's form token. Signed out: a random one, in a cookie and in each form."""
        if visit.who is not None:
            visit.csrf = visit.who.csrf
        elif not visit.csrf:
            visit.csrf = new_token()
            visit.set_cookie(FORM_COOKIE, visit.csrf, FORM_SECONDS)

    async def _answer(self, page: Page, visit: Visit) -> Response:
        if visit.request.method == "POST":
            form = await visit.form()
            if page.signed_in:
                visit.signed()
            if page.guarded:
                self._check_token(visit, form.exact(CSRF_FIELD))
                await self._lay_rail(visit)  # for pages that a form shows in its answer
            return await self._accept(page, visit)
        if page.signed_in:
            visit.signed()
        if self._is_closed(page, visit):
            return visit.render("closed_door.html", until=visit.signed().wishes.break_until)
        await self._lay_rail(visit)
        return visit.finish(await until_done(lambda: page.handler(visit)))

    def _is_closed(self, page: Page, visit: Visit) -> bool:
        """On a break the place shows a closed door, which its owner can open. What is theirs stays open, and so
        do help, letters from the care team, and the desk of those on duty."""
        if page.unaided or visit.who is None or not visit.who.wishes.is_away(self.templates.now()):
            return False
        return not visit.request.url.path.startswith(OPEN_ON_A_BREAK)

    async def _accept(self, page: Page, visit: Visit) -> Response:
        """Run a form's handler; when it refuses, show the form again with what was sent."""
        try:
            return visit.finish(await until_done(lambda: page.handler(visit)))
        except Refusal as refusal:
            if page.again is None or isinstance(refusal, NotFound | NotSignedIn):
                raise
            visit.problem, visit.values = refusal, await visit.form()
            try:
                return visit.finish(await page.again(visit))
            except Refusal:
                visit.problem = None
                raise refusal from None  # the form's page refuses too: the first answer is the one that helps

    async def _lay_rail(self, visit: Visit) -> None:
        if visit.who is not None:
            sections = [await fill(visit.who) for fill in self._rail]
            visit.rail = [section for section in sections if section is not None and section.entries]

    def _check_token(self, visit: Visit, given: str) -> None:
        if visit.who is not None and visit.who.door == "bearer":
            return  # no cookie was used, so no other site can have sent this
        if not given or not visit.csrf or not same(given, visit.csrf):
            raise Forbidden("This page was open for too long. Please try once more.", code="csrf")

    def _refused(self, page: Page, visit: Visit, refusal: Refusal) -> Response:
        if isinstance(refusal, NotSignedIn) and page.method == "GET":
            target = visit.request.url.path
            if visit.request.url.query:
                target += "?" + visit.request.url.query
            return visit.redirect("/sign-in?" + urlencode({"next": target}))
        return self._failed(visit, refusal)

    def _failed(self, visit: Visit, refusal: Refusal) -> Response:
        # What a foreign site sent is never shown: it would be their words on our page.
        ours = visit.request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        words = tuple(visit.sent().words()) if ours else ()
        response = visit.render("error.html", refusal.status, failure=refusal, words=words)
        if refusal.retry_after_s is not None:
            response.headers["retry-after"] = str(max(1, int(refusal.retry_after_s)))
        return response


class _Lost(BaseRoute):
    """Matches every HTTP path, but only in part: any other route that knows the path goes first, so that a
    wrong method stays a wrong method."""

    def __init__(self, answer: Handler404) -> None:
        self._answer = answer

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.PARTIAL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive, send))
        await response(scope, receive, send)
