"""Pages that stand behind a secret, a fresh server or a developer's setting: made by a house in this process.

The run's own server never shows them (it has an operator, sends no mail and isn't in development), so their HTML
and headers are taken here and handed to the browser in place of the server's answer; styles and scripts are the
server's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
from playwright.async_api import Page, Route

from community.ids import MemberId
from community.notices.tokens import unsubscribe_token
from community.store import confirmed_emails
from community.tokens import new_token, token_hash
from tests.home import CRY, Home

SECRETS = ("/set-up", "/design", "/unsubscribe/{token}", "/confirm/{token}", "/page/{token}")
"""Their routes."""


async def shown_behind_secrets(home: Home) -> dict[str, httpx2.Response]:
    """Each page as somebody with the secret sees it, and again where the secret is of yesterday."""
    found = {"/set-up": await home.http.get("/set-up"), "/design": await home.http.get("/design")}
    lead, room, (ann,) = await home.community(1)
    await ann.say(room, CRY)
    wrong = {"csrf": _token(await home.http.get("/sign-in")), "handle": "nobody", "password": ""}
    found["/sign-in?refused"] = await home.http.post("/sign-in", data=wrong)
    found["/sign-up?refused"] = await home.http.post("/sign-up", data=wrong)
    member = MemberId(UUID(ann.id))
    stop = unsubscribe_token(home.house.notice_keys.unsubscribe, member)
    for token in (await _confirming(home, member), "x" * 43):
        found[f"/confirm/{token}"] = await home.http.get(f"/confirm/{token}")
    found[f"/unsubscribe/{stop}"] = await home.http.get(f"/unsubscribe/{stop}")
    found[f"/unsubscribe/{stop}?pressed"] = await home.http.post(
        f"/unsubscribe/{stop}", data={"pressed": "yes"}
    )
    link = await _paging(home, lead.id)
    found[f"/page/{link}"] = await home.http.get(f"/page/{link}")
    return found


async def stand_in(page: Page, origin: str, found: Mapping[str, httpx2.Response]) -> None:
    """Let the browser get these in place of the answers of the server at `origin`."""

    async def give(route: Route) -> None:
        answer = found[route.request.url.removeprefix(origin)]
        headers = {k: v for k, v in answer.headers.items() if k not in ("content-length", "set-cookie")}
        await route.fulfill(body=answer.text, status=answer.status_code, headers=headers)

    await page.route(lambda url: url.removeprefix(origin) in found, give)


def _token(answer: httpx2.Response) -> str:
    return answer.text.partition('name="csrf" value="')[2].partition('"')[0]


async def _confirming(home: Home, member: MemberId) -> str:
    """The link of a mail that asks whether an address is theirs."""
    token, now, mail = new_token(), home.clock.now(), "ann@example.org"
    async with home.house.database.transaction() as tx:
        await tx.execute("update member set email = $2 where id = $1", member, mail)
        await confirmed_emails.add_link(
            tx, member, mail, token_hash=token_hash(token), now=now, expires=now + timedelta(days=1)
        )
    return token


async def _paging(home: Home, lead: str) -> str:
    """The link of a page that went out for the cry."""
    token, attempt, now = new_token(), uuid4(), home.clock.now()
    async with home.house.database.transaction() as tx:
        await tx.execute(
            """
            insert into page_attempt (id, page_id, due_at, round, member_id, words, made_at, try_at)
            select $1, id, $3, 1, $2, 'asked', $3, $3 from page order by opened_at limit 1
            """,
            attempt,
            UUID(lead),
            now,
        )
        await tx.execute(
            "insert into page_link (token_hash, attempt_id, made_at) values ($1, $2, $3)",
            token_hash(token),
            attempt,
            now,
        )
    return token
