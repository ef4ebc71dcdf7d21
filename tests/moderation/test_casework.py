"""Cases as care.md has them: one a person and team, growing and reopening, held by one, seen by the right ones."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from community.ids import CaseId, MemberId
from moderation.casework.rights import rights_of
from moderation.store import queue as queue_store
from tests.home import Home
from tests.moderation.team import AMBER, CRY, RED, act, holds, moderator, only_case, pages_of, queue, refused


async def test_a_higher_tier_in_an_open_case_pages_again_and_restarts_the_clock(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, RED)
    before = await only_case(operator)
    home.clock.advance(timedelta(minutes=10))
    await ann.say(room, CRY)
    after = await only_case(operator)
    assert (before["tier"], after["tier"], after["state"]) == ("red", "crisis", "paged")
    assert after["raised_at"] > before["raised_at"]
    assert len(after["messages"]) == 2
    await holds(home)


async def test_the_holder_keeps_an_escalated_case_and_is_paged_again(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, RED)
    case = await act(mod, await only_case(mod), "claim")
    await ann.say(room, CRY)
    after = await only_case(mod)
    assert (after["owner"]["id"], after["state"], after["tier"]) == (mod.id, "acknowledged", "crisis")
    assert await pages_of(home, case) == ["opened", "raised"]


async def test_a_new_finding_reopens_a_closed_case_and_pages(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, RED)
    case = await only_case(operator)
    await act(operator, case, "close", reason="she is safe with her sister", kind="safe_now")
    home.clock.advance(timedelta(hours=20))
    await ann.say(room, CRY)
    again = await only_case(operator)
    assert (again["id"], again["state"], again["tier"]) == (case["id"], "paged", "crisis")
    assert (await pages_of(home, case))[-1] == "reopened"
    await holds(home)


async def test_taking_words_back_lowers_nothing_and_stops_no_clock(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    sent = (await ann.say(room, CRY)).json()
    before = await only_case(operator)
    await ann.call("DELETE", f"/messages/{sent['id']}")
    after = await only_case(operator)
    assert (after["tier"], after["due_at"], after["state"]) == ("crisis", before["due_at"], before["state"])
    assert after["history"][-1]["act"] == "withdrew"
    assert after["messages"][0]["state"] == "withdrawn"
    assert after["messages"][0]["own"] == CRY, "the team keeps a sealed copy"


async def test_a_worried_flag_is_red_with_a_clock_and_its_note_is_shown_without_a_name(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    sent = (await ann.say(room, "bye then, take care of the dog")).json()
    note = "she sounded odd on the phone"
    await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "worried", "note": note})
    case = await only_case(operator)
    assert case["tier"] in ("red", "crisis")
    assert case["due_at"] is not None
    assert [(f["kind"], f["note"]) for f in case["flags"]] == [("worried", note)]
    assert ben.id not in str(case) and ben.handle not in str(case)


async def test_ambers_of_a_day_make_one_case(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    for _hour in range(3):
        await ann.say(room, AMBER)
        home.clock.advance(timedelta(hours=7))
    (case,) = await queue(operator)
    assert (case["tier"], case["message_count"]) == ("amber", 3)
    await holds(home)


async def test_three_ambers_in_72_hours_go_first_among_ambers_and_never_above_a_red(home: Home) -> None:
    operator, room, (ann, ben, cat) = await home.community(3)
    await ann.say(room, AMBER)
    home.clock.advance(timedelta(minutes=1))
    for _hour in range(3):
        await ben.say(room, AMBER)
        home.clock.advance(timedelta(hours=2))
    await cat.say(room, RED)
    tiers = [(c["tier"], c["message_count"]) for c in await queue(operator)]
    assert tiers == [("red", 1), ("amber", 3), ("amber", 1)]


async def test_an_amber_that_somebody_answered_goes_after_one_that_nobody_did(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await home.room(operator, name="morning")
    await ann.say(room, AMBER)
    await ben.say(room, "I hear you, sitting here with you")
    home.clock.advance(timedelta(minutes=5))
    other = await home.room(operator, name="night")
    await ben.say(other, AMBER)
    first, second = await queue(operator)
    assert first["raised_at"] > second["raised_at"], "the unheard one leads although it is younger"


async def test_a_lease_ends_by_itself_and_use_or_a_heartbeat_renews_it(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, RED)
    case = await act(mod, await only_case(mod), "claim")
    assert await refused(operator, case, "claim") == (409, "held")
    home.clock.advance(timedelta(minutes=4))
    beat = await mod.ok("POST", f"/moderation/cases/{case['id']}/heartbeat")
    assert (beat["version"], beat["lease_until"] > case["lease_until"]) == (case["version"], True)
    home.clock.advance(timedelta(minutes=4))
    assert await refused(operator, case, "claim") == (409, "held")
    home.clock.advance(timedelta(minutes=2))
    assert (await act(operator, case, "claim"))["owner"]["id"] == operator.id
    assert await refused(mod, case, "heartbeat") == (409, "not_yours")
    await holds(home)


async def test_taking_over_tells_whoever_had_it(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, RED)
    case = await act(mod, await only_case(mod), "claim")
    await act(operator, case, "claim", take_over=True)
    notices = (await mod.ok("GET", "/me/notices"))["items"]
    assert [n["kind"] for n in notices] == ["taken_over"]
    assert notices[0]["say"]


async def test_a_fourth_crisis_is_asked_for_not_refused(home: Home) -> None:
    operator, room, people = await home.community(4)
    for person in people:
        await person.say(room, CRY)
    first = [c["id"] for c in await queue(operator)]
    for id in first[:3]:
        await act(operator, id, "claim")
    assert await refused(operator, first[3], "claim") == (409, "crisis_cap")
    taken = await act(operator, first[3], "claim", anyway=True)
    assert taken["owner"]["id"] == operator.id
    assert taken["history"][-1]["parameters"]["anyway"] is True, "the lead can see it"


async def test_passing_a_case_on_pages_others_at_once(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, RED)
    case = await act(mod, await only_case(mod), "claim")
    passed = await act(mod, case, "release", passed=True)
    assert (passed["owner"], passed["state"]) == (None, "paged")
    assert (await pages_of(home, case))[-1] == "passed"


async def test_a_joined_case_leads_to_the_other_and_keeps_the_greater_urgency(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    await ben.say(room, RED)
    crisis, red = await queue(operator)
    kept = await act(operator, crisis["id"], "merge", into=red["id"], reason="one person, two accounts")
    assert (kept["id"], kept["tier"], len(kept["messages"])) == (red["id"], "crisis", 2)
    assert (await operator.ok("GET", f"/moderation/cases/{crisis['id']}"))["merged_into"] == red["id"]
    await ann.say(room, "I can't do this any more, goodbye everyone, I want to die")
    assert [c["id"] for c in await queue(operator)] == [red["id"]], (
        "what the person writes next is found there"
    )
    await holds(home)


async def test_a_case_parted_again_is_about_the_other_person(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    message = (await ann.say(room, CRY)).json()["id"]
    await ben.say(room, RED)
    crisis, red = await queue(operator)
    await act(operator, crisis["id"], "merge", into=red["id"])
    fresh = await act(operator, red["id"], "split", messages=[message])
    assert (fresh["subject"]["id"], len(fresh["messages"])) == (ann.id, 1)
    left = await operator.ok("GET", f"/moderation/cases/{red['id']}")
    assert [m["author"]["id"] for m in left["messages"]] == [ben.id]
    assert await refused(operator, red["id"], "split", messages=[left["messages"][0]["id"]]) == (
        422,
        "one_person",
    )
    await holds(home)


async def test_care_and_conduct_are_never_joined(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    sent = (await ann.say(room, CRY)).json()
    await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule"})
    care, conduct = await only_case(operator), await only_case(operator, "conduct")
    assert await refused(operator, care, "merge", into=conduct["id"]) == (422, "other_lane")


async def test_a_case_about_staff_is_hidden_from_colleagues_and_from_themselves(home: Home) -> None:
    operator, room, _ = await home.community()
    mod, other = await moderator(home, operator), await moderator(home, operator)
    lead = await moderator(home, operator, lead=True)
    await mod.join()
    await mod.say(room, CRY)
    assert [len(await queue(who)) for who in (mod, other, lead, operator)] == [0, 0, 1, 1]
    id = (await queue(lead))[0]["id"]
    for who in (mod, other):
        assert (await who.call("GET", f"/moderation/cases/{id}")).status_code == 404


async def test_a_declared_tie_bars_access(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, CRY)
    assert len(await queue(mod)) == 1
    await mod.ok("PUT", f"/moderation/ties/{ann.id}")
    assert await queue(mod) == []
    assert len(await queue(operator)) == 1


async def test_queue_and_single_sight_agree_on_who_sees_what(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    team = [
        await moderator(home, operator, **seat)
        for seat in ({"care": True}, {"conduct": True}, {"lead": True})
    ]
    await team[0].join()
    for author in (ann, team[0]):
        sent = (await author.say(room, CRY)).json()
        await operator.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule"})
    async with home.house.database.read() as conn:
        ids = [r["id"] for r in await conn.fetch("select id from moderation_case order by id")]
        for who in (operator, *team):
            member = MemberId(UUID(who.id))
            rights = await rights_of(conn, member, is_operator=who is operator)
            from moderation.store import cases as store

            single = set()
            for id in ids:
                row = await store.get(conn, CaseId(id))
                assert row is not None
                if rights.may_see(row, await queue_store.sight(conn, CaseId(id))):
                    single.add(str(id))
            listed = {c["id"] for lane in ("care", "conduct") for c in await queue(who, lane)}
            assert listed == single


async def test_another_team_learns_only_that_someone_is_with_this_person(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    case = await only_case(operator)
    assert case["elsewhere"] is False
    async with home.house.database.transaction() as tx:
        await tx.execute(
            "insert into team (id, name, created_at) values (gen_random_uuid(), 'other', $1)",
            home.clock.now(),
        )
        await tx.execute(
            """
            insert into moderation_case
              (id, lane, team_id, member_id, tier, state, opened_at, raised_at, due_at, touched_at)
            select gen_random_uuid(), 'care', t.id, $1, 'red', 'open', $2, $2, $2, $2 from team t
            where t.name = 'other'
            """,
            UUID(ann.id),
            home.clock.now(),
        )
    assert (await only_case_of(operator, case["id"]))["elsewhere"] is True


async def only_case_of(by: object, id: str) -> dict[str, object]:
    from tests.home import Caller

    assert isinstance(by, Caller)
    return dict(await by.ok("GET", f"/moderation/cases/{id}"))


async def test_acknowledged_without_words_goes_back_to_people(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    case = await act(operator, await only_case(operator), "claim")
    home.clock.advance(timedelta(minutes=16))
    assert await home.house.case_clocks.run() == 1
    assert await home.house.case_clocks.run() == 0, "once for one due time"
    after = await only_case_of(operator, case["id"])
    assert (after["state"], after["owner"]) == ("open", None)
    await holds(home)


async def test_a_decision_becomes_final_after_28_days_and_not_before(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    sent = (await ann.say(room, "what a stupid thing to say")).json()
    await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule"})
    case = await act(
        operator, await only_case(operator, "conduct"), "decide", decision="remove", reason="unkind"
    )
    assert case["state"] == "decided"
    assert await refused(operator, case, "close", reason="done") == (409, "appeal_window")
    home.clock.advance(timedelta(days=28))
    assert await home.house.case_clocks.run() == 1
    assert (await only_case_of(operator, case["id"]))["state"] == "closed"
    late = await ann.call("POST", "/appeals", {"decision": case["id"], "text": "I meant myself"})
    assert late.status_code == 404
    await holds(home)


async def test_a_supporters_answer_counts_in_amber_and_not_in_red(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await operator.call("PUT", f"/groups/lighthouse/members/{ben.id}", {"role": "facilitator"})
    for words in (AMBER, RED):
        sent = (await ann.say(room, words)).json()
        await ben.say(room, "I am here with you, shall we sit a while", reply_to=sent["id"])
        before = await only_case(operator)
        assert await home.house.case_clocks.hear_supporters() == (1 if words == AMBER else 0)
        after = await only_case(operator)
        assert (after["due_at"] > before["due_at"]) is (words == AMBER)
    await holds(home)


async def test_lapsed_training_and_a_spared_topic_are_heeded(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod, other = await moderator(home, operator), await moderator(home, operator)
    now = home.clock.now()
    async with home.house.database.transaction() as tx:
        await tx.execute(
            """
            insert into training (id, team_id, member_id, lane, trained_on, expires_on, topics_excluded, entered_at)
            select gen_random_uuid(), t.id, m.id, 'care', $1::date - 400, $1::date + m.days, m.topics, $2
            from team t, unnest($3::uuid[], array[90, -1]) as m0(id, days),
                 lateral (select m0.id, m0.days, array['suicide'] as topics) m
            """,
            now.date(),
            now,
            [UUID(mod.id), UUID(other.id)],
        )
    await ann.say(room, CRY)
    case = await only_case(operator)
    assert await refused(other, case, "claim") == (403, "untrained")
    assert await refused(mod, case, "claim") == (409, "topic_excluded")
    assert (await act(mod, case, "claim", anyway=True))["owner"]["id"] == mod.id


async def test_what_casework_keeps_is_exported_and_goes_with_the_account(home: Home) -> None:
    _, _, (ann, _) = await home.community()
    await ann.call("PUT", "/me/emergency-contact", {"name": "Aunt May"})
    assert (await ann.ok("GET", "/me/export"))["care"]["emergency_contact"]["name"] == "Aunt May"
    from tests.home import PASSWORD

    assert (await ann.call("DELETE", "/me", {"password": PASSWORD})).status_code < 300
    async with home.house.database.read() as conn:
        assert await conn.fetchval("select count(*) from sealed_contact") == 0
