"""The directory, a group's page, joining, leaving and founding, as people meet them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.clock import ManualClock
from community.database import Database
from community.web.groups_pages import slug_of
from community.web.sections import Entry, GroupSection, GroupSeen
from community.web.sessions import Signed
from tests.community.web.house import Browser, House, open_house


async def rooms(who: Signed | None, group: GroupSeen) -> GroupSection | None:
    """Stands where chat's function stands in the real house."""
    made = "/make-a-room" if group.role == "owner" else ""
    return GroupSection(
        "Rooms", (Entry("Evening", "/rooms/1", "From eight"),), "No rooms", made, "Add a room"
    )


@pytest.fixture
async def inhabited(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database, clock, tmp_path / "erased", [rooms]) as opened:
        yield opened


async def found(house: House, name: str = "Lighthouse", **fields: str) -> Browser:
    owner = await house.member()
    answer = await owner.submit("/found-a-group", name=name, **{"preset": "chronic-illness", **fields})
    assert answer.status_code == 303, answer.text
    return owner


async def version(browser: Browser, slug: str) -> str:
    shown = (await browser.get(f"/groups/{slug}")).text
    return shown.partition('name="guidelines_version" value="')[2].partition('"')[0]


async def join(browser: Browser, slug: str = "lighthouse", **fields: str) -> None:
    answer = await browser.submit(
        f"/groups/{slug}", f"/groups/{slug}/join", guidelines_version=await version(browser, slug), **fields
    )
    assert answer.status_code == 303, answer.text


async def test_a_member_founds_a_group_and_another_joins_after_seeing_its_guidelines(
    inhabited: House,
) -> None:
    await found(inhabited, **{"card.purpose": "Tired together", "card.languages": "en, cy"})
    guest = await inhabited.member()
    shown = (await guest.get("/groups/lighthouse")).text
    assert (
        "Tired together" in shown
        and "English, Cymraeg" in shown
        and "Speak from your own experience" in shown
    )
    assert "Evening" not in shown, "rooms are for members"
    await join(guest)
    shown = (await guest.get("/groups/lighthouse")).text
    assert "Evening" in shown and "/make-a-room" not in shown
    assert '<a href="/groups/lighthouse" aria-current="page">' in shown, "it is in the rail"


async def test_an_owner_sees_the_way_to_make_a_room(inhabited: House) -> None:
    owner = await found(inhabited)
    assert "/make-a-room" in (await owner.get("/groups/lighthouse")).text


async def test_a_private_group_is_not_there_for_others(house: House) -> None:
    owner = await found(house, "Hidden harbour", visibility="private")
    slug = (await owner.get("/groups")).text.partition('href="/groups/g-')[2].partition('"')[0]
    path = f"/groups/g-{slug}"
    assert (await owner.get(path)).status_code == 200
    other = await house.member()
    there, absent = await other.get(path), await other.get("/groups/nowhere")
    assert there.status_code == absent.status_code == 404
    assert there.text.replace(path, "") == absent.text.replace("/groups/nowhere", "")
    assert "Hidden harbour" not in (await other.get("/groups")).text
    for signed_out in (await house.browser().get(path), await house.browser().get("/groups/nowhere")):
        assert signed_out.status_code == 303 and signed_out.headers["location"].startswith("/sign-in")


async def test_an_invitation_opens_a_private_group_with_its_guidelines_first(house: House) -> None:
    owner = await found(house, "Hidden harbour", visibility="private", joining="invite")
    slug = "g-" + (await owner.get("/groups")).text.partition('href="/groups/g-')[2].partition('"')[0]
    made = await owner.submit(f"/groups/{slug}/members", f"/groups/{slug}/invite", uses="1")
    link = made.text.partition('readonly value="')[2].partition('"')[0].replace("http://kith.test", "")
    guest = await house.member()
    assert (await guest.get(f"/groups/{slug}")).status_code == 404
    shown = (await guest.get(link)).text
    assert "Hidden harbour" in shown and "Speak from your own experience" in shown
    code = link.partition("code=")[2]
    answer = await guest.submit(link, f"/groups/{slug}/join", guidelines_version="1", code=code)
    assert answer.status_code == 303
    assert (await guest.get(f"/groups/{slug}")).status_code == 200
    late = await house.member()
    assert (await late.get(link)).status_code == 404, "the link was for one person"


async def test_asking_to_join_waits_for_an_answer(house: House) -> None:
    owner = await found(house, joining="request")
    guest = await house.member("shy-otter")
    await join(guest, words="I would like to be with you")
    assert "You have asked to join" in (await guest.get("/groups/lighthouse")).text
    shown = (await owner.get("/groups/lighthouse/members")).text
    assert "shy-otter" in shown and "Let them in" in shown
    assert "I would like to be with you" in shown, "their words reach those who decide"
    before = shown.partition('value="accept"')[0]
    action = before.rpartition('action="')[2].partition('"')[0]
    answer = await owner.submit("/groups/lighthouse/members", action, act="accept")
    assert answer.status_code == 303
    assert "You can leave at any time" in (await guest.get("/groups/lighthouse")).text


async def test_guidelines_that_changed_are_asked_again(house: House) -> None:
    owner = await found(house)
    guest = await house.member()
    await join(guest)
    await owner.submit(
        "/groups/lighthouse/guidelines", guidelines="Be kind. <script>alert(1)</script>", version="1"
    )
    shown = (await guest.get("/groups/lighthouse")).text
    assert "The guidelines have changed" in shown and "Be kind." in shown and "<script>alert" not in shown
    await join(guest)
    assert "The guidelines have changed" not in (await guest.get("/groups/lighthouse")).text


async def test_guidelines_that_changed_while_reading_are_shown_again_with_the_words_kept(
    house: House,
) -> None:
    owner = await found(house, joining="request")
    guest = await house.member()
    await owner.submit("/groups/lighthouse/guidelines", guidelines="Be kind, twice.", version="1")
    answer = await guest.submit(
        "/groups/lighthouse", "/groups/lighthouse/join", guidelines_version="1", words="I am new here"
    )
    assert answer.status_code == 409 and "Be kind, twice." in answer.text and "I am new here" in answer.text


async def test_an_owner_switches_a_rule_and_goes_back_to_what_the_kind_of_group_says(house: House) -> None:
    owner = await found(house)
    page = "/groups/lighthouse/settings"
    wrong = await owner.submit(page, name="Lighthouse", version="1", **{"settings.premoderate_first": "99"})
    assert wrong.status_code == 422 and 'href="#f-settings.premoderate_first"' in wrong.text
    switches = {"settings.premoderate_first": "3", "settings.profanity": "mask"}
    await owner.submit(page, name="Lighthouse", version="1", **switches)
    assert 'value="mask" selected' in (await owner.get(page)).text
    back = {"settings.premoderate_first": "0", "settings.profanity": ""}
    await owner.submit(page, name="Lighthouse", version="2", **back)
    assert 'value="mask" selected' not in (await owner.get(page)).text


async def test_two_owners_saving_at_once_lose_nothing(house: House) -> None:
    owner = await found(house)
    await owner.submit("/groups/lighthouse/settings", name="Lighthouse one", version="1")
    second = await owner.submit("/groups/lighthouse/settings", name="Lighthouse two", version="1")
    assert second.status_code == 409 and 'value="Lighthouse two"' in second.text
    assert "Lighthouse one" in (await owner.get("/groups/lighthouse")).text


async def test_a_taken_address_is_said_on_the_form_with_everything_still_in_it(house: House) -> None:
    owner = await found(house)
    answer = await owner.submit(
        "/found-a-group", name="Lighthouse", preset="carers", **{"card.purpose": "Another one"}
    )
    assert answer.status_code == 409
    assert "Another one" in answer.text and 'value="carers" selected' in answer.text


async def test_a_member_sees_none_of_the_owners_pages(house: House) -> None:
    await found(house)
    guest = await house.member()
    await join(guest)
    for page in ("settings", "guidelines", "members", "delete"):
        assert (await guest.get(f"/groups/lighthouse/{page}")).status_code == 403, page


async def test_a_group_ends_only_when_its_name_is_typed(house: House) -> None:
    owner = await found(house)
    wrong = await owner.submit("/groups/lighthouse/delete", name="something else")
    assert wrong.status_code == 422
    assert (await owner.submit("/groups/lighthouse/delete", name="lighthouse")).status_code == 303
    assert (await owner.get("/groups/lighthouse")).status_code == 404


async def test_the_last_owner_is_told_why_they_cannot_leave(house: House) -> None:
    owner = await found(house)
    answer = await owner.submit("/groups/lighthouse", "/groups/lighthouse/leave")
    assert answer.status_code == 409 and "last owner" in answer.text


async def test_shutting_someone_out_takes_the_group_from_them(house: House) -> None:
    owner = await found(house)
    guest = await house.member("loud-gull")
    await join(guest)
    shown = (await owner.get("/groups/lighthouse/members")).text
    before = shown.partition('value="ban"')[0]
    action = before.rpartition('action="')[2].partition('"')[0]
    await owner.submit("/groups/lighthouse/members", action, act="ban")
    assert (await guest.get("/groups/lighthouse")).status_code == 404
    assert "Lighthouse" not in (await guest.get("/groups")).text


async def test_a_form_without_its_token_changes_nothing(house: House) -> None:
    owner = await found(house)
    answer = await owner.http.post("/groups/lighthouse/delete", data={"name": "Lighthouse"})
    assert answer.status_code == 403
    assert (await owner.get("/groups/lighthouse")).status_code == 200


def test_an_address_is_made_from_a_name() -> None:
    assert slug_of("Café  & Tea!") == "cafe-tea"
    assert slug_of("お茶") is None
    assert slug_of("x" * 100) == "x" * 64


async def test_lists_of_a_card_are_judged_like_its_other_words(house: House) -> None:
    owner = await house.member()
    fields = {"name": "Harbour", "preset": "chronic-illness", "card.likely_triggers": "needles, refuse me"}
    answer = await owner.submit("/found-a-group", **fields)
    assert answer.status_code == 422 and "Please change the words of the card" in answer.text
