"""People's pages: only those of one's groups, only cases one may see, and each look is remembered."""

from __future__ import annotations

from tests.home import CRY, Home
from tests.moderation.oncall.test_roster_pages import shown
from tests.moderation.team import act, moderator, only_case

PATH = "/moderation/members"


async def test_a_carer_sees_standing_cases_and_notes(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    carer = await moderator(home, operator)
    case = await act(carer, await only_case(carer), "claim")
    await act(carer, case, "note", text="Her sister is with her.")
    listed = (await shown(carer, f"{PATH}?q={ann.handle[:5]}")).text
    assert f"{PATH}/{ann.id}" in listed and ben.handle not in listed.replace(ann.handle, "")
    page = (await shown(carer, f"{PATH}/{ann.id}")).text
    assert (
        "Lighthouse" in page
        and f"/moderation/cases/{case['id']}" in page
        and "Her sister is with her." in page
    )
    assert CRY not in page, "words are opened on the case"
    async with home.house.database.read() as conn:
        assert await conn.fetchval("select count(*) from audit where verb = 'member.seen'") == 1


async def test_a_conduct_moderator_learns_nothing_of_care(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    case = await only_case(operator)
    mod = await moderator(home, operator, conduct=True)
    page = (await shown(mod, f"{PATH}/{ann.id}")).text
    assert "Lighthouse" in page and case["id"] not in page and "None that you may see." in page


async def test_a_groups_moderator_finds_only_that_groups_people(home: Home) -> None:
    operator, _, (ann, ben) = await home.community()
    await home.group(operator, "harbour")
    stranger = await home.member()
    await stranger.join("harbour")
    await operator.ok("PUT", f"/groups/lighthouse/members/{ben.id}", {"role": "moderator"})
    listed = (await shown(ben, PATH)).text
    assert ann.handle in listed and stranger.handle not in listed
    assert (await shown(ben, f"{PATH}/{ann.id}")).status_code == 200
    assert (await shown(ben, f"{PATH}/{stranger.id}")).status_code == 404
    assert (await shown(ben, f"{PATH}/{ben.id}")).status_code == 404, "never one's own"
    assert (await shown(ann, PATH)).status_code == 404
