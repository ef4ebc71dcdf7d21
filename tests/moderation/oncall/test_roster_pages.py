"""The roster's pages: gaps lead to their form, shifts are swapped and given back, promises end."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx2

from tests.home import Caller, Home
from tests.moderation.team import moderator

PATH = "/moderation/roster"


async def shown(by: Caller, path: str) -> httpx2.Response:
    return await by.home.http.get(path, headers={"authorization": f"Bearer {by.token}"})


async def send(by: Caller, path: str, **fields: str) -> httpx2.Response:
    headers = {"authorization": f"Bearer {by.token}"}
    return await by.home.http.post(path, data=fields, headers=headers)


async def trained(home: Home, lead: Caller) -> Caller:
    made = await moderator(home, lead)
    today = home.clock.now().date()
    body = {
        "member": made.id,
        "lane": "care",
        "trained_on": f"{today}",
        "expires_on": f"{today + timedelta(90)}",
    }
    await lead.ok("POST", "/moderation/training", body)
    return made


async def test_a_gap_is_named_in_words_and_its_link_fills_the_form(home: Home) -> None:
    lead = await home.operator()
    kim = await trained(home, lead)
    page = (await shown(lead, PATH)).text
    assert "Monday 5 January, 09:00 to 21:00" in page and "<svg" in page
    offer = re.search(r'href="(/moderation/roster/add\?[^"]+)"', page)
    assert offer is not None
    form = (await shown(lead, offer[1].replace("&amp;", "&"))).text
    assert 'value="2026-01-05"' in form and 'value="09:00"' in form and 'value="21:00"' in form
    fields = {"seat": "primary", "first_on": "2026-01-05", "starts": "09:00", "ends": "21:00", "zone": "UTC"}
    assert (await send(lead, PATH + "/add", member=kim.id, **fields)).status_code == 303
    page = (await shown(kim, PATH)).text
    assert "Monday 5 January, 09:00 to 21:00" not in page.partition("Where nobody is")[2].partition("<h2>")[0]


async def test_a_repeated_promise_is_made_shown_and_ended(home: Home) -> None:
    lead = await home.operator()
    kim = await trained(home, lead)
    fields = {
        "seat": "primary",
        "first_on": "2026-01-06",
        "starts": "21:00",
        "ends": "23:00",
        "zone": "Europe/Berlin",
    }
    assert (await send(kim, PATH + "/add", weekday="1", every="1", last_on="", **fields)).status_code == 303
    page = (await shown(kim, PATH)).text
    assert "First: Tuesday, 21:00 to 23:00 (Europe/Berlin)" in page
    rule = re.search(r'name="act" value="end">\s*<input type="hidden" name="id" value="([^"]+)"', page)
    assert rule is not None
    assert (await send(kim, PATH, act="end", id=rule[1])).status_code == 303
    assert "Europe/Berlin" not in (await shown(kim, PATH)).text


async def test_a_shift_is_swapped_by_asking_and_a_stranger_finds_none(home: Home) -> None:
    lead = await home.operator()
    kim, sam = await trained(home, lead), await trained(home, lead)
    fields = {"seat": "primary", "first_on": "2026-01-06", "starts": "09:00", "ends": "12:00", "zone": "UTC"}
    await send(kim, PATH + "/add", **fields)
    link = re.search(r'href="(/moderation/roster/shifts/[^"]+)"', (await shown(kim, PATH)).text)
    assert link is not None
    assert (await shown(sam, link[1])).status_code == 404, "not theirs, and they don't lead"
    assert (await send(kim, link[1], act="ask", to=sam.id)).status_code == 303
    asked = (await shown(sam, PATH)).text
    assert f"{kim.handle} asks you to take a shift" in asked and "Tuesday 6 January, 09:00 to 12:00" in asked
    swap = re.search(r'name="id" value="([^"]+)"', asked)
    assert swap is not None
    assert (await send(sam, PATH, act="answer", id=swap[1], accept="yes")).status_code == 303
    assert (await shown(sam, link[1])).status_code == 200
    assert (await send(sam, link[1], act="drop")).status_code == 303
    assert (await shown(await home.member(), PATH)).status_code == 404


async def test_a_wrong_form_comes_back_with_what_was_sent(home: Home) -> None:
    lead = await home.operator()
    answer = await send(lead, PATH + "/add", seat="primary", first_on="2026-01-06", starts="noon", ends="x")
    assert answer.status_code == 422 and "Please give a time such as 21:00." in answer.text
    assert 'value="noon"' in answer.text
    fields = {"seat": "primary", "starts": "21:00", "ends": "07:00", "zone": "Pacific/Auckland"}
    far = await send(lead, PATH + "/add", **fields, first_on="9999-12-31")
    assert far.status_code == 422 and "Please give a day." in far.text
