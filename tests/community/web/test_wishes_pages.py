"""Muted words, warning filters and breaks: chosen, kept, and nobody else's business."""

from __future__ import annotations

from datetime import timedelta

from community.clock import ManualClock
from community.people import Doorway
from tests.community.web.house import PASSWORD, House


async def test_muted_words_are_kept_and_shown_on_the_overview(house: House) -> None:
    browser = await house.member()
    await browser.submit("/me/words", words="hospital*\nmy ex, gin")
    shown = (await browser.get("/me/words")).text
    assert "hospital*\nmy ex\ngin</textarea>" in shown
    assert "3 words" in (await browser.get("/me")).text
    assert "&#34;hospital*&#34;" in shown.partition('<meta name="veil"')[2], "the page's scripts know them"
    long = await browser.submit("/me/words", words="y" * 61)
    assert long.status_code == 422 and "y" * 61 in long.text
    await browser.submit("/me/words", words="")
    assert 'name="veil"' not in (await browser.get("/me")).text


async def test_each_warning_can_be_folded_shown_or_hidden(house: House) -> None:
    browser = await house.member()
    await browser.submit(
        "/me/warnings", **{"warning.0": "hide", "warning.1": "open", "warning.2": "nonsense"}
    )
    shown = (await browser.get("/me/warnings")).text
    for id in ("w-0-hide", "w-1-open", "w-2-fold"):
        assert f'id="{id}" checked' in shown


async def test_on_a_break_the_door_is_closed_and_help_and_ones_own_are_open(
    house: House, clock: ManualClock
) -> None:
    browser = await house.member()
    await browser.submit("/me/break", days="3")
    door = (await browser.get("/groups")).text
    assert "You are on a break" in door and "Open the door" in door and "Find a group" not in door
    for open_page in ("/", "/help-now", "/me", "/me/data", "/me/break", "/about"):
        assert "Open the door" not in (await browser.get(open_page)).text, open_page
    clock.advance(timedelta(days=3, hours=1))
    assert (
        "Find a group" in (await browser.get("/groups")).text
        or "No groups" in (await browser.get("/groups")).text
    )


async def test_the_door_opens_whenever_one_likes_and_leads_where_one_stood(house: House) -> None:
    browser = await house.member()
    await browser.submit("/me/break", days="30")
    opened = await browser.submit("/groups", "/me/break/end", next="/groups")
    assert opened.headers["location"] == "/groups"
    assert "You are on a break" not in (await browser.get("/groups")).text


async def test_a_break_ends_on_the_morning_of_a_day_one_chose(house: House, clock: ManualClock) -> None:
    browser = await house.member()
    until = (clock.now() + timedelta(days=2)).date().isoformat()
    await browser.submit("/me/break", days="day", until=until)
    assert "On a break now" in (await browser.get("/me")).text
    for wrong in ("soon", "2020-01-01", "2099-01-01"):
        await browser.submit("/me", "/me/break/end")
        answer = await browser.submit("/me/break", days="day", until=wrong)
        assert answer.status_code == 422 and f'value="{wrong}"' in answer.text


async def test_nobody_else_sees_a_break(house: House) -> None:
    resting, other = await house.member("quiet-river"), await house.member()
    await resting.submit("/me/break", days="7")
    doorway = Doorway("bearer", "127.0.0.1", "a test")
    id = (await house.people.sign_in("quiet-river", PASSWORD, doorway)).member_id
    shown = (await other.get(f"/people/{id}")).text
    assert "quiet-river" in shown and "on a break" not in shown.lower()


async def test_erasing_takes_wishes_and_codes_along(house: House) -> None:
    browser = await house.member("quiet-river")
    await browser.submit("/me/words", words="gin")
    await browser.submit("/me/recovery", password=PASSWORD)
    copy = (await browser.submit("/me/data", "/me/data/copy")).text
    assert '"gin"' in copy and "wishes" in copy
    erased = await browser.submit("/me/data", "/me/erase", password=PASSWORD, sure="yes")
    assert erased.status_code == 303
