"""Ways back in: codes once, links once and for half an hour, and nothing told about who is known here."""

from __future__ import annotations

import re
from datetime import timedelta

from community.clock import ManualClock
from tests.community.web.house import PASSWORD, Browser, House
from tests.community.web.test_groups_pages import found

NEW = "a new river at dawn"


async def codes_of(browser: Browser) -> list[str]:
    answer = await browser.submit("/me/recovery", password=PASSWORD)
    return re.findall(r"<code>([A-Z0-9-]{19})</code>", answer.text)


async def gives_email(browser: Browser, email: str, password: str = PASSWORD) -> int:
    form = {"email": email, "country": "", "language": "en", "time_zone": "UTC", "password": password}
    return (await browser.submit("/me/profile", **form)).status_code


async def signs_in(house: House, handle: str, password: str) -> bool:
    answer = await house.browser().submit("/sign-in", handle=handle, password=password)
    return answer.status_code == 303


async def with_code(house: House, handle: str, code: str, password: str = NEW) -> int:
    browser = house.browser()
    answer = await browser.submit("/recover/code", handle=handle, code=code, password=password)
    return answer.status_code


async def test_a_code_opens_the_account_once_with_a_new_password_and_ends_every_session(house: House) -> None:
    browser = await house.member("quiet-river")
    codes = await codes_of(browser)
    assert len(set(codes)) == 8
    typed = codes[0].lower().replace("-", " ")
    assert await with_code(house, "Quiet-River", typed) == 303
    assert (await browser.get("/me")).status_code == 303, "whoever was signed in is out"
    assert await signs_in(house, "quiet-river", NEW) and not await signs_in(house, "quiet-river", PASSWORD)
    assert await with_code(house, "quiet-river", codes[0], "yet another one") == 422
    assert await with_code(house, "quiet-river", codes[1], "yet another one") == 303


async def test_a_page_that_a_form_answers_has_the_rail_too(house: House) -> None:
    owner = await found(house)
    shown = (await owner.submit("/me/recovery", password=PASSWORD)).text
    assert shown.count("<code>") == 8 and '<a href="/groups/lighthouse">' in shown


async def test_new_codes_end_the_old_ones(house: House) -> None:
    browser = await house.member("quiet-river")
    old = await codes_of(browser)
    await codes_of(browser)
    assert await with_code(house, "quiet-river", old[0]) == 422


async def test_a_wrong_code_an_unknown_name_and_anothers_code_are_told_the_same(house: House) -> None:
    browser = await house.member("quiet-river")
    await house.member("shy-otter")
    code = (await codes_of(browser))[0]
    said = set()
    for handle, given in (("quiet-river", "AAAA-BBBB-CCCC-DDDD"), ("nobody-here", code), ("shy-otter", code)):
        answer = await house.browser().submit("/recover/code", handle=handle, code=given, password=NEW)
        said.add((answer.status_code, re.sub(r'(value|content)="[^"]*"', "", answer.text)))
    assert len(said) == 1 and said.pop()[0] == 422


async def test_guessing_codes_meets_the_limit_of_failed_sign_ins(house: House) -> None:
    await house.member("quiet-river")
    answers = [await with_code(house, "quiet-river", f"AAAA-BBBB-CCCC-DDD{n}") for n in range(6)]
    assert answers == [422] * 5 + [429]


async def asks(house: House, email: str) -> str:
    answer = await house.browser().submit("/recover/mail", email=email)
    shown = await house.browser().follow(answer)
    return re.sub(r'(value|content)="[^"]*"', "", shown.text)


async def mailed(house: House) -> str:
    """The path of the link in the last mail."""
    return house.mails[-1][2].partition("https://kith.example")[2].partition("\n")[0]


async def test_a_mailed_link_works_once_and_says_nothing_about_the_place(house: House) -> None:
    browser = await house.member("quiet-river")
    await gives_email(browser, "Me@Example.org")
    known, unknown = await asks(house, "me@example.org"), await asks(house, "nobody@example.org")
    assert known == unknown, "no difference told"
    [(to, subject, body)] = house.mails
    assert to == "me@example.org" and subject == "The link you asked for"
    for word in ("kith ", "support", "group", "quiet-river", "health"):
        assert word not in (subject + body).lower().replace("https://kith.example", "")
    path = await mailed(house)
    stranger = house.browser()
    for _ in range(2):  # a mail scanner looks, and looks again
        assert "A new password" in (await stranger.get(path)).text
    short = await stranger.submit(path, password="short")
    assert short.status_code == 422 and "A new password" in short.text
    assert (await stranger.submit(path, password=NEW)).status_code == 303
    assert await signs_in(house, "quiet-river", NEW)
    assert (await stranger.get(path)).status_code == 404
    assert (await browser.get("/me")).status_code == 303


async def test_a_link_ends_after_half_an_hour_and_with_its_sisters(house: House, clock: ManualClock) -> None:
    browser = await house.member("quiet-river")
    await gives_email(browser, "me@example.org")
    await asks(house, "me@example.org")
    first = await mailed(house)
    await asks(house, "me@example.org")
    second = await mailed(house)
    assert (await house.browser().submit(second, password=NEW)).status_code == 303
    assert (await house.browser().get(first)).status_code == 404, "one used ends the others"
    await asks(house, "me@example.org")
    third = await mailed(house)
    clock.advance(timedelta(minutes=31))
    assert (await house.browser().get(third)).status_code == 404


async def test_nobody_can_fill_anothers_mailbox(house: House) -> None:
    browser = await house.member("quiet-river")
    await gives_email(browser, "me@example.org")
    for _ in range(5):
        await asks(house, "me@example.org")
    assert len(house.mails) == 3


async def test_a_recovery_link_never_leads_where_the_request_says(house: House) -> None:
    browser = await house.member("quiet-river")
    await gives_email(browser, "me@example.org")
    stranger = house.browser()
    stranger.http.headers["host"] = "evil.example"
    await stranger.submit("/recover/mail", email="me@example.org")
    assert "https://kith.example/recover/link/" in house.mails[0][2] and "evil" not in house.mails[0][2]


async def test_a_borrowed_phone_makes_no_way_in(house: House, clock: ManualClock) -> None:
    browser = await house.member("quiet-river")
    clock.advance(timedelta(hours=2))
    assert (await browser.submit("/welcome", skip="yes")).status_code == 303, "the first codes are long past"
    answer = await browser.submit("/me/recovery", password="not my password")
    assert answer.status_code == 401 and "<code>" not in answer.text and "That isn" in answer.text
    assert await gives_email(browser, "thief@example.org", "not my password") == 401
    await asks(house, "thief@example.org")
    assert house.mails == []
    assert await gives_email(browser, "", "") == 303, "taking it away, or leaving it, asks for nothing"


async def test_one_address_never_writes_to_several_people(house: House) -> None:
    browser = await house.member("quiet-river")
    for several in ("a@b.example,c@d.example", "a,c@d.example", "a@[b.example", "=?utf-8?q?=0a?=@b.example"):
        assert await gives_email(browser, several) == 422, several
        assert (await house.browser().submit("/recover/mail", email=several)).status_code == 422
    assert house.mails == []
