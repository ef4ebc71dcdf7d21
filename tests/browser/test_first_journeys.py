"""First journeys in a real browser: arriving, joining, one's account, and the way out."""

from __future__ import annotations

from uuid import uuid4

from playwright.async_api import expect

from community.web.avatars import avatar
from community.wishes import Wishes
from tests.browser.conftest import NEUTRAL, OpenPage, keep
from tests.browser.server import RunningServer


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


async def test_a_newcomer_joins_says_a_first_word_and_finds_their_account_with_a_phone_and_no_scripts(
    server: RunningServer, open_page: OpenPage
) -> None:
    page = await open_page(java_script_enabled=False, viewport={"width": 360, "height": 740})
    handle = fresh("newcomer")
    await page.goto("/")
    await page.get_by_role("main").get_by_role("link", name="Join").click()
    for box in await page.locator("fieldset input[type=checkbox][required]").all():
        await box.check()
    await page.get_by_role("button", name="I agree, go on").click()
    await page.get_by_label("A name for you here").fill(handle)
    await page.get_by_label("A password").fill(server.password)
    await page.get_by_role("button", name="Make my account").click()
    await expect(page.get_by_role("status")).to_contain_text("Welcome")
    await page.get_by_label("Your country").select_option("GB")
    await page.get_by_role("button", name="Save and go on").click()
    await expect(page.locator(".codes code")).to_have_count(8)
    await page.get_by_role("link", name="I have them, go on").click()
    await page.get_by_role("link", name="Lighthouse").click()
    await page.get_by_role("button", name="Agree to the guidelines and join").click()
    await expect(page.get_by_role("status")).to_contain_text("Welcome")
    await page.get_by_role("main").get_by_role("link", name="Evening").first.click()
    await page.get_by_label("Your message").fill("Hello, I am new here.")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".line.own", has_text="Hello, I am new here.")).to_be_visible()
    await keep(page, "newcomer-first-message")
    await page.get_by_role("link", name="My account").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(handle)
    await page.get_by_role("link", name="Where you are signed in").click()
    await expect(page.get_by_text("this one")).to_be_visible()


async def test_a_mistake_is_shown_beside_its_field_and_gets_the_focus(open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto("/sign-in")
    await page.get_by_label("Your name here").fill("nobody-here")
    await page.get_by_label("Your password").fill("not the password")
    await page.get_by_label("Your password").press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_label("Your name here")).to_have_value("nobody-here")


async def test_leaving_blanks_the_page_signs_out_and_takes_its_place_in_history(
    server: RunningServer, open_page: OpenPage
) -> None:
    handle = fresh("leaver")
    server.member(handle)
    page = await open_page(leaves=True, signed_in_as=handle)
    await page.goto("/me")
    await page.get_by_role("button", name="Leave this page").click()
    await page.wait_for_url(NEUTRAL)
    await page.go_back()
    assert "/me" not in page.url, "the page that was left is not in history"
    await page.goto("/me")
    await page.wait_for_url("**/sign-in?next=%2Fme")


async def test_escape_three_times_leaves_and_twice_does_not(open_page: OpenPage) -> None:
    page = await open_page(leaves=True)
    await page.goto("/about")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("Escape")
    await page.wait_for_url(NEUTRAL)


async def test_leaving_works_without_scripts(server: RunningServer, open_page: OpenPage) -> None:
    page = await open_page(leaves=True, java_script_enabled=False)
    await page.goto("/about")
    await page.get_by_role("button", name="Leave this page").click()
    await page.wait_for_url(NEUTRAL)


async def test_the_browser_draws_the_same_picture_for_a_handle_as_the_server(open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto("/about")
    for handle in ("quiet-river", "Éire", "名前", "...", "ßtrasse", "x" * 32):
        drawn = await page.evaluate(
            """async ([handle, made]) => {
              const { avatar } = await import("/static/community/avatar.js");
              const box = document.createElement("div");
              box.innerHTML = made;
              const look = (svg) => [
                svg.getAttribute("class"),
                svg.querySelector(".mark").innerHTML.split(" ")[0],
                svg.querySelector("text").textContent,
              ];
              return [look(avatar(handle)), look(box.firstChild)];
            }""",
            [handle, str(avatar(handle))],
        )
        assert drawn[0] == drawn[1], handle


async def test_a_word_before_contact_details_go_out_once_with_a_fix(
    server: RunningServer, open_page: OpenPage
) -> None:
    page = await open_page()
    await page.goto("/about")
    found = await page.evaluate(
        """async () => {
          const { findContact } = await import("/static/community/nudge.js");
          return ["ring 07700 900123", "me@example.org please", "on 2026-11-21 at 10", "my HbA1c is 48, dose 20 mg",
                  "since 1999 to 2004"].map((text) => findContact(text));
        }"""
    )
    assert found == [["07700 900123"], ["me@example.org"], [], [], []]


async def test_how_pages_look_is_chosen_and_kept(open_page: OpenPage) -> None:
    page = await open_page(color_scheme="light")
    await page.goto("/look")
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.get_by_label("Dark").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != light


async def test_is_this_for_me_sends_and_keeps_nothing_and_reads_as_a_list_without_scripts(
    open_page: OpenPage,
) -> None:
    page = await open_page()
    await page.goto("/is-this-for-me", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for n in range(1, 6):
        await expect(page.get_by_text(f"Question {n} of 5")).to_be_visible()
        await page.get_by_role("button", name="No" if n == 1 else "Yes", exact=True).click()
        await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="And now?")).to_be_visible()
    kept = await page.evaluate(
        "[localStorage.length, sessionStorage.length, document.cookie, location.search + location.hash]"
    )
    assert asked == [] and kept == [0, 0, "", ""]
    plain = await open_page(java_script_enabled=False)
    await plain.goto("/is-this-for-me")
    assert await plain.locator("[data-question]:visible").count() == 5
    assert await plain.get_by_text("If yes:").count() == 5


async def test_live_lines_stand_before_their_reader_as_the_server_shows_them(
    server: RunningServer, open_page: OpenPage
) -> None:
    words = ["hospital*", "my ex", "cat", "café", "c++"]
    texts = [
        "In HOSPITALS",
        "he is MY  ex!",
        "concatenate",
        "a CAT.",
        "CAFÉ",
        "c++",
        "outhospital",
        "nothing",
    ]
    warned: list[list[str]] = [[], ["suicide"], ["self-harm"], ["suicide", "self-harm"]]
    wishes = Wishes(words=tuple(words), opened=("suicide",), hidden=("violence or abuse",))
    handle = fresh("veiled")
    token = server.member(handle)
    body = {"words": words, "opened": ["suicide"], "hidden": ["violence or abuse"]}
    server.call("PATCH", "/me/wishes", body, token)
    page = await open_page(signed_in_as=handle)
    await page.goto("/about")
    seen = await page.evaluate(
        """async ([texts, warned]) => {
          const { sight } = await import("/static/community/veil.js");
          return texts.map((text) => warned.map((list) => sight(text, list)));
        }""",
        [texts, [*warned, ["violence or abuse"]]],
    )
    assert seen == [
        [wishes.sight(text, given) for given in [*warned, ["violence or abuse"]]] for text in texts
    ]
