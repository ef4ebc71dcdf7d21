"""What is mine: sessions, password, people I avoid, my data, and leaving for good."""

from __future__ import annotations

import json

from tests.community.web.house import PASSWORD, Browser, House


async def id_of(browser: Browser) -> str:
    """A person's id, from their own copy of their data."""
    copy = json.loads((await browser.submit("/me/data", "/me/data/copy")).content)
    return str(copy["account"]["id"])


async def test_a_person_signs_out_another_device_from_the_list(house: House) -> None:
    phone = await house.member("quiet-river")
    laptop = house.browser()
    await laptop.submit("/sign-in", handle="quiet-river", password=PASSWORD)
    shown = (await laptop.get("/me/sessions")).text
    assert shown.count("Sign out there") == 1 and "this one" in shown
    action = shown.partition('action="/me/sessions/')[2].partition('"')[0]
    await laptop.submit("/me/sessions", f"/me/sessions/{action}")
    assert (await phone.get("/me")).status_code == 303
    assert (await laptop.get("/me")).status_code == 200


async def test_another_persons_session_is_not_there_to_end(house: House) -> None:
    owner, other = await house.member("quiet-river"), await house.member()
    second = house.browser()
    await second.submit("/sign-in", handle="quiet-river", password=PASSWORD)
    shown = (await second.get("/me/sessions")).text
    action = shown.partition('action="/me/sessions/')[2].partition('"')[0]
    assert (await other.submit("/me/sessions", f"/me/sessions/{action}")).status_code == 404
    assert (await owner.get("/me")).status_code == 200


async def test_a_new_password_signs_out_everywhere_else(house: House) -> None:
    browser = await house.member("quiet-river")
    other = house.browser()
    await other.submit("/sign-in", handle="quiet-river", password=PASSWORD)
    wrong = await browser.submit("/me/password", old_password="no", password="another quiet river")
    assert wrong.status_code == 401 and "another quiet river" not in wrong.text
    await browser.submit("/me/password", old_password=PASSWORD, password="another quiet river")
    assert (await other.get("/me")).status_code == 303
    assert (await browser.get("/me")).status_code == 200


async def test_blocking_and_muting_someone_is_listed_and_taken_back(house: House) -> None:
    browser, other = await house.member(), await house.member("loud-gull")
    them = f"/people/{await id_of(other)}"
    for act, back in (("block", "unblock"), ("mute", "unmute")):
        await browser.submit(them, act=act)
        assert "loud-gull" in (await browser.get("/me/people")).text
        await browser.submit(them, act=back)
        assert "loud-gull" not in (await browser.get("/me/people")).text


async def test_nobody_blocks_themselves_or_someone_who_is_not_there(house: House) -> None:
    browser = await house.member()
    me = await id_of(browser)
    assert (await browser.submit("/me/people", f"/people/{me}", act="block")).status_code == 422
    absent = "/people/00000000-0000-7000-8000-000000000000"
    assert (await browser.submit("/me/people", absent, act="block")).status_code == 404
    assert (await browser.get("/people/not-an-id")).status_code == 404


async def test_a_copy_of_ones_data_has_no_secret_and_a_name_that_tells_nothing(house: House) -> None:
    browser = await house.member("quiet-river")
    assert (await browser.get("/me/data/copy")).status_code == 405
    answer = await browser.submit("/me/data", "/me/data/copy")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-copy.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert "quiet-river" in answer.text and "argon2" not in answer.text and "token" not in answer.text


async def test_erasing_needs_the_password_and_a_tick_and_then_it_is_over(house: House) -> None:
    browser = await house.member("quiet-river")
    assert (await browser.submit("/me/data", "/me/erase", password=PASSWORD)).status_code == 422
    assert (await browser.submit("/me/data", "/me/erase", password="no", sure="yes")).status_code == 401
    gone = await browser.submit("/me/data", "/me/erase", password=PASSWORD, sure="yes")
    assert gone.status_code == 303 and "erased" in (await browser.follow(gone)).text
    again = await house.browser().submit("/sign-in", handle="quiet-river", password=PASSWORD)
    assert again.status_code == 401
