"""Notices through the whole house: what is shown, what leaves it and when, by real mail and push services.

The clock moves by hand; jobs run when the test says so.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
import msgspec
import pytest

from community.database import Conn, Database
from community.ids import MemberId, NoticeId, new_id
from community.notices.gathering import Digests, Gathering
from community.notices.own import OwnNotices
from community.store import news_letters, people
from server.notice_parts import ModerationGuard, NoticeParts, notice_parts
from server.settings import Mail, Settings
from tests.home import CRY, Caller, Home, easy, living
from tests.moderation.oncall.team import Mailbox, smtp_server
from tests.pushing import Chrome, PushService, push_service


@dataclass(slots=True)
class Place:
    """A house with a mail server, a group with a board and a room, and two members in it."""

    home: Home
    box: Mailbox
    parts: NoticeParts
    owner: Caller
    me: Caller
    other: Caller
    board: str
    room: str

    async def page(self, who: Caller, path: str, **form: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {who.token}"}
        if form:
            return await self.home.http.post(path, data=form, headers=headers)
        return await self.home.http.get(path, headers=headers)

    async def news(self, who: Caller | None = None) -> str:
        shown = await self.page(who or self.me, "/me/notices")
        assert shown.status_code == 200, shown.text
        return shown.text.partition("<main")[2].partition("</main>")[0]

    async def thread(self, by: Caller, title: str = "Long evenings", **more: Any) -> tuple[str, str]:
        body = {"nonce": os.urandom(8).hex(), "title": title, "body": "How do you rest?", **more}
        made = await by.ok("POST", f"/boards/{self.board}/threads", body)
        thread = made["thread"]
        return str(thread["id"] if isinstance(thread, dict) else thread), str(made["message"]["id"])

    async def answer(self, thread: str, to: str, body: str = "With tea", **more: Any) -> str:
        said = await self.other.say(thread, body, reply_to=to, **more)
        assert said.status_code == 201, said.text
        return str(said.json()["id"])

    async def wish(self, who: Caller | None = None, **form: Any) -> None:
        given = {"digest": "off", "here": ["reply", "mention", "follow", "answer", "radar"], **form}
        saved = await self.page(who or self.me, "/me/notices/settings", **given)
        assert saved.status_code == 303, saved.text

    async def work(self, minutes: float = 0) -> None:
        self.home.clock.advance(timedelta(minutes=minutes))
        await self.parts.radar.run()
        await self.parts.digests.run()
        while await self.parts.gathering.run():
            pass
        while await self.parts.sender.run():
            pass

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for _to, raw in self.box.got]  # type: ignore[misc]

    async def confirm(self, who: Caller | None = None, email: str = "me@example.org") -> None:
        """As a person does it: give the address, ask for the link, open it, press the button."""
        who = who or self.me
        await who.ok("PATCH", "/me", {"email": email})
        before = len(self.box.got)
        await self.page(who, "/me/notices/confirm", x="y")
        async with asyncio.timeout(10):
            while len(self.box.got) == before:  # noqa: ASYNC110 - another thread takes the mail
                await asyncio.sleep(0.005)
        said = str(self.mails()[-1].get_content())
        link = urlsplit(next(line for line in said.splitlines() if "/confirm/" in line)).path
        assert "button" in (await self.home.http.get(link)).text
        assert (await self.page(who, link, x="y")).status_code == 303
        self.box.got.clear()


@pytest.fixture
async def place(database: Database, tmp_path: Path) -> AsyncIterator[Place]:
    async with smtp_server() as (box, post):
        settings = easy(
            msgspec.structs.replace(
                Settings(), mail=Mail(host=post.host, port=post.port, security="none", sender=post.sender)
            )
        )
        async with living(database, tmp_path, settings=settings) as home:
            owner, room, (me, other) = await home.community()
            board = (await owner.ok("POST", "/groups/lighthouse/boards", {"name": "talk"}))["id"]
            parts = notice_parts(home.house, loopback=True)
            yield Place(home, box, parts, owner, me, other, board, room)


# ---- what is shown


async def test_answers_mentions_and_followed_threads_stand_by_conversation_until_read(place: Place) -> None:
    mine, first = await place.thread(place.me)
    theirs, _ = await place.thread(place.other, title="A quiet corner")
    await place.me.ok("PUT", f"/threads/{theirs}/follow")
    place.home.clock.advance(5)
    await place.answer(mine, first)
    await place.other.say(theirs, "One more thing")
    await place.other.say(place.room, f"Hello @{place.me.handle}, good to see you")
    shown = await place.news()
    assert f"{place.other.handle} answered you" in shown and f"{place.other.handle} mentioned you" in shown
    assert "A quiet corner" in shown and "1 new message" in shown and shown.count('class="fresh"') == 3
    assert "With tea" not in shown, "a notice has no words of others"
    await place.page(place.me, "/me/notices", read="all")
    after = await place.news()
    assert 'class="fresh"' not in after and "answered you" in after


async def test_what_was_taken_back_blocked_or_muted_brings_no_notice(place: Place) -> None:
    mine, first = await place.thread(place.me)
    answer = await place.answer(mine, first, "The storm was loud")
    assert "answered you" in await place.news()
    await place.me.ok("PATCH", "/me/wishes", {"words": ["storm"]})
    assert "answered you" not in await place.news()
    await place.me.ok("PATCH", "/me/wishes", {"words": []})
    for way in ("mutes", "blocks"):
        await place.me.ok("PUT", f"/me/{way}/{place.other.id}")
        assert "answered you" not in await place.news()
        await place.me.ok("DELETE", f"/me/{way}/{place.other.id}")
    await place.other.ok("PUT", f"/me/blocks/{place.me.id}")
    assert "answered you" not in await place.news(), "a block holds both ways"
    await place.other.ok("DELETE", f"/me/blocks/{place.me.id}")
    assert "answered you" in await place.news()
    await place.other.ok("DELETE", f"/messages/{answer}")
    assert "answered you" not in await place.news()


async def test_news_of_a_group_end_with_the_right_to_read_it(place: Place) -> None:
    await place.owner.ok("PATCH", "/groups/lighthouse", {"visibility": "members"})
    mine, first = await place.thread(place.me)
    await place.answer(mine, first)
    await place.me.ok("DELETE", "/groups/lighthouse/membership")
    assert "answered you" not in await place.news()


# ---- mail


async def test_an_answer_comes_by_mail_once_without_a_word_or_a_name(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    await place.confirm()
    await place.wish(mail=["reply"])
    mine, first = await place.thread(place.me)
    with caplog.at_level(logging.DEBUG, "kith"):
        await place.answer(mine, first)
        await place.work(1)
        assert place.box.got == [], "two minutes, in case they are reading already"
        await place.work(2)
    [mail] = place.mails()
    whole = mail.as_string()
    assert mail["To"] == "me@example.org" and mail["Subject"] == "News from someone you know"
    for word in ("With tea", "Lighthouse", "Long evenings", place.other.handle, place.me.handle):
        assert word not in whole
    assert (
        "example.org" not in caplog.text and "With tea" not in caplog.text and "ighthouse" not in caplog.text
    )
    await place.work(60)
    assert len(place.box.got) == 1


async def test_news_that_were_read_in_time_are_not_sent_and_a_lively_hour_is_one_letter(place: Place) -> None:
    await place.confirm()
    await place.wish(mail=["reply", "follow"])
    mine, first = await place.thread(place.me)
    await place.answer(mine, first)
    await place.page(place.me, f"/threads/{mine}")
    await place.work(3)
    assert place.box.got == []
    for n in range(4):
        await place.answer(mine, first, f"And {n}")
        await place.work(3)
    assert len(place.box.got) == 1
    await place.work(15)
    assert len(place.box.got) == 2, "what came in the pause is told after it"


async def test_an_address_that_nobody_confirmed_gets_nothing_and_a_changed_one_is_unconfirmed(
    place: Place,
) -> None:
    await place.me.ok("PATCH", "/me", {"email": "stranger@example.org"})
    await place.wish(mail=["reply"])
    mine, first = await place.thread(place.me)
    await place.answer(mine, first)
    await place.work(3)
    assert place.box.got == []
    await place.confirm()
    await place.me.ok("PATCH", "/me", {"email": "other@example.org"})
    await place.answer(mine, first)
    await place.work(30)
    assert place.box.got == []


async def test_a_busy_mail_server_is_asked_again_with_the_same_message_id_and_a_dead_address_never(
    place: Place,
) -> None:
    await place.confirm()
    await place.wish(mail=["reply"])
    mine, first = await place.thread(place.me)
    await place.answer(mine, first)
    place.box.answer = "451 4.3.0 later"
    await place.work(3)
    rows = "select attempts, sent_at, id from news_letter"
    async with place.home.house.database.read() as conn:
        [row] = await conn.fetch(rows)
    assert row["attempts"] == 1 and row["sent_at"] is None
    place.box.answer = "250 OK"
    await place.work(2)
    [mail] = place.mails()
    assert mail["Message-ID"] == f"<{row['id']}@example.org>"
    place.box.answer = "550 5.1.1 nobody here"
    await place.answer(mine, first)
    await place.work(20)
    place.box.answer = "250 OK"
    await place.answer(mine, first)
    await place.work(600)
    assert len(place.box.got) == 1
    assert "came back" in (await place.page(place.me, "/me/notices/settings")).text
    await place.confirm()
    await place.answer(mine, first)
    await place.work(20)
    assert len(place.box.got) == 1, "confirmed anew, it is written to again"


async def test_many_processes_at_once_send_one_mail_and_one_that_died_loses_none(place: Place) -> None:
    await place.confirm()
    await place.wish(mail=["reply"])
    mine, first = await place.thread(place.me)
    await place.answer(mine, first)
    place.home.clock.advance(180)
    await asyncio.gather(*(place.parts.gathering.run() for _ in range(4)))
    async with place.home.house.database.transaction() as tx:  # a process takes it, and dies
        now = place.home.clock.now()
        [lost] = await news_letters.lease(tx, now=now, until=now + timedelta(minutes=1), limit=5)
    await asyncio.gather(*(place.parts.sender.run() for _ in range(4)))
    assert place.box.got == []
    place.home.clock.advance(60)
    await asyncio.gather(*(place.parts.sender.run() for _ in range(4)))
    [mail] = place.mails()
    assert mail["Message-ID"] == f"<{lost.id}@example.org>"


class Stumbling(ModerationGuard):
    """Can't answer for one member."""

    def __init__(self, member: str) -> None:
        self._member = _uuid(member)

    async def keep_quiet(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        if self._member in members:
            raise LookupError("a row that can't be read")
        return frozenset()


async def test_one_members_bad_row_holds_up_nobody_elses_news(place: Place) -> None:
    await place.confirm()
    await place.confirm(place.other, "other@example.org")
    await place.wish(mail=["letter"])
    await place.wish(place.other, mail=["letter"])
    await tell(place, "letter")
    place.home.clock.advance(1)
    await tell(place, "letter", place.other)
    place.home.clock.advance(180)
    database, clock = place.home.house.database, place.home.clock
    assert await Gathering(database, clock, Stumbling(place.me.id), has_mail=True).run() == 1
    await place.parts.sender.run()
    assert [to for to, _raw in place.box.got] == ["other@example.org"]
    await place.work(16)
    assert len(place.box.got) == 2, "tried again a while later"


async def test_one_click_stops_the_mail_without_signing_in_and_looking_does_not(place: Place) -> None:
    await place.confirm()
    await place.wish(mail=["reply"], digest="daily", digest_hour="9", digest_day="0")
    mine, first = await place.thread(place.me)
    await place.answer(mine, first)
    await place.work(3)
    link = urlsplit(place.mails()[0]["List-Unsubscribe"].strip("<>")).path
    http = place.home.http
    assert "<button" in (await http.get(link)).text and (await http.get(link[:-3] + "AAA")).status_code == 404
    assert (await http.post(link[:-3] + "AAA", content=b"List-Unsubscribe=One-Click")).status_code == 404
    await place.answer(mine, first)
    await place.work(20)
    assert len(place.box.got) == 2, "looking stopped nothing"
    one_click = await http.post(link, files={"List-Unsubscribe": (None, "One-Click")})
    assert one_click.status_code == 200, "RFC 8058: no redirect, no cookie, multipart too"
    await place.answer(mine, first)
    await place.work(60 * 24 * 2)
    assert len(place.box.got) == 2
    pressed = await http.post(link, data={"pressed": "yes"})
    assert pressed.status_code == 303
    assert "No more mail will come" in (await http.get(pressed.headers["location"])).text


async def test_quiet_hours_and_a_break_hold_back_all_but_a_letter_of_the_team(place: Place) -> None:
    await place.confirm()  # it is 09:00 UTC
    await place.wish(mail=["reply", "letter"], quiet="yes", quiet_from="8", quiet_to="11")
    mine, first = await place.thread(place.me)
    await place.answer(mine, first)
    await place.work(30)
    assert place.box.got == []
    await place.work(91)
    assert len(place.box.got) == 1
    await place.me.ok(
        "PATCH", "/me/wishes", {"break_until": (place.home.clock.now() + timedelta(days=3)).isoformat()}
    )
    await place.answer(mine, first)
    await place.work(30)
    assert len(place.box.got) == 1
    await tell(place, "follow_up")
    await place.work(20)
    assert len(place.box.got) == 1
    await tell(place, "letter")
    await place.work(20)
    assert len(place.box.got) == 2


async def tell(place: Place, kind: str, who: Caller | None = None) -> None:
    """A notice of the house, as those who write them do."""
    member, now = MemberId(_uuid((who or place.me).id)), place.home.clock.now()
    async with place.home.house.database.transaction() as tx:
        await people.add_notice(
            tx, member, id=NoticeId(new_id()), kind=kind, message_id=None, parameters={}, now=now
        )


def _uuid(text: str) -> UUID:
    return UUID(text)


class Mourning(ModerationGuard):
    """Everyone has died."""

    async def never_write_to(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        return frozenset(members)


class AtHome(ModerationGuard):
    """Somebody may read along."""

    async def keep_quiet(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        return frozenset(members)


async def test_nothing_is_written_to_who_has_died_is_suspended_or_erased(place: Place) -> None:
    await place.confirm()
    await place.wish(mail=["reply"])
    mine, first = await place.thread(place.me)
    database, clock = place.home.house.database, place.home.clock
    await place.answer(mine, first)
    clock.advance(180)
    assert await Gathering(database, clock, Mourning(), has_mail=True).run() == 1
    await place.work()
    assert place.box.got == []
    await place.answer(mine, first)
    async with database.transaction() as tx:
        await tx.execute("update member set suspended_at = $2 where id = $1", _uuid(place.me.id), clock.now())
    await place.work(20)
    async with database.transaction() as tx:
        await tx.execute("update member set suspended_at = null where id = $1", _uuid(place.me.id))
    await place.answer(mine, first)
    clock.advance(1200)
    await place.parts.gathering.run()  # the letter is made, then its reader goes
    await place.home.house.erasure.erase(MemberId(_uuid(place.me.id)))
    await place.work(20)
    assert place.box.got == []
    async with database.read() as conn:
        for table in ("news_due", "news_letter", "notice_setting", "confirmed_email", "push_device"):
            assert await conn.fetchval(f"select count(*) from {table}") == 0


async def test_letters_about_what_happens_at_home_leave_no_trace_in_the_mail(place: Place) -> None:
    await place.confirm()
    await place.wish(mail=["letter", "decision"])
    await tell(place, "letter")
    place.home.clock.advance(180)
    await Gathering(place.home.house.database, place.home.clock, AtHome(), has_mail=True).run()
    await place.work(20)
    assert place.box.got == []


async def test_cries_about_abuse_are_what_keeps_letters_quiet(place: Place) -> None:
    words = "He hit me again tonight and locked me in, I am so afraid of him"
    said = await place.me.say(place.room, words)
    member = MemberId(_uuid(place.me.id))
    async with place.home.house.database.read() as conn:
        topic = await conn.fetchval(
            "select topic from verdict v join message m on m.verdict_id = v.id where m.id = $1",
            _uuid(said.json()["id"]),
        )
        assert topic == "abuse", "the pipeline hears it"
        assert await ModerationGuard().keep_quiet(conn, [member]) == {member}
        assert await ModerationGuard().keep_quiet(conn, [MemberId(_uuid(place.other.id))]) == frozenset()
        assert len(await ModerationGuard().in_cases(conn, [_uuid(said.json()["id"])])) == 1


# ---- digest


async def test_a_digest_is_numbers_at_the_members_hour_and_silence_when_there_is_nothing(
    place: Place,
) -> None:
    await place.confirm()
    await place.wish(digest="daily", digest_hour="10", digest_day="0")
    mine, first = await place.thread(place.me)
    place.home.clock.advance(5)
    await place.answer(mine, first)
    await place.answer(mine, first, "And a candle")
    await place.answer(mine, first, "About what I eat", warnings=["food and weight"])
    await place.answer(mine, first, CRY)
    await place.work(30)
    assert place.box.got == []
    await place.work(31)
    [mail] = place.mails()
    plain = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "2 answers to you" in plain, "not what is warned, nor what carries a care verdict"
    await place.work(60 * 24)
    assert len(place.box.got) == 1, "nothing new, nothing sent"
    place.home.clock.advance(5)
    await place.answer(mine, first, "The next day")
    await place.work(60 * 24)
    assert "1 answer to you" in place.mails()[1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


class Muddled(ModerationGuard):
    """Can't say whether one member lives."""

    def __init__(self, member: str) -> None:
        self._member = _uuid(member)

    async def never_write_to(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        if self._member in members:
            raise LookupError("a row that can't be read")
        return frozenset()


async def test_one_members_broken_digest_holds_up_nobody_elses(place: Place) -> None:
    for who in (place.me, place.other):
        await place.wish(who, digest="daily", digest_hour="10", digest_day="0")
    place.home.clock.advance(timedelta(hours=2))
    digests = Digests(place.home.house.database, place.home.clock, Muddled(place.me.id), has_mail=True)
    assert await digests.run() == 1
    assert await digests.run() == 0, "put off for an hour"
    place.home.clock.advance(timedelta(hours=1))
    assert await place.parts.digests.run() == 1


# ---- push


async def subscribed(place: Place, service: PushService, chrome: Chrome) -> None:
    """As the page does it, but for a push service on this machine, which the API refuses."""
    own = OwnNotices(place.home.house.database, place.home.clock, loopback=True)
    async with place.home.house.database.read() as conn:
        session = await conn.fetchval("select id from session where member_id = $1", _uuid(place.me.id))
    endpoint = f"http://127.0.0.1:{service.port}/send/abc"
    await own.add_device(MemberId(_uuid(place.me.id)), session, endpoint, (chrome.public, chrome.auth))


async def test_a_browser_is_nudged_without_a_word_and_forgotten_when_it_is_gone(place: Place) -> None:
    async with push_service() as service:
        chrome = Chrome()
        await subscribed(place, service, chrome)
        mine, first = await place.thread(place.me)
        await place.answer(mine, first)
        await place.work(3)
        [(headers, body)] = service.got
        assert chrome.open(body) == b'{"news":true}'
        assert headers["content-encoding"] == "aes128gcm" and headers["authorization"].startswith("vapid t=")
        service.status = 500
        await place.answer(mine, first)
        await place.work(20)
        service.status = 410
        await place.work(2)
        assert len(service.got) == 3
        await place.answer(mine, first)
        await place.work(60)
        assert len(service.got) == 3, "a subscription that ended is dropped"


async def test_a_browser_that_signed_out_is_not_nudged(place: Place) -> None:
    async with push_service() as service:
        await subscribed(place, service, Chrome())
        mine, first = await place.thread(place.me)
        await place.answer(mine, first)
        await place.me.call("DELETE", "/sessions/current")
        await place.work(20)
        assert service.got == []


async def test_the_api_takes_a_push_service_of_the_web_and_no_inner_address(place: Place) -> None:
    chrome = Chrome()
    keys = {
        "p256dh": base64.urlsafe_b64encode(chrome.public).decode(),
        "auth": base64.urlsafe_b64encode(chrome.auth).decode().rstrip("="),
    }
    good = "https://updates.push.example/wpush/v2/abc"
    for bad in ("http://push.example/x", "https://127.0.0.1/x", "https://10.0.0.1/x", "https://localhost/x"):
        assert (await place.me.call("POST", "/me/push", {"endpoint": bad, "keys": keys})).status_code == 422
    assert (
        await place.me.call("POST", "/me/push", {"endpoint": good, "keys": {**keys, "auth": "%%"}})
    ).status_code == 422
    assert (await place.me.call("POST", "/me/push", {"endpoint": good, "keys": keys})).status_code == 204
    assert "1 browser of yours is told" in (await place.page(place.me, "/me/notices/settings")).text
    assert len((await place.me.ok("GET", "/me/push"))["key"]) == 87
    exported = await place.me.ok("GET", "/me/export")
    assert exported["told"]["browsers"] == [good]
    assert (await place.me.call("DELETE", "/me/push", {"endpoint": good})).status_code == 204


# ---- radar


async def test_posts_without_an_answer_stand_after_twelve_hours_newcomers_first_and_are_told_once(
    place: Place,
) -> None:
    await place.confirm(place.owner, "owner@example.org")
    await place.wish(place.owner, mail=["radar"])
    await place.thread(place.other, title="First of other")
    place.home.clock.advance(60)
    answered, first = await place.thread(place.me, title="First of mine")
    await place.answer(answered, first)
    place.home.clock.advance(60)
    await place.thread(place.me, title="Second of mine")
    newcomer = await place.home.member()
    await newcomer.join()
    await place.thread(newcomer, title="Hello from a newcomer")
    await place.thread(newcomer, title="In need", body=CRY)
    page = "/groups/lighthouse/waiting"
    await place.work(60 * 11)
    assert "Nothing waits here" in (await place.page(place.owner, page)).text and place.box.got == []
    await place.work(70)
    shown = (await place.page(place.owner, page)).text
    order = [shown.index(title) for title in ("First of other", "Hello from a newcomer", "Second of mine")]
    assert order == sorted(order) and "First of mine" not in shown and "In need" not in shown
    assert shown.count("first post here") == 2
    assert len(place.box.got) == 1
    await place.work(60 * 6)
    assert len(place.box.got) == 1
    assert (await place.page(place.me, page)).status_code == 403
    assert page in (await place.page(place.owner, "/me/notices")).text
    assert page not in (await place.page(place.me, "/me/notices")).text
