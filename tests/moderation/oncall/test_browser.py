"""Pages to browsers: sealed, wordless, on top of the two channels, and honest about browsers that are gone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from community.clock import ManualClock
from community.database import Database
from community.ids import PageId, SessionId, new_id
from community.notices.own import OwnNotices
from moderation.oncall.channels import Letter, browser, chosen, next_after
from moderation.oncall.channels.browser import nudge_of
from moderation.pipeline.types import Tier
from server.checking import check
from server.settings import Mail, Settings
from tests.moderation.oncall.house import Caller, Village, village
from tests.moderation.oncall.team import Oncallers, WebhookServer
from tests.moderation.oncall.test_channels import channel
from tests.pushing import Chrome, PushService, push_service

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
MINE = "/moderation/on-call"
BY_PUSH = """select a.outcome from page_attempt a join oncall_channel c on c.id = a.channel_id
             where c.kind = 'push' order by a.made_at"""


@dataclass
class Place:
    """A house, a person on duty, and the push service of their browsers."""

    village: Village
    clock: ManualClock
    team: Oncallers
    service: PushService
    ann: Caller
    chrome: Chrome = field(default_factory=Chrome)

    async def allow(self, name: str = "abc") -> None:
        """As the page does it, but for a push service on this machine, which the API refuses."""
        own = OwnNotices(self.village.house.database, self.clock, loopback=True)
        [row, *_] = await self.team.rows(
            "select id from session where member_id = $1 and revoked_at is null", self.ann.id
        )
        endpoint = f"http://127.0.0.1:{self.service.port}/send/{name}"
        keys = (self.chrome.public, self.chrome.auth)
        await own.add_device(self.ann.id, SessionId(row["id"]), endpoint, keys)

    async def ask_for_pushes(self) -> str:
        made = await self.ann.call("POST", "/moderation/channels", {"kind": "push"}, ok=201)
        return str(made["id"])

    async def work(self) -> None:
        await self.team.work(self.village.house.oncall.escalator, self.village.house.oncall.sender)

    def opened(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(self.chrome.open(body)) for _, body in self.service.got]

    async def told(self) -> list[str]:
        listed = await self.ann.call("GET", "/me/notices", ok=200)
        return [item["kind"] for item in listed["items"]]


@pytest.fixture
async def place(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Place]:
    async with village(database, clock, tmp_path) as made, push_service() as service:
        made.house.oncall.browser.loopback = True
        team = Oncallers(database, clock)
        await team.lay()
        ann = await made.person("ann", "care")
        await team.shift(ann.id)
        yield Place(made, clock, team, service, ann)


def test_a_browser_is_never_one_of_the_two_and_stands_for_no_channel_that_failed() -> None:
    mail, hook, push = channel(2, kind="mail"), channel(3, aloud=True), channel(1, kind="push")
    third = channel(4)
    assert chosen([push, mail, hook, third], "two", NOW) == [mail, hook, push]
    assert chosen([push, mail], "one", NOW) == [mail, push]
    assert chosen([push], "two", NOW) == [push]
    assert next_after([push, mail], [mail.id], NOW) is None
    assert next_after([push, mail], [push.id], NOW) == mail


def test_a_push_says_that_it_is_a_page_and_no_more() -> None:
    page = PageId(new_id())
    letter = Letter(new_id(), page, "crisis", "On call", "Someone", "https://kith.example/page/tok-en_1", NOW)
    crisis = nudge_of(letter, timedelta(minutes=5))
    assert msgspec.json.decode(crisis.plain) == {"page": "page", "link": "/page/tok-en_1", "id": page.hex}
    assert (crisis.urgency, crisis.topic) == ("high", page.hex) and len(crisis.topic) <= 32
    test = nudge_of(replace(letter, severity="test"), timedelta(minutes=15))
    assert msgspec.json.decode(test.plain)["page"] == "test"


async def test_a_crisis_reaches_browsers_sealed_on_top_of_two_channels_and_its_button_answers(
    place: Place, hooks: WebhookServer
) -> None:
    for _ in range(3):
        await place.team.channel(place.ann.id, hooks.url)
    await place.allow("first")
    await place.allow("second")
    await place.ask_for_pushes()
    await place.team.cry()
    await place.work()
    await place.work()  # the same due time: nothing more
    assert len(hooks.got) == 2 and len(place.service.got) == 2
    headers = place.service.got[0][0]
    [page] = await place.team.rows("select id, state from page")
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("300", "high", page["id"].hex)
    said, same = place.opened()
    assert said == same and set(said) == {"page", "link", "id"} and said["page"] == "page"
    place.clock.advance(300)
    await place.work()
    assert len(place.service.got) == 4 and place.service.got[-1][0]["topic"] == page["id"].hex
    assert (await place.village.http.get(said["link"])).status_code == 200
    assert [row["state"] for row in await place.team.rows("select state from page")] == ["waiting"]
    assert (await place.village.http.post(said["link"])).status_code == 200
    assert [row["state"] for row in await place.team.rows("select state from page")] == ["acknowledged"]


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_push_service_that_fails_is_replaced_by_the_next_way_at_once(
    place: Place, hooks: WebhookServer, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    monkeypatch.setattr(browser, "SEND_SECONDS", browser.LEFT_SECONDS + 0.2)
    place.service.hangs, place.service.first, place.service.status = hangs, [429], 500
    await place.allow("first")
    await place.allow("second")
    id = await place.ask_for_pushes()
    lead = await place.village.person("leadlily", "lead")
    await place.team.channel(lead.id, hooks.url)
    await place.team.shift(lead.id, "secondary")
    await place.team.cry()
    await place.work()
    place.clock.advance(30)
    await place.work()
    assert hooks.got, "nobody else brings it to ann: whoever comes next is asked"
    [row] = await place.team.rows("select failing_since from oncall_channel where kind = 'push'")
    assert row["failing_since"] is not None
    place.service.hangs, place.service.status = False, 201
    assert (await place.ann.page("POST", MINE, act="try", id=id)).status_code == 303
    [row] = await place.team.rows("select failing_since from oncall_channel where kind = 'push'")
    assert row["failing_since"] is None and await place.told() == [], "the browser is still there"


async def test_a_push_that_went_out_doesn_t_stand_for_mail_that_didn_t(
    place: Place, hooks: WebhookServer
) -> None:
    await place.team.channel(place.ann.id, "http://127.0.0.1:9/gone")
    await place.allow()
    await place.ask_for_pushes()
    lead = await place.village.person("leadlily", "lead")
    await place.team.channel(lead.id, hooks.url)
    await place.team.shift(lead.id, "secondary")
    await place.team.cry(tier=Tier.red)
    await place.work()
    place.clock.advance(30)
    await place.work()
    assert place.service.got and hooks.got


async def test_a_subscription_that_ended_is_forgotten_and_its_person_is_told_once(
    place: Place, tmp_path: Path, dsn: str
) -> None:
    await place.allow("first")
    await place.allow("second")
    await place.ask_for_pushes()
    place.service.first = [404, 410]
    await place.team.cry(tier=Tier.red)
    await place.work()
    assert await place.team.rows("select id from push_device") == []
    place.clock.advance(16 * 60)
    await place.work()
    assert len(place.service.got) == 2 and await place.told() == ["browser_lost"]
    notices = (await place.ann.page("GET", "/me/notices")).text
    assert "A browser of yours no longer takes pages." in notices and f'href="{MINE}"' in notices
    assert "None of your browsers takes pages any more." in (await place.ann.page("GET", MINE)).text
    settings = Settings(mail=Mail(host="mx", sender="kith@example.org"))
    said = "\n".join(map(str, await check(settings, tmp_path, dsn, place.clock)))
    assert "1 people on the roster wish to be paged in their browsers" in said
    assert "1 people on the roster have fewer than two channels (browsers come on top" in said


async def test_a_browser_that_signed_out_gets_nothing_and_is_missed(place: Place) -> None:
    await place.allow()
    await place.ask_for_pushes()
    await place.team.channel(place.ann.id, "http://127.0.0.1:9/gone")
    await place.ann.call("DELETE", "/sessions/current")
    await place.team.cry(tier=Tier.red)
    await place.work()
    place.clock.advance(60)
    await place.work()
    assert place.service.got == []
    told = await place.team.rows("select kind from notice where member_id = $1", place.ann.id)
    assert told == [{"kind": "browser_lost"}]


async def test_browsers_are_added_tried_and_ended_by_forms(place: Place) -> None:
    ann = place.ann
    before = (await ann.page("GET", MINE)).text
    assert "First allow it in each browser" in before and "Page me in my browsers too" not in before
    early = await ann.page("POST", MINE, act="add", kind="push")
    assert early.status_code == 422 and "None of your browsers may be told." in early.text
    await place.allow()
    assert "Page me in my browsers too" in (await ann.page("GET", MINE)).text
    assert (await ann.page("POST", MINE, act="add", kind="push")).status_code == 303
    assert (await ann.page("POST", MINE, act="add", kind="push")).status_code == 409
    seen = (await ann.page("GET", MINE)).text
    assert "1 browser of yours is told." in seen and "Fewer than two ways to reach you." in seen
    assert "Your browsers come on top and don't count as one of the two." in unescape(seen)
    [id] = re.findall(r'name="act" value="try">\s*<input type="hidden" name="id" value="([^"]+)"', seen)
    assert (await ann.page("POST", MINE, act="try", id=id)).status_code == 303
    assert [said["page"] for said in place.opened()] == ["test"]
    place.service.status = 403
    refused = await ann.page("POST", MINE, act="try", id=id)
    assert refused.status_code == 422 and "The other side said no (403)" in refused.text
    bea = await place.village.person("bea", "care")
    assert (await bea.page("POST", MINE, act="try", id=id)).status_code == 404
    assert (await ann.page("POST", MINE, act="revoke", id=id)).status_code == 303
    place.service.got.clear()
    await place.team.cry()
    await place.work()
    assert place.service.got == []
    assert (await ann.page("POST", MINE, act="add", kind="push")).status_code == 303, "and again"


async def test_only_a_person_has_browsers_and_they_go_with_the_person(place: Place) -> None:
    lead = await place.village.person("leadlily", "lead")
    body = {"kind": "push", "use": "alarm"}
    await lead.call("POST", "/moderation/channels", body, ok=422)
    await place.allow()
    id = await place.ask_for_pushes()
    await place.ann.call("DELETE", "/me", {"password": "a quiet river at night"})
    rows = await place.team.rows(
        "select label, revoked_at is not null as gone from oncall_channel where id = $1", UUID(id)
    )
    assert rows == [{"label": "", "gone": True}] and await place.team.rows("select id from push_device") == []


async def test_a_push_service_inside_the_own_network_is_not_asked(place: Place) -> None:
    await place.allow()
    await place.ask_for_pushes()
    place.village.house.oncall.browser.loopback = False
    await place.team.cry()
    await place.work()
    assert place.service.got == []
    assert [row["outcome"] for row in await place.team.rows(BY_PUSH)] == [None]
