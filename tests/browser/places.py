"""Every page there is, with an example of those whose address holds an id; who opens it, and what is left out.

The table is keyed by the app's own routes, so that a page that nobody put here fails a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

from tests.browser.pairing_places import paired
from tests.browser.server import RunningServer

Reader = Literal["stranger", "member", "operator"]

CRY = "I have the pills in front of me and I'm going to take them all tonight"
HELD = "kill yourself, nobody would miss you"
LETTER = "I read what you wrote about tonight, and I am here. What happened before you wrote it?"

EXCUSED = {
    "/livez": "for machines",
    "/readyz": "for machines",
    "/carez": "for machines",
    "/metrics": "for machines",
    "/static/{name:path}": "files",
    "/favicon.ico": "a file",
    "/calendar/{token}.ics": "a calendar file",
    "/feeds/{token}": "an Atom file",
    "/news-worker.js": "a script",
    "/groups/{slug}/look-in": "leads to the group's page, or to its room",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One page that somebody opens."""

    reader: Reader
    path: str


class Places:
    """A small history, made over the API, so that no page is empty."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self.author = f"author-{uuid4().hex[:8]}"
        self._by_author = server.member(self.author)
        self.room = self._made("/groups/lighthouse/rooms", name="Quiet hour")
        self.board = self._made("/groups/lighthouse/boards", name="First nights", about="Ask anything.")
        say = f"/conversations/{self.room}/messages"
        self.first = self._made(say, nonce=uuid4().hex, body="Good evening. https://a.example/x")
        self._call(say, self._by_author, nonce=uuid4().hex, body="> Good evening\n\n**Thank** you all")
        self._talk()
        self._easy_read()
        starts = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        self.meeting = self._made(f"/rooms/{self.room}/meetings", starts_at=starts)
        self.message = self._call(say, self._by_author, nonce=uuid4().hex, body=CRY)["id"]
        self.held = self._call(say, self._by_author, nonce=uuid4().hex, body=HELD)["id"]
        self._care()
        self.pairings = paired(server, self._by_author)

    def _talk(self) -> None:
        to, body = f"/boards/{self.board}/threads", "### How?\n\n- *tea*\n\n> quoted\n\n`code`"
        new = {"nonce": uuid4().hex, "title": "First night", "body": body, "needs": "ideas"}
        opened = self._call(to, self._by_author, **new)
        self.thread, self.post = opened["thread"]["id"], opened["message"]["id"]
        say = f"/conversations/{self.thread}/messages"
        self.reply = self._made(say, nonce=uuid4().hex, body="Pillows, and patience.")
        self._call(say, self._by_author, nonce=uuid4().hex, body="Thank you", reply_to=self.reply)
        self._server.call("PUT", f"/drafts/{self.thread}", {"body": "half"}, self._by_author)

    def _easy_read(self) -> None:
        lines = {"picture-0": "kind", "text-0": "Be kind.", "picture-1": "ask", "text-1": "Ask for advice."}
        words = {"word-0": "advice", "means-0": "Saying what somebody could do."}
        form = {**lines, **words, "edition": "0", "is_offered": "yes", "then": "save"}
        self._server.submit("harbour-lead", "/groups/lighthouse/easy-read/edit", **form)

    def _care(self) -> None:
        """The cry claimed and answered by a person; the cruel words taken down, so that there is something to
        disagree with."""
        cases = self._server.call("GET", "/moderation/cases?lane=care", token=self._server.operator)["items"]
        self.case = self._of_author(cases)
        self._act("claim", self.case)
        self._act("messages", self.case, nonce=uuid4().hex, body=LETTER)
        self.letter = self._server.call("GET", "/me/letters", token=self._by_author)["items"][0]["id"]
        conduct = self._server.call("GET", "/moderation/cases?lane=conduct", token=self._server.operator)
        self.conduct = self._of_author(conduct["items"])
        self.member = self._server.call("GET", "/me", token=self._by_author)["id"]
        self._shift()

    def _shift(self) -> None:
        """Somebody trained, with a shift to come."""
        keeper = f"keeper-{uuid4().hex[:8]}"
        self.keeper = self._server.call("GET", "/me", token=self._server.member(keeper))["id"]
        me = self._server.call("GET", "/me", token=self._server.operator)["id"]
        today = datetime.now(UTC)
        self._server.call("PUT", f"/moderation/team/{self.keeper}", {"care": True}, self._server.operator)
        days = {
            "trained_on": today.date().isoformat(),
            "expires_on": (today + timedelta(300)).date().isoformat(),
        }
        self._made("/moderation/training", member=self.keeper, lane="care", supervisor=me, **days)
        start, end = today + timedelta(days=2), today + timedelta(days=2, hours=8)
        hours = {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
        self.shift = self._made("/moderation/roster/shifts", seat="primary", member=self.keeper, **hours)

    def _of_author(self, cases: list[dict[str, str]]) -> str:
        read = (
            self._server.call("GET", f"/moderation/cases/{c['id']}", token=self._server.operator)
            for c in cases
        )
        return next(str(case["id"]) for case in read if self.author in str(case))

    def _act(self, verb: str, case: str, **body: str) -> None:
        version = self._server.call("GET", f"/moderation/cases/{case}", token=self._server.operator)[
            "version"
        ]
        self._call(f"/moderation/cases/{case}/{verb}", self._server.operator, version=version, **body)

    def _made(self, path: str, **body: str) -> str:
        return str(self._call(path, self._server.operator, **body)["id"])

    def _call(self, path: str, token: str, **body: str) -> dict[str, dict[str, str]]:
        answer: dict[str, dict[str, str]] = self._server.call("POST", path, body, token)
        return answer


def examples(places: Places) -> dict[str, tuple[Example, ...]]:
    """For each route of a page, who opens which address."""
    group, room, board = "/groups/lighthouse", f"/rooms/{places.room}", f"/boards/{places.board}"
    thread, post = f"/threads/{places.thread}", f"/posts/{places.post}"
    case = f"/moderation/cases/{places.case}"
    return {
        **_all("stranger", "/", "/about", "/is-this-for-me", "/sign-up", "/sign-in", "/look", "/recover"),
        **_all("stranger", "/recover/code", "/recover/mail", "/recover/sent"),
        "/help-now": (Example("stranger", "/help-now"), Example("stranger", "/help-now?country=GB")),
        "/recover/link/{token}": (Example("stranger", "/recover/link/nothing-that-was-sent"),),
        "/groups": (Example("stranger", "/groups"), Example("member", "/groups?for=tired&now=yes")),
        **_all("member", "/welcome", "/me", "/me/profile", "/me/sessions", "/me/password", "/me/people"),
        **_all(
            "member",
            "/me/notices",
            "/me/notices/settings",
            "/me/data",
            "/me/recovery",
            "/me/words",
            "/me/warnings",
            "/me/break",
        ),
        **_all("member", "/me/emergency-contact", "/me/feeds", "/found-a-group", "/following", "/drafts"),
        **_all("member", "/my-posts", "/letters", "/decisions", "/complain", "/appeals", "/memorials"),
        "/letters/{id}": (Example("member", f"/letters/{places.letter}"),),
        "/appeals/{message}": (Example("member", f"/appeals/{places.held}"),),
        "/people/{member}": (Example("operator", f"/people/{places.member}"),),
        "/groups/{slug}": (Example("stranger", group), Example("member", group)),
        "/groups/{slug}/join": (Example("operator", f"{group}/join?code=x"),),
        "/groups/{slug}/easy-read": (Example("member", f"{group}/easy-read"),),
        "/groups/{slug}/easy-read/edit": (Example("operator", f"{group}/easy-read/edit"),),
        "/groups/{slug}/ask": (Example("member", f"{group}/ask"),),
        **_under(
            "/groups/{slug}",
            group,
            "operator",
            "questions",
            "settings",
            "guidelines",
            "members",
            "delete",
            "waiting",
        ),
        **_under("/groups/{slug}", group, "operator", "rooms/new", "boards/new", "boards"),
        "/rooms/{id}": (Example("member", room), Example("operator", room)),
        "/rooms/{id}/meetings/new": (Example("operator", f"{room}/meetings/new"),),
        "/rooms/{id}/meetings/{meeting}": (Example("operator", f"{room}/meetings/{places.meeting}"),),
        "/rooms/{id}/meeting": (
            Example("operator", f"{room}/meeting"),
            Example("member", f"{room}/meeting"),
        ),
        "/rooms/{id}/settings": (Example("operator", f"{room}/settings"),),
        "/rooms/{id}/messages/{message}": (
            Example("member", f"{room}/messages/{places.message}"),
            Example("member", f"{room}/messages/{places.first}"),
        ),
        "/pairings": (Example("member", "/pairings"), Example("operator", "/pairings")),
        "/pairings/{id}": (
            Example("member", places.pairings.open),
            Example("operator", places.pairings.open),
            Example("member", places.pairings.waiting),
            Example("operator", places.pairings.waiting),
        ),
        "/pairings/{id}/end": (Example("operator", f"{places.pairings.open}/end"),),
        "/pairings/{id}/hand-over": (Example("operator", f"{places.pairings.open}/hand-over"),),
        "/pairings/{id}/messages/{message}": (Example("operator", places.pairings.message),),
        **_under("/groups/{slug}", group, "operator", "pairings", "supporters"),
        "/groups/{slug}/pairings/new": (Example("member", f"{group}/pairings/new?as=member"),),
        "/boards/{id}": (Example("member", board), Example("member", f"{board}?show=mine&needs=listen")),
        "/boards/{id}/new": (Example("member", f"{board}/new"),),
        "/boards/{id}/edit": (Example("operator", f"{board}/edit"),),
        "/threads/{id}": (
            Example("member", f"{thread}?to={places.reply}&quote=1"),
            Example("operator", thread),
        ),
        "/threads/{id}/print": (Example("member", f"{thread}/print"),),
        "/posts/{id}": (Example("member", post),),
        **_under("/posts/{id}", post, "member", "react", "edit", "history"),
        "/posts/{id}/flag": (Example("operator", f"{post}/flag?kind=worried"),),
        "/search": (
            Example("member", "/search?q=pillows"),
            Example("member", "/search?q=i+want+to+kill+myself"),
        ),
        **_all("operator", "/moderation", "/moderation/keys", "/moderation/on-call", "/moderation/handover"),
        **_all("operator", "/moderation/break-glass", "/moderation/ties", "/moderation/offices"),
        **_all("operator", "/moderation/checklist", "/moderation/wellbeing", "/moderation/practice"),
        **_all(
            "operator", "/moderation/figures", "/moderation/rules", "/moderation/audit", "/moderation/team"
        ),
        **_all("operator", "/moderation/members", "/moderation/roster", "/moderation/roster/add"),
        **_all(
            "operator", "/moderation/roster/rehearsal", "/moderation/on-call/team", "/moderation/helplines"
        ),
        **_all("operator", "/operator", "/operator/organisation", "/operator/groups"),
        "/moderation/cases/{id}": (
            Example("operator", case),
            Example("operator", f"/moderation/cases/{places.conduct}"),
        ),
        **_under("/moderation/cases/{id}", case, "operator", "sealed", "regroup"),
        "/moderation/rules/{rule}": (Example("operator", "/moderation/rules/care.plan.means"),),
        "/moderation/members/{id}": (Example("operator", f"/moderation/members/{places.member}"),),
        "/moderation/roster/shifts/{id}": (Example("operator", f"/moderation/roster/shifts/{places.shift}"),),
        "/moderation/helplines/{code}": (Example("operator", "/moderation/helplines/GB"),),
    }


def _all(reader: Reader, *paths: str) -> dict[str, tuple[Example, ...]]:
    return {path: (Example(reader, path),) for path in paths}


def _under(route: str, path: str, reader: Reader, *names: str) -> dict[str, tuple[Example, ...]]:
    return {f"{route}/{name}": (Example(reader, f"{path}/{name}"),) for name in names}
