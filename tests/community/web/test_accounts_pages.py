"""Signing up, in and out by form: kind about mistakes, careful with names, and nothing lost."""

from __future__ import annotations

from tests.community.web.house import AGREED, PASSWORD, House


async def test_a_person_signs_up_in_three_steps_and_gets_codes_at_the_end(house: House) -> None:
    browser = house.browser()
    named = await browser.submit("/sign-up?next=/groups/lighthouse", "/sign-up/name", **AGREED)
    assert named.status_code == 200 and "Step 2 of 3" in named.text
    assert all(f'name="{name}" value="1"' in named.text for name in AGREED), "what was agreed travels on"
    fields = {"handle": "quiet-river", "password": PASSWORD, "time_zone": "Europe/London", **AGREED}
    answer = await browser.submit("/sign-up", **fields, next="/groups/lighthouse")
    assert answer.headers["location"] == "/welcome?next=%2Fgroups%2Flighthouse"
    cookie = answer.headers["set-cookie"]
    assert "kith_session=" in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie
    shown = await browser.follow(answer)
    assert "Your account is there" in shown.text and "Step 3 of 3" in shown.text, "the welcome is shown once"
    assert "Your account is there" not in (await browser.get("/welcome")).text
    settled = await browser.submit(
        "/welcome", country="DE", language="en", theme="dark", next="/groups/lighthouse"
    )
    assert settled.text.count("<code>") == 8 and 'href="/groups/lighthouse"' in settled.text
    assert 'data-look="dark"' in settled.text
    mine = (await browser.get("/me")).text
    again = await browser.submit("/welcome", country="FR", language="en")
    assert again.status_code == 303, "codes on paper stay good"
    assert "quiet-river" in mine and "Germany" in mine and "8 codes left" in mine and "Europe/London" in mine


async def test_the_last_step_can_be_skipped_and_changes_nothing_then(house: House) -> None:
    browser = await house.member()
    skipped = await browser.submit("/welcome", country="DE", theme="dark", skip="yes")
    assert skipped.text.count("<code>") == 8 and "data-look" not in skipped.text
    assert "United Kingdom" in (await browser.get("/me")).text


async def test_an_account_keeps_the_language_that_its_owner_read_when_signing_up(house: House) -> None:
    browser = house.browser()
    await browser.submit("/look", theme="light", language="de")
    fields = {"handle": "stiller-fluss", "password": PASSWORD, **AGREED}
    shown = await browser.follow(await browser.submit("/sign-up", **fields))
    assert 'lang="de"' in shown.text and '<option value="de" selected>' in shown.text


async def test_a_refused_name_shows_its_step_with_everything_in_it_but_the_password(house: House) -> None:
    browser = house.browser()
    answer = await browser.submit("/sign-up", handle="quiet-river", password="zq7!", country="DE", **AGREED)
    assert answer.status_code == 422 and "Step 2 of 3" in answer.text
    assert 'value="quiet-river"' in answer.text and 'name="country" value="DE"' in answer.text
    assert "zq7!" not in answer.text
    assert 'aria-invalid="true"' in answer.text and 'href="#f-password"' in answer.text
    assert all(f'name="{name}" value="1"' in answer.text for name in AGREED)


async def test_a_step_without_a_required_consent_keeps_the_others_ticked(house: House) -> None:
    some = {name: "1" for name in AGREED if name != "consents.adult"}
    answer = await house.browser().submit("/sign-up", "/sign-up/name", **some)
    assert answer.status_code == 422 and "Step 1 of 3" in answer.text
    assert 'href="#f-consents.adult"' in answer.text and answer.text.count("checked") == len(some)


async def test_a_sign_up_without_a_required_consent_says_which(house: House) -> None:
    answer = await house.browser().submit("/sign-up", handle="quiet-river", password=PASSWORD)
    assert answer.status_code == 422
    assert 'href="#f-consents.adult"' in answer.text and 'href="#f-consents.follow_up"' not in answer.text


async def test_a_telling_name_is_warned_of_once_and_may_be_taken(house: House) -> None:
    browser = house.browser()
    fields = {"handle": "sunny1984", "password": PASSWORD, **AGREED}
    warned = await browser.submit("/sign-up", **fields)
    assert warned.status_code == 422 and "year of birth" in warned.text and "handle_anyway" in warned.text
    taken = await browser.submit("/sign-up", **fields, handle_anyway="sunny1984")
    assert taken.status_code == 303


async def test_the_tick_for_one_telling_name_does_not_count_for_another(house: House) -> None:
    answer = await house.browser().submit(
        "/sign-up", handle="moon1971", password=PASSWORD, handle_anyway="sunny1984", **AGREED
    )
    assert answer.status_code == 422 and "year of birth" in answer.text


async def test_signing_in_leads_on_to_a_page_of_this_site_only(house: House) -> None:
    await house.member("quiet-river")
    for wanted, led in (
        ("/me/profile", "/me/profile"),
        ("//evil.example/", "/groups"),
        ("https://evil.example/", "/groups"),
        ("/\\evil.example", "/groups"),
    ):
        answer = await house.browser().submit(
            "/sign-in", handle="Quiet-River", password=PASSWORD, next=wanted
        )
        assert answer.status_code == 303 and answer.headers["location"] == led


async def test_a_wrong_password_is_said_on_the_form(house: House) -> None:
    await house.member("quiet-river")
    answer = await house.browser().submit("/sign-in", handle="quiet-river", password="not this one")
    assert answer.status_code == 401
    assert "don&#39;t match" in answer.text and 'value="quiet-river"' in answer.text
    assert "not this one" not in answer.text


async def test_signing_out_ends_the_session_everywhere(house: House) -> None:
    browser = await house.member()
    old = dict(browser.http.cookies)
    assert (await browser.submit("/me", "/sign-out")).headers["location"] == "/"
    assert "You are signed out." in (await browser.get("/")).text
    again = await browser.http.get("/me", headers={"cookie": f"kith_session={old['kith_session']}"})
    assert again.status_code == 303 and again.headers["location"] == "/sign-in?next=%2Fme"


async def test_leaving_in_a_hurry_ends_the_session_even_with_a_token_out_of_date(house: House) -> None:
    browser = await house.member()
    answer = await browser.http.post("/leave", data={"csrf": "from yesterday"})
    assert answer.status_code == 200 and answer.headers["refresh"] == "0; url=https://www.wikipedia.org/"
    assert "Kith" not in answer.text
    assert (await browser.get("/me")).status_code == 303


async def test_another_site_cannot_sign_a_person_out(house: House) -> None:
    browser = await house.member()
    await browser.http.post("/leave", headers={"sec-fetch-site": "cross-site"})
    assert (await browser.get("/me")).status_code == 200


async def test_a_person_changes_their_country_and_may_take_it_back(house: House) -> None:
    browser = await house.member()
    await browser.submit("/me/profile", country="FR", language="fr", time_zone="Europe/Paris", email="")
    assert "France" in (await browser.get("/help-now")).text
    await browser.submit("/me/profile", country="", language="en", time_zone="UTC", email="")
    assert 'value="FR" selected' not in (await browser.get("/me/profile")).text
