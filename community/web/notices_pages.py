"""Pages of what is new for me, how I want to be told, and the links in mails: confirming and stopping.

A mail's link never does anything by being looked at; a button behind it does. One-click unsubscribing by a mail
program (RFC 8058) posts without a cookie, a token or a form of ours, so it has a route of its own.
"""

from __future__ import annotations

from datetime import datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from community.database import Database
from community.errors import NotFound, TooLarge, Unavailable
from community.notices.addresses import Addresses
from community.notices.kinds import FACILITATORS_ONLY, KINDS, NoticeSettings, checked, of_house
from community.notices.own import OwnNotices
from community.notices.radar import Radar
from community.notices.tokens import read_token
from community.store import notice_settings as store
from community.store.people import NoticeRow
from community.store.questions import FACILITATING
from community.web import dates
from community.web.accounts_api import NOTICE_WORDS
from community.web.calls import read_body
from community.web.forms import Form
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.sections import Entry, GroupSection, GroupSeen
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _

ONE_CLICK = b"One-Click"
BODY_BYTES_MAX = 4096


class NoticesPages:
    """`push_key`: what browsers need to subscribe; `secret` signs the right to unsubscribe."""

    def __init__(
        self,
        own: OwnNotices,
        addresses: Addresses,
        radar: Radar,
        database: Database,
        *,
        keys: tuple[str, bytes],
    ) -> None:
        self._own = own
        self._addresses = addresses
        self._radar = radar
        self._database = database
        self._push_key, self._secret = keys

    def pages(self) -> list[Page]:
        settings = "/me/notices/settings"
        return [
            Page("GET", "/me/notices", self.notices),
            Page("POST", "/me/notices", self.read_all),
            Page("GET", settings, self.settings),
            Page("POST", settings, self.change, again=self.settings),
            Page("POST", "/me/notices/confirm", self.send_link, again=self.settings),
            Page("POST", "/me/notices/devices/drop", self.drop_devices),
            Page("GET", "/confirm/{token}", self.confirm_form, signed_in=False),
            Page("POST", "/confirm/{token}", self.confirm, signed_in=False, again=self.confirm_form),
            Page("GET", "/unsubscribe/{token}", self.unsubscribe_form, signed_in=False),
            Page("GET", "/news-worker.js", self.worker, signed_in=False),
            Page("GET", "/groups/{slug}/waiting", self.waiting),
        ]

    def routes(self) -> list[BaseRoute]:
        """Stands before the pages: the one POST that no form of ours sends."""
        return [Route("/unsubscribe/{token}", self.unsubscribe, methods=["POST"])]

    async def section(self, who: Signed | None, group: GroupSeen) -> GroupSection | None:
        """On a group's page, for those who look after it: where posts wait."""
        if who is None or group.role not in FACILITATING:
            return None
        href, about = f"/groups/{group.slug}/waiting", _("Posts that had no answer for twelve hours.")
        entry = Entry(_("Posts without an answer"), href, about=about)
        return GroupSection(_("Welcoming"), (entry,), "")

    # ---- what is new

    async def notices(self, visit: Visit) -> Response:
        who = visit.signed()
        shown = await self._own.shown(who.member_id, who.wishes)
        house = [(n, _(NOTICE_WORDS.get(n.kind, "")), _link(n, shown.slugs), _meant(n)) for n in shown.house]
        welcomed = await self._radar.welcomed(who.member_id) if shown.radar else []
        return visit.render(
            "notices.html", told=shown.told, house=house, is_new=shown.is_new, welcomed=welcomed
        )

    async def read_all(self, visit: Visit) -> Response:
        await self._own.read_all(visit.signed().member_id)
        return visit.redirect("/me/notices")

    async def waiting(self, visit: Visit) -> Response:
        seen, posts = await self._radar.of_group(required_actor(visit), visit.path["slug"])
        return visit.render("notices_waiting.html", group=seen.group, posts=posts)

    # ---- how I am told

    async def settings(self, visit: Visit) -> Response:
        who = visit.signed()
        settings = await self._own.settings(who.member_id)
        ways = await self._own.ways(who.member_id)
        if visit.problem is not None and visit.values.has("quiet_from"):
            settings = _wanted(visit.values)
        welcomes = bool(await self._radar.looks_after(who.member_id))
        kinds = [k for k in KINDS if welcomes or k not in FACILITATORS_ONLY]
        return visit.render(
            "notices_settings.html",
            kinds=[(kind, *kind_words(kind)) for kind in kinds],
            settings=settings,
            ways=ways,
            has_mail=self._addresses.mailer.is_there,
            push_key=self._push_key,
            hours=[(str(h), f"{h:02}:00") for h in range(24)],
            days=weekdays(),
        )

    async def change(self, visit: Visit) -> Response:
        who, form = visit.signed(), await visit.form()
        await self._own.change(who.member_id, _wanted(form), dates.zone(who.time_zone))
        return visit.redirect("/me/notices/settings", say=_("Saved."))

    async def send_link(self, visit: Visit) -> Response:
        await self._addresses.send_link(visit.signed().member_id)
        say = _("A link is on its way to your address. Open it, and press the button there.")
        return visit.redirect("/me/notices/settings", say=say)

    async def drop_devices(self, visit: Visit) -> Response:
        await self._own.drop_devices(visit.signed().member_id)
        return visit.redirect("/me/notices/settings", say=_("No browser of yours is told any more."))

    async def worker(self, visit: Visit) -> Response:
        """The service worker, with its one sentence in the visitor's language."""
        response = visit.render("notices_worker.js")
        response.headers["content-type"] = "text/javascript; charset=utf-8"
        return response

    # ---- links in mails

    async def confirm_form(self, visit: Visit) -> Response:
        stands = visit.problem is None and await self._addresses.stands(visit.path["token"])
        return visit.render("notices_confirm.html", stands=stands)

    async def confirm(self, visit: Visit) -> Response:
        await self._addresses.confirm(visit.path["token"])
        onward = "/me/notices/settings" if visit.who else "/"
        return visit.redirect(onward, say=_("Thank you. This address is confirmed."))

    async def unsubscribe_form(self, visit: Visit) -> Response:
        if read_token(self._secret, visit.path["token"]) is None:
            raise NotFound
        return visit.render("notices_unsubscribe.html", done=visit.query.get("done") == "yes")

    async def unsubscribe(self, request: Request) -> Response:
        """Stop all mail of news. Twice is once; a token that isn't ours does nothing. What is posted only says
        whether a program or a person pressed: RFC 8058 wants no redirect for the first."""
        token = request.path_params["token"]
        try:
            body = await read_body(request, BODY_BYTES_MAX)
            member = read_token(self._secret, token)
            if member is None:
                raise NotFound
            async with self._database.transaction() as tx:
                await store.no_more_mail(tx, member)
        except (NotFound, TooLarge, Unavailable) as refusal:
            return PlainTextResponse(refusal.say, refusal.status)
        except ClientDisconnect:
            return Response(status_code=499)
        if ONE_CLICK in body:
            return PlainTextResponse(_("No more mail will come."))
        return RedirectResponse(f"/unsubscribe/{token}?done=yes", 303)


def kind_words(kind: str) -> tuple[str, str]:
    """A kind of news and what it is, in the reader's language."""
    return {
        "reply": (_("Answers to me"), _("Somebody answered what you wrote.")),
        "mention": (_("Mentions"), _("Somebody wrote your name with an @ before it.")),
        "follow": (_("Threads I follow"), _("Somebody wrote in one of them.")),
        "answer": (_("Questions and answers"), _("About a question before joining a group.")),
        "pairing": (_("Pairings"), _("Somebody asks, answers or writes in a pairing of yours.")),
        "meeting": (_("Meetings"), _("One that you come to begins soon, moves, or is taken off.")),
        "decision": (_("My own words"), _("A person or a rule did something with them. Always shown here.")),
        "letter": (_("Letters from the team"), _("A person from here wrote to you. Always shown here.")),
        "radar": (_("Posts without an answer"), _("In groups that you look after, after twelve hours.")),
    }[kind]


def weekdays() -> list[tuple[str, str]]:
    names = (
        *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday")),
        *(_("Friday"), _("Saturday"), _("Sunday")),
    )
    return [(str(n), name) for n, name in enumerate(names)]


def _wanted(form: Form) -> NoticeSettings:
    """The settings as the form says them. A number that is none becomes -1, which is refused as any other."""
    here, digest = set(form.all("here")), form.get("digest")
    quiet = (_hour(form.get("quiet_from")), _hour(form.get("quiet_to")))
    return NoticeSettings(
        hidden=frozenset(KINDS) - here,
        by_mail=checked(form.all("mail")),
        by_push=checked(form.all("push")),
        digest="daily" if digest == "daily" else "weekly" if digest == "weekly" else "off",
        digest_hour=_hour(form.get("digest_hour", "9")),
        digest_day=_hour(form.get("digest_day", "0")),
        quiet=quiet if form.get("quiet") == "yes" else None,
    )


def _hour(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else -1


def _meant(notice: NoticeRow) -> datetime | None:
    """The moment that a notice is about: when a meeting begins, or would have begun."""
    try:
        return datetime.fromisoformat(str(notice.parameters.get("starts_at")))
    except ValueError:
        return None


def _link(notice: NoticeRow, slugs: dict[str, str]) -> str:
    """Where a notice of the house leads on; empty where there is nothing more."""
    slug = slugs.get(str(notice.parameters.get("group", "")), "")
    if slug and notice.kind in ("question", "answer"):
        return f"/groups/{slug}/{'questions' if notice.kind == 'question' else 'ask'}"
    if notice.kind in ("masked", "removed") and notice.message_id:
        return f"/appeals/{notice.message_id}"
    if notice.kind.startswith("pairing_"):
        return f"/pairings/{notice.parameters.get('pairing', '')}"
    if notice.kind in ("meeting_soon", "meeting_moved"):
        return f"/rooms/{notice.parameters.get('conversation', '')}/meeting"
    if notice.kind.startswith("memorial"):
        return "/memorials" if notice.kind == "memorial" else ""
    if notice.kind in ("appeal", "browser_lost"):
        return "/appeals" if notice.kind == "appeal" else "/moderation/on-call"
    return {"letter": "/letters", "decision": "/decisions"}.get(of_house(notice.kind), "")
