"""Asking before joining: the question reaches those who lead, the answer reaches the asker, nobody else either."""

from __future__ import annotations

import re

from tests.community.web.house import Browser, House
from tests.community.web.test_groups_pages import found, join

ASK = "/groups/lighthouse/ask"
ASKED = "/groups/lighthouse/questions"


def answer_of(page: str) -> str:
    action = re.search(r'action="(/groups/lighthouse/questions/[^"]+)"', page)
    assert action, page
    return action[1]


async def ask(browser: Browser, words: str = "Do you mind if I only read?") -> int:
    return (await browser.submit(ASK, words=words)).status_code


async def test_a_question_reaches_the_owner_and_the_answer_the_asker(house: House) -> None:
    owner = await found(house)
    guest = await house.member("shy-otter")
    assert await ask(guest) == 303
    assert "1 waits" in (await owner.get("/me")).text, "in the rail"
    assert "asks the people who lead your group" in (await owner.get("/me/notices")).text
    page = (await owner.get(ASKED)).text
    assert "shy-otter" in page and "only read?" in page and "waits for an answer" in page
    sent = await owner.submit(ASKED, answer_of(page), words="Not at all. Come as you are.")
    assert sent.status_code == 303
    shown = (await guest.get(ASK)).text
    assert "Come as you are." in shown and "only read?" in shown
    assert "have answered your question" in (await guest.get("/me/notices")).text
    assert "waits" not in (await owner.get("/me")).text


async def test_members_and_other_askers_see_nobodys_questions(house: House) -> None:
    await found(house)
    guest, member, other = await house.member(), await house.member(), await house.member()
    await join(member)
    await ask(guest, "something private")
    assert (await member.get(ASKED)).status_code == 403
    assert "something private" not in (await other.get(ASK)).text
    assert (await house.browser().get(ASK)).status_code == 303, "signed out: sign in first"


async def test_facilitators_answer_only_who_asked(house: House) -> None:
    owner = await found(house)
    guest, other = await house.member("shy-otter"), await house.member()
    await ask(guest)
    action = answer_of((await owner.get(ASKED)).text)
    assert (await other.submit(ASK, action, words="I am not them")).status_code == 403
    elsewhere = action.rpartition("/")[0] + "/00000000-0000-0000-0000-000000000001"
    assert (await owner.submit(ASKED, elsewhere, words="to nobody")).status_code == 404


async def test_words_that_cannot_be_sent_come_back_in_the_box(house: House) -> None:
    await found(house)
    guest = await house.member()
    for words in ("", "refuse me", "x" * 2001):
        answer = await guest.submit(ASK, words=words)
        assert answer.status_code == 422 and words in answer.text
    assert [await ask(guest, f"question {n}") for n in range(4)] == [303, 303, 303, 429]


async def test_a_private_group_cannot_be_asked_by_those_who_do_not_see_it(house: House) -> None:
    owner = await found(house, "Hidden harbour", visibility="private")
    slug = "g-" + (await owner.get("/groups")).text.partition('href="/groups/g-')[2].partition('"')[0]
    guest = await house.member()
    token = (await guest.get("/me")).text.partition('name="csrf" value="')[2].partition('"')[0]
    for path in (f"/groups/{slug}/ask", "/groups/nowhere/ask"):
        assert (await guest.get(path)).status_code == 404
        answer = await guest.http.post(path, data={"csrf": token, "words": "hello?"})
        assert answer.status_code == 404


async def test_looking_in_shows_rooms_of_a_public_group_without_a_place_to_write(house: House) -> None:
    owner = await found(house, visibility="public")
    guest = await house.member()
    card = (await guest.get("/groups/lighthouse")).text
    assert "/groups/lighthouse/look-in" in card and "/groups/lighthouse/ask" in card
    inside = (await guest.get("/groups/lighthouse/look-in")).text
    assert "You are looking in" in inside and "Agree to the guidelines and join" in inside
    assert (await house.browser().get("/groups/lighthouse/look-in")).status_code == 303
    assert (await owner.get("/groups/lighthouse/look-in")).headers["location"] == "/groups/lighthouse"
    await owner.submit("/groups/lighthouse/settings", name="Lighthouse", version="1", visibility="members")
    closed = await guest.get("/groups/lighthouse/look-in")
    assert closed.status_code == 303 and "look-in" not in (await guest.get("/groups/lighthouse")).text


async def test_the_directory_is_filtered_by_its_address(house: House) -> None:
    await found(house, "Lighthouse", **{"card.led_by": "peers", "card.languages": "en"})
    await found(
        house, "Ward seven", preset="carers", **{"card.led_by": "professionals", "card.for_whom": "Carers"}
    )
    guest = await house.member()

    async def names(query: str) -> list[bool]:
        shown = (await guest.get(f"/groups?{query}")).text
        return ["/groups/lighthouse" in shown, "/groups/ward-seven" in shown]

    assert await names("") == [True, True]
    assert await names("kind=carers") == [False, True]
    assert await names("led=peers&language=en") == [True, False]
    assert await names("for=carers") == [False, True]
    none = (await guest.get("/groups?kind=carers&led=peers")).text
    assert "No group fits all of that" in none and 'value="carers" selected' in none
