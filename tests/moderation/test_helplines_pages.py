"""The helplines' editor: operators say what they found today, and members see it."""

from __future__ import annotations

from starlette.applications import Starlette

from server.pages import page_routes
from tests.community.web.house import Browser
from tests.home import PASSWORD, Home


async def test_an_operator_says_what_they_found_and_a_member_may_not(home: Home) -> None:
    await home.operator("olive")
    await home.member("quiet-river")
    app = Starlette(routes=page_routes(home.house, "0"))
    browser, member = Browser(app), Browser(app)
    await browser.submit("/sign-in", handle="olive", password=PASSWORD)
    await member.submit("/sign-in", handle="quiet-river", password=PASSWORD)
    assert (await member.get("/moderation/helplines")).status_code == 404
    assert "Lithuania" in (await browser.get("/moderation/helplines")).text
    await browser.get("/moderation/helplines/LT")
    done = await browser.submit(
        "/moderation/helplines/LT", name="Vilties linija", phone="116 123", hours="Always."
    )
    assert done.status_code == 303
    country = home.house.helplines.country("LT")
    assert country is not None
    assert (country.lines[0].hours, country.lines[0].verified_on) == ("Always.", home.clock.now().date())
    assert "Always." in (await browser.get("/moderation/helplines/LT")).text
