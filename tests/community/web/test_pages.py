"""The border between a page and a browser: tokens, refusals, notes, headers, and help when all else is down."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from community.clock import ManualClock
from community.errors import FieldError, Invalid, TooFast, Unavailable
from community.helplines import Helplines
from community.web.front_pages import FrontPages
from community.web.headers import CONTENT_SECURITY_POLICY, SecurityHeaders
from community.web.pages import Page, Pages
from community.web.rendering import OWN_STATICS, Site, Templates
from community.web.sessions import Sessions
from community.web.statics import Statics
from community.web.visit import NOTE_COOKIE, Visit
from tests.community.web.house import Browser, House

WORDS = "I wrote this for an hour and it must not be lost"


class Away:
    """A database that doesn't answer."""

    def read(self) -> object:
        raise Unavailable


class Nobody(Sessions):
    """Everyone is signed out, without asking a database."""

    def __init__(self) -> None:
        self._trusted = []

    async def by_request(self, request: object) -> None:
        return None


async def leave_nothing(visit: Visit) -> None:
    assert visit.who is None


def browser_on(
    tmp_path: Path, template: str = "", *, sessions: Sessions | None = None, **handlers: object
) -> Browser:
    """A browser on the front pages, /x with `template`, and POST /x by `handlers["post"]`."""
    (tmp_path / "x.html").write_text(template)
    statics = Statics({"community": OWN_STATICS})
    templates = Templates(site=Site(), clock=ManualClock(), statics=statics, folders={"t": tmp_path})
    pages = Pages(sessions or Nobody(), templates)

    async def show(visit: Visit) -> Response:
        return visit.render("t/x.html")

    again = show if handlers.get("again") else None
    mine = [
        Page("GET", "/x", show, signed_in=False),
        Page("POST", "/x", _handler(handlers.get("post")), signed_in=False, again=again),
    ]
    front = FrontPages(Helplines(), leave_nothing).pages()
    app = Starlette(routes=[*pages.routes([*front, *mine]), *statics.routes(), pages.lost()])
    return Browser(SecurityHeaders(app))


def _handler(made: object) -> Callable[[Visit], Awaitable[Response]]:
    async def handler(visit: Visit) -> Response:
        if isinstance(made, Exception):
            raise made
        assert callable(made)
        return await made(visit)  # type: ignore[no-any-return]

    return handler


FORM = """{% extends "base.html" %}
{% import "ui.html" as ui with context %}
{% block main %}
<form method="post">{{ ui.token() }}{{ ui.summary() }}{{ ui.area("body", "Words") }}</form>
{% endblock %}"""


async def test_a_refused_form_comes_back_with_its_words_and_the_error_beside_the_field(
    tmp_path: Path,
) -> None:
    refusal = Invalid(fields=(FieldError("body", "Say <less>."),))
    browser = browser_on(tmp_path, FORM, post=refusal, again=True)
    answer = await browser.submit("/x", body=f"{WORDS} <b>")
    assert answer.status_code == 422
    assert f"{WORDS} &lt;b&gt;" in answer.text and "Say &lt;less&gt;." in answer.text
    assert 'role="alert"' in answer.text and 'aria-describedby="e-body"' in answer.text


async def test_words_are_handed_back_where_the_form_cannot_be_shown_again(tmp_path: Path) -> None:
    answer = await browser_on(tmp_path, FORM, post=TooFast(retry_after_s=3)).submit("/x", body=WORDS)
    assert answer.status_code == 429 and WORDS in answer.text and answer.headers["retry-after"] == "3"


async def test_a_missing_or_wrong_token_is_refused_but_the_words_come_back(tmp_path: Path) -> None:
    browser = browser_on(tmp_path, FORM, post=RuntimeError("the handler must not run"))
    for data in ({"body": WORDS}, {"body": WORDS, "csrf": "guessed"}):
        answer = await browser.http.post("/x", data=data)
        assert answer.status_code == 403 and WORDS in answer.text


async def test_what_another_site_sent_is_never_shown_on_our_page(tmp_path: Path) -> None:
    browser = browser_on(tmp_path, FORM, post=RuntimeError("the handler must not run"))
    answer = await browser.http.post("/x", data={"body": WORDS}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403 and WORDS not in answer.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=%00", "application/x-www-form-urlencoded", 400),
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(500)), "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 400),
        (b"a=" + b"x" * 300_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_what_no_form_of_ours_sends_is_refused(
    tmp_path: Path, body: bytes, kind: str, status: int
) -> None:
    browser = browser_on(tmp_path, FORM, post=RuntimeError("the handler must not run"))
    answer = await browser.http.post("/x", content=body, headers={"content-type": kind})
    assert answer.status_code == status and "<h1>" in answer.text


async def test_an_unexpected_failure_gives_a_reference_that_the_log_has_and_no_detail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    browser = browser_on(tmp_path, FORM, post=RuntimeError("a secret detail"))
    with caplog.at_level(logging.ERROR, "kith.pages"):
        answer = await browser.submit("/x", body="hello")
    reference = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert answer.status_code == 500 and "secret" not in answer.text
    assert [record.__dict__["reference"] for record in caplog.records] == [reference]


async def test_a_note_is_shown_once_and_only_when_this_visit_signed_it(tmp_path: Path) -> None:
    async def saved(visit: Visit) -> Response:
        return visit.redirect("/x", say="Saved <b>well</b>.")

    browser = browser_on(tmp_path, FORM, post=saved)
    answer = await browser.submit("/x", body="hello")
    note = browser.http.cookies[NOTE_COOKIE]
    assert "Saved &lt;b&gt;well&lt;/b&gt;." in (await browser.follow(answer)).text
    assert "Saved" not in (await browser.get("/x")).text
    stranger = browser_on(tmp_path, FORM, post=saved)
    assert "Saved" not in (await stranger.get("/x", cookie=f"{NOTE_COOKIE}={note}")).text


async def test_line_breaks_come_as_people_write_them(tmp_path: Path) -> None:
    seen = []

    async def keep(visit: Visit) -> Response:
        seen.append((await visit.form()).get("body"))
        return visit.redirect("/x")

    await browser_on(tmp_path, FORM, post=keep).submit("/x", body="one\r\ntwo\rthree")
    assert seen == ["one\ntwo\nthree"]


async def test_help_and_the_way_out_stand_while_the_database_is_away(tmp_path: Path) -> None:
    sessions = Sessions(Away(), ManualClock())  # type: ignore[arg-type]
    browser = browser_on(tmp_path, FORM, sessions=sessions)
    signed_in = {"cookie": "kith_session=" + "t" * 43}
    shown = await browser.get("/help-now?country=gb", **signed_in)
    assert shown.status_code == 200 and "999" in shown.text and "116 123" in shown.text
    assert (await browser.get("/", **signed_in)).status_code == 200
    assert (
        (await browser.http.post("/leave", headers=signed_in)).headers["refresh"].startswith("0; url=https")
    )
    away = await browser.get("/x", **signed_in)
    assert away.status_code == 503 and "/help-now" in away.text


async def test_an_unknown_country_gets_the_general_rule_and_the_question(tmp_path: Path) -> None:
    for path in ("/help-now", "/help-now?country=ZZ", "/help-now?country=%00"):
        shown = (await browser_on(tmp_path).get(path)).text
        assert "112" in shown and "911" in shown and "Which country are you in?" in shown


async def test_a_helpline_that_nobody_checked_says_so(tmp_path: Path) -> None:
    shown = (await browser_on(tmp_path).get("/help-now?country=GB")).text
    assert shown.count("Not checked by us yet.") == len(Helplines().country("GB").lines)  # type: ignore[union-attr]


async def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    browser = browser_on(tmp_path, FORM)
    for path in ("/", "/nowhere", "/static/community/tokens.css", "/favicon.ico"):
        headers = (await browser.get(path)).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["referrer-policy"] == "no-referrer" and headers["x-content-type-options"] == "nosniff"
        assert "permissions-policy" in headers


async def test_a_socket_passes_the_header_middleware_untouched() -> None:
    seen: list[object] = []

    async def app(scope: object, receive: object, send: object) -> None:
        seen.extend((scope, receive, send))

    scope, receive, send = {"type": "websocket"}, object(), object()
    await SecurityHeaders(app)(scope, receive, send)  # type: ignore[arg-type]
    assert seen == [scope, receive, send]


async def test_no_page_has_an_inline_script_or_style(tmp_path: Path) -> None:
    browser = browser_on(tmp_path, FORM)
    for path in ("/", "/help-now?country=GB", "/look", "/about", "/x"):
        shown = (await browser.get(path)).text
        assert " style=" not in shown and "<style" not in shown and " onclick" not in shown
        assert shown.count("<script") == shown.count('<script type="module" src=')


async def test_a_wrong_method_is_answered_with_the_right_ones_as_a_page(tmp_path: Path) -> None:
    answer = await browser_on(tmp_path, FORM).http.delete("/x")
    assert answer.status_code == 405 and "<h1>" in answer.text
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_the_api_gets_a_problem_document_where_nothing_is(tmp_path: Path) -> None:
    answer: httpx2.Response = await browser_on(tmp_path, FORM).get("/api/v1/nowhere")
    assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"


async def test_how_pages_look_is_kept_on_the_device(tmp_path: Path) -> None:
    browser = browser_on(tmp_path, FORM)
    assert "data-look" not in (await browser.get("/")).text
    await browser.submit("/look", theme="dark", calm="yes")
    shown = (await browser.get("/")).text
    assert 'data-look="dark"' in shown and "data-calm" in shown
    await browser.submit("/look", theme='"><script>')
    assert "data-look" not in (await browser.get("/")).text


async def test_the_first_page_is_small(tmp_path: Path) -> None:
    """ui.md: under 60 KB transferred with everything."""
    browser = browser_on(tmp_path, FORM)
    page = await browser.get("/")
    size = len(page.content)
    for name in OWN_STATICS.iterdir():
        part = await browser.http.get(f"/static/community/{name.name}")
        size += int(part.headers["content-length"])
    assert size < 60_000


async def test_a_session_that_has_ended_leads_a_reader_to_sign_in_and_a_writer_gets_words_back(
    house: House,
) -> None:
    browser = await house.member()
    token = (await browser.get("/me/profile")).text.partition('name="csrf" value="')[2].partition('"')[0]
    await browser.submit("/me", "/sign-out")
    assert (await browser.get("/me/profile")).headers["location"] == "/sign-in?next=%2Fme%2Fprofile"
    answer = await browser.http.post("/me/profile", data={"csrf": token, "email": WORDS})
    assert answer.status_code == 401 and WORDS in answer.text
