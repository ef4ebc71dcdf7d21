"""One visit of a page: who came, what they sent, and the ways to answer.

A note for the next page (`redirect(path, say=…)`) travels in a short-lived cookie signed with the form
token, so that nobody else can put words on our pages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.errors import NotFound, NotSignedIn, Refusal
from community.ids import parse_id
from community.people import SESSION_LASTS
from community.tokens import csrf_token, new_token, same
from community.web.forms import Form, read_form
from community.web.rendering import Look, Templates
from community.web.sections import RailSection
from community.web.sessions import COOKIE, Signed

NOTE_COOKIE = "kith_note"
FORM_COOKIE = "kith_form"
LOOK_COOKIE = "kith_look"
LANGUAGE_COOKIE = "kith_language"
NOTE_CHARS_MAX = 400
LOOK_SECONDS = 365 * 24 * 3600
FORM_SECONDS = 12 * 3600


class Visit:
    """Handed to a page's handler; lives as long as the request."""

    def __init__(self, request: Request, templates: Templates, *, who: Signed | None, tls: bool) -> None:
        self.request = request
        self.who = who
        self.path: Mapping[str, str] = request.path_params
        self.query: QueryParams = request.query_params
        self.address = ""
        self.csrf = ""  # the form token of this visit
        self.problem: Refusal | None = None  # set while a form is shown again
        self.values: Form = Form()  # what was sent then; empty on a first showing
        self.rail: Sequence[RailSection] = ()
        self.beside: Mapping[str, Any] = {}  # what a package shows on all of its pages; a page's own wins
        self.look = Look.from_cookie(request.cookies.get(LOOK_COOKIE, ""))
        self.chosen_language = request.cookies.get(LANGUAGE_COOKIE, "")
        self.templates = templates
        self._tls = tls
        self._form: Form | None = None
        self._cookies: list[tuple[str, str, int]] = []

    def signed(self) -> Signed:
        """Who came. Raises NotSignedIn; a page with signed_in=True never gets that far."""
        if self.who is None:
            raise NotSignedIn
        return self.who

    def id(self, name: str) -> UUID:
        """The id in the path; a malformed one names nothing, so it is NotFound."""
        value = parse_id(self.path[name])
        if value is None:
            raise NotFound
        return value

    async def form(self) -> Form:
        """What the form sent; read once. Raises BadRequest and TooLarge."""
        if self._form is None:
            self._form = await read_form(self.request)
        return self._form

    def sent(self) -> Form:
        """What was read of the form so far; empty when nothing was, or it couldn't be."""
        return self._form or Form()

    def render(self, template: str, status: int = 200, **context: Any) -> Response:
        """The page. While a form is shown again its refusal's status is used instead of 200."""
        if self.problem is not None and status == 200:
            status = self.problem.status
        body = self.templates.render(template, self, note=self._take_note(), **{**self.beside, **context})
        response = Response(body, status, media_type="text/html; charset=utf-8")
        return self.finish(response)

    def redirect(self, path: str, say: str | None = None) -> Response:
        """Go on to `path` (of this site), with a sentence to show there once."""
        assert path.startswith("/") and not path.startswith("//"), "redirects stay on this site"
        if say:
            self.set_cookie(NOTE_COOKIE, self._signed_note(say[:NOTE_CHARS_MAX]), 120)
        return self.finish(RedirectResponse(path, 303))

    def set_cookie(self, name: str, value: str, seconds: int) -> None:
        """Set a cookie with the answer; an empty value takes it away."""
        self._cookies.append((name, value, seconds))

    def signs_in(self, token: str) -> None:
        """Give this browser the session of `token`; notes and forms of the answer belong to it already."""
        self.set_cookie(COOKIE, token, int(SESSION_LASTS.total_seconds()))
        self.csrf = csrf_token(token)

    def signs_out(self) -> None:
        """Take the session from this browser; the service has ended it."""
        self.set_cookie(COOKIE, "", 0)
        self.csrf = new_token()
        self.set_cookie(FORM_COOKIE, self.csrf, FORM_SECONDS)

    def finish(self, response: Response) -> Response:
        """Cookies and caching on an answer that a handler made itself. Pages are never stored."""
        response.headers.setdefault("cache-control", "no-store")
        for name, value, seconds in self._cookies:
            response.set_cookie(
                name,
                value,
                max_age=seconds if value else 0,
                httponly=True,
                samesite="lax",
                secure=self._tls,
            )
        self._cookies.clear()
        return response

    def next_path(self, given: str, otherwise: str) -> str:
        """`given` when it is a path of this site, else `otherwise`: nobody is sent elsewhere by a link."""
        good = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
        return given if good and len(given) <= 500 else otherwise

    def absolute(self, path: str) -> str:
        """A link to hand over: this site as the visitor reached it, encrypted where their line is."""
        return f"{'https' if self._tls else 'http'}://{self.request.headers.get('host', '')}{path}"

    def _signed_note(self, say: str) -> str:
        text = base64.urlsafe_b64encode(say.encode()).decode()
        return f"{text}.{self._seal(text)}"

    def _take_note(self) -> str | None:
        raw = self.request.cookies.get(NOTE_COOKIE)
        if not raw:
            return None
        self.set_cookie(NOTE_COOKIE, "", 0)
        text, _, seal = raw.partition(".")
        if not same(seal, self._seal(text)):
            return None
        try:
            return base64.urlsafe_b64decode(text).decode()
        except ValueError:
            return None

    def _seal(self, text: str) -> str:
        return hmac.new(self.csrf.encode(), b"kith note 1 " + text.encode(), hashlib.sha256).hexdigest()
